"""Who sees which complaints, and what of them (Art. 37): the office all, whoever complained their own, the department
it was assigned to the office's words and its own report, and nothing of who complained.
"""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.complaints.models import Complaint
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.matters.models import Matter
from directory.policy import NOWHERE, allows


class Found(NamedTuple):
    """A complaint's two rows."""

    matter: Matter
    complaint: Complaint


class Sight(StrEnum):
    """As what somebody sees a complaint."""

    OFFICE = "office"
    COMPLAINANT = "complainant"
    DEPARTMENT = "department"


def visible(actor: Actor) -> ColumnElement[bool]:
    """The one answer to who sees which complaints."""
    seen: ColumnElement[bool] = Matter.created_by == actor.account_id
    if allows(actor, Action.COMPLAINT_HANDLE, NOWHERE):
        seen = true()
    elif allows(actor, Action.COMPLAINT_REPORT, actor.org_code):
        seen = or_(seen, Matter.to_org == actor.org_code)
    elif not allows(actor, Action.COMPLAINT_RAISE, actor.org_code):
        return false()
    return and_(Matter.kind == "complaint", seen)


def sight(actor: Actor, row: Matter) -> Sight:
    """As what this actor, who sees the complaint, sees it. Whoever complained is that first, also in the office."""
    if row.created_by == actor.account_id:
        return Sight.COMPLAINANT
    is_office = allows(actor, Action.COMPLAINT_HANDLE, NOWHERE)
    return Sight.OFFICE if is_office else Sight.DEPARTMENT


def complaint(session: Session, actor: Actor, matter_id: UUID, *, lock: bool = False) -> Found:
    """One complaint; ``MATTER_NOT_FOUND`` when it is not there or not for this actor to see."""
    query = select(Matter, Complaint).join(Complaint).where(Matter.id == matter_id, visible(actor))
    if lock:
        query = query.with_for_update(of=Matter).execution_options(populate_existing=True)
    found = session.execute(query).one_or_none()
    if found is None:
        raise DirectoryError("MATTER_NOT_FOUND", name="投诉举报", matter_id=matter_id)
    return Found(found[0], found[1])


def complaints(session: Session, actor: Actor) -> Sequence[Found]:
    """The complaints this actor sees, the newest first."""
    query = select(Matter, Complaint).join(Complaint).where(visible(actor))
    rows = session.execute(query.order_by(Matter.created_at.desc(), Matter.id).limit(LIMITS.list_count)).all()
    return [Found(row[0], row[1]) for row in rows]


class Tally(NamedTuple):
    """How many complaints of a year there are: by topic, state, channel, and department asked to look into them."""

    total: int
    by_topic: Counter[str]
    by_state: Counter[str]
    by_channel: Counter[str]
    by_department: Counter[str]


def tally(session: Session, year: int) -> Tally:
    """Counts only; which department is counted only where the office asked it to look into one."""
    rows = session.execute(
        select(Complaint.topic, Matter.state, Complaint.channel, Matter.to_org, func.count().label("number"))
        .join(Matter)
        .where(Matter.year == year)
        .group_by(Complaint.topic, Matter.state, Complaint.channel, Matter.to_org)
    ).all()
    found = Tally(sum(row.number for row in rows), Counter(), Counter(), Counter(), Counter())
    for row in rows:
        found.by_topic[row.topic] += row.number
        found.by_state[row.state] += row.number
        found.by_channel[row.channel] += row.number
        if row.to_org:
            found.by_department[row.to_org] += row.number
    return found

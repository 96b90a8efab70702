"""Acts as they were carried out, for everybody; how much of what moved, not what it was called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.organisations.models import FormerName, Succession
from directory.organisations.queries import organisation
from directory.reform.models import KINDS, Reform, ReformMove


@dataclass(frozen=True)
class Done:
    """One act: between whom (code and name as it is now), a name that was given up, and how many of each kind moved."""

    id: UUID
    kind: str
    kind_name: str
    effective_on: date
    basis: str
    words: str
    carrier_name: str
    carried_out_at: datetime
    organisations: Sequence[tuple[str, str]]
    successors: Sequence[tuple[str, str]]
    former_name: str
    counts: Mapping[str, int]


def done(session: Session, reform_id: UUID) -> Done:
    """One act; raises ``REFORM_UNKNOWN``."""
    row = session.get(Reform, reform_id)
    if row is None:
        raise DirectoryError("REFORM_UNKNOWN", reform_id=reform_id)
    return _told(session, row)


def all_done(session: Session, org_code: str = "") -> list[Done]:
    """The acts, or those that a department was part of, the latest first."""
    query = select(Reform).order_by(Reform.carried_out_at.desc(), Reform.id).limit(LIMITS.list_count)
    if org_code:
        over = select(Succession.reform_id).where(or_(Succession.from_org == org_code, Succession.to_org == org_code))
        named = select(FormerName.reform_id).where(FormerName.org_code == org_code)
        query = query.where(Reform.id.in_(over.union(named)))
    return [_told(session, row) for row in session.scalars(query).all()]


def _told(session: Session, row: Reform) -> Done:
    over = session.scalars(
        select(Succession)
        .where(Succession.reform_id == row.id)
        .order_by(Succession.is_default.desc(), Succession.from_org, Succession.to_org)
    ).all()
    former = session.scalars(select(FormerName).where(FormerName.reform_id == row.id)).one_or_none()
    counted = session.execute(
        select(ReformMove.kind, func.count()).where(ReformMove.reform_id == row.id).group_by(ReformMove.kind)
    )
    about = dict.fromkeys([former.org_code] if former else [each.from_org for each in over])
    return Done(
        id=row.id,
        kind=row.kind,
        kind_name=KINDS[row.kind],
        effective_on=row.effective_on,
        basis=row.basis,
        words=row.words,
        carrier_name=row.carrier_name,
        carried_out_at=row.carried_out_at,
        organisations=[(code, organisation(session, code).name) for code in about],
        successors=[(code, organisation(session, code).name) for code in dict.fromkeys(each.to_org for each in over)],
        former_name=former.name if former else "",
        counts=dict(sorted((kind, number) for kind, number in counted)),
    )

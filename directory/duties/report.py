"""Report a change of law or duty, and its one extension: asked for by the department, decided by the office."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import Details
from directory.audit.record import record as record_audit
from directory.clock.deadlines import day_of
from directory.duties.models import DutyChange, DutyChangeEntry, DutyExtension
from directory.duties.queries import Change, change
from directory.duties.states import Stage
from directory.errors import DirectoryError
from directory.policy import require
from directory.resources.models import ResourceEntry
from directory.resources.queries import find
from directory.typed import is_legible, require_words
from standards.crypto import digest_hex

ASKED_ALREADY: Final = "已经申请过一次"
FARTHEST_BACK: Final = timedelta(days=3660)
FARTHEST_AHEAD: Final = timedelta(days=366)


@dataclass(frozen=True)
class Reported:
    """What changed: the law and article, or the duty; the day it took effect; the entries that must follow."""

    kind: Literal["law", "duty"]
    title: str
    article: str
    description: str
    changed_on: date
    refs: Sequence[str]


def report(session: Session, actor: Actor, reported: Reported, now: datetime) -> DutyChange:
    """Store the report; the term runs from the day of the change, however late it is reported.

    Raises ``FORBIDDEN``, ``DUTY_DAY_INVALID``, ``DUTY_ENTRIES_INVALID``, ``RESOURCE_NOT_FOUND``.
    """
    require(actor, Action.DUTY_CHANGE_REPORT, None)
    first, last = day_of(now) - FARTHEST_BACK, day_of(now) + FARTHEST_AHEAD
    if not first <= reported.changed_on <= last:
        raise DirectoryError("DUTY_DAY_INVALID", day=reported.changed_on, first=first, last=last)
    entries = _affected(session, actor, reported.refs)
    org_code = entries[0].org_code
    require(actor, Action.DUTY_CHANGE_REPORT, org_code)
    made = DutyChange(
        org_code=org_code,
        kind=reported.kind,
        title=reported.title.strip(),
        article=reported.article.strip(),
        description=reported.description.strip(),
        changed_on=reported.changed_on,
        reported_by=actor.account_id,
        reported_at=now,
    )
    session.add(made)
    session.flush()
    for entry in entries:
        session.add(DutyChangeEntry(change_id=made.id, resource_id=entry.id, at_version=entry.current_version))
    details: Details = {"kind": made.kind, "changed_on": made.changed_on.isoformat(), "entries": len(entries)}
    record_audit(session, actor, "duty_change:report", str(made.id), at=now, details=details)
    session.flush()
    return made


def ask_extension(session: Session, actor: Actor, change_id: UUID, days: int, reason: str, now: datetime) -> None:
    """Ask for up to five working days more; once, before the term is over, while there is something left to update.

    Raises ``FORBIDDEN``, ``EXTENSION_CLOSED``, ``COMMENT_REQUIRED``.
    """
    found = change(session, actor, change_id)
    require(actor, Action.DUTY_CHANGE_REPORT, found.row.org_code)
    closed = why_closed(found, days, day_of(now))
    if closed:
        raise DirectoryError("EXTENSION_CLOSED", reason=closed)
    require_words(reason)
    asked = insert(DutyExtension).values(
        change_id=change_id, days=days, reason=reason.strip(), requested_by=actor.account_id, requested_at=now
    )
    if session.execute(asked.on_conflict_do_nothing().returning(DutyExtension.change_id)).one_or_none() is None:
        raise DirectoryError("EXTENSION_CLOSED", reason=ASKED_ALREADY)  # by somebody else at the same moment
    details: Details = {"days": days, "reason_digest": digest_hex(reason.strip().encode())}
    record_audit(session, actor, "duty_extension:ask", str(change_id), at=now, details=details)
    session.flush()


def decide_extension(
    session: Session, actor: Actor, change_id: UUID, *, is_granted: bool, comment: str, now: datetime
) -> None:
    """Consent to the extension or refuse it, the latter with a reason; the days count from the original last day, and
    once that is over there is nothing to consent to.

    Raises ``FORBIDDEN``, ``EXTENSION_DECIDED``, ``EXTENSION_CLOSED``, ``SELF_APPROVAL``, ``COMMENT_REQUIRED``.
    """
    found = change(session, actor, change_id)
    actor = require(actor, Action.DUTY_EXTENSION_DECIDE, found.row.org_code)
    query = select(DutyExtension).where(DutyExtension.change_id == change_id).with_for_update()
    asked = session.scalar(query.execution_options(populate_existing=True))
    if asked is None or asked.is_granted is not None:
        raise DirectoryError("EXTENSION_DECIDED")
    if asked.requested_by in actor.people:
        raise DirectoryError("SELF_APPROVAL")
    if is_granted and day_of(now) > found.update.due_on:
        raise DirectoryError("EXTENSION_CLOSED", reason=f"已过 {found.update.due_on.isoformat()} 的期限，不能再延长")
    if not is_granted and not is_legible(comment):
        raise DirectoryError("COMMENT_REQUIRED")
    asked.is_granted, asked.comment = is_granted, comment.strip()
    asked.decided_by, asked.decided_at = actor.account_id, now
    asked.decided_for, asked.delegation_id = actor.decided_for, actor.delegation_id
    details = {"is_granted": is_granted, "days": asked.days}
    record_audit(session, actor, "duty_extension:decide", str(change_id), at=now, details=details)
    session.flush()


def why_closed(found: Change, days: int, today: date) -> str:
    """Why no extension of so many days can be asked for now; empty when it can."""
    if found.extension is not None:
        return ASKED_ALREADY
    if found.stage is not Stage.DEPARTMENT:
        return "目录都已更新提交"
    if today > found.update.due_on:
        return f"已过 {found.update.due_on.isoformat()} 的期限"
    if not 1 <= days <= found.most_extension_days:
        return f"只能延长 1 至 {found.most_extension_days} 个工作日"
    return ""


def _affected(session: Session, actor: Actor, refs: Sequence[str]) -> list[ResourceEntry]:
    """The entries, locked in one order so that none moves on between its version being read and being noted."""
    found = {entry.id: entry for entry in (find(session, actor, ref, lock=True) for ref in sorted(set(refs)))}
    entries = sorted(found.values(), key=lambda entry: entry.title)
    if not entries:
        raise DirectoryError("DUTY_ENTRIES_INVALID", reason="没有列出目录")
    if len({entry.org_code for entry in entries}) > 1:
        raise DirectoryError("DUTY_ENTRIES_INVALID", reason="所列目录不属于同一部门")
    gone = [entry.title for entry in entries if entry.status == "withdrawn"]
    if gone:
        raise DirectoryError("DUTY_ENTRIES_INVALID", reason=f"“{gone[0]}”已撤销")
    return entries

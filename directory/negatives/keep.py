"""Propose a negative-list entry, decide on it, take it off: departments propose, the office keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import Details
from directory.audit.record import record as record_audit
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.negatives.concerned import tell_concerned, tell_taken_off
from directory.negatives.models import NegativeEntry
from directory.negatives.queries import negative
from directory.notices.tell import To, tell
from directory.organisations.queries import organisation
from directory.policy import NOWHERE, require
from directory.resources.queries import find, shown_record
from directory.roles import Role
from directory.typed import EARLIEST, is_legible, require_near, require_words
from standards.crypto import digest_hex

LONGEST: Final = timedelta(days=5 * 366)
"""Our rule, not the law's: what stands longer without being looked at again is forgotten. Propose it anew then."""
MOST_ITEMS: Final = 200
COVERS: Final = ("share", "open", "both")


@dataclass(frozen=True)
class Proposed:
    """What may not be shared or opened, why, and from when until when.

    ``ref`` is a catalogue entry, whose ``items`` are field names (none: the entry whole); without one ``items`` are
    names of items, wherever the department of ``org_code`` has them, or anybody does where that is empty.
    """

    title: str
    covers: str
    law_title: str
    law_article: str
    since: date
    until: date
    ref: str = ""
    items: Sequence[str] = ()
    org_code: str = ""
    reason: str = ""


def propose(session: Session, actor: Actor, proposed: Proposed, now: datetime) -> NegativeEntry:
    """Store a proposal; it holds nothing back before the office has listed it.

    Raises ``FORBIDDEN``, ``NEGATIVE_BASIS`` without a law and article (Art. 14), ``NEGATIVE_INVALID``,
    ``DAY_FAR``, ``ORGANISATION_UNKNOWN`` and what ``find`` raises.
    """
    require(actor, Action.NEGATIVE_PROPOSE, None)
    if not proposed.law_title.strip() or not proposed.law_article.strip():
        raise DirectoryError("NEGATIVE_BASIS")
    items = list(dict.fromkeys(each.strip() for each in proposed.items if each.strip()))
    entry = find(session, actor, proposed.ref) if proposed.ref else None
    org_code = entry.org_code if entry else proposed.org_code or None
    if entry is not None:
        unknown = [
            each for each in items if each not in {item.field for item in shown_record(session, actor, entry).items}
        ]
        if unknown:
            raise DirectoryError("NEGATIVE_INVALID", reason=f"这条目录没有字段名为 {unknown[0][:63]} 的数据项")
    elif org_code is not None:
        organisation(session, org_code)
    require(actor, Action.NEGATIVE_PROPOSE, org_code or NOWHERE)
    wrong = _wrong(proposed, items, has_entry=entry is not None)
    if wrong:
        raise DirectoryError("NEGATIVE_INVALID", reason=wrong)
    require_near(proposed.since, day_of(now), LIMITS.ahead_days)
    row = NegativeEntry(
        org_code=org_code,
        title=proposed.title.strip(),
        covers=proposed.covers,
        resource_id=entry.id if entry else None,
        items=items,
        law_title=proposed.law_title.strip(),
        law_article=proposed.law_article.strip(),
        reason=proposed.reason.strip(),
        since=proposed.since,
        until=proposed.until,
        state="proposed",
        proposed_by=actor.account_id,
        proposed_at=now,
    )
    session.add(row)
    session.flush()
    details: Details = {"covers": row.covers, "items": len(items), "until": row.until.isoformat()}
    _tell(session, actor, row, "negative:proposed", To.everywhere(Role.OFFICE_APPROVER), now)
    record_audit(session, actor, "negative:propose", str(row.id), at=now, details=details)
    return row


def decide(
    session: Session, actor: Actor, negative_id: UUID, *, is_listed: bool, words: str, now: datetime
) -> NegativeEntry:
    """List what was proposed, or decline it with a reason; nobody decides on their own proposal.

    Raises ``NEGATIVE_NOT_FOUND``, ``FORBIDDEN``, ``NEGATIVE_STATE``, ``SELF_APPROVAL``, ``COMMENT_REQUIRED``.
    """
    row = negative(session, actor, negative_id, lock=True)
    actor = require(actor, Action.NEGATIVE_DECIDE, row.org_code or NOWHERE)
    if row.state != "proposed":
        raise DirectoryError("NEGATIVE_STATE")
    if row.proposed_by in actor.people:
        raise DirectoryError("SELF_APPROVAL")
    if not is_listed and not is_legible(words):
        raise DirectoryError("COMMENT_REQUIRED")
    row.state = "listed" if is_listed else "declined"
    row.decided_by, row.decided_at, row.decision_words = actor.account_id, now, words.strip()
    row.decided_for, row.delegation_id = actor.decided_for, actor.delegation_id
    _tell(session, actor, row, "negative:decided", To.person(row.proposed_by), now)
    details: Details = {"is_listed": is_listed}
    if is_listed:
        details = {**details, "requests": tell_concerned(session, actor, row, now)}
    record_audit(session, actor, "negative:decide", str(row.id), at=now, details=details)
    session.flush()
    return row


def remove(session: Session, actor: Actor, negative_id: UUID, words: str, now: datetime) -> NegativeEntry:
    """Take a listed entry off before its last day, with the reason.

    Raises ``NEGATIVE_NOT_FOUND``, ``FORBIDDEN``, ``NEGATIVE_STATE``, ``COMMENT_REQUIRED``.
    """
    row = negative(session, actor, negative_id, lock=True)
    actor = require(actor, Action.NEGATIVE_DECIDE, row.org_code or NOWHERE)
    if row.state != "listed":
        raise DirectoryError("NEGATIVE_STATE")
    require_words(words)
    row.state, row.ended_by, row.ended_at, row.end_words = "removed", actor.account_id, now, words.strip()
    _tell(session, actor, row, "negative:removed", To.person(row.proposed_by), now)
    concerned = tell_taken_off(session, actor, row, now)
    details: Details = {"reason_digest": digest_hex(words.strip().encode()), "requests": concerned}
    record_audit(session, actor, "negative:remove", str(row.id), at=now, details=details)
    session.flush()
    return row


_LONGEST_NAME: Final = 200
_DAYS: Final = "截止日期应在起始日期之后，最长 5 年；到期仍须保留的重新提出，由信息办复核"


def _wrong(proposed: Proposed, items: Sequence[str], *, has_entry: bool) -> str:
    wrong = {
        "没有写名称": not proposed.title.strip(),
        "没有写明是不予共享、不予开放还是两者": proposed.covers not in COVERS,
        "没有写明哪条目录或哪些数据项": not items and not has_entry,
        f"最多 {MOST_ITEMS} 个数据项，现有 {len(items)} 个": len(items) > MOST_ITEMS,
        "数据项名称最多 200 个字": any(len(each) > _LONGEST_NAME for each in items),
        _DAYS: not EARLIEST <= proposed.since <= proposed.until <= _last(proposed.since),
    }
    return next((sentence for sentence, is_so in wrong.items() if is_so), "")


def _last(since: date) -> date:
    """The last day an entry may stand that begins then; the calendar's own last day where there is none after it."""
    return since + LONGEST if since <= date.max - LONGEST else date.max


def _tell(session: Session, actor: Actor, row: NegativeEntry, kind: str, to: To, now: datetime) -> None:
    tell(session, to=to, kind=kind, about=row.id, now=now, by=actor.account_id, title=row.title)

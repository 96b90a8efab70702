"""A department enters what it entrusts, its head approves, it is supervised and ended (Art. 36)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import Details, record
from directory.clock.deadlines import day_of
from directory.entrustments.models import Entrustment, EntrustmentStep
from directory.entrustments.queries import ENDED, STATUS_NAMES, entrustment_row, status_of, steps_of
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.notices.tell import To, tell
from directory.policy import require
from directory.roles import Role
from directory.typed import EARLIEST, is_legible, require_near
from standards.check_digits import check_uscc
from standards.crypto import digest_hex

Act = Literal["approved", "refused", "supervised", "ended"]
_DECISIONS: Final = ("approved", "refused")


@dataclass(frozen=True)
class Entrusted:
    """What is entrusted to whom, on what basis, from one day to another."""

    contractor: str
    contractor_code: str
    work: str
    covers: str
    basis: str
    since: date
    until: date


_NAMES: Final[Mapping[str, str]] = {
    "contractor": "受托方",
    "work": "委托事项",
    "covers": "接触的系统和数据",
    "basis": "依据",
}


def enter(session: Session, actor: Actor, what: Entrusted, now: datetime) -> Entrustment:
    """Enter it for the department's head to approve. Raises ``FORBIDDEN``, ``ENTRUSTMENT_UNFIT``, ``DAY_FAR``."""
    actor = require(actor, Action.ENTRUSTMENT_ENTER, actor.org_code)
    code = what.contractor_code.strip()
    for field, name in _NAMES.items():
        if not getattr(what, field).strip():
            raise DirectoryError("ENTRUSTMENT_UNFIT", reason=f"没有写明{name}")
    if code and check_uscc(code, "contractor_code"):
        raise DirectoryError("ENTRUSTMENT_UNFIT", reason="受托方的统一社会信用代码不对")
    if what.until < what.since or what.until < day_of(now):
        raise DirectoryError("ENTRUSTMENT_UNFIT", reason="结束的日子早于开始，或已经过去")
    if what.since < EARLIEST:
        raise DirectoryError("ENTRUSTMENT_UNFIT", reason=f"开始的日子不应早于 {EARLIEST.isoformat()}")
    require_near(what.until, day_of(now), LIMITS.use_days)
    row = Entrustment(
        id=uuid4(),
        org_code=actor.org_code,
        contractor_code=code,
        since=what.since,
        until=what.until,
        entered_by=actor.account_id,
        entered_by_name=actor.signature,
        entered_at=now,
        **{field: getattr(what, field).strip() for field in _NAMES},
    )
    session.add(row)
    session.flush()
    digest = digest_hex("\n".join((row.work, row.covers, row.basis)).encode())
    details: Details = {"contractor": row.contractor, "until": row.until.isoformat(), "words_digest": digest}
    record(session, actor, "entrustment:enter", str(row.id), details=details, at=now)
    _tell(session, actor, row, "entered", now, To.holders(Role.DEPARTMENT_HEAD, row.org_code))
    return row


def say(session: Session, actor: Actor, entrustment_id: UUID, act: Act, words: str, now: datetime) -> Entrustment:
    """The head approves or refuses what somebody else entered; the department notes what it found when it looked at
    the contractor, and ends it: with what became of data and accesses, or, before it is approved, as withdrawn.

    Raises ``ENTRUSTMENT_NOT_FOUND``, ``FORBIDDEN``, ``SELF_APPROVAL``, ``ENTRUSTMENT_STATE``, ``COMMENT_REQUIRED``.
    """
    row = entrustment_row(session, actor, entrustment_id, lock=True)
    action = Action.ENTRUSTMENT_APPROVE if act in _DECISIONS else Action.ENTRUSTMENT_SUPERVISE
    actor = require(actor, action, row.org_code)
    steps = steps_of(session, row)
    status = status_of([step.act for step in steps], row.until, day_of(now))
    if act in _DECISIONS and row.entered_by in actor.people:
        raise DirectoryError("SELF_APPROVAL")
    if status in ENDED or ((act in _DECISIONS) != (status == "entered") and (act, status) != ("ended", "entered")):
        raise DirectoryError("ENTRUSTMENT_STATE", status=STATUS_NAMES[status])
    if act != "approved" and not is_legible(words):
        raise DirectoryError("COMMENT_REQUIRED")
    step = EntrustmentStep(
        entrustment_id=row.id,
        seq=len(steps) + 1,
        entered_by=row.entered_by,
        act=act,
        words=words.strip(),
        said_by=actor.account_id,
        said_by_name=actor.signature,
        said_at=now,
    )
    session.add(step)
    session.flush()
    details: Details = {"step": step.seq, "words_digest": digest_hex(step.words.encode())}
    record(session, actor, f"entrustment:{act}", str(row.id), details=details, at=now)
    if act in _DECISIONS:
        _tell(session, actor, row, act, now, To.person(row.entered_by))
    return row


def _tell(session: Session, actor: Actor, row: Entrustment, act: str, now: datetime, to: To) -> None:
    named = {"contractor": row.contractor}
    tell(session, to=to, kind=f"entrustment:{act}", about=row.id, now=now, by=actor.account_id, **named)

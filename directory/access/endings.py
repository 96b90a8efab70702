"""Suspension with a term for putting right, the end of a use, and what is then done with the data (Art. 27)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access.models import RequestRow, RequestStep
from directory.access.queries import text_of
from directory.access.reply_models import DisposalCertificate
from directory.access.said import Disposal, Said
from directory.access.states import Act, State
from directory.actors import Actor
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.typed import is_legible, require_near
from metadata.access import AccessRequest

WAYS: Final = ("销毁", "退回", "封存", "匿名化")
"""What a provider may ask to be done with the data."""
_ENDS: Final = frozenset({Act.TERMINATED, Act.EXPIRED, Act.PURPOSE_DONE, Act.REPLACED})


class Suspension(BaseModel):
    """A suspension that lasts: since when, why, until when to put right, and what the requester reported since."""

    model_config = ConfigDict(frozen=True)

    since: datetime
    by: str
    words: str
    until: date | None
    is_overdue: bool
    reported_at: datetime | None
    report: str


class Disposing(BaseModel):
    """What an ended use owes: in what way and by when the provider asked, and the certificate."""

    model_config = ConfigDict(frozen=True)

    ended_at: datetime
    asked_at: datetime | None
    way: str
    words: str
    until: date | None
    is_overdue: bool
    certificate: Disposal | None
    certified_at: datetime | None
    certified_by: str


def require_until(until: date | None, now: datetime) -> None:
    """Raise ``UNTIL_PAST`` for a last day that is not in the future, ``DAY_FAR`` for one that nobody lives to see."""
    if until is not None and until <= day_of(now):
        raise DirectoryError("UNTIL_PAST", until=until.isoformat())
    if until is not None:
        require_near(until, day_of(now), LIMITS.ahead_days)


def require_rectification_over(session: Session, actor: Actor, row: RequestRow, now: datetime) -> None:
    """Raise ``RECTIFICATION_RUNS`` for who supervises, while the term they set for putting right runs and nobody has
    reported (Art. 27); the requester's side may end its own use at any time.
    """
    lasting = suspension(row, row.steps, day_of(now))
    if lasting is None or lasting.until is None or actor.org_code == row.requester_org:
        return
    if lasting.reported_at is None and not lasting.is_overdue:
        raise DirectoryError("RECTIFICATION_RUNS", until=lasting.until.isoformat())


def require_later(session: Session, renewed: RequestRow, asked: AccessRequest) -> None:
    """Raise ``RENEWAL_DAY`` unless a renewal's last day is after that of what it goes on from."""
    until = text_of(session, renewed).valid_until
    if asked.valid_until <= until:
        raise DirectoryError("RENEWAL_DAY", valid_until=until.isoformat())


def require_way(way: str) -> None:
    """Raise ``DISPOSAL_WAY`` unless it is one of ``WAYS``."""
    if way not in WAYS:
        raise DirectoryError("DISPOSAL_WAY", ways=list(WAYS))


def require_certificate(session: Session, row: RequestRow, said: Said, now: datetime) -> None:
    """Whether this certifies what the provider asked for.

    Raises ``DISPOSAL_INCOMPLETE``, ``DISPOSAL_WAY``, ``DISPOSAL_OTHER``, ``DISPOSAL_DAY``,
    ``DISPOSAL_WITNESS``.
    """
    if said.certificate is None or not is_legible(said.certificate.covers):
        raise DirectoryError("DISPOSAL_INCOMPLETE")
    if _name(said.certificate.carried_out_by) == _name(said.certificate.witnessed_by):
        raise DirectoryError("DISPOSAL_WITNESS")
    require_way(said.certificate.way)
    owed = disposing(row.steps, None, day_of(now))
    if owed is not None and owed.way and owed.way != said.certificate.way:
        raise DirectoryError("DISPOSAL_OTHER", way=owed.way)
    ended_on = day_of(owed.ended_at) if owed else day_of(now)
    if not ended_on <= said.certificate.carried_out_on <= day_of(now):
        raise DirectoryError("DISPOSAL_DAY", ended_on=ended_on.isoformat())


def _name(typed: str) -> str:
    """A name as it is compared: ``王 五`` is ``王五``."""
    return "".join(typed.split()).casefold()


def keep_certificate(session: Session, row: RequestRow, certificate: Disposal) -> None:
    """The certificate under the step just left."""
    session.add(DisposalCertificate(request_id=row.id, step_seq=row.step_seq, **certificate.model_dump()))
    session.flush()


def certificate_of(session: Session, row: RequestRow) -> Disposal | None:
    """The certificate of an ended use, once there is one."""
    kept = session.get(DisposalCertificate, row.id) if row.state == State.DISPOSED else None
    if kept is None:
        return None
    return Disposal.model_validate({name: getattr(kept, name) for name in Disposal.model_fields})


def suspension(row: RequestRow, steps: Sequence[RequestStep], today: date) -> Suspension | None:
    """The suspension that lasts, from the request's steps; None while nothing is suspended."""
    if row.state != State.SUSPENDED:
        return None
    at = max(place for place, step in enumerate(steps) if step.act == Act.SUSPENDED)
    began, report = steps[at], next((step for step in reversed(steps[at:]) if step.act == Act.RECTIFIED), None)
    return Suspension(
        since=began.decided_at,
        by=f"{began.org_name} {began.decider_name}",
        words=began.comment,
        until=began.until,
        is_overdue=report is None and began.until is not None and began.until < today,
        reported_at=report.decided_at if report else None,
        report=report.comment if report else "",
    )


def disposing(steps: Sequence[RequestStep], certificate: Disposal | None, today: date) -> Disposing | None:
    """What is owed since the use ended, from the request's steps; None before it ended."""
    ended = next((step for step in reversed(steps) if step.act in _ENDS), None)
    if ended is None:
        return None
    asked = next((step for step in reversed(steps) if step.act == Act.DISPOSAL_ASKED), None)
    certified = next((step for step in reversed(steps) if step.act == Act.DISPOSED), None)
    until = asked.until if asked else None
    return Disposing(
        ended_at=ended.decided_at,
        asked_at=asked.decided_at if asked else None,
        way=asked.reason if asked else "",
        words=asked.comment if asked else "",
        until=until,
        is_overdue=certified is None and until is not None and until < today,
        certificate=certificate,
        certified_at=certified.decided_at if certified else None,
        certified_by=f"{certified.org_name} {certified.decider_name}" if certified else "",
    )

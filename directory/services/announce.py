"""A provider announces that a service changes or ends; consumers agree or object; the office files it (Art. 27).

Every verb leaves a step and an audit entry, with the words by their digest. Nothing takes effect before it is filed
(备案); ``directory.access`` and ``directory.resources`` refuse to end what has not been.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.access.models import RequestRow
from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import Details, record
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.notices.tell import To, tell
from directory.policy import require
from directory.resources.models import HELD, ResourceEntry
from directory.resources.queries import find
from directory.roles import Role
from directory.services.models import ServiceNotice, ServiceParty, ServiceStep
from directory.services.queries import notice_row, open_notice, parties_of, running_uses, steps_of, unsettled
from directory.typed import require_near, require_words
from standards.crypto import digest_hex

Kind = Literal["change", "end"]


def announce(
    session: Session,
    actor: Actor,
    ref: str,
    kind: Kind,
    words: str,
    answer_by: date,
    takes_effect_on: date,
    now: datetime,
) -> ServiceNotice:
    """Tell everybody who uses an entry that it changes or ends from a day on, and by when to answer.

    Raises ``RESOURCE_NOT_FOUND``, ``FORBIDDEN``, ``COMMENT_REQUIRED``, ``SERVICE_DAYS``, ``DAY_FAR``, ``SERVICE_OPEN``,
    ``SERVICE_UNUSED``.
    """
    entry = find(session, actor, ref)
    actor = require(actor, Action.SERVICE_ANNOUNCE, entry.org_code)
    require_words(words)
    if not day_of(now) < answer_by <= takes_effect_on:
        raise DirectoryError("SERVICE_DAYS")
    require_near(takes_effect_on, day_of(now), LIMITS.ahead_days)
    session.get_one(ResourceEntry, entry.id, with_for_update=HELD)  # two who announce at once: one after the other
    if open_notice(session, entry.id) is not None:
        raise DirectoryError("SERVICE_OPEN", title=entry.title)
    uses = running_uses(session, entry.id)
    if not uses:
        raise DirectoryError("SERVICE_UNUSED", title=entry.title)
    notice = ServiceNotice(
        id=uuid4(),
        resource_id=entry.id,
        kind=kind,
        words=words.strip(),
        answer_by=answer_by,
        takes_effect_on=takes_effect_on,
        announced_by=actor.account_id,
        announced_at=now,
    )
    session.add(notice)
    session.flush()
    session.add_all(ServiceParty(notice_id=notice.id, request_id=use.id) for use in uses)
    session.flush()
    details: Details = {
        "resource_id": str(entry.id),
        "kind": kind,
        "uses": len(uses),
        "answer_by": answer_by.isoformat(),
        "takes_effect_on": takes_effect_on.isoformat(),
        "words_digest": digest_hex(words.strip().encode()),
    }
    record(session, actor, "service:announce", str(notice.id), details=details, at=now)
    tell(
        session,
        to=[To.everywhere(Role.OFFICE_APPROVER), *_users(uses)],
        kind=f"service:announced_{kind}",
        about=notice.id,
        now=now,
        by=actor.account_id,
        title=entry.title,
        day=takes_effect_on.isoformat(),
        answer_by=answer_by.isoformat(),
    )
    return notice


def answer(
    session: Session, actor: Actor, notice_id: UUID, request_id: UUID, *, is_agreed: bool, words: str, now: datetime
) -> ServiceNotice:
    """A consumer's word for one of its uses; a later one counts instead of the earlier, which stays.

    Raises ``SERVICE_NOT_FOUND``, ``SERVICE_NOT_YOURS``, ``FORBIDDEN``, ``SERVICE_CLOSED``, ``COMMENT_REQUIRED``.
    """
    notice, entry = _held(session, actor, notice_id)
    use = next((each for each in parties_of(session, notice) if each.id == request_id), None)
    if use is None or use.requester_org != actor.org_code:
        raise DirectoryError("SERVICE_NOT_YOURS", request_id=request_id)
    actor = require(actor, Action.SERVICE_ANSWER, use.requester_org)
    _require_open(session, notice)
    if not is_agreed:
        require_words(words)
    act = "agreed" if is_agreed else "objected"
    _say(session, actor, notice, act, words, now, request_id=use.id)
    tell(
        session,
        to=To.holders(Role.SHARING_LEAD, entry.org_code),
        kind=f"service:{act}",
        about=notice.id,
        now=now,
        by=actor.account_id,
        title=entry.title,
        org=actor.org_name,
    )
    return notice


def reply(session: Session, actor: Actor, notice_id: UUID, words: str, now: datetime) -> ServiceNotice:
    """The provider's answer to what was objected; whoever objected may agree after it, or object again.

    Raises ``SERVICE_NOT_FOUND``, ``FORBIDDEN``, ``SERVICE_CLOSED``, ``COMMENT_REQUIRED``.
    """
    notice, entry = _held(session, actor, notice_id)
    actor = require(actor, Action.SERVICE_ANNOUNCE, entry.org_code)
    _require_open(session, notice)
    require_words(words)
    _say(session, actor, notice, "answered", words, now)
    _tell_all(session, actor, notice, entry, "service:answered", now)
    return notice


def file(session: Session, actor: Actor, notice_id: UUID, words: str, now: datetime) -> ServiceNotice:
    """备案: from the notice's day on the service may be changed or ended. Not while somebody may still answer, nor
    while an objection has no answer; how those that stand were settled, and who was silent, the words say.

    Raises ``SERVICE_NOT_FOUND``, ``FORBIDDEN``, ``SELF_APPROVAL``, ``SERVICE_CLOSED``, ``SERVICE_UNSETTLED``,
    ``COMMENT_REQUIRED``.
    """
    notice, entry = _held(session, actor, notice_id)
    actor = require(actor, Action.SERVICE_FILE, entry.org_code)
    if notice.announced_by in actor.people:
        raise DirectoryError("SELF_APPROVAL")
    _require_open(session, notice)
    parties, steps = parties_of(session, notice), steps_of(session, notice)
    if unsettled(notice, parties, steps, day_of(now)):
        raise DirectoryError("SERVICE_UNSETTLED", answer_by=notice.answer_by.isoformat())
    require_words(words)
    _say(session, actor, notice, "filed", words, now)
    _tell_all(session, actor, notice, entry, "service:filed", now)
    return notice


def withdraw(session: Session, actor: Actor, notice_id: UUID, words: str, now: datetime) -> ServiceNotice:
    """The provider lets the service stay as it is.

    Raises ``SERVICE_NOT_FOUND``, ``FORBIDDEN``, ``SERVICE_CLOSED``, ``COMMENT_REQUIRED``.
    """
    notice, entry = _held(session, actor, notice_id)
    actor = require(actor, Action.SERVICE_ANNOUNCE, entry.org_code)
    _require_open(session, notice)
    require_words(words)
    _say(session, actor, notice, "withdrawn", words, now)
    _tell_all(session, actor, notice, entry, "service:withdrawn", now)
    return notice


def _held(session: Session, actor: Actor, notice_id: UUID) -> tuple[ServiceNotice, ResourceEntry]:
    """The notice and its entry, whose lock keeps whatever else is said of it waiting."""
    notice = notice_row(session, actor, notice_id)
    return notice, session.get_one(ResourceEntry, notice.resource_id, with_for_update=HELD)


def _say(
    session: Session,
    actor: Actor,
    notice: ServiceNotice,
    act: str,
    words: str,
    now: datetime,
    *,
    request_id: UUID | None = None,
) -> None:
    last = session.scalar(select(func.max(ServiceStep.seq)).where(ServiceStep.notice_id == notice.id)) or 0
    session.add(
        ServiceStep(
            notice_id=notice.id,
            seq=last + 1,
            announced_by=notice.announced_by,
            act=act,
            request_id=request_id,
            words=words.strip(),
            said_by=actor.account_id,
            said_by_name=actor.signature,
            org_name=actor.org_name,
            said_at=now,
        )
    )
    session.flush()
    details: Details = {"resource_id": str(notice.resource_id), "step": last + 1}
    if request_id is not None:
        details = {**details, "request_id": str(request_id)}
    if words.strip():
        details = {**details, "words_digest": digest_hex(words.strip().encode())}
    record(session, actor, f"service:{act}", str(notice.id), details=details, at=now)


def _tell_all(
    session: Session, actor: Actor, notice: ServiceNotice, entry: ResourceEntry, kind: str, now: datetime
) -> None:
    to = [To.holders(Role.SHARING_LEAD, entry.org_code), *_users(parties_of(session, notice))]
    tell(session, to=to, kind=kind, about=notice.id, now=now, by=actor.account_id, title=entry.title)


def _users(uses: Sequence[RequestRow]) -> list[To]:
    """Of each use whoever asked or goes on with it, and the department's 共享工作机构负责人."""
    return [to for use in uses for to in (To.person(use.handler), To.holders(Role.SHARING_LEAD, use.requester_org))]


def _require_open(session: Session, notice: ServiceNotice) -> None:
    ended = next((step.act for step in steps_of(session, notice) if step.act in ("filed", "withdrawn")), None)
    if ended is not None:
        raise DirectoryError("SERVICE_CLOSED", how="已备案" if ended == "filed" else "已撤回")

"""A situation of the law is filed of a department, the department answers, the office closes it (Art. 39, 40).

What happens to somebody for it is decided elsewhere; here is what was found, by whom, and what was said of it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from directory.access.queries import request_row
from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import Details, record
from directory.errors import DirectoryError
from directory.notices.tell import To, tell
from directory.organisations.queries import organisation
from directory.policy import NOWHERE, allows, require
from directory.resources.queries import find
from directory.roles import Role
from directory.situations.codes import PROVIDERS, situation, situations
from directory.situations.models import Situation, SituationStep
from directory.situations.queries import OUTCOMES, situation_row, status_of, steps_of
from directory.typed import require_words
from standards.crypto import digest_hex


@dataclass(frozen=True)
class Found:
    """What somebody found: the situation's code, of which department, in words; the request or entry it is about.

    With a request the department follows from the code: situations of Art. 39 are its provider's, of Art. 40 its
    requester's.
    """

    code: str
    words: str
    org_code: str = ""
    request_id: UUID | None = None
    resource: str = ""


def file_situation(session: Session, actor: Actor, found: Found, now: datetime) -> Situation:
    """File it, and tell the department. A 共享工作机构负责人 files of the other side of a request only; the office of
    any department but the office's own.

    Raises ``SITUATION_UNKNOWN``, ``COMMENT_REQUIRED``, ``SITUATION_ORG``, ``FORBIDDEN``, ``REQUEST_NOT_FOUND``,
    ``RESOURCE_NOT_FOUND``, ``ORGANISATION_UNKNOWN``.
    """
    actor = require(actor, Action.SITUATION_FILE, actor.org_code)
    if found.code not in situations():
        raise DirectoryError("SITUATION_UNKNOWN", named=found.code[:10])
    require_words(found.words)
    org_code, resource_id = found.org_code, None
    if found.request_id is not None:
        asked = request_row(session, actor, found.request_id)
        side = asked.provider_org if found.code.startswith(PROVIDERS) else asked.requester_org
        if org_code not in ("", side):
            raise DirectoryError("SITUATION_ORG", reason="与申请的这一方不符")
        org_code, resource_id = side, asked.resource_id
    elif found.resource:
        resource_id = find(session, actor, found.resource).id
    if not org_code:
        raise DirectoryError("SITUATION_ORG", reason="没有写明是哪个部门")
    if org_code == actor.org_code:
        raise DirectoryError("SITUATION_ORG", reason="不给本部门立案")
    if found.request_id is None and not allows(actor, Action.SITUATION_FILE, NOWHERE):
        raise DirectoryError("SITUATION_ORG", reason="部门只就与本部门有关的申请提出，请写明申请")
    organisation(session, org_code)
    row = Situation(
        id=uuid4(),
        code=found.code,
        org_code=org_code,
        request_id=found.request_id,
        resource_id=resource_id,
        words=found.words.strip(),
        found_by=actor.account_id,
        found_by_name=actor.signature,
        found_org=actor.org_code,
        found_at=now,
    )
    session.add(row)
    session.flush()
    details: Details = {"code": row.code, "org_code": org_code, "words_digest": digest_hex(row.words.encode())}
    if row.request_id is not None:
        details = {**details, "request_id": str(row.request_id)}
    record(session, actor, "situation:file", str(row.id), details=details, at=now)
    _tell(session, actor, row, "filed", now, To.holders(Role.SHARING_LEAD, org_code))
    return row


def answer(session: Session, actor: Actor, situation_id: UUID, words: str, now: datetime) -> Situation:
    """The department says what it was and what it did; it may say more until the office closes.

    Raises ``SITUATION_NOT_FOUND``, ``FORBIDDEN``, ``SITUATION_CLOSED``, ``COMMENT_REQUIRED``.
    """
    row = situation_row(session, actor, situation_id, lock=True)
    actor = require(actor, Action.SITUATION_ANSWER, row.org_code)
    _say(session, actor, row, "answered", "", words, now)
    to = (To.person(row.found_by), To.everywhere(Role.OFFICE_APPROVER))
    _tell(session, actor, row, "answered", now, *to)
    return row


def close(session: Session, actor: Actor, situation_id: UUID, outcome: str, words: str, now: datetime) -> Situation:
    """The office closes it: put right, unfounded, or referred to who decides on consequences. The department is heard
    first, and nobody closes what they found themselves.

    Raises ``SITUATION_NOT_FOUND``, ``FORBIDDEN``, ``SELF_APPROVAL``, ``SITUATION_CLOSED``, ``SITUATION_UNANSWERED``,
    ``SITUATION_OUTCOME``, ``COMMENT_REQUIRED``.
    """
    row = situation_row(session, actor, situation_id, lock=True)
    actor = require(actor, Action.SITUATION_CLOSE, row.org_code)
    if row.found_by in actor.people:
        raise DirectoryError("SELF_APPROVAL")
    if outcome not in OUTCOMES:
        raise DirectoryError("SITUATION_OUTCOME", known="、".join(OUTCOMES.values()))
    if status_of(steps_of(session, row)) == "open":
        raise DirectoryError("SITUATION_UNANSWERED")
    _say(session, actor, row, "closed", outcome, words, now)
    _tell(session, actor, row, "closed", now, To.person(row.found_by), To.holders(Role.SHARING_LEAD, row.org_code))
    return row


def _say(session: Session, actor: Actor, row: Situation, act: str, outcome: str, words: str, now: datetime) -> None:
    steps = steps_of(session, row)
    if status_of(steps) == "closed":
        raise DirectoryError("SITUATION_CLOSED")
    require_words(words)
    session.add(
        SituationStep(
            situation_id=row.id,
            seq=len(steps) + 1,
            found_by=row.found_by,
            act=act,
            outcome=outcome,
            words=words.strip(),
            said_by=actor.account_id,
            said_by_name=actor.signature,
            org_name=actor.org_name,
            said_at=now,
        )
    )
    session.flush()
    details: Details = {"step": len(steps) + 1, "words_digest": digest_hex(words.strip().encode())}
    if outcome:
        details = {**details, "outcome": outcome}
    record(session, actor, f"situation:{act}", str(row.id), details=details, at=now)


def _tell(session: Session, actor: Actor, row: Situation, act: str, now: datetime, *to: To) -> None:
    named = {"code": row.code, "name": situation(row.code)}
    tell(session, to=to, kind=f"situation:{act}", about=row.id, now=now, by=actor.account_id, **named)

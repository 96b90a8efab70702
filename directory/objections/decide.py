"""What people do to an objection. Each verb checks visibility, then the table of moves, who is asking, then acts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from directory.access.queries import request_row
from directory.access.states import State as RequestState
from directory.actions import Action
from directory.actors import Actor
from directory.corrections.queries import correction
from directory.corrections.states import State as CorrectionState
from directory.errors import DirectoryError
from directory.matters import terms
from directory.matters.models import Matter, MatterFile
from directory.matters.papers import attach
from directory.matters.steps import leave_step, permitted, raise_matter
from directory.matters.telling import tell_of
from directory.objections.models import Objection
from directory.objections.queries import objection
from directory.objections.said import NOTHING, NewObjection, Said
from directory.objections.states import HOUSE_TERM, OBJECTIONS, TIMED, TOPICS, Act, State, Topic
from directory.policy import require
from directory.resources.models import ResourceEntry
from directory.resources.queries import find, published_record
from directory.typed import is_legible


@dataclass(frozen=True)
class _About:
    """The entry an objection is about, and the two departments of the request or of the entry."""

    resource_id: UUID
    title: str
    provider_org: str
    requester_org: str | None = None


def raise_objection(session: Session, actor: Actor, asked: NewObjection, now: datetime) -> Matter:
    """Object, to the department that answers this kind first; its term runs from today.

    Raises ``FORBIDDEN``, ``RESOURCE_NOT_FOUND``, ``REQUEST_NOT_FOUND``, ``MATTER_NOT_FOUND``, ``OBJECTION_REQUEST``,
    ``OBJECTION_IS_DISPUTE``, ``OBJECTION_PARTY``, ``OBJECTION_CORRECTION``, ``MATTER_WORDS_EMPTY``.
    """
    require(actor, Action.OBJECTION_RAISE, actor.org_code)
    rule = TOPICS[asked.topic]
    about = _about(session, actor, asked)
    answerer = about.provider_org if rule.answered_by == "provider" else about.requester_org
    objector = about.requester_org if rule.answered_by == "provider" else about.provider_org
    if answerer is None or answerer == actor.org_code or (rule.needs_request and objector != actor.org_code):
        raise DirectoryError("OBJECTION_PARTY", topic=rule.name)
    if not is_legible(asked.words):
        raise DirectoryError("MATTER_WORDS_EMPTY")
    row = raise_matter(
        session,
        OBJECTIONS,
        actor,
        State.NEGOTIATION.value,
        now,
        to_org=answerer,
        words=asked.words.strip(),
        resource_id=about.resource_id,
        resource_title=about.title,
    )
    session.add(
        Objection(
            matter_id=row.id,
            topic=asked.topic.value,
            request_id=asked.request,
            correction_id=asked.correction,
            wish=asked.wish.strip(),
        )
    )
    terms.start(session, row, HOUSE_TERM, now)
    tell_of(session, row, Act.RAISED, actor, now)
    return row


def decide(session: Session, actor: Actor, matter_id: UUID, act: Act, now: datetime, said: Said = NOTHING) -> Matter:
    """Take an objection a step on.

    Raises ``MATTER_NOT_FOUND``, ``MATTER_MOVE_ILLEGAL``, ``FORBIDDEN``, ``SELF_APPROVAL``, ``MATTER_ANSWERED_BY_YOU``,
    ``COMMENT_REQUIRED``, ``SAID_TOO_MUCH``, ``OBJECTION_OUTCOME``.
    """
    row = objection(session, actor, matter_id, lock=True).matter
    moved, actor = permitted(session, OBJECTIONS, actor, row, act)
    comment = said.comment.strip()
    if said.outcome is not None and act is not Act.ANSWERED:
        raise DirectoryError("SAID_TOO_MUCH", fields="outcome", act=OBJECTIONS.acts[act])
    if act is Act.ANSWERED and said.outcome is None:
        raise DirectoryError("OBJECTION_OUTCOME")
    if moved.needs_comment and not is_legible(comment):
        raise DirectoryError("COMMENT_REQUIRED")
    if act is Act.ANSWERED:
        terms.stop(session, row, "answered", now)
    elif act is Act.WITHDRAWN:
        terms.stop(session, row, "withdrawn", now)
    elif act is Act.ESCALATED:
        terms.stop(session, row, "escalated", now)
        if State(moved.state) in TIMED:
            terms.start(session, row, HOUSE_TERM, now)
    leave_step(session, row, act, moved.state, actor, now, comment=comment, outcome=said.outcome or "")
    tell_of(session, row, act, actor, now)
    return row


def add_paper(session: Session, actor: Actor, matter_id: UUID, name: str, data: bytes, now: datetime) -> MatterFile:
    """Add a paper while the objection is open, by either department.

    Raises ``MATTER_NOT_FOUND``, ``FORBIDDEN``, ``MATTER_CLOSED`` and as ``papers.attach``.
    """
    row = objection(session, actor, matter_id, lock=True).matter
    if actor.org_code not in (row.from_org, row.to_org):
        raise DirectoryError("FORBIDDEN", reason="只有提出和答复的部门可以添加材料", action="objection:attach")
    require(
        actor,
        Action.OBJECTION_RAISE if actor.org_code == row.from_org else Action.OBJECTION_ANSWER,
        actor.org_code,
    )
    if OBJECTIONS.is_end(row.state):
        raise DirectoryError("MATTER_CLOSED", state=OBJECTIONS.names[row.state])
    return attach(session, actor, row, name, data, now)


def _about(session: Session, actor: Actor, asked: NewObjection) -> _About:
    """What it is about; a refusal as such is disputed on the request itself, so that one thing has one chain."""
    rule = TOPICS[asked.topic]
    if rule.needs_request and asked.request is None:
        raise DirectoryError("OBJECTION_REQUEST", topic=rule.name)
    if asked.request is not None:
        row = request_row(session, actor, asked.request)
        if row.first_submitted_at is None:
            raise DirectoryError("OBJECTION_PARTY", topic=rule.name)
        if asked.topic is Topic.AUTHORISATION and RequestState(row.state) in (
            RequestState.REFUSED,
            RequestState.DISPUTED,
        ):
            raise DirectoryError("OBJECTION_IS_DISPUTE")
        return _About(row.resource_id, row.resource_title, row.provider_org, row.requester_org)
    if asked.correction is not None:
        found = correction(session, actor, asked.correction).matter
        is_ours = found.from_org == actor.org_code and found.state == CorrectionState.NOT_WRONG.value
        if asked.topic is not Topic.CONTENT or not is_ours or found.resource_id is None or found.to_org is None:
            raise DirectoryError("OBJECTION_CORRECTION")
        return _About(found.resource_id, found.resource_title, found.to_org)
    entry: ResourceEntry = find(session, actor, asked.resource)
    return _About(entry.id, published_record(session, entry).title, entry.org_code)

"""Requests and grants for programs."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from directory.access import decide, drafting
from directory.access.batch import move_many
from directory.access.batches import Batch, batches
from directory.access.bind import countersign
from directory.access.browsing import counted, looked_through
from directory.access.evidence import EvidenceView, evidence
from directory.access.lines import RequestLine, lines
from directory.access.parties import STEP_ACTIONS
from directory.access.queries import visible_grant
from directory.access.said import Said, Words
from directory.access.states import Act
from directory.access.views import GrantView, RequestView, grant_view, view, view_of
from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by, open_to_nodes
from directory.limits import LIMITS
from directory.nodes.authenticate import NodeCaller
from directory.resources.preconditions import VersionRead
from directory.signing import DirectoryKey
from metadata.access import AccessRequest, Countersigned

router = APIRouter(tags=["access"])

RequestStepTo = Literal[
    "req_approved",
    "submitted",
    "accepted",
    "supplement_asked",
    "agreed",
    "refused",
    "extension_asked",
    "extended",
    "extension_refused",
    "urged",
    "disputed",
    "dispute_answered",
    "escalated",
    "reconsidered",
    "settled",
    "rectified",
    "purpose_done",
    "disposal_asked",
    "disposed",
    "discarded",
    "handed_over",
]


class RequestTransition(Said):
    """A decision on a request, and what is said with it."""

    to: RequestStepTo


class ManyTransitions(RequestTransition):
    """The same decision on many requests."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=LIMITS.batch_count)]


class Outcome(BaseModel):
    """What became of one of many: the code and the sentence of its refusal, or neither."""

    id: UUID
    is_done: bool
    code: str = ""
    detail: str = ""


class ManyOutcomes(BaseModel):
    """How many were taken, and each one's outcome in the order given."""

    done: int
    refused: int
    requests: Sequence[Outcome]


class GrantTransition(BaseModel):
    """A decision on a grant, with its reason in words; a suspension may say until when things are to be put right."""

    model_config = ConfigDict(extra="forbid")

    to: Literal["suspended", "active", "terminated"]
    comment: Words
    until: date | None = None


class RequestList(BaseModel):
    """Requests, how many there are in all, and where to go on after these."""

    total: int
    items: Sequence[RequestLine]
    next: str | None = None


@router.post("/requests", status_code=201)
@governed_by(Action.REQUEST_CREATE)
def create(body: AccessRequest, session: DbSession, actor: CurrentActor) -> RequestView:
    """Draft a request; 409 names what of it cannot be granted."""
    now = datetime.now(UTC)
    row = drafting.create(session, actor, body, now)
    return view(session, actor, row.id, day_of(now))


@router.get("/requests")
@governed_by(Action.REQUEST_READ)
def browse(
    session: DbSession,
    actor: CurrentActor,
    mine: bool = False,
    case: str = "",
    after: Annotated[str, Query(max_length=120)] = "",
) -> RequestList:
    """The requests the caller may see, newest first; ``mine`` those of their own department, ``case`` of one case.

    As many at a time as a list has; ``after`` is the ``next`` of those before.
    """
    numbers = counted(session, actor, case)
    size = LIMITS.list_count
    found = looked_through(session, actor, is_own=True if mine else None, case_no=case, after=after, size=size)
    total = sum(sum(each.values()) for own, each in numbers.items() if own or not mine)
    return RequestList(total=total, items=lines(session, found.rows, shanghai_today()), next=found.next)


@router.get("/requests/{request_id}")
@governed_by(Action.REQUEST_READ)
def show(request_id: UUID, session: DbSession, actor: CurrentActor, response: Response) -> RequestView:
    """One request with its history, its clock, and what the caller may do now; ``ETag`` is the version of its text."""
    shown = view(session, actor, request_id, shanghai_today())
    response.headers["ETag"] = f'"{shown.version}"'
    return shown


@router.post("/requests/transitions")
@governed_by(*STEP_ACTIONS)
def move_requests(
    request: Request, body: ManyTransitions, session: DbSession, actor: CurrentActor, key: DirectoryKey
) -> ManyOutcomes:
    """The same step for many requests; each is taken or refused by itself."""
    said = Said.model_validate(body.model_dump(include=set(Said.model_fields)))
    now, suite_2 = datetime.now(UTC), request.app.state.settings.suite_2
    found = move_many(session, actor, key, body.ids, Act(body.to), now, said, suite_2=suite_2)
    outcomes = [
        Outcome(id=each, is_done=error is None, code=error.code if error else "", detail=error.zh if error else "")
        for each, error in found.items()
    ]
    done = sum(each.is_done for each in outcomes)
    return ManyOutcomes(done=done, refused=len(outcomes) - done, requests=outcomes)


@router.get("/requests/{request_id}/terms")
@governed_by(Action.REQUEST_READ)
def show_terms(request_id: UUID, session: DbSession, actor: CurrentActor) -> EvidenceView:
    """时限证据单: every term that ran for the request, each day accounted for."""
    return evidence(session, actor, request_id, shanghai_today())


@router.put("/requests/{request_id}")
@governed_by(Action.REQUEST_CREATE)
def amend(
    request_id: UUID, body: AccessRequest, session: DbSession, actor: CurrentActor, version: VersionRead
) -> RequestView:
    """Replace the text of a draft, approved or returned request; it needs its department's approval again. Whoever says
    which text they read (``If-Match``, or ``version``) replaces no other.
    """
    now = datetime.now(UTC)
    drafting.amend(session, actor, request_id, body, now, version)
    return view(session, actor, request_id, day_of(now))


@router.post("/requests/{request_id}/transitions")
@governed_by(*STEP_ACTIONS)
def move_request(
    request: Request,
    request_id: UUID,
    body: RequestTransition,
    session: DbSession,
    actor: CurrentActor,
    key: DirectoryKey,
) -> RequestView:
    """Take one step; 409 ``MOVE_ILLEGAL`` says what is possible instead."""
    now, suite_2 = datetime.now(UTC), request.app.state.settings.suite_2
    row = decide.decide(session, actor, key, request_id, Act(body.to), now, body, suite_2=suite_2)
    return view_of(session, actor, row, day_of(now))


@router.get("/grants/{grant_id}")
@governed_by(Action.GRANT_READ)
def show_grant(grant_id: str, session: DbSession, actor: CurrentActor) -> GrantView:
    """One grant: the exact signed bytes and where it stands."""
    return grant_view(session, actor, grant_id)


@router.post("/grants/{grant_id}/transitions")
@governed_by(Action.GRANT_CONFIRM_CHANGE)
def move_grant(
    request: Request,
    grant_id: str,
    body: GrantTransition,
    session: DbSession,
    actor: CurrentActor,
    key: DirectoryKey,
) -> GrantView:
    """Suspend, resume or terminate; the nodes learn of it with their next look at the feed."""
    _, row = visible_grant(session, actor, grant_id)
    now, suite_2 = datetime.now(UTC), request.app.state.settings.suite_2
    said = Said(comment=body.comment, until=body.until)
    decide.decide(session, actor, key, row.id, Act(body.to), now, said, suite_2=suite_2)
    return grant_view(session, actor, grant_id)


@router.post("/grants/{grant_id}/countersignature")
@open_to_nodes("the provider's node says that the grant is its own department's will")
def take_countersignature(
    grant_id: str, session: DbSession, caller: NodeCaller, key: DirectoryKey
) -> Mapping[str, str]:
    """Body: ``Countersigned``. From here on the grant binds."""
    said = Countersigned.from_bytes(caller.body)
    row = countersign(session, caller.signer, key, grant_id, said, datetime.now(UTC))
    return {"grant_id": grant_id, "state": row.state}


@router.get("/batches")
@governed_by(Action.EXCHANGE_READ)
def show_batches(session: DbSession, actor: CurrentActor) -> Sequence[Batch]:
    """Where the batches of the caller's routes stand, those last heard of first."""
    return batches(session, actor)

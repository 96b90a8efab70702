"""机构改革 for programs: look first, then carry out exactly what was looked at."""

from datetime import UTC, date, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.http.throttle import COSTLY
from directory.reform import carry_out as verbs
from directory.reform import queries, work
from directory.reform.choice import Choice
from directory.reform.holdings import KIND_WORDS
from directory.reform.preview import Preview, preview

router = APIRouter(prefix="/reforms", tags=["organisations"])


class LineView(BaseModel):
    """One thing that would move; ``to_org`` is null for a person who does not go along and a prefix that is closed."""

    kind: str
    kind_name: str
    subject: str
    title: str
    from_org: str
    to_org: str | None


class PlanView(BaseModel):
    """Everything that would move; ``digest`` names exactly this. ``clocks`` terms run on, each to the day it has."""

    digest: str
    counts: dict[str, int]
    clocks: int
    notes: list[str]
    lines: list[LineView]

    @classmethod
    def of(cls, plan: Preview) -> Self:
        """The plan as it is told."""
        lines = [LineView(kind_name=KIND_WORDS[each.kind], **each._asdict()) for each in plan.lines]
        return cls(
            digest=plan.digest, counts=dict(plan.counts), clocks=plan.clocks, notes=list(plan.notes), lines=lines
        )


class CarryOut(Choice):
    """An act with the digest of its preview."""

    digest: Annotated[str, Field(min_length=64, max_length=64, pattern="^[0-9a-f]+$")]


class Party(BaseModel):
    """A department of an act, by the name it has now."""

    code: str
    name: str


class ReformView(BaseModel):
    """An act as it was carried out; ``counts`` are of what moved, by kind."""

    id: UUID
    kind: str
    kind_name: str
    effective_on: date
    basis: str
    words: str
    carrier_name: str
    carried_out_at: datetime
    organisations: list[Party]
    successors: list[Party]
    former_name: str
    counts: dict[str, int]


class ProgressView(BaseModel):
    """How far an act is that goes on beside the requests: ``done_count`` of ``total_count`` things through ``stage``.

    ``state``: ``waiting`` (for a server), ``working``, ``done`` (then it is an act under the same id) or ``failed``,
    with its ``problem``; nothing has moved before it is done. ``tries`` counts how often it was begun.
    """

    reform_id: UUID
    kind: str
    kind_name: str
    organisations: list[str]
    successors: list[str]
    beginner_name: str
    begun_at: datetime
    state: str
    state_name: str
    stage: str
    stage_name: str
    done_count: int
    total_count: int
    is_stopping: bool
    tries: int
    ended_at: datetime | None
    problem: dict[str, str]

    @classmethod
    def of(cls, found: work.Progress) -> Self:
        """As it is told."""
        names = {name: getattr(found, name) for name in ("kind_name", "state_name", "stage_name")}
        parties = {"organisations": found.choice.organisations, "successors": found.choice.successors}
        return cls.model_validate(vars(found) | names | parties)


@router.get("")
@governed_by(Action.ORGANISATION_READ)
def list_reforms(session: DbSession, actor: CurrentActor) -> list[ReformView]:
    """The acts, the latest first."""
    return [view(each) for each in queries.all_done(session)]


@router.post("/preview", dependencies=[COSTLY])
@governed_by(Action.ORGANISATION_REFORM)
def preview_reform(body: Choice, session: DbSession, actor: CurrentActor) -> PlanView:
    """What an act would move; nothing is changed."""
    return PlanView.of(preview(session, actor, body, datetime.now(UTC)))


@router.post("", status_code=201)
@governed_by(Action.ORGANISATION_REFORM)
def carry_out(body: CarryOut, request: Request, session: DbSession, actor: CurrentActor) -> ReformView:
    """Carry an act out, all of it in one transaction; 409 where something else would move than was previewed."""
    key, choice = request.app.state.directory_key, Choice.model_validate(body.model_dump(exclude={"digest"}))
    made = verbs.carry_out(session, actor, key, choice, datetime.now(UTC), previewed=body.digest)
    return view(queries.done(session, made.id))


@router.post("/begin", status_code=202, dependencies=[COSTLY])
@governed_by(Action.ORGANISATION_REFORM)
def begin_reform(body: CarryOut, session: DbSession, actor: CurrentActor) -> ProgressView:
    """The same without waiting: a server carries it out; ``progress`` says how far it is."""
    now, choice = datetime.now(UTC), Choice.model_validate(body.model_dump(exclude={"digest"}))
    row = work.begin(session, actor, choice, now, previewed=body.digest)
    return ProgressView.of(work.progress(session, actor, row.reform_id))


@router.get("/{reform_id}/progress")
@governed_by(Action.ORGANISATION_REFORM)
def show_progress(reform_id: UUID, session: DbSession, actor: CurrentActor) -> ProgressView:
    """How far an act is; one that nobody had to wait for is done."""
    return ProgressView.of(work.progress(session, actor, reform_id))


@router.post("/{reform_id}/stop")
@governed_by(Action.ORGANISATION_REFORM)
def stop_reform(reform_id: UUID, session: DbSession, actor: CurrentActor) -> ProgressView:
    """Have it ended with nothing moved; 409 ``REFORM_NOT_UNDER_WAY`` once it has ended."""
    work.stop(session, actor, reform_id, datetime.now(UTC))
    return ProgressView.of(work.progress(session, actor, reform_id))


@router.post("/{reform_id}/again", status_code=202, dependencies=[COSTLY])
@governed_by(Action.ORGANISATION_REFORM)
def repeat_reform(reform_id: UUID, session: DbSession, actor: CurrentActor) -> ProgressView:
    """Begin anew what was stopped or refused; 409 ``REFORM_CHANGED`` where something else would move by now."""
    work.again(session, actor, reform_id, datetime.now(UTC))
    return ProgressView.of(work.progress(session, actor, reform_id))


@router.get("/{reform_id}")
@governed_by(Action.ORGANISATION_READ)
def show_reform(reform_id: UUID, session: DbSession, actor: CurrentActor) -> ReformView:
    """One act."""
    return view(queries.done(session, reform_id))


def view(done: queries.Done) -> ReformView:
    """An act as it is told."""
    parties = {
        name: [Party(code=code, name=words) for code, words in getattr(done, name)]
        for name in ("organisations", "successors")
    }
    return ReformView.model_validate(vars(done) | parties | {"counts": dict(done.counts)})

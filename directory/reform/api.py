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
from directory.reform import carry_out as verbs
from directory.reform import queries
from directory.reform.choice import Choice
from directory.reform.holdings import KIND_WORDS
from directory.reform.preview import Preview, preview
from directory.throttle import COSTLY

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

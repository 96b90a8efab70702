"""Proposals for programs: nodes bring them, the department's editor decides."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by, open_to_nodes
from directory.nodes.api import Accepted
from directory.nodes.authenticate import NodeCaller
from directory.proposals import decide, queries
from directory.proposals.choice import Choice
from directory.proposals.queries import Line
from directory.proposals.take import take
from directory.resources.api import Written
from metadata.probe import Mismatch
from metadata.proposal import Proposal
from metadata.signed import Signed

router = APIRouter(tags=["proposals"])

Status = Literal["waiting", "superseded", "confirmed", "declined"]


class ProposalLine(BaseModel):
    """One proposal in the list; ``mounted_by`` is the entry that has the table already, ``drift`` how they differ."""

    id: UUID
    node_id: str
    schema_name: str
    table: str
    title: str
    library: str | None
    items: int
    row_count: int | None
    problem: str
    status: str
    received_at: datetime
    resource_id: UUID | None
    reason: str
    mounted_by: UUID | None
    drift: Sequence[Mismatch]

    @classmethod
    def of(cls, line: Line) -> "ProposalLine":
        proposal = line.proposal
        return cls(
            id=line.id,
            node_id=proposal.node_id,
            schema_name=proposal.schema_name,
            table=proposal.table,
            title=proposal.draft.title,
            library=proposal.draft.library,
            items=len(proposal.draft.items),
            row_count=proposal.row_count,
            problem=proposal.problem,
            status=line.status,
            received_at=line.received_at,
            resource_id=line.resource_id,
            reason=line.reason,
            mounted_by=line.known.resource_id if line.known else None,
            drift=line.drift,
        )


class ProposalList(BaseModel):
    """One page of proposals, and how many there are in all."""

    total: int
    items: Sequence[ProposalLine]


class ProposalShown(ProposalLine):
    """One proposal with its draft, and each guess with its reason."""

    proposal: Proposal


class Refusal(BaseModel):
    """Why a table is not to be catalogued."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(max_length=2000)]


@router.post("/nodes/{node_id}/proposals")
@open_to_nodes("a node proposes drafts for its own department's tables")
def take_proposals(node_id: str, session: DbSession, caller: NodeCaller) -> Accepted:
    """Body: a list of ``Signed`` of kind ``proposal/1``; all are taken or none. Counts the new ones."""
    caller.require_is(node_id)
    return Accepted(accepted=take(session, caller, caller.records(Signed), datetime.now(UTC)))


@router.get("/proposals")
@governed_by(Action.PROPOSAL_DECIDE)
def browse(
    session: DbSession,
    actor: CurrentActor,
    status: Status = "waiting",
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> ProposalList:
    """The proposals of the caller's department, by table; ``after`` is how many to pass over."""
    found, total = queries.lines(session, actor, status, after)
    return ProposalList(total=total, items=[ProposalLine.of(line) for line in found])


@router.get("/proposals/{proposal_id}")
@governed_by(Action.PROPOSAL_DECIDE)
def show(proposal_id: UUID, session: DbSession, actor: CurrentActor) -> ProposalShown:
    """One proposal, whole."""
    row = queries.find(session, actor, proposal_id)
    line = queries.line(row, queries.known_tables(session, row.org_code))
    return ProposalShown(**ProposalLine.of(line).model_dump(), proposal=line.proposal)


@router.post("/proposals/{proposal_id}/confirm", status_code=201)
@governed_by(Action.PROPOSAL_DECIDE)
def confirm(proposal_id: UUID, body: Choice, request: Request, session: DbSession, actor: CurrentActor) -> Written:
    """Register the entry as chosen, in draft, with its mount."""
    classes = request.app.state.settings.classes
    return Written.of(decide.confirm(session, actor, proposal_id, body, classes, datetime.now(UTC)))


@router.post("/proposals/{proposal_id}/decline", status_code=204)
@governed_by(Action.PROPOSAL_DECIDE)
def decline(proposal_id: UUID, body: Refusal, session: DbSession, actor: CurrentActor) -> None:
    """Not to be catalogued, and why."""
    decide.decline(session, actor, proposal_id, body.reason, datetime.now(UTC))

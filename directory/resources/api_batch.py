"""The same step with many catalogue entries, for programs."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.limits import LIMITS
from directory.resources.api import Transition
from directory.resources.batch import move_many
from directory.resources.states import MOVES

router = APIRouter(prefix="/resources", tags=["resources"])


class Batch(Transition):
    """The same step for many entries; ``refs`` are UUIDs or identifiers with ~ for /."""

    refs: Annotated[list[Annotated[str, Field(max_length=100)]], Field(min_length=1, max_length=LIMITS.batch_count)]


class Done(BaseModel):
    """What became of one entry of a batch; ``code``, ``detail`` and ``next_step`` say why it was refused."""

    ref: str
    title: str
    status: str
    code: str = ""
    detail: str = ""
    next_step: str = ""


@router.post("/transitions")
@governed_by(*sorted({each.action for each in MOVES}))
def move_resources(body: Batch, session: DbSession, actor: CurrentActor) -> list[Done]:
    """Take one step with many entries; each stands alone: what one is refused does not hold up the others."""
    done = move_many(session, actor, body.refs, body.to, body.comment, datetime.now(UTC))
    return [
        Done(ref=each.ref, title=each.title, status=each.status)
        if each.problem is None
        else Done(
            ref=each.ref,
            title=each.title,
            status=each.status,
            code=each.problem.code,
            detail=each.problem.zh,
            next_step=each.problem.next_step,
        )
        for each in done
    ]

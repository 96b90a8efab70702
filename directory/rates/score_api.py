"""The metadata quality score of one entry, for programs."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.resources.queries import find, shown_record
from metadata.score import score

router = APIRouter(prefix="/resources", tags=["resources"])


class CheckShown(BaseModel):
    """One check: points got of those possible, why, and how to gain the rest (empty where all were got)."""

    key: str
    name: str
    got: int
    possible: int
    reason: str
    gain: str
    path: str


class ScoreShown(BaseModel):
    """``total`` is what the applicable checks got, scaled to 100."""

    total: int
    checks: list[CheckShown]


@router.get("/{ref}/score")
@governed_by(Action.RESOURCE_READ)
def show_score(
    ref: Annotated[str, Path(max_length=100, description="UUID, or the identifier with ~ for /")],
    session: DbSession,
    actor: CurrentActor,
) -> ScoreShown:
    """The quality of the description that the caller sees: inside, the version being worked on."""
    found = score(shown_record(session, actor, find(session, actor, ref)))
    checks = [
        CheckShown(
            key=each.key,
            name=each.name_zh,
            got=each.got,
            possible=each.possible,
            reason=each.reason_zh,
            gain=each.gain_zh,
            path=each.path,
        )
        for each in found.checks
    ]
    return ScoreShown(total=found.total, checks=checks)

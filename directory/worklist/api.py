"""The worklist for programs."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import open_to_signed_in
from directory.limits import LIMITS
from directory.worklist.requests import Tab
from directory.worklist.worklist import Worklist, desk

router = APIRouter(tags=["worklist"])


@router.get("/worklist")
@open_to_signed_in("only what the caller themselves may take forward, dealt with or asked for")
def show_worklist(
    session: DbSession,
    actor: CurrentActor,
    tab: Tab = "todo",
    size: Annotated[int, Query(ge=1, le=LIMITS.list_count)] = LIMITS.page_count,
    after: Annotated[str, Query(max_length=80)] = "",
    others_after: Annotated[str, Query(max_length=120)] = "",
) -> Worklist:
    """What waits for the caller (待办, due first), what they dealt with (已办), what they began (我发起的)."""
    return desk(session, actor, datetime.now(UTC), tab, size=size, after=after, others_after=others_after)

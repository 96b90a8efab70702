"""The page of the worklist: three tabs, each number the length of its list."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from directory.access import aside
from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.clock.queries import calendar
from directory.clock.words import term_words
from directory.db import DbSession
from directory.declared import open_to_signed_in
from directory.limits import LIMITS
from directory.web.render import page
from directory.worklist.requests import Tab
from directory.worklist.upkeep import upkeep
from directory.worklist.worklist import desk

router = APIRouter(include_in_schema=False)


@router.get("/approvals")
@open_to_signed_in("only what the reader themselves may take forward, dealt with or asked for")
def show_worklist(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    tab: Tab = "todo",
    after: Annotated[str, Query(max_length=80)] = "",
    others_after: Annotated[str, Query(max_length=120)] = "",
) -> HTMLResponse:
    """What waits for the reader, late before early; what they dealt with and what they began, the latest first."""
    now = datetime.now(UTC)
    today, days = day_of(now), calendar(session)
    found = desk(session, actor, now, tab, size=LIMITS.page_count, after=after, others_after=others_after)
    # whoever reads the page has one pile: its number counts what keeps the service running too, on every tab
    kept = found.upkeep or upkeep(session, actor, now)
    rows = [
        {
            "line": line,
            "at": at,
            "term": term_words(line.due_on, today, days) if line.due_on else "",
            "since": line.submitted_at or line.created_at,
            "progress": aside.PROGRESS[line.state, line.stage],
        }
        for line, at in zip(found.items, found.dealt_at, strict=True)
    ]
    return page(
        request,
        "worklist/worklist.html",
        found=found,
        kept_total=sum(each.count for each in kept),
        rows=rows,
        after=after,
        others_after=others_after,
        uses=found.uses,
        uses_total=found.uses_total,
        matters=found.matters,
        term=lambda due_on: term_words(due_on, today, days),
        progress_steps=aside.PROGRESS_STEPS,
    )

"""The page of supervision: lights per department, and what is due first."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.queries import calendar
from directory.clock.today import shanghai_today
from directory.clock.words import term_words
from directory.db import DbSession
from directory.declared import governed_by
from directory.limits import LIMITS
from directory.supervision.api import supervision
from directory.supervision.undecided import undecided
from directory.web.render import page

router = APIRouter(include_in_schema=False)


@router.get("/supervision")
@governed_by(Action.SUPERVISION_READ)
def show_supervision(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    light: Annotated[Literal["green", "amber", "red", ""], Query()] = "",
    org: Annotated[str, Query(max_length=32)] = "",
    after: Annotated[str, Query(max_length=60)] = "",
) -> HTMLResponse:
    """Which department has how much running, near its day, and late; then the requests themselves, due first."""
    today, days = shanghai_today(), calendar(session)
    found = supervision(session, actor, today, light=light or None, org=org, size=LIMITS.page_count, after=after)
    chosen = next((each.org_name for each in found.departments if each.org_code == org), "")
    return page(
        request,
        "supervision/supervision.html",
        found=found,
        light=light,
        org=org,
        chosen=chosen,
        after=after,
        undecided=undecided(session, actor),
        term=lambda due_on: term_words(due_on, today, days),
    )

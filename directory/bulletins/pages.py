"""The pages of bulletins: the days, and one day."""

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from directory.actions import Action
from directory.actors import CurrentActor
from directory.bulletins import queries
from directory.bulletins.counting import KINDS, Kind
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.limits import LIMITS
from directory.web.render import page

router = APIRouter(include_in_schema=False)

PATH: Final = "/bulletins"
_DAYS: Final = 31


@router.get(PATH)
@governed_by(Action.RESOURCE_READ)
def browse(request: Request, session: DbSession, actor: CurrentActor, before: date | None = None) -> HTMLResponse:
    """The days on which something was published, changed or withdrawn, the latest first."""
    found = queries.bulletins(session, size=_DAYS, before=before)
    today = shanghai_today()
    return page(request, "bulletins/list.html", found=found, kinds=KINDS, before=before, today=today)


@router.get(PATH + "/{day}")
@governed_by(Action.RESOURCE_READ)
def show(
    day: date,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    kind: Kind | None = None,
    after: Annotated[str, Query(max_length=120)] = "",
) -> HTMLResponse:
    """One day: its entries, of one kind or all."""
    found = queries.bulletin(session, actor, day, kind=kind, size=LIMITS.page_count, after=after)
    is_running = day >= shanghai_today()
    return page(
        request, "bulletins/day.html", found=found, kinds=KINDS, kind=kind, after=after, day=day, is_running=is_running
    )

"""The page of statistics: a month or a year, of one department or of all, as chart and table."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.db import DbSession
from directory.declared import governed_by
from directory.organisations.queries import organisations
from directory.statistics.api import asked
from directory.statistics.chart import draw
from directory.statistics.definitions import NUMBERS, RATES, SIDES, rate
from directory.statistics.queries import periods, sees_all
from directory.web.render import page

router = APIRouter(include_in_schema=False)


@router.get("/statistics")
@governed_by(Action.STATISTICS_READ)
def show(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    period: Annotated[str, Query(max_length=7)] = "",
    org: Annotated[str, Query(max_length=32)] = "",
) -> HTMLResponse:
    """This year's unless another year or a month is asked for; the months of a year are drawn and lead on."""
    now = datetime.now(UTC)
    whole, months = asked(session, actor, period or str(day_of(now).year), now, org)
    first, last = periods(session, now)
    of = {"org": org} if org else {}
    return page(
        request,
        "statistics/statistics.html",
        period=whole,
        months=months,
        chart=draw(months) if months else None,
        numbers=NUMBERS,
        sides=SIDES,
        rates=RATES,
        rate=rate,
        years=range(first.year, last.year + 1),
        year=whole.label[:4],
        org=org,
        departments=organisations(session) if sees_all(actor) else (),
        address=lambda period, **more: f"/statistics?{urlencode({'period': period} | of | more)}",
        exported=lambda form: f"/api/v1/statistics/{whole.label}/export?{urlencode({'format': form} | of)}",
    )

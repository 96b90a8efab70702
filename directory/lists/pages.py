"""The page that leads to the three lists, to the check of planned forms and to the statistics."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from directory.actors import CurrentActor
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import open_to_signed_in
from directory.demands.queries import demands
from directory.negatives.queries import negatives
from directory.responsibilities.queries import owed
from directory.web.render import page

router = APIRouter(prefix="/lists", include_in_schema=False)


@router.get("")
@open_to_signed_in("counts of what the reader sees in each list")
def show(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """Each list with how many of its lines are open and late, and what it is for."""
    today = shanghai_today()
    wanted, owing = demands(session, actor, is_open=True), owed(session, actor, is_open=True)
    listed = [each for each in negatives(session, actor, state="listed") if each.since <= today <= each.until]
    return page(
        request,
        "lists/lists.html",
        demand_count=len(wanted),
        demand_late=sum(each.row.needed_by < today for each in wanted),
        owed_count=len(owing),
        owed_late=sum(each.light(today) == "red" for each in owing),
        listed_count=len(listed),
        proposed_count=len(negatives(session, actor, state="proposed")),
    )

"""The page of what is not put to use, department by department."""

from collections import Counter
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.db import DbSession
from directory.policy import Action, governed_by
from directory.throttle import COSTLY
from directory.unused import queries
from directory.unused.api import Days
from directory.unused.judge import VERDICT_NAMES
from directory.unused.queries import DEFAULT_DAYS
from directory.web.render import page

router = APIRouter(include_in_schema=False)


@router.get("/grants/unused", dependencies=[COSTLY])
@governed_by(Action.GRANT_READ)
def browse(
    request: Request, session: DbSession, actor: CurrentActor, days: Days = DEFAULT_DAYS, org: str = ""
) -> HTMLResponse:
    """What stands out after so many days, by department; with ``org`` only where that department gives or takes."""
    report = queries.unused(session, actor, days, day_of(datetime.now(UTC)))
    names = {each.provider_org: each.provider_name for each in report.items}
    names |= {each.requester_org: each.requester_name for each in report.items}
    counts = Counter(code for each in report.items for code in {each.provider_org, each.requester_org})
    return page(
        request,
        "unused/list.html",
        report=report,
        lines=[each for each in report.items if not org or org in (each.provider_org, each.requester_org)],
        org=org if org in names else "",
        departments=sorted(((code, name, counts[code]) for code, name in names.items()), key=lambda each: each[1]),
        verdicts=[
            (name, sum(each.verdict is verdict for each in report.items)) for verdict, name in VERDICT_NAMES.items()
        ],
        idle_count=sum(bool(each.unused_items) for each in report.items),
    )

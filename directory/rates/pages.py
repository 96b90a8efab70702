"""Pages of the rates: every department as a table with bars, and one department's entries with what to do."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.libraries.queries import sees_tables
from directory.limits import LIMITS
from directory.organisations.queries import organisation, organisations
from directory.rates.lists import listed
from directory.rates.measure import PROBE_VALID_DAYS, SETS, Rates, measure
from directory.rates.queries import ALL, departments, mean_scores, verdicts
from directory.web.render import page

router = APIRouter(include_in_schema=False)


@router.get("/rates")
@governed_by(Action.RATE_READ)
def browse(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """All departments, the least effective first."""
    found = departments(session, datetime.now(UTC))
    together = {name: sum(getattr(each.rates, name) for each in found) for name in Rates.__dataclass_fields__}
    return page(request, "rates/rates.html", departments=found, together=Rates(**together), valid_days=PROBE_VALID_DAYS)


@router.get("/rates/{org_code}")
@governed_by(Action.RATE_READ)
def show_department(
    org_code: Annotated[str, Path(max_length=32)],
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    show: Annotated[str, Query(max_length=20)] = "dragging",
    start: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> HTMLResponse:
    """One department, or ``all``: numbers, each a link to the entries it counts; what to do about those that drag."""
    one = None if org_code == ALL else organisation(session, org_code)
    of = verdicts(session, datetime.now(UTC), one.code if one else None)
    rows = listed(of, show)
    start = start if start < len(rows) else 0
    published, score = mean_scores(session, org_code).get(org_code, (0, None)) if one else (0, None)
    return page(
        request,
        "rates/department.html",
        department=one,
        names={each.code: each.name for each in organisations(session)},
        rates=measure(of),
        published=published,
        score=score,
        sets={name: (words, len(listed(of, name))) for name, (words, _) in SETS.items()},
        show=show,
        rows=rows[start : start + LIMITS.page_count],
        start=start,
        total=len(rows),
        page_count=LIMITS.page_count,
        valid_days=PROBE_VALID_DAYS,
        sees_detail=lambda code: sees_tables(actor, code),
        own=actor.org_code,
        address=lambda **given: f"/rates/{org_code}?{urlencode({'show': show} | given)}",
    )

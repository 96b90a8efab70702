"""The page of what is not put to use, department by department."""

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.http.throttle import COSTLY
from directory.unused import queries
from directory.unused.api import Days
from directory.unused.judge import VERDICT_NAMES
from directory.unused.propose import propose_end
from directory.unused.queries import DEFAULT_DAYS
from directory.web.render import page_after

router = APIRouter(include_in_schema=False)

PATH: Final = "/grants/unused"


@router.get(PATH, dependencies=[COSTLY])
@governed_by(Action.GRANT_READ)
def browse(
    request: Request, session: DbSession, actor: CurrentActor, days: Days = DEFAULT_DAYS, org: str = ""
) -> HTMLResponse:
    """What stands out after so many days, by department; with ``org`` only where that department gives or takes."""
    return _page(request, session, actor, days, org)


@router.post(PATH + "/{request_id}")
@governed_by(Action.GRANT_CONFIRM_CHANGE)
def propose(
    request_id: UUID,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    words: Annotated[str, Form(max_length=1900)] = "",
    days: Annotated[int, Form(ge=1, le=3650)] = DEFAULT_DAYS,
) -> Response:
    """Propose an early end; a refusal stands at the head, with what was typed at its row."""
    try:
        with session.begin_nested():
            propose_end(session, actor, request_id, words, datetime.now(UTC))
    except DirectoryError as error:
        if error.status in (403, 404):
            raise
        return _page(request, session, actor, days, error=error, proposing=request_id, words=words)
    return RedirectResponse(f"/requests/{request_id}#talk", status_code=303)


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    days: int,
    org: str = "",
    *,
    error: DirectoryError | None = None,
    proposing: UUID | None = None,
    words: str = "",
) -> HTMLResponse:
    report = queries.unused(session, actor, days, shanghai_today())
    names = {each.provider_org: each.provider_name for each in report.items}
    names |= {each.requester_org: each.requester_name for each in report.items}
    counts = Counter(code for each in report.items for code in {each.provider_org, each.requester_org})
    return page_after(
        request,
        "unused/list.html",
        error,
        report=report,
        lines=[each for each in report.items if not org or org in (each.provider_org, each.requester_org)],
        org=org if org in names else "",
        departments=sorted(((code, name, counts[code]) for code, name in names.items()), key=lambda each: each[1]),
        verdicts=[
            (name, sum(each.verdict is verdict for each in report.items)) for verdict, name in VERDICT_NAMES.items()
        ],
        idle_count=sum(bool(each.unused_items) for each in report.items),
        proposing=proposing,
        words=words,
    )

"""The first page after signing in: to do before sent before drafts, each number leading to the rows it counts."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from directory.access.browsing import counted, looked_through
from directory.access.lines import lines
from directory.access.states import State
from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.clock.queries import calendar
from directory.clock.words import term_words
from directory.db import DbSession
from directory.declared import open_to_signed_in
from directory.exchange_status.batches import newest_first
from directory.exchange_status.queries import seen_routes
from directory.home.begin import beginnings
from directory.home.soonest import soonest
from directory.limits import LIMITS
from directory.resources.queries import entries_in
from directory.roles import Role
from directory.web.render import page
from directory.worklist.worklist import desk

router = APIRouter(include_in_schema=False)

SHOWN = 10
_OPEN = frozenset({State.SUBMITTED, State.AGREED, State.DISPUTED})
_DRAFTS = frozenset({State.DRAFT, State.REQ_APPROVED, State.SUPPLEMENT_ASKED})
_GRANTED = frozenset({State.PROVISIONED, State.ACTIVE, State.SUSPENDED})


@router.get("/")
@open_to_signed_in("only what is the reader's own or their department's")
def show_home(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """The desk of whoever is signed in; parts that their roles never fill are left out."""
    now = datetime.now(UTC)
    today, days = day_of(now), calendar(session)
    waiting = desk(session, actor, now, size=SHOWN)
    first = soonest(waiting, SHOWN)
    shown = {each.link for each in first}  # what waits for the reader is listed once, even if it is a draft
    own = looked_through(session, actor, is_own=True, states=_OPEN | _DRAFTS, size=LIMITS.list_count).rows
    mine = lines(session, (row for row in own if row.handler == actor.account_id), today)
    drafts = entries_in(session, actor, ["draft"], actor.org_code) if Role.EDITOR in actor.roles else []
    seen = seen_routes(session, actor, batch_count=1) if actor.roles else []
    routes = {each.route_id: each for each in seen}
    arrivals = newest_first(each.batches[0] for each in routes.values() if each.batches)
    return page(
        request,
        "home/home.html",
        waiting=waiting,
        soonest=first,
        late_count=waiting.late
        + sum(
            line.light == "red"
            for kind in (waiting.duties, waiting.uses, waiting.matters, waiting.rectifications, waiting.tasks)
            for line in kind
        ),
        sent=[line for line in mine if line.state in _OPEN],
        requests_in_draft=[line for line in mine if line.state in _DRAFTS and f"/requests/{line.id}" not in shown],
        granted_count=sum(counted(session, actor)[True].get(each, 0) for each in _GRANTED),
        entries_in_draft=drafts,
        beginnings=beginnings(actor),
        routes=routes,
        arrivals=arrivals[:SHOWN],
        shown=SHOWN,
        term=lambda due_on: term_words(due_on, today, days),
    )

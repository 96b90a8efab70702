"""The page of the brief: read on one page, and the draft reply taken over into the decision form."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from directory.access.permitted import legal_acts
from directory.access.said import BAR
from directory.access.states import Act
from directory.actions import Action
from directory.actors import CurrentActor
from directory.briefs.brief import brief
from directory.briefs.queries import briefed
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.web.render import page

router = APIRouter(include_in_schema=False)


@router.get("/requests/{request_id}/brief")
@governed_by(Action.REQUEST_BRIEF)
def show_brief(request_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """What, for whom, which law, what may be too much, what was decided before, and draft replies to change."""
    today = shanghai_today()
    shown = brief(session, actor, request_id, today)
    acts = legal_acts(session, actor, briefed(session, actor, request_id), today)
    return page(
        request,
        "briefs/brief.html",
        brief=shown,
        can_reply=Act.AGREED in acts,
        can_ask_term=Act.SUPPLEMENT_ASKED in acts and shown.is_term_over,
        BAR=BAR,
    )

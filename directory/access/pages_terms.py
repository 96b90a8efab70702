"""The page of a request's terms (时限证据单), to be printed."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from directory.access.evidence import evidence
from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.today import shanghai_today
from directory.clock.words import WEEKDAYS
from directory.db import DbSession
from directory.declared import governed_by
from directory.web.render import page

router = APIRouter(include_in_schema=False)


@router.get("/requests/{request_id}/terms")
@governed_by(Action.REQUEST_READ)
def show_terms(request_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """Every term of the request, each day accounted for."""
    found = evidence(session, actor, request_id, shanghai_today())
    return page(request, "access/terms.html", evidence=found, WEEKDAYS=WEEKDAYS)

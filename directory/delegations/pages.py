"""The page of delegations: what was given and is held, and giving one."""

from datetime import UTC, date, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.actors import Actor, CurrentActor
from directory.clock.deadlines import day_of
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import open_to_signed_in
from directory.delegations import queries
from directory.delegations.give import MOST_DAYS, Given, delegate
from directory.delegations.give import revoke as revoke_delegation
from directory.errors import DirectoryError
from directory.roles import ROLE_NAMES, Role
from directory.typed import day_in
from directory.web.render import page_after

router = APIRouter(include_in_schema=False)

PATH: Final = "/delegations"


@router.get(PATH)
@open_to_signed_in("those the reader gave or holds; all for the administrators")
def browse(request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """Delegations given and held, and the form for one more."""
    return _page(request, session, actor)


@router.post(PATH)
@open_to_signed_in("only a role that the reader holds themselves")
def give(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    role: Annotated[Role, Form()],
    delegate_name: Annotated[str, Form(alias="delegate", max_length=64)] = "",
    starts_on: Annotated[str, Form(max_length=10)] = "",
    ends_on: Annotated[str, Form(max_length=10)] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Give one; a refusal stands at the form, with what was typed."""
    typed = {"role": role, "delegate": delegate_name, "starts_on": starts_on, "ends_on": ends_on, "reason": reason}
    now = datetime.now(UTC)
    try:
        days = _day(starts_on, now), _day(ends_on, now)
        with session.begin_nested():
            delegate(session, actor, Given(role, delegate_name, *days, reason), now)
    except DirectoryError as error:
        return _page(request, session, actor, error, typed)
    return RedirectResponse(PATH, status_code=303)


@router.post(PATH + "/revocation")
@open_to_signed_in("the two people concerned, and the security administrator")
def revoke(
    request: Request, session: DbSession, actor: CurrentActor, delegation_id: Annotated[UUID, Form()]
) -> Response:
    """End one at once."""
    try:
        with session.begin_nested():
            revoke_delegation(session, actor, delegation_id, datetime.now(UTC))
    except DirectoryError as error:
        if error.status == 404:
            raise
        return _page(request, session, actor, error)
    return RedirectResponse(PATH, status_code=303)


def _day(typed: str, now: datetime) -> date:
    day = day_in(typed)
    if day is None:
        raise DirectoryError("DELEGATION_DAYS", most=MOST_DAYS, today=day_of(now).isoformat())
    return day


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    error: DirectoryError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    return page_after(
        request,
        "delegations/list.html",
        error,
        found=queries.delegations(session, actor, shanghai_today()),
        roles=queries.own_roles(actor),
        role_names=ROLE_NAMES,
        colleagues=queries.colleagues(session, actor),
        most_days=MOST_DAYS,
        typed=typed or dict.fromkeys(("role", "delegate", "starts_on", "ends_on", "reason"), ""),
    )

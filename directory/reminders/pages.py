"""The page of the rules of reminding."""

from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.reminders import change
from directory.web.render import page_after

router = APIRouter(include_in_schema=False)

PATH: Final = "/reminders"


@router.get(PATH)
@governed_by(Action.LOCAL_RULE_READ)
def show_rules(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """When whom is reminded here."""
    return _page(request, session)


@router.post(PATH + "/{rule_id}")
@governed_by(Action.LOCAL_RULE_EDIT)
def change_rule(
    rule_id: Annotated[str, Path(max_length=40)],
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    days: Annotated[str, Form(max_length=5)] = "0",
    is_on: Annotated[bool, Form()] = False,
) -> Response:
    """Change one; a refusal stands beside it, with what was typed."""
    number = int(days) if days.isascii() and days.isdecimal() else -1
    try:
        with session.begin_nested():
            change.change(session, actor, rule_id, days=number, is_on=is_on, now=datetime.now(UTC))
    except DirectoryError as error:
        return _page(request, session, error, (rule_id, days))
    return RedirectResponse(f"{PATH}#rule-{quote(rule_id)}", status_code=303)


def _page(
    request: Request, session: Session, error: DirectoryError | None = None, typed: tuple[str, str] = ("", "")
) -> HTMLResponse:
    groups = [list(each) for _, each in groupby(change.rules(session), key=lambda rule: rule.subject)]
    return page_after(request, "reminders/reminders.html", error, groups=groups, typed=typed)

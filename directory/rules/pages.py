"""The page of the limits in force, and of entering a local one."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import LocalLimit
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.rules.enter import RULE_NAMES, enter, in_force
from directory.typed import day_in, number_in
from directory.web.render import page_after

router = APIRouter(prefix="/rules", include_in_schema=False)


class RuleForm(BaseModel):
    """A local limit as it was typed."""

    model_config = ConfigDict(frozen=True)

    rule_id: Annotated[str, Form(max_length=40)] = ""
    effective_on: Annotated[str, Form(max_length=20)] = ""
    limit_days: Annotated[str, Form(max_length=5)] = ""
    extension_days: Annotated[str, Form(max_length=5)] = ""
    basis: Annotated[str, Form(max_length=200)] = ""


@router.get("")
@governed_by(Action.LOCAL_RULE_READ)
def show_rules(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """What the law gives, and what holds here."""
    return _page(request, session)


@router.post("")
@governed_by(Action.LOCAL_RULE_EDIT)
def enter_rule(
    request: Request, session: DbSession, actor: CurrentActor, form: Annotated[RuleForm, Form()]
) -> Response:
    """Enter a local limit; a refusal is shown above the form, with what was typed."""
    day = day_in(form.effective_on) or date.min
    limit = LocalLimit(form.rule_id, day, _days(form.limit_days), _days(form.extension_days or "0"))
    try:
        with session.begin_nested():
            enter(session, actor, limit, form.basis, datetime.now(UTC))
    except DirectoryError as error:
        return _page(request, session, form, error)
    return RedirectResponse("/rules", status_code=303)


def _days(typed: str) -> int:
    """The number, or one that no limit can have."""
    number = number_in(typed)
    return -1 if number is None else number


def _page(
    request: Request, session: Session, form: RuleForm | None = None, error: DirectoryError | None = None
) -> HTMLResponse:
    return page_after(
        request,
        "rules/rules.html",
        error,
        rules=in_force(session, shanghai_today()),
        names=RULE_NAMES,
        form=form or RuleForm(),
    )

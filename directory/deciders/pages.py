"""The page of who decides: the rules, and entering one."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.deciders.api import lines
from directory.deciders.enter import NewRule, enter
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.organisations.names import organisation_names
from directory.typed import day_typed
from directory.web.render import page_after

router = APIRouter(prefix="/deciders", include_in_schema=False)

ORDERS: Final = {
    "provider,office": "提供部门先，信息办再审批",
    "office,provider": "信息办先审批，提供部门再决定",
    "provider": "只由提供部门决定",
}
KINDS: Final = {"table": "库表", "file": "文件", "folder": "文件夹"}
STANDINGS: Final = {"holds": "现行", "coming": "即将执行", "replaced": "已被代替"}


class DeciderForm(BaseModel):
    """A rule as it was typed."""

    model_config = ConfigDict(frozen=True)

    deciders: Annotated[str, Form(max_length=60)] = ""
    effective_on: Annotated[str, Form(max_length=20)] = ""
    provider_org: Annotated[str, Form(max_length=32)] = ""
    share_type: Annotated[str, Form(max_length=20)] = ""
    mount_kind: Annotated[str, Form(max_length=20)] = ""
    min_sensitivity: Annotated[str, Form(max_length=5)] = "1"
    basis: Annotated[str, Form(max_length=200)] = ""


@router.get("")
@governed_by(Action.DECIDER_RULE_READ)
def show_rules(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """Who decides by law, and by the office's rules."""
    return _page(request, session)


@router.post("")
@governed_by(Action.DECIDER_RULE_EDIT)
def enter_rule(
    request: Request, session: DbSession, actor: CurrentActor, form: Annotated[DeciderForm, Form()]
) -> Response:
    """Enter a rule; a refusal is shown above the form, with what was typed."""
    try:
        with session.begin_nested():
            enter(session, actor, _rule(form), datetime.now(UTC))
    except DirectoryError as error:
        return _page(request, session, form, error)
    return RedirectResponse("/deciders", status_code=303)


def _rule(form: DeciderForm) -> NewRule:
    """What was typed, as a rule. Raises ``DAY_UNREADABLE``, ``INPUT_MALFORMED`` for choices that no form offers."""
    day = day_typed(form.effective_on)
    if form.min_sensitivity not in set("1234"):
        raise DirectoryError("INPUT_MALFORMED", fields="min_sensitivity")
    if form.share_type not in {"", "unconditional", "conditional"} or form.mount_kind not in {"", *KINDS}:
        raise DirectoryError("INPUT_MALFORMED", fields=["share_type", "mount_kind"])
    return NewRule(
        deciders=[each for each in form.deciders.split(",") if each],
        basis=form.basis,
        effective_on=day,
        provider_org=form.provider_org.strip(),
        share_type=form.share_type,
        mount_kind=form.mount_kind,
        min_sensitivity=int(form.min_sensitivity),
    )


def _page(
    request: Request, session: Session, form: DeciderForm | None = None, error: DirectoryError | None = None
) -> HTMLResponse:
    return page_after(
        request,
        "deciders/deciders.html",
        error,
        rules=lines(session, shanghai_today()),
        orders=ORDERS,
        kinds=KINDS,
        standings=STANDINGS,
        departments=sorted(organisation_names(session).items(), key=lambda each: each[1]),
        form=form or DeciderForm(),
    )

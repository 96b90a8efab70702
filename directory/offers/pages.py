"""The page of what may be asked of an entry: filters its provider offers, caps the office registers."""

from datetime import UTC, datetime
from typing import Annotated, cast

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.offers import declare
from directory.offers.queries import OFTEN
from directory.offers.views import offers_view
from directory.policy import allows
from directory.resources.queries import find, shown_record
from directory.typed import id_in, number_in
from directory.web.render import page_after
from metadata.access import Frequency
from metadata.row_filters import TEMPLATE_NAMES, Template, templates_for

router = APIRouter(prefix="/offers", include_in_schema=False)

BAR = "|"


class FilterForm(BaseModel):
    """A filter as the form was sent: ``kind`` is template and field, or ``own`` and field; a choice a line."""

    model_config = ConfigDict(frozen=True)

    resource: Annotated[str, Form(max_length=100)] = ""
    kind: Annotated[str, Form(max_length=100)] = ""
    choices: Annotated[str, Form(max_length=20_000)] = ""


class CapForm(BaseModel):
    """Caps as the form was sent."""

    model_config = ConfigDict(frozen=True)

    resource: Annotated[str, Form(max_length=100)] = ""
    most_often: Annotated[str, Form(max_length=10)] = ""
    most_days: Annotated[str, Form(max_length=5)] = ""
    most_rows: Annotated[str, Form(max_length=13)] = ""
    most_calls: Annotated[str, Form(max_length=13)] = ""


@router.get("")
@governed_by(Action.RESOURCE_READ)
def show(
    request: Request, session: DbSession, actor: CurrentActor, resource: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """What may be asked of an entry; without one, the search."""
    if not resource:
        return RedirectResponse("/resources", status_code=303)
    return _page(request, session, actor, resource)


@router.post("")
@governed_by(Action.OFFER_DECLARE)
def declare_filter(
    request: Request, session: DbSession, actor: CurrentActor, form: Annotated[FilterForm, Form()]
) -> Response:
    """Offer a filter; a refusal is shown with what was typed."""
    template, _, field = form.kind.partition(BAR)
    choices = [line.strip() for line in form.choices.splitlines() if line.strip()]
    is_own = template == "own"
    try:
        if template not in {"own", *TEMPLATE_NAMES}:
            raise DirectoryError("FILTER_KIND_MISSING")
        with session.begin_nested():
            declare.declare(
                session,
                actor,
                form.resource,
                field,
                "region" if is_own else cast("Template", template),
                choices,
                datetime.now(UTC),
                is_own_region=is_own,
            )
    except DirectoryError as error:
        return _page(request, session, actor, form.resource, form=form, error=error)
    return RedirectResponse(f"/offers?resource={form.resource}", status_code=303)


@router.post("/caps")
@governed_by(Action.OFFER_CAP)
def set_caps(request: Request, session: DbSession, actor: CurrentActor, form: Annotated[CapForm, Form()]) -> Response:
    """Register the caps that the entry publishes."""
    try:
        if form.most_often not in {"", *OFTEN}:
            raise DirectoryError("DECISION_MISSING")
        caps = declare.Caps(
            cast("Frequency", form.most_often) if form.most_often else None,
            _number(form.most_days, "使用时限最长", "the longest use in days", 36_500),
            _number(form.most_rows, "一批最多几行", "the most rows a batch", declare.MOST_COUNTED),
            _number(form.most_calls, "每天最多调用几次", "the most calls a day", declare.MOST_COUNTED),
        )
        with session.begin_nested():
            declare.set_cap(session, actor, form.resource, caps, datetime.now(UTC))
    except DirectoryError as error:
        return _page(request, session, actor, form.resource, caps=form, error=error)
    return RedirectResponse(f"/offers?resource={form.resource}", status_code=303)


@router.post("/withdrawal")
@governed_by(Action.OFFER_DECLARE)
def withdraw_filter(
    session: DbSession, actor: CurrentActor, offer_id: Annotated[str, Form(max_length=36)] = ""
) -> Response:
    """Offer a filter no more."""
    found = id_in(offer_id)
    if found is None:
        raise DirectoryError("OFFER_NOT_FOUND", offer_id=offer_id)
    offer = declare.withdraw(session, actor, found, datetime.now(UTC))
    return RedirectResponse(f"/offers?resource={offer.resource_id}", status_code=303)


def _number(typed: str, label: str, label_en: str, most: int) -> int | None:
    """None where nothing was typed; raises ``CAP_MALFORMED`` for what is no number from 1 to ``most``."""
    if not typed.strip():
        return None
    number = number_in(typed, len(str(most))) or 0
    if not 1 <= number <= most:
        raise DirectoryError("CAP_MALFORMED", label=label, label_en=label_en, most=most)
    return number


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    ref: str,
    *,
    form: FilterForm | None = None,
    caps: CapForm | None = None,
    error: DirectoryError | None = None,
) -> HTMLResponse:
    entry = find(session, actor, ref)
    record = shown_record(session, actor, entry)
    shown = offers_view(session, actor, ref)
    return page_after(
        request,
        "offers/offers.html",
        error,
        entry=entry,
        record=record,
        view=shown,
        form=form or FilterForm(resource=ref),
        caps=caps
        or CapForm(
            resource=ref,
            most_often=shown.most_often,
            most_days=str(shown.most_days or ""),
            most_rows=str(shown.most_rows or ""),
            most_calls=str(shown.most_calls or ""),
        ),
        kinds=[(template, item) for item in record.items for template in templates_for(item)],
        names=TEMPLATE_NAMES,
        often=OFTEN,
        can_declare=allows(actor, Action.OFFER_DECLARE, entry.org_code) and entry.published_version is not None,
        can_cap=allows(actor, Action.OFFER_CAP, entry.org_code) and entry.published_version is not None,
        is_cap=caps is not None,
    )

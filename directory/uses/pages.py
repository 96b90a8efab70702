"""The pages of use records: all uses with what is missing, and one use with its records and the form for one more."""

from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.typed import day_if_typed, number_in
from directory.uses import queries, views
from directory.uses.moments import Occasion
from directory.uses.record import PART_NAMES, UseSaid, record_use
from directory.web.render import page, page_after

router = APIRouter(include_in_schema=False)

PATH: Final = "/uses"
_Text = Annotated[str, Form(max_length=2000)]
_Day = Annotated[str, Form(max_length=20)]


class Typed(BaseModel):
    """The form as it was sent. ``told`` is ``yes`` where it says which items were used; ``corrects`` a number."""

    occasion: str = ""
    covers_from: _Day = ""
    covers_until: _Day = ""
    scenario: _Text = ""
    process: _Text = ""
    effect: _Text = ""
    storage: _Text = ""
    disposal: _Text = ""
    told: str = ""
    items: list[str] = []
    corrects: str = ""
    correction: _Text = ""


ERROR_FIELDS: Final = {
    "USE_DAYS": "covers_until",
    "DAY_UNREADABLE": "covers_until",
    "USE_NOT_ENDED": "occasion",
    "USE_CORRECTION": "correction",
    "USE_ITEM_UNKNOWN": "items",
}


@router.get(PATH)
@governed_by(Action.USE_READ)
def browse(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    resource: UUID | None = None,
    show: Annotated[str, Query(max_length=10)] = "",
) -> HTMLResponse:
    """The uses the reader may see; with ``show=gaps`` only those that lack a record, with ``resource`` one entry's."""
    lines = views.lines(session, queries.uses(session, actor, resource_id=resource), shanghai_today())
    gaps = [line for line in lines if line.late_count + line.asked_count]
    return page(
        request,
        "uses/list.html",
        lines=gaps if show == "gaps" else lines,
        all_count=len(lines),
        gap_count=len(gaps),
        late_count=sum(bool(line.late_count) for line in lines),
        show=show if show == "gaps" else "",
        resource=resource,
        kept_years=queries.kept_years(),
    )


@router.get("/requests/{request_id}/uses")
@governed_by(Action.USE_READ)
def show(
    request_id: UUID,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    correct: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> HTMLResponse:
    """One use, and for its department's people the form; with ``correct`` it begins as that record."""
    return _page(request, session, actor, request_id, correct=correct)


@router.post("/requests/{request_id}/uses")
@governed_by(Action.USE_RECORD)
def record(
    request_id: UUID, request: Request, session: DbSession, actor: CurrentActor, typed: Annotated[Typed, Form()]
) -> Response:
    """Record a use; a refusal stands at the form, with what was typed."""
    try:
        with session.begin_nested():
            record_use(session, actor, request_id, _said(typed), datetime.now(UTC))
    except DirectoryError as error:
        if error.status in (403, 404):
            raise
        return _page(request, session, actor, request_id, typed, error)
    return RedirectResponse(f"/requests/{request_id}/uses#records", status_code=303)


def _said(typed: Typed) -> UseSaid:
    """What the form says; raises ``DAY_UNREADABLE``, ``USE_NOT_ENDED`` for an occasion there is not."""
    if typed.occasion not in set(Occasion):
        findings = [{"path": "occasion", "zh": "请选择时机"}]
        raise DirectoryError(
            "USE_INCOMPLETE", occasion="使用记录", missing="时机", missing_en="occasion", findings=findings
        )
    given = typed.model_dump(include=set(PART_NAMES) | {"occasion", "correction"})
    try:
        return UseSaid.model_validate(
            given
            | {
                "covers_from": day_if_typed(typed.covers_from),
                "covers_until": day_if_typed(typed.covers_until),
                "items_used": tuple(typed.items) if typed.told == "yes" else None,
                "corrects": number_in(typed.corrects),
            }
        )
    except ValidationError:
        raise DirectoryError("USE_CORRECTION") from None


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    request_id: UUID,
    typed: Typed | None = None,
    error: DirectoryError | None = None,
    *,
    correct: int = 0,
) -> HTMLResponse:
    shown = views.view(session, actor, request_id, shanghai_today())
    return page_after(
        request,
        "uses/use.html",
        error,
        view=shown,
        typed=typed or _begin(shown, correct),
        PART_NAMES=PART_NAMES,
        ITEM_USES=views.ITEM_USES,
        rules=queries.rules(),
        occasions=[each for each in Occasion if each is not Occasion.END or shown.ended_on is not None],
        item_names={item.field: item.name for item in shown.items},
        faults=_faults(error) if error else {},
    )


def _faults(error: DirectoryError) -> dict[str, str]:
    """What is wrong, by field: each missing part at its own; none for what is about no field."""
    found = error.values.get("findings")
    if isinstance(found, list):
        return {str(each["path"]): str(each["zh"]) for each in found}
    name = ERROR_FIELDS.get(error.code)
    return {name: f"{error.zh}。{error.next_step}"} if name else {}


def _begin(shown: views.UseView, correct: int) -> Typed:
    """An empty form for what is asked for next, or a copy of the record to be put right."""
    old = next((each for each in shown.records if each.seq == correct and each.corrected_by is None), None)
    if old is None:
        return Typed(
            occasion=shown.next.value,
            covers_from=shown.next_from.isoformat(),
            covers_until=shown.next_until.isoformat(),
        )
    return Typed(
        occasion=old.occasion.value,
        covers_from=old.covers_from.isoformat(),
        covers_until=old.covers_until.isoformat(),
        told="" if old.items_used is None else "yes",
        items=list(old.items_used or ()),
        corrects=str(old.seq),
        **{name: getattr(old, name) for name in PART_NAMES},
    )

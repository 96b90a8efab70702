"""Pages of the holiday notices: a year drawn month by month, and entering one: first what it moves, then saved."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import SATURDAY
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.holidays.enter import Moved, enter, notice_of, preview, refuse
from directory.holidays.notice import Notice, as_text, covers, read, sentences_by_field
from directory.policy import require
from directory.web.render import form_page, page

router = APIRouter(prefix="/holidays", include_in_schema=False)

Year = Annotated[int, Path(ge=1900, le=9999)]


class NoticeForm(BaseModel):
    """A notice as it was typed; ``do`` is ``preview`` or ``save``."""

    model_config = ConfigDict(frozen=True)

    do: Annotated[str, Form(max_length=20)] = ""
    source: Annotated[str, Form(max_length=200)] = ""
    off: Annotated[str, Form(max_length=5000)] = ""
    make_up: Annotated[str, Form(max_length=5000)] = ""


@dataclass(frozen=True)
class Cell:
    """A day of a month's table: ``look`` is ``off``, ``make_up``, ``rest`` for a plain weekend, or empty."""

    number: int
    look: str
    words: str


@router.get("")
@governed_by(Action.CALENDAR_READ)
def show_this_year(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """The current year's notice."""
    return _year_page(request, session, shanghai_today().year)


@router.get("/{year}")
@governed_by(Action.CALENDAR_READ)
def show_year(
    year: Year,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    moved: Annotated[int | None, Query(ge=0)] = None,
) -> HTMLResponse:
    """Twelve months: which days count as working days in this year, and which do not."""
    return _year_page(request, session, year, moved)


@router.get("/{year}/enter")
@governed_by(Action.CALENDAR_EDIT)
def show_form(year: Year, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """The two lists as they stand, to be typed or pasted anew."""
    require(actor, Action.CALENDAR_EDIT, actor.org_code)
    notice = notice_of(session, year)
    form = NoticeForm()
    if notice is not None:
        form = NoticeForm(source=notice.source, off=as_text(notice.off), make_up=as_text(notice.make_up))
    return _form_page(request, year, form)


@router.post("/{year}/enter")
@governed_by(Action.CALENDAR_EDIT)
def enter_year(
    year: Year, request: Request, session: DbSession, actor: CurrentActor, form: Annotated[NoticeForm, Form()]
) -> Response:
    """Show which terms would move, or save; whatever is refused stands beside its field, and what was typed stays."""
    notice, found = read(year, form.source, form.off, form.make_up)
    try:
        with session.begin_nested():
            require(actor, Action.CALENDAR_EDIT, actor.org_code)
            refuse(year, found)
            moved = (enter if form.do == "save" else preview)(session, actor, notice, datetime.now(UTC))
    except DirectoryError as error:
        faults = sentences_by_field(found) or {"general": error.in_words}
        return _form_page(request, year, form, faults=faults, status=error.status)
    if form.do == "save":
        return RedirectResponse(f"/holidays/{year}?moved={len(moved)}", status_code=303)
    return _form_page(request, year, form, notice=notice, moved=moved)


def _year_page(request: Request, session: Session, year: int, moved: int | None = None) -> HTMLResponse:
    notice = notice_of(session, year)
    months = [(month, _weeks(year, month, notice)) for month in range(1, 13)]
    return page(request, "holidays/year.html", year=year, notice=notice, months=months, moved=moved)


def _form_page(
    request: Request,
    year: int,
    form: NoticeForm,
    *,
    notice: Notice | None = None,
    moved: list[Moved] | None = None,
    faults: Mapping[str, str] | None = None,
    status: int = 422,
) -> HTMLResponse:
    first, last = covers(year)
    return form_page(
        request,
        "holidays/enter.html",
        faults,
        status,
        year=year,
        form=form,
        notice=notice,
        moved=moved,
        first=first,
        last=last,
    )


def _weeks(year: int, month: int, notice: Notice | None) -> list[list[Cell | None]]:
    """The weeks of a month, Monday first; None before the first and after the last day."""
    off = {each.day: each.name for each in notice.off} if notice else {}
    make_up = {each.day for each in notice.make_up} if notice else set()
    first_weekday, length = monthrange(year, month)
    cells: list[Cell | None] = [None] * first_weekday
    for number in range(1, length + 1):
        day = date(year, month, number)
        if day in make_up:
            cells.append(Cell(number, "make_up", "调休上班"))
        elif day in off:
            cells.append(Cell(number, "off", off[day] or "放假"))
        elif day.weekday() >= SATURDAY:
            cells.append(Cell(number, "rest", "周末"))
        else:
            cells.append(Cell(number, "", ""))
    cells += [None] * (-len(cells) % 7)
    return [cells[at : at + 7] for at in range(0, len(cells), 7)]

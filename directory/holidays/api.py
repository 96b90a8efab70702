"""Holiday notices for programs."""

from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.holidays.enter import MovedKind, enter, notice_of, preview
from directory.holidays.notice import MOST_DAYS, NamedDay, Notice

router = APIRouter(prefix="/holidays", tags=["holidays"])

Year = Annotated[int, Path(ge=1900, le=9999)]


class HolidayDay(BaseModel):
    """One day of a list, and the holiday it belongs to."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    day: date
    name: Annotated[str, Field(max_length=40)] = ""


class Lists(BaseModel):
    """A notice: where it stands (such as its number), the days off, and the weekend days worked instead."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    source: Annotated[str, Field(max_length=200)]
    off: Annotated[list[HolidayDay], Field(max_length=MOST_DAYS)]
    make_up: Annotated[list[HolidayDay], Field(max_length=MOST_DAYS)]


class HolidayYear(Lists):
    """A year's notice as it stands."""

    year: int


class MovedTerm(BaseModel):
    """A running term that ends on another day: of a request, or of an entry under a change of law or duty."""

    model_config = ConfigDict(from_attributes=True)

    kind: MovedKind
    id: UUID
    title: str
    org_code: str
    counted_from: date
    limit_days: int
    was_due_on: date
    due_on: date


class Entered(BaseModel):
    """What entering the notice moved, or would move."""

    year: int
    is_saved: bool
    moved: list[MovedTerm]


@router.get("/{year}")
@governed_by(Action.CALENDAR_READ)
def show_year(year: Year, session: DbSession, actor: CurrentActor) -> HolidayYear:
    """The notice of a year; 404 while none has been entered, when Monday to Friday are counted."""
    notice = notice_of(session, year)
    if notice is None:
        raise DirectoryError("HOLIDAYS_UNKNOWN", year=year)
    return HolidayYear.model_validate(notice)


@router.put("/{year}")
@governed_by(Action.CALENDAR_EDIT)
def enter_year(
    year: Year, body: Lists, session: DbSession, actor: CurrentActor, dry_run: Annotated[bool, Query()] = False
) -> Entered:
    """Replace a year's notice; running terms move with it. With ``dry_run`` only says which would."""
    off, make_up = (
        tuple(sorted((NamedDay(each.day, each.name.strip()) for each in days), key=lambda each: each.day))
        for days in (body.off, body.make_up)
    )
    notice = Notice(year, body.source.strip(), off, make_up)
    moved = (preview if dry_run else enter)(session, actor, notice, datetime.now(UTC))
    return Entered(year=year, is_saved=not dry_run, moved=[MovedTerm.model_validate(each) for each in moved])

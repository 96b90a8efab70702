"""Statistics for programs."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.http.throttle import COSTLY
from directory.lists import download
from directory.statistics import files
from directory.statistics.definitions import NUMBERS, RATES, Month, rate
from directory.statistics.queries import Department, Period, of_month, of_year, periods

router = APIRouter(prefix="/statistics", tags=["statistics"])

PeriodPath = Annotated[str, Path(max_length=7, description="2026 or 2026-03")]
Org = Annotated[str, Query(max_length=32, description="one department's code; without it all the caller sees")]
_PERIOD = re.compile(r"^([0-9]{4})(?:-(0[1-9]|1[0-2]))?$")


class DepartmentShown(BaseModel):
    """A department's numbers (``definitions`` says what they count) and rates in percent; a rate of nothing is null."""

    org_code: str
    name: str
    numbers: Mapping[str, int]
    rates: Mapping[str, float | None]

    @classmethod
    def of(cls, department: Department) -> "DepartmentShown":
        numbers = department.numbers
        return cls(
            org_code=department.org_code,
            name=department.name,
            numbers=numbers,
            rates={name: rate(numbers, name) for name in RATES},
        )


class PeriodShown(BaseModel):
    """A month or a year. ``is_over``: kept, and will not change."""

    period: str
    is_over: bool
    together: DepartmentShown
    departments: Sequence[DepartmentShown]

    @classmethod
    def of(cls, period: Period) -> "PeriodShown":
        return cls(
            period=period.label,
            is_over=period.is_over,
            together=DepartmentShown.of(Department("", "合计", period.together)),
            departments=[DepartmentShown.of(each) for each in period.departments],
        )


class StatisticsShown(PeriodShown):
    """A period, of a year with its months; what can be asked for; what each number counts."""

    months: Sequence[PeriodShown]
    first: str
    last: str
    definitions: Mapping[str, str]


@router.get("/{period}", dependencies=[COSTLY])
@governed_by(Action.STATISTICS_READ)
def show_statistics(period: PeriodPath, session: DbSession, actor: CurrentActor, org: Org = "") -> StatisticsShown:
    """A month (2026-03) or a year (2026): the caller's own department's, or of all for the office and the auditor."""
    now = datetime.now(UTC)
    whole, months = asked(session, actor, period, now, org)
    first, last = periods(session, now)
    return StatisticsShown(
        **dict(PeriodShown.of(whole)),
        months=[PeriodShown.of(each) for each in months],
        first=str(first),
        last=str(last),
        definitions={name: each.words for name, each in NUMBERS.items()},
    )


@router.get("/{period}/export", response_class=Response, dependencies=[COSTLY])
@governed_by(Action.STATISTICS_READ)
def export_statistics(
    period: PeriodPath,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    org: Org = "",
    format: Annotated[Literal["xlsx", "docx"], Query()] = "xlsx",
) -> Response:
    """The same as a workbook or a Word document."""
    whole, months = asked(session, actor, period, datetime.now(UTC), org)
    title = f"{files.TITLE}{whole.label}"
    if format == "docx":
        return download.document(title, files.document(request.app.state.settings.city_name, whole))
    return download.workbook(title, files.workbook(whole, months))


def asked(session: Session, actor: Actor, period: str, now: datetime, org_code: str) -> tuple[Period, Sequence[Period]]:
    """A month, or a year with its months; raises ``STATISTICS_PERIOD`` for what is neither."""
    found = _PERIOD.match(period)
    first, last = periods(session, now)
    if found is None or not first.year <= int(found[1]) <= last.year:
        raise DirectoryError("STATISTICS_PERIOD", first=str(first), last=str(last))
    year, month = int(found[1]), found[2]
    if month:
        return of_month(session, actor, Month(year, int(month)), now, org_code), ()
    return of_year(session, actor, year, now, org_code)

"""Months and years of departments. Who sees them: everybody their own department's, the office and the auditor all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.organisations.queries import organisations
from directory.policy import NOWHERE, allows, require
from directory.statistics.count import count
from directory.statistics.definitions import NOBODY, Month, together
from directory.statistics.keep import first_month, keep, kept


@dataclass(frozen=True)
class Department:
    """A department's numbers, for one month or for several together; its name as it was then."""

    org_code: str
    name: str
    numbers: Mapping[str, int]


@dataclass(frozen=True)
class Period:
    """A month, or a year up to now. ``is_over``: kept, and will not change; else it is counted as far as it is."""

    label: str
    is_over: bool
    departments: tuple[Department, ...]

    @property
    def together(self) -> Mapping[str, int]:
        return {name: sum(each.numbers.get(name, 0) for each in self.departments) for name in NOBODY}


def sees_all(actor: Actor) -> bool:
    """Whether this actor sees every department's numbers."""
    return allows(actor, Action.STATISTICS_READ, NOWHERE)


def of_month(session: Session, actor: Actor, month: Month, now: datetime, org_code: str) -> Period:
    """A month, of one department or of all that the actor sees.

    Raises ``FORBIDDEN``, ``ORGANISATION_UNKNOWN``, ``STATISTICS_PERIOD``.
    """
    wanted = _wanted(session, actor, org_code)
    _refuse_outside(session, month, month, now)
    found, is_over = _month(session, month, now)
    return Period(str(month), is_over, tuple(each for each in found if wanted is None or each.org_code == wanted))


def of_year(session: Session, actor: Actor, year: int, now: datetime, org_code: str) -> tuple[Period, Sequence[Period]]:
    """A year and its months up to now, of one department or of all that the actor sees.

    What happened is added up, what stood is as at the last month. Raises as ``of_month``.
    """
    wanted = _wanted(session, actor, org_code)
    first, last = Month(year, 1), Month(year, 12)
    _refuse_outside(session, first, last, now)
    begin, this = max(first, first_month(session, now)), min(last, Month.of(day_of(now)))
    months = []
    month = begin
    while month <= this:
        found, is_over = _month(session, month, now)
        shown = tuple(each for each in found if wanted is None or each.org_code == wanted)
        months.append(Period(str(month), is_over, shown))
        month = month.following
    names = {each.org_code: each.name for period in months for each in period.departments}
    whole = tuple(
        Department(code, name, together([_of(period, code) for period in months])) for code, name in names.items()
    )
    is_over = now >= last.ends_at
    return Period(str(year), is_over, tuple(sorted(whole, key=lambda each: each.name))), months


def periods(session: Session, now: datetime) -> tuple[Month, Month]:
    """The first and the last month that can be asked for."""
    return first_month(session, now), Month.of(day_of(now))


def _month(session: Session, month: Month, now: datetime) -> tuple[tuple[Department, ...], bool]:
    if keep(session, month, now):
        rows = kept(session, month).values()
        found = [Department(row.org_code, row.org_name, NOBODY | row.numbers) for row in rows]
        return tuple(sorted(found, key=lambda each: each.name)), True
    counted = count(session, month, now)
    found = [Department(each.code, each.name, counted.get(each.code, NOBODY)) for each in organisations(session)]
    return tuple(sorted(found, key=lambda each: each.name)), False


def _of(period: Period, org_code: str) -> Mapping[str, int]:
    return next((each.numbers for each in period.departments if each.org_code == org_code), NOBODY)


def _wanted(session: Session, actor: Actor, org_code: str) -> str | None:
    """The one department to show, or None for all; another's is not there for those who see only their own."""
    if sees_all(actor):
        if org_code and org_code not in {each.code for each in organisations(session)}:
            raise DirectoryError("ORGANISATION_UNKNOWN", org_code=org_code)
        return org_code or None
    require(actor, Action.STATISTICS_READ, actor.org_code)
    if org_code and org_code != actor.org_code:
        raise DirectoryError("ORGANISATION_UNKNOWN", org_code=org_code)
    return actor.org_code


def _refuse_outside(session: Session, first: Month, last: Month, now: datetime) -> None:
    begin, end = periods(session, now)
    if last < begin or first > end:
        raise DirectoryError("STATISTICS_PERIOD", first=str(begin), last=str(end))

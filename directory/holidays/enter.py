"""Entering a year's notice: what it moves, shown before and after; the whole year is replaced, in one transaction."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from directory.access.models import RequestRow
from directory.access.terms import move_due
from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import Details, record
from directory.clock.deadlines import Calendar, Due, day_of, due
from directory.clock.models import CalendarDay, CalendarYear
from directory.clock.queries import CALENDAR_LOCK, calendar
from directory.duties.queries import running
from directory.errors import DirectoryError
from directory.holidays.notice import Fault, NamedDay, Notice, covers, faults
from directory.matters.models import Matter
from directory.matters.terms import move_due as move_matter_due
from directory.matters.views import term_of
from directory.policy import require
from standards.crypto import digest_hex

MovedKind = Literal["request", "duty", "correction", "objection"]
_RUNNING: Final = select(RequestRow).where(RequestRow.due_on.is_not(None))
_RUNNING_MATTERS: Final = select(Matter).where(Matter.due_on.is_not(None))
MOVED_NAMES: Final[Mapping[MovedKind, str]] = {
    "request": "申请",
    "duty": "法规与职责变化",
    "correction": "校核申请",
    "objection": "异议",
}
FIRST_YEAR: Final = 2004
"""The first year whose notice the calendar was filled from."""


@dataclass(frozen=True)
class Moved:
    """A term that another calendar ends on another day: a request's, a correction's, an objection's, or an entry's
    under a change of law or duty.
    """

    kind: MovedKind
    id: UUID
    title: str
    org_code: str
    counted_from: date
    limit_days: int
    was_due_on: date
    due_on: date


def notice_of(session: Session, year: int) -> Notice | None:
    """What stands for a year; None where nothing has been entered."""
    entered = session.get(CalendarYear, year)
    if entered is None:
        return None
    first, last = covers(year)
    rows = session.scalars(select(CalendarDay).where(CalendarDay.day.between(first, last)).order_by(CalendarDay.day))
    days = [(row.kind, NamedDay(row.day, row.name)) for row in rows]
    off, make_up = (tuple(day for kind, day in days if kind == wanted) for wanted in ("off", "make_up"))
    return Notice(year, entered.source, off, make_up)


def preview(session: Session, actor: Actor, notice: Notice, now: datetime) -> list[Moved]:
    """The running terms that this notice would move, those due first at the front. Raises as ``enter``."""
    _check(actor, notice, now)
    before = calendar(session)
    return sorted(_moved(session, before, _with(before, notice)), key=lambda moved: (moved.due_on, str(moved.id)))


def enter(session: Session, actor: Actor, notice: Notice, now: datetime) -> list[Moved]:
    """Make this the year's notice and move the running terms; what has been answered stays as it was counted.

    The day by which a signed grant promises its rows (``provide_by_on``) is part of the grant and stays too. Raises
    ``FORBIDDEN``, ``HOLIDAYS_YEAR``, ``HOLIDAYS_INVALID`` with the faults as findings.
    """
    _check(actor, notice, now)
    # Rows before the calendar, as whoever starts a clock takes them; a clock started meanwhile is seen after the lock.
    session.execute(_RUNNING.with_only_columns(RequestRow.id).order_by(RequestRow.id).with_for_update())
    session.execute(_RUNNING_MATTERS.with_only_columns(Matter.id).order_by(Matter.id).with_for_update())
    session.execute(select(func.pg_advisory_xact_lock(CALENDAR_LOCK)))
    moved = preview(session, actor, notice, now)
    _replace(session, notice)
    for each in moved:
        if each.kind == "request":
            move_due(session, session.get_one(RequestRow, each.id), each.due_on)
        elif each.kind != "duty":
            move_matter_due(session, session.get_one(Matter, each.id), each.due_on)
    session.flush()
    details: Details = {
        "off": len(notice.off),
        "make_up": len(notice.make_up),
        "moved": len(moved),
        "digest": digest_hex(repr(notice).encode()),
    }
    record(session, actor, "calendar:edit", str(notice.year), details=details, at=now)
    return moved


def _check(actor: Actor, notice: Notice, now: datetime) -> None:
    require(actor, Action.CALENDAR_EDIT, actor.org_code)
    last_year = day_of(now).year + 2
    if not FIRST_YEAR <= notice.year <= last_year:
        raise DirectoryError("HOLIDAYS_YEAR", year=notice.year, first=FIRST_YEAR, last=last_year)
    refuse(notice.year, faults(notice))


def refuse(year: int, found: tuple[Fault, ...]) -> None:
    """Raise ``HOLIDAYS_INVALID`` if anything was found."""
    if found:
        words, fields = "；".join(fault.zh for fault in found), ", ".join(sorted({fault.field for fault in found}))
        findings = [{"path": fault.field, "zh": fault.zh} for fault in found]
        raise DirectoryError("HOLIDAYS_INVALID", year=year, faults=words, fields=fields, findings=findings)


def _with(days: Calendar, notice: Notice) -> Calendar:
    """The calendar as it is once this notice stands."""
    first, last = covers(notice.year)
    off, make_up = (
        frozenset(day for day in old if not first <= day <= last) | {each.day for each in new}
        for old, new in ((days.off_days, notice.off), (days.make_up_days, notice.make_up))
    )
    return replace(days, off_days=off, make_up_days=make_up, years=days.years | {notice.year})


def _moved(session: Session, before: Calendar, after: Calendar) -> Iterator[Moved]:
    for row in session.scalars(_RUNNING.execution_options(populate_existing=True)):
        if row.counted_from is not None and row.limit_days is not None and row.due_on is not None:
            new = due(row.counted_from, row.limit_days, after)
            if new.due_on != row.due_on:
                yield _term("request", row.id, row.resource_title, row.provider_org, row.due_on, new)
    for matter in session.scalars(_RUNNING_MATTERS.execution_options(populate_existing=True)):
        term = term_of(matter)
        if term is not None and (new := due(term.received_on, term.limit_days, after)).due_on != term.due_on:
            kind: MovedKind = "correction" if matter.kind == "correction" else "objection"
            yield _term(kind, matter.id, matter.resource_title, matter.to_org or matter.from_org, term.due_on, new)
    for old_change, new_change in zip(running(session, before), running(session, after), strict=True):
        for (entry, old), (_, progress) in zip(old_change.entries, new_change.entries, strict=True):
            if old.due is not None and progress.due is not None and old.due.due_on != progress.due.due_on:
                yield _term("duty", old_change.row.id, entry.title, entry.org_code, old.due.due_on, progress.due)


def _term(kind: MovedKind, ref: UUID, title: str, org_code: str, was: date, new: Due) -> Moved:
    return Moved(kind, ref, title, org_code, new.received_on, new.limit_days, was, new.due_on)


def _replace(session: Session, notice: Notice) -> None:
    first, last = covers(notice.year)
    session.execute(delete(CalendarDay).where(CalendarDay.day.between(first, last)))
    named = [("off", each) for each in notice.off] + [("make_up", each) for each in notice.make_up]
    session.add_all(CalendarDay(day=each.day, kind=kind, name=each.name) for kind, each in named)
    year = insert(CalendarYear).values(year=notice.year, source=notice.source)
    session.execute(year.on_conflict_do_update(index_elements=["year"], set_={"source": notice.source}))

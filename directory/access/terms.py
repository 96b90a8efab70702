"""The terms of a request: started, moved and stopped here only, each kept with what ended it."""

from datetime import date, datetime
from typing import Literal

from sqlalchemy.orm import Session

from directory.access.models import RequestClock, RequestRow
from directory.clock.deadlines import day_of
from directory.clock.queries import count
from directory.statements.gather import settle

Outcome = Literal["supplement", "answered", "provided", "ended"]


def start(session: Session, row: RequestRow, rule_id: str, now: datetime) -> None:
    """Start a term on this day; none may be running (``uq_request_clock_running``)."""
    term = count(session, rule_id, day_of(now))
    row.counted_from, row.limit_days, row.due_on = term.received_on, term.limit_days, term.due_on
    with session.no_autoflush:  # the row is written once, with its term
        last = row.terms[-1].seq if row.terms else 0
    row.terms.append(
        RequestClock(
            request_id=row.id,
            seq=last + 1,
            rule_id=rule_id,
            counted_from=term.received_on,
            limit_days=term.limit_days,
            due_on=term.due_on,
            started_at=now,
        )
    )
    settle(session)


def stop(row: RequestRow, outcome: Outcome, now: datetime) -> None:
    """Stop the running term, if one runs; it is written with what else the caller changes."""
    term = running(row)
    if term is not None:
        term.stopped_at, term.outcome = now, outcome
    row.counted_from = row.limit_days = row.due_on = None


def move_due(session: Session, row: RequestRow, due_on: date) -> None:
    """The running term ends on another day, because the calendar did change."""
    term = running(row)
    if term is not None:
        term.due_on = due_on
    row.due_on = due_on
    if row.replied_at is None:
        row.reply_due_on = due_on
    session.flush()


def running(row: RequestRow) -> RequestClock | None:
    """The term now running."""
    last = row.terms[-1] if row.terms else None  # one starts when the one before has stopped
    return last if last is not None and last.stopped_at is None else None

"""The terms of a request: started, moved and stopped here only, each kept with what ended it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.access.models import RequestClock, RequestRow
from directory.clock.deadlines import day_of
from directory.clock.queries import count

Outcome = Literal["supplement", "answered", "provided", "ended"]


def start(session: Session, row: RequestRow, rule_id: str, now: datetime) -> None:
    """Start a term on this day; none may be running (``uq_request_clock_running``)."""
    session.flush()  # one just stopped, before this one is there
    term = count(session, rule_id, day_of(now))
    row.counted_from, row.limit_days, row.due_on = term.received_on, term.limit_days, term.due_on
    with session.no_autoflush:  # the row is written once, with its term
        last = session.scalar(select(func.max(RequestClock.seq)).where(RequestClock.request_id == row.id))
    session.add(
        RequestClock(
            request_id=row.id,
            seq=(last or 0) + 1,
            rule_id=rule_id,
            counted_from=term.received_on,
            limit_days=term.limit_days,
            due_on=term.due_on,
            started_at=now,
        )
    )
    session.flush()


def stop(session: Session, row: RequestRow, outcome: Outcome, now: datetime) -> None:
    """Stop the running term, if one runs; it is written with what else the caller changes."""
    term = running(session, row)
    if term is not None:
        term.stopped_at, term.outcome = now, outcome
    row.counted_from = row.limit_days = row.due_on = None


def move_due(session: Session, row: RequestRow, due_on: date) -> None:
    """The running term ends on another day, because the calendar did change."""
    term = running(session, row)
    if term is not None:
        term.due_on = due_on
    row.due_on = due_on
    if row.replied_at is None:
        row.reply_due_on = due_on
    session.flush()


def running(session: Session, row: RequestRow) -> RequestClock | None:
    """The term now running."""
    query = select(RequestClock).where(RequestClock.request_id == row.id, RequestClock.stopped_at.is_(None))
    return session.scalars(query).one_or_none()


def terms_of(session: Session, row: RequestRow) -> Sequence[RequestClock]:
    """Every term that ever ran for a request, oldest first."""
    query = select(RequestClock).where(RequestClock.request_id == row.id)
    return session.scalars(query.order_by(RequestClock.seq)).all()

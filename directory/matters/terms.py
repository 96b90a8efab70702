"""The terms of matters: started, moved and stopped here only, each kept with what ended it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.clock.deadlines import Rule, day_of, due
from directory.clock.queries import CALENDAR_LOCK, calendar
from directory.matters.models import Matter, MatterTerm

Outcome = Literal["answered", "withdrawn", "escalated"]


def start(session: Session, row: Matter, rule: Rule, now: datetime) -> None:
    """Start a term on this day; none may be running (``uq_matter_term_running``)."""
    session.execute(select(func.pg_advisory_xact_lock_shared(CALENDAR_LOCK)))
    term = due(day_of(now), rule.limit_days, calendar(session))
    row.counted_from, row.limit_days, row.due_on = term.received_on, term.limit_days, term.due_on
    session.flush()
    last = session.scalar(select(func.max(MatterTerm.seq)).where(MatterTerm.matter_id == row.id))
    session.add(
        MatterTerm(
            matter_id=row.id,
            seq=(last or 0) + 1,
            rule_id=rule.rule_id,
            counted_from=term.received_on,
            limit_days=term.limit_days,
            due_on=term.due_on,
            started_at=now,
        )
    )
    session.flush()


def stop(session: Session, row: Matter, outcome: Outcome, now: datetime) -> None:
    """Stop the running term, if one runs."""
    term = running(session, row)
    if term is not None:
        term.stopped_at, term.outcome = now, outcome
    row.counted_from = row.limit_days = row.due_on = None
    session.flush()


def move_due(session: Session, row: Matter, due_on: date) -> None:
    """The running term ends on another day, because the calendar did change."""
    term = running(session, row)
    if term is not None:
        term.due_on = due_on
    row.due_on = due_on
    session.flush()


def running(session: Session, row: Matter) -> MatterTerm | None:
    """The term now running."""
    query = select(MatterTerm).where(MatterTerm.matter_id == row.id, MatterTerm.stopped_at.is_(None))
    return session.scalars(query).one_or_none()


def terms_of(session: Session, row: Matter) -> Sequence[MatterTerm]:
    """Every term that ever ran for a matter, oldest first."""
    return session.scalars(select(MatterTerm).where(MatterTerm.matter_id == row.id).order_by(MatterTerm.seq)).all()

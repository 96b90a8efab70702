"""Whatever else than a request somebody is reminded of: its terms as a query, and whom they concern.

What has come is worked out once for each different term, not once for each thing that has one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Integer, Select, Text, exists, func, literal, select
from sqlalchemy.orm import Session

from directory.clock.deadlines import Calendar, Due
from directory.notices.tell import To
from directory.reminders.models import Reminded
from directory.reminders.rules import Come, ReminderRule, come
from directory.statements.given_rows import given_rows


@dataclass(frozen=True)
class Reached:
    """What a thing is called, of which subject a notice about it is, and whom each rule reminds."""

    title: str
    notice: str
    to: Callable[[ReminderRule], Sequence[To]]


@dataclass(frozen=True)
class Source:
    """One subject of rules. ``terms`` has the columns of ``term``; None where nothing has a term now."""

    subject: str
    terms: Callable[[Session, date, Calendar], Select[Any] | None]
    reach: Callable[[Session, Sequence[UUID]], Mapping[UUID, Reached]]


@dataclass(frozen=True)
class OtherTerm:
    """A term of one of them that has come to one of its days."""

    about: UUID
    seq: int
    due_on: date
    come: Come


def term(about: Any, seq: Any, counted_from: Any, limit_days: Any, due_on: Any) -> Select[Any]:
    """The columns in which a subject tells its terms; ``seq`` tells several of one thing apart."""
    return select(
        about.label("about"),
        (literal(seq, Integer) if isinstance(seq, int) else seq).label("seq"),
        counted_from.label("counted_from"),
        (literal(limit_days, Integer) if isinstance(limit_days, int) else limit_days).label("limit_days"),
        due_on.label("due_on"),
    )


def waiting_since(about: Any, seq: Any, moment: Any) -> Select[Any]:
    """The same for what has no term and waits since an instant: rules of ``waiting`` count from its day."""
    day = func.date(func.timezone("Asia/Shanghai", moment))
    return term(about, seq, day, 1, day)


def come_of(
    session: Session, source: Source, rules: Iterable[ReminderRule], today: date, days: Calendar, most: int
) -> list[OtherTerm]:
    """The terms of which something has come that was not told yet, those due first, at most so many."""
    rules = tuple(rules)
    query = source.terms(session, today, days) if rules else None
    if query is None:
        return []
    each = query.subquery()
    terms = session.execute(select(each.c.counted_from, each.c.limit_days, each.c.due_on).distinct())
    by_term = {tuple(row): come(rules, Due(*row), today, days) for row in terms}
    asked = [(*of, rule.rule_id) for of, found in by_term.items() for rule in found.latest]
    if not asked:
        return []
    wanted = given_rows(asked, (Date(), Integer(), Date(), Text()), ("counted_from", "limit_days", "due_on", "rule_id"))
    was = exists().where(
        Reminded.about == each.c.about,
        Reminded.seq == each.c.seq,
        Reminded.rule_id == wanted.c.rule_id,
        Reminded.due_on == each.c.due_on,
    )
    is_wanted = exists().where(
        wanted.c.counted_from == each.c.counted_from,
        wanted.c.limit_days == each.c.limit_days,
        wanted.c.due_on == each.c.due_on,
        ~was.correlate(each, wanted),
    )
    found = select(each).where(is_wanted.correlate(each)).order_by(each.c.due_on, each.c.about).limit(most)
    return [
        OtherTerm(row.about, row.seq, row.due_on, by_term[row.counted_from, row.limit_days, row.due_on])
        for row in session.execute(found)
    ]

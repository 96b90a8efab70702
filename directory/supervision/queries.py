"""The running terms of requests by light, per department and one by one; late ones under the regulation's situation.

Lights are counted once for each different term, not once for each request: a hundred thousand requests have a few
thousand different ones (the same first day, length and due day).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Integer, Row, false, func, select, true, tuple_
from sqlalchemy.orm import Session

from directory.access.models import RequestClock, RequestRow
from directory.access.states import Act
from directory.actors import Actor
from directory.clock.deadlines import SHANGHAI, Calendar, Due, Light, light, working_days_between
from directory.clock.queries import calendar
from directory.given_rows import given_rows
from directory.matters.supervision import Lights
from directory.policy import Action, Allowed, may, require
from directory.prepared import Prepared, array_of
from directory.unchanged import while_unchanged

_NOWHERE: Final = ""  # no department has this code, so only a permission for all departments holds there


class Term(NamedTuple):
    """A running term, as many requests may share it."""

    counted_from: date
    limit_days: int
    due_on: date


class Place(NamedTuple):
    """Where a page of the list ended."""

    due_on: date
    request_id: UUID


@dataclass(frozen=True)
class Tally:
    """A provider's running terms by light, and how many of those that ended this year had ended late."""

    org_code: str
    green: int
    amber: int
    red: int
    ended: int
    ended_late: int


@dataclass(frozen=True)
class Watched:
    """A request whose term runs: its light, how late it is, and how often it was urged."""

    row: RequestRow
    due_on: date
    light: Light
    late_days: int
    urged: int


def tallies(session: Session, actor: Actor, today: date) -> list[Tally]:
    """Each provider's count, those with most late first. Raises ``FORBIDDEN``."""
    scope = _scope(actor)
    own = None if isinstance(may(actor, Action.SUPERVISION_READ, _NOWHERE), Allowed) else actor.org_code
    return while_unchanged(session, ("tallies", own, today), lambda: _tallies(session, scope, today))


def _tallies(session: Session, scope: ColumnElement[bool], today: date) -> list[Tally]:
    days = calendar(session)
    running: dict[str, Counter[Light]] = defaultdict(Counter)
    query = (
        select(RequestRow.provider_org, *_TERM, func.count())
        .where(scope, RequestRow.due_on.is_not(None))
        .group_by(RequestRow.provider_org, *_TERM)
    )
    for org_code, counted_from, limit_days, due_on, number in session.execute(query):
        running[org_code][_light(_term(counted_from, limit_days, due_on), today, days)] += number
    ended = {row.provider_org: row for row in _ended(session, scope, today)}
    found = [
        Tally(
            code,
            running[code]["green"],
            running[code]["amber"],
            running[code]["red"],
            ended[code].ended if code in ended else 0,
            ended[code].late if code in ended else 0,
        )
        for code in running.keys() | ended.keys()
    ]
    return sorted(found, key=lambda each: (-each.red, -each.amber, each.org_code))


def with_matters(counted: Iterable[Tally], lights: Mapping[str, Lights]) -> list[Tally]:
    """The same counts with those of corrections and objections added, those with most late first."""
    found = {each.org_code: each for each in counted}
    for code, more in lights.items():
        own = found.get(code, Tally(code, 0, 0, 0, 0, 0))
        found[code] = Tally(
            code,
            own.green + more.running["green"],
            own.amber + more.running["amber"],
            own.red + more.running["red"],
            own.ended + more.ended,
            own.ended_late + more.ended_late,
        )
    return sorted(found.values(), key=lambda each: (-each.red, -each.amber, each.org_code))


def watched(
    session: Session,
    actor: Actor,
    today: date,
    *,
    of: Light | None = None,
    org_code: str = "",
    after: Place | None = None,
    size: int,
) -> list[Watched]:
    """The running requests due first, at most ``size``; of one light or provider only where these are given.

    Raises ``FORBIDDEN``.
    """
    days = calendar(session)
    query = select(RequestRow).where(_scope(actor), RequestRow.due_on.is_not(None))
    if org_code:
        query = query.where(RequestRow.provider_org == org_code)
    if of == "red":
        query = query.where(RequestRow.due_on < today)
    elif of is not None:
        query = query.where(RequestRow.due_on >= today, _is_one_of(_terms(session, of, today, days)))
    if after is not None:
        query = query.where(tuple_(RequestRow.due_on, RequestRow.id) > tuple_(after.due_on, after.request_id))
    rows = session.scalars(query.order_by(RequestRow.due_on, RequestRow.id).limit(size)).all()
    urged = _urged(session, rows)
    return [
        Watched(
            row,
            term.due_on,
            _light(term, today, days),
            working_days_between(term.due_on, today, days),
            urged.get(row.id, 0),
        )
        for row, term in ((row, _term(row.counted_from, row.limit_days, row.due_on)) for row in rows)
    ]


_TERM: Final = (RequestRow.counted_from, RequestRow.limit_days, RequestRow.due_on)


def _scope(actor: Actor) -> ColumnElement[bool]:
    """Which requests: all for those who supervise, else those that the reader's own department has to answer."""
    require(actor, Action.SUPERVISION_READ, actor.org_code)
    if isinstance(may(actor, Action.SUPERVISION_READ, _NOWHERE), Allowed):
        return true()
    return RequestRow.provider_org == actor.org_code


def _is_one_of(terms: Sequence[Term]) -> ColumnElement[bool]:
    """Whether a request's running term is one of these."""
    if not terms:
        return false()
    given = given_rows(terms, (Date(), Integer(), Date()), Term._fields)
    columns = (given.c.counted_from, given.c.limit_days, given.c.due_on)
    return tuple_(*_TERM).in_(select(*columns))


def _terms(session: Session, of: Light, today: date, days: Calendar) -> Sequence[Term]:
    query = select(*_TERM).where(RequestRow.due_on >= today).distinct()
    found = while_unchanged(session, ("terms", today), lambda: [_term(*row) for row in session.execute(query)])
    return [term for term in found if _light(term, today, days) == of]


def _light(term: Term, today: date, days: Calendar) -> Light:
    return light(Due(term.counted_from, term.limit_days, term.due_on), today, days)


def _term(counted_from: date | None, limit_days: int | None, due_on: date | None) -> Term:
    """The three that are set together; raises ``ValueError`` for a request without a running term."""
    if counted_from is None or limit_days is None or due_on is None:
        raise ValueError("no term runs")
    return Term(counted_from, limit_days, due_on)


def _ended(session: Session, scope: ColumnElement[bool], today: date) -> Iterable[Row[tuple[str, int, int]]]:
    """Terms that ended this year by an answer or by rows, and those of them that ended after their day."""
    new_year = datetime(today.year, 1, 1, tzinfo=SHANGHAI)
    stopped_on = func.date(func.timezone("Asia/Shanghai", RequestClock.stopped_at))
    return session.execute(
        select(
            RequestRow.provider_org,
            func.count().label("ended"),
            func.count().filter(stopped_on > RequestClock.due_on).label("late"),
        )
        .join(RequestRow, RequestRow.id == RequestClock.request_id)
        .where(scope, RequestClock.outcome.in_(("answered", "provided")), RequestClock.stopped_at >= new_year)
        .group_by(RequestRow.provider_org)
    )


def _urged(session: Session, rows: Sequence[RequestRow]) -> Mapping[UUID, int]:
    found = _URGED.rows(session, ids=array_of(row.id for row in rows))
    return {UUID(request_id): number for request_id, number in found}


_URGED: Final = Prepared(
    "urged",
    f"SELECT request_id::text, count(*) FROM request_step WHERE request_id = ANY ($1::uuid[]) AND act = '{Act.URGED}'"  # noqa: S608
    " GROUP BY request_id",
    "ids",
)

"""The running terms of requests by light, per department and one by one; late ones under the regulation's situation.

Lights are counted once for each different term, not once for each request (``tally``): a hundred thousand requests have
a few hundred different ones (the same provider, first day, length and due day).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Integer, false, select, true, tuple_
from sqlalchemy.orm import Session

from directory.access.models import RequestRow
from directory.access.shown import SHOWN, Shown
from directory.access.states import Act
from directory.actions import Action
from directory.actors import Actor
from directory.clock.deadlines import Calendar, Due, Light, light, working_days_between
from directory.clock.queries import calendar
from directory.matters.supervision import Lights
from directory.policy import NOWHERE, allows, require
from directory.statements.given_rows import given_rows
from directory.statements.prepared import Prepared, array_of
from directory.supervision.tally import Running, Term, ended, running


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

    row: Shown
    due_on: date
    light: Light
    late_days: int
    urged: int


def terms_seen(session: Session, actor: Actor) -> Sequence[Running]:
    """The running terms that this reader sees, those alike counted. Raises ``FORBIDDEN``."""
    return running(session, _own(actor))


def tallies(session: Session, actor: Actor, today: date, terms: Iterable[Running]) -> list[Tally]:
    """Each provider's count of what ``terms_seen`` gave, those with most late first. Raises ``FORBIDDEN``."""
    days, own = calendar(session), _own(actor)
    by_light: dict[str, Counter[Light]] = defaultdict(Counter)
    for org_code, term, number in terms:
        by_light[org_code][_light(term, today, days)] += number
    over = {each.provider_org: each for each in ended(session, today.year, own)}
    found = [
        Tally(
            code,
            by_light[code]["green"],
            by_light[code]["amber"],
            by_light[code]["red"],
            over[code].number if code in over else 0,
            over[code].late if code in over else 0,
        )
        for code in by_light.keys() | over.keys()
    ]
    return sorted(found, key=lambda each: (-each.red, -each.amber, each.org_code))


def with_matters(counted: Iterable[Tally], lights: Mapping[str, Lights]) -> list[Tally]:
    """The same counts with those of other terms added, those with most late first."""
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
    terms: Iterable[Running],
    *,
    of: Light | None = None,
    org_code: str = "",
    after: Place | None = None,
    size: int,
) -> list[Watched]:
    """The running requests due first, at most ``size``; of one light or provider only where these are given.

    ``terms`` are what ``terms_seen`` gave. Raises ``FORBIDDEN``.
    """
    days = calendar(session)
    query = select(*SHOWN).where(_scope(actor), RequestRow.due_on.is_not(None))
    if org_code:
        query = query.where(RequestRow.provider_org == org_code)
    if of == "red":
        query = query.where(RequestRow.due_on < today)
    elif of is not None:
        query = query.where(RequestRow.due_on >= today, _is_one_of(_terms_of(terms, of, today, days)))
    if after is not None:
        query = query.where(tuple_(RequestRow.due_on, RequestRow.id) > tuple_(after.due_on, after.request_id))
    rows = session.execute(query.order_by(RequestRow.due_on, RequestRow.id).limit(size)).all()
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
    own = _own(actor)
    return true() if own is None else RequestRow.provider_org == own


def _own(actor: Actor) -> str | None:
    """The provider whose terms the reader sees, None for every one. Raises ``FORBIDDEN``."""
    require(actor, Action.SUPERVISION_READ, actor.org_code)
    return None if allows(actor, Action.SUPERVISION_READ, NOWHERE) else actor.org_code


def _is_one_of(terms: Sequence[Term]) -> ColumnElement[bool]:
    """Whether a request's running term is one of these."""
    if not terms:
        return false()
    given = given_rows(terms, (Date(), Integer(), Date()), Term._fields)
    columns = (given.c.counted_from, given.c.limit_days, given.c.due_on)
    return tuple_(*_TERM).in_(select(*columns))


def _terms_of(terms: Iterable[Running], of: Light, today: date, days: Calendar) -> Sequence[Term]:
    """The different ones of this light."""
    found = dict.fromkeys(each.term for each in terms if each.term.due_on >= today)
    return [term for term in found if _light(term, today, days) == of]


def _light(term: Term, today: date, days: Calendar) -> Light:
    return light(Due(term.counted_from, term.limit_days, term.due_on), today, days)


def _term(counted_from: date | None, limit_days: int | None, due_on: date | None) -> Term:
    """The three that are set together; raises ``ValueError`` for a request without a running term."""
    if counted_from is None or limit_days is None or due_on is None:
        raise ValueError("no term runs")
    return Term(counted_from, limit_days, due_on)


def _urged(session: Session, rows: Sequence[Any]) -> Mapping[UUID, int]:
    found = _URGED.rows(session, ids=array_of(row.id for row in rows))
    return {UUID(request_id): number for request_id, number in found}


_URGED: Final = Prepared(
    "urged",
    f"SELECT request_id::text, count(*) FROM request_step WHERE request_id = ANY ($1::uuid[]) AND act = '{Act.URGED}'"  # noqa: S608
    " GROUP BY request_id",
    "ids",
)

"""The requests of each list, a page at a time, and how many there are: list and number from the same conditions.

What waits is read state by state: each state has one condition for whoever is asking, no request is in two states, and
an index of the request's state has the ones due first at its front. So a page costs the page, not the list.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, null, or_, select, tuple_, union_all
from sqlalchemy.orm import Session, aliased

from directory.access.models import RequestRow, RequestStep
from directory.access.moves import MOVES, waits_for
from directory.access.parties import PARTY_ACTIONS
from directory.access.queries import turn, visible
from directory.access.shown import SHOWN, Shown
from directory.access.spoken import barred, extension_waits
from directory.access.states import Act, Party, Stage, State
from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.policy import NOWHERE, allows, capacities
from directory.statements.spelled import Planned, Spelled
from directory.statements.unchanged import while_unchanged

Tab = Literal["todo", "done", "mine"]
TABS: Final[tuple[Tab, ...]] = ("todo", "done", "mine")
_OWN_ACTS: Final = (Act.CREATED.value, Act.AMENDED.value, Act.SUBMITTED.value)
"""What is done to one's own request; it is not dealt with by that."""
_BEFORE: Final = (State.DRAFT.value, State.REQ_APPROVED.value, State.DISCARDED.value)
"""Where a request may stand that was never handed in."""


@dataclass(frozen=True)
class Listed:
    """A page of requests in their order; ``at`` is when the reader dealt with each (``done``), ``next`` goes on."""

    rows: Sequence[Shown]
    at: list[datetime | None]
    next: str | None


@dataclass(frozen=True)
class Counts:
    """How many requests are in each list, and how many of the one shown are past their day."""

    numbers: Mapping[Tab, int]
    late: int


def listed(session: Session, actor: Actor, tab: Tab, *, size: int, after: str = "") -> Listed:
    """One page; raises ``CURSOR_INVALID``. What waits: due first; the others: the latest first."""
    match tab:
        case "todo":
            return _todo(session, actor, size, after)
        case "done":
            return _done(session, actor, size, after)
        case _:
            return _mine(session, actor, size, after)


def counts(session: Session, actor: Actor, today: date, tab: Tab) -> Counts:
    """Each whole list counted, and what is late of this one."""
    found = while_unchanged(session, ("worklist", actor, today), lambda: _COUNTING.rows(session, actor, today)[0])
    late = found[TABS.index(tab) * 2 + 1]
    if late is None:
        late = while_unchanged(session, ("late", actor, today), lambda: _DEALT_LATE.rows(session, actor, today)[0][0])
    return Counts({each: int(number) for each, number in zip(TABS, found[::2], strict=True)}, int(late))


def _counting(actor: Actor, today: date) -> Select[*tuple[Any, ...]]:
    """One statement for all lists: of each its number and its late ones."""
    todo, mine = _number_and_late(turns(actor), today), _number_and_late([_own(actor)], today)
    if _sees_all(actor):
        done: tuple[ColumnElement[Any], ...] = _handed_in(actor), null()  # what is late of them costs as much again
    else:
        dealt = RequestRow.id.in_(select(RequestStep.request_id).where(_dealt(actor)))
        done = _number_and_late([and_(dealt, _others(actor))], today)
    return select(*(each.label(None) for each in (*todo, *done, *mine)))


def _dealt_late(actor: Actor, today: date) -> Select[*tuple[Any, ...]]:
    """What is late of the requests dealt with by somebody who sees all: looked for among the late ones."""
    dealt = RequestRow.id.in_(select(RequestStep.request_id).where(_dealt(actor)))
    return select(_number(and_(RequestRow.due_on < today, dealt, _others(actor))))


_COUNTING: Final = Planned("worklist", _counting)
_DEALT_LATE: Final = Planned("dealt_late", _dealt_late)


def _sees_all(actor: Actor) -> bool:
    return allows(actor, Action.REQUEST_READ, NOWHERE)


def _number_and_late(conditions: Sequence[ColumnElement[bool]], today: date) -> tuple[ColumnElement[int], ...]:
    """How many requests, and how many of them are past their day: of conditions no two of which hold of one."""
    if not conditions:
        return literal(0), literal(0)
    both = func.count().label("number"), func.count().filter(RequestRow.due_on < today).label("late")
    parts = union_all(*(select(*both).select_from(RequestRow).where(each) for each in conditions)).subquery()
    summed = select(func.sum(parts.c.number).label("number"), func.sum(parts.c.late).label("late")).cte()
    return tuple(select(each).scalar_subquery() for each in summed.c)


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).select_from(RequestRow).where(condition).scalar_subquery()


def _handed_in(actor: Actor) -> ColumnElement[int]:
    """How many requests were dealt with by somebody who sees all that were ever handed in.

    A step to a place that only comes after handing in says so itself, so most of them are counted by the index of
    steps; only what else was dealt with is looked up.
    """
    sure = and_(_dealt(actor), RequestStep.requested_by != actor.account_id, RequestStep.state.not_in(_BEFORE))
    counted = select(RequestStep.request_id).where(sure).distinct()
    unsure = select(RequestStep.request_id).where(_dealt(actor), RequestStep.state.in_(_BEFORE))
    others = and_(RequestRow.id.in_(unsure), RequestRow.id.not_in(counted), _others(actor))
    return select(func.count()).select_from(counted.subquery()).scalar_subquery() + _number(others)


def turns(actor: Actor) -> list[ColumnElement[bool]]:
    """What waits for this very actor: one condition for each state, no two of which hold of a request.

    In whatever capacity they act; nobody waits for a decision on their own, or that another has to take after them.
    """
    found: dict[tuple[State, Stage], list[ColumnElement[bool]]] = defaultdict(list)
    for acting in capacities(actor):
        for state, stage in MOVES:
            mine = [turn(acting, party) for party in sorted(waits_for(state, stage))]
            is_barred = barred(acting, state, stage)
            others = [] if is_barred is None else [~is_barred]
            found[state, stage] += [and_(condition, *others) for condition in mine if condition is not None]
            may_extend = allows(acting, PARTY_ACTIONS[Party.OFFICE_APPROVER], NOWHERE)
            if Act.EXTENDED in MOVES[state, stage] and may_extend:
                found[state, stage].append(extension_waits(acting))
    return [
        and_(RequestRow.state == state.value, RequestRow.stage == stage.value, or_(*conditions))
        for (state, stage), conditions in found.items()
        if conditions
    ]


def _todo(session: Session, actor: Actor, size: int, after: str) -> Listed:
    rows = _page(_WAITING, session, actor, size, after)
    end = rows[size - 1] if len(rows) > size else None
    return Listed(rows[:size], [None] * min(size, len(rows)), f"{end.due_on or ''}~{end.id}" if end else None)


def _waiting(actor: Actor, size: int, after: str) -> Select[*tuple[Any, ...]] | None:
    day, last = RequestRow.due_on, RequestRow.id
    further = _after_day(after)
    parts = [
        select(last, day).where(each, *further).order_by(day.asc(), last).limit(size + 1).subquery()
        for each in turns(actor)
    ]
    if not parts:
        return None
    first = union_all(*(select(part) for part in parts)).subquery()
    ids = select(first.c.id).order_by(first.c.due_on.asc(), first.c.id).limit(size + 1)
    return select(*SHOWN).where(last.in_(ids)).order_by(day.asc(), last)


def _done(session: Session, actor: Actor, size: int, after: str) -> Listed:
    rows = _page(_DEALT_WITH, session, actor, size, after)
    return _by_moment([(row, row.decided_at) for row in rows], size, has_at=True)


def _dealt_with(actor: Actor, size: int, after: str) -> Select[*tuple[Any, ...]]:
    step, later = RequestStep, aliased(RequestStep)
    newer = exists().where(later.request_id == step.request_id, later.seq > step.seq, _dealt(actor, later))
    return (
        select(*SHOWN, step.decided_at)
        .join(step, step.request_id == RequestRow.id)
        .where(_dealt(actor), ~newer, _others(actor), *_before_moment(after, step.decided_at))
        .order_by(step.decided_at.desc(), step.request_id.desc())
        .limit(size + 1)
    )


def _mine(session: Session, actor: Actor, size: int, after: str) -> Listed:
    rows = _page(_ASKED_FOR, session, actor, size, after)
    return _by_moment([(row, row.created_at) for row in rows], size, has_at=False)


def _asked_for(actor: Actor, size: int, after: str) -> Select[*tuple[Any, ...]]:
    query = select(*SHOWN).where(_own(actor), *_before_moment(after, RequestRow.created_at))
    return query.order_by(RequestRow.created_at.desc(), RequestRow.id.desc()).limit(size + 1)


_WAITING: Final = Planned("waiting", _waiting), Spelled(_waiting)
_DEALT_WITH: Final = Planned("dealt_with", _dealt_with), Spelled(_dealt_with)
_ASKED_FOR: Final = Planned("asked_for", _asked_for), Spelled(_asked_for)


def _page(both: tuple[Planned, Spelled], session: Session, actor: Actor, size: int, after: str) -> Sequence[Any]:
    """The first page is everybody's daily one; a further one begins at a place of its own, not worth a plan."""
    first, further = both
    query = further if after else first
    return query.rows(session, actor, size, after)


def _by_moment(rows: Sequence[tuple[Shown, datetime]], size: int, *, has_at: bool) -> Listed:
    shown = rows[:size]
    end = f"{shown[-1][1].isoformat()}~{shown[-1][0].id}" if len(rows) > size else None
    return Listed([row for row, _ in shown], [at if has_at else None for _, at in shown], end)


def _dealt(actor: Actor, step: Any = RequestStep) -> ColumnElement[bool]:
    """Steps that this person took on what others asked for."""
    return and_(step.decided_by == actor.account_id, step.act.not_in(_OWN_ACTS))


def _others(actor: Actor) -> ColumnElement[bool]:
    return and_(RequestRow.created_by != actor.account_id, visible(actor))


def _own(actor: Actor) -> ColumnElement[bool]:
    return and_(RequestRow.created_by == actor.account_id, visible(actor))


def _after_day(after: str) -> list[ColumnElement[bool]]:
    """What comes after this place of a list by due days; those without one are at its end."""
    if not after:
        return []
    day, _, request_id = after.partition("~")
    try:
        due_on, last = date.fromisoformat(day) if day else None, UUID(request_id)
    except ValueError:
        raise DirectoryError("CURSOR_INVALID") from None
    if due_on is None:
        return [RequestRow.due_on.is_(None), RequestRow.id > last]
    return [or_(tuple_(RequestRow.due_on, RequestRow.id) > tuple_(due_on, last), RequestRow.due_on.is_(None))]


def _before_moment(after: str, moment: Any) -> list[ColumnElement[bool]]:
    if not after:
        return []
    at, _, request_id = after.partition("~")
    try:
        return [tuple_(moment, RequestRow.id) < tuple_(datetime.fromisoformat(at).astimezone(UTC), UUID(request_id))]
    except (ValueError, OverflowError):
        raise DirectoryError("CURSOR_INVALID") from None

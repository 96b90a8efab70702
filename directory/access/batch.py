"""The same step for many requests: each is taken or refused by itself, and keeps its own outcome.

What the law asks of one it asks of each, by the same ``decide_on``. Only what is read and written is put together:
what each will ask is asked of all of them ahead, and what each leaves is written at the end (decision 0092).
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from directory.access.ahead import ask_ahead
from directory.access.decide import PLAIN, decide, decide_on
from directory.access.models import RequestRow
from directory.access.queries import held, seen
from directory.access.said import Said
from directory.access.states import Act
from directory.actors import Actor
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.resources.queries import HELD_STILL
from directory.statements.gather import gathered
from standards.crypto import SigningKey

Outcomes = Mapping[UUID, DirectoryError | None]
_MOST_SPOILT: Final = 3


class _Spoilt(Exception):
    """A step was refused after something of it had been done."""

    def __init__(self, request_id: UUID) -> None:
        super().__init__(str(request_id))
        self.request_id = request_id


def move_many(
    session: Session,
    actor: Actor,
    key: SigningKey,
    request_ids: Sequence[UUID],
    act: Act,
    now: datetime,
    said: Said,
    *,
    suite_2: AbstractSet[str],
) -> Outcomes:
    """What became of each, in the order given; None where the step was taken. What was refused leaves nothing behind.

    They are locked first, all of them, in the order of their ids: two who decide on the same ones wait for each other
    once, and nobody who holds one waits for the feed while we hold the feed and wait for it. What a grant locks
    besides, it locks after the feed (``issue``).
    """
    rows = held(session, actor, request_ids)

    def step(row: RequestRow) -> None:
        decide_on(session, actor, key, row, act, now, said, suite_2=suite_2)

    outcomes: dict[UUID, DirectoryError | None] = {
        each: DirectoryError("REQUEST_NOT_FOUND", request_id=each)
        for each in set(request_ids) - {row.id for row in rows}
    }
    if act in PLAIN:
        outcomes |= _together(session, actor, rows, lambda left: ask_ahead(session, left, act, day_of(now)), step)
    alone = sorted(set(request_ids) - outcomes.keys())
    if act is Act.AGREED:  # else each asks for its own, while the first of them holds the feed
        HELD_STILL.ahead(session, {row.resource_id for row in rows if row.id in alone})
    for each in alone:
        try:
            with session.begin_nested():
                decide(session, actor, key, each, act, now, said, suite_2=suite_2)
            outcomes[each] = None
        except DirectoryError as error:
            session.expire_all()
            outcomes[each] = error
    return {each: outcomes[each] for each in request_ids}


def _together(
    session: Session,
    actor: Actor,
    rows: Sequence[RequestRow],
    ask: Callable[[Sequence[RequestRow]], None],
    step: Callable[[RequestRow], None],
) -> Outcomes:
    """What became of those that could be moved together; whoever spoils it is left for later, with some others."""
    rows = [row for row in rows if row.renews is None]  # what goes on from another depends on it
    ids = {row.id for row in rows}
    for _ in range(_MOST_SPOILT):
        try:
            with session.begin_nested(), gathered(session):
                ask(rows)
                return {row.id: _tried(session, row, step) for row in rows}
        except _Spoilt as spoilt:
            ids.discard(spoilt.request_id)
            rows = seen(session, actor, list(ids))  # what was undone is not at hand any more
        except (DirectoryError, DBAPIError):  # refused by the database, which does not say whom it means
            break
    return {}


def _tried(session: Session, row: RequestRow, step: Callable[[RequestRow], None]) -> DirectoryError | None:
    before = row.step_seq
    try:
        step(row)
    except DirectoryError as error:
        if not session.is_active:  # said by the database, of any that waited
            raise
        if row.step_seq != before or inspect(row).modified:
            raise _Spoilt(row.id) from error
        return error
    return None

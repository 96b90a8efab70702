"""Keep what published entries hold beside them, a few at a time; whoever matches reads a few of the rest itself."""

import time
from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, bindparam, delete, exists, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, sessionmaker

from directory.item_match.models import HeldEntry
from directory.process.beside import Beside, in_transaction
from directory.resources.models import ResourceEntry

AT_ONCE: Final = 2000
"""Entries in one transaction, where somebody waits for all of them."""
_A_TURN: Final = 200
_RESTS: Final = 4.0
"""Beside the service a fifth of one processor is taken, a fraction of a second at a time: searches go on beside it."""
_FIRST: Final = UUID(int=0)
_EVERY_SECONDS: Final = 30.0
_LOOK_AGAIN_SECONDS: Final = 0.2
_A_SECOND: Final = 200
"""Entries of a dozen items taken in beside the service, where two cores have other things to do."""
_LOCK: Final = 0x687574686C64  # "huthld": one process keeps at a time
_ITEMS: Final = """
    WITH published AS (
        SELECT r.id, v.version, v.record FROM resource r
        JOIN resource_version v ON v.resource_id = r.id AND v.version = r.published_version WHERE r.id = ANY (:ids)
    ), item AS (
        SELECT p.id AS resource_id, each.number, each.value ->> 'name' AS name, each.value ->> 'field' AS field,
            coalesce(each.value ->> 'base_item', '') AS base_item,
            coalesce((each.value ->> 'sensitivity')::int, 1) AS sensitivity,
            coalesce(each.value ->> 'lead_department', '') AS lead_department
        FROM published p, jsonb_array_elements(p.record -> 'items') WITH ORDINALITY AS each(value, number)
    ), spelled AS (
        SELECT item.*, md5(jsonb_build_array(name, field, base_item)::text)::uuid AS spelling_id FROM item
    )
"""
_SPELLINGS: Final = """
    INSERT INTO held_spelling (id, name, field, base_item)
    SELECT DISTINCT spelling_id, name, field, base_item FROM spelled ON CONFLICT (id) DO NOTHING
"""
_ENTRIES: Final = """
    INSERT INTO held_entry (resource_id, version, title, share_type, is_open)
    SELECT id, version, record ->> 'title', coalesce(record #>> '{sharing,share_type}', ''),
        coalesce((record #>> '{openness,is_open}')::bool, false) FROM published
"""
_HELD: Final = """
    INSERT INTO held_item (resource_id, number, spelling_id, sensitivity, lead_department)
    SELECT resource_id, number, spelling_id, sensitivity, lead_department FROM spelled
"""
_TAKE_IN: Final = tuple(
    text(_ITEMS + each).bindparams(bindparam("ids", type_=ARRAY(Uuid()))) for each in (_ENTRIES, _SPELLINGS, _HELD)
)


def is_held() -> ColumnElement[bool]:
    """What is kept of the entry is of its published version."""
    return exists().where(
        and_(HeldEntry.resource_id == ResourceEntry.id, HeldEntry.version == ResourceEntry.published_version)
    )


def left(session: Session) -> int:
    """How many published entries are not kept yet, or were published anew since."""
    return session.scalar(select(func.count()).select_from(ResourceEntry).where(_is_left())) or 0


def wait_seconds(count: int) -> int:
    """About how long it takes until so many are kept, with the time until the next turn."""
    return round(_EVERY_SECONDS + count / _A_SECOND) if count else 0


def catch_up(session: Session, most: int = AT_ONCE) -> int:
    """Take in what was published since, at most so many entries; how many. Another process at it: 0."""
    return len(_take(session, most, _FIRST))


def _take(session: Session, most: int, after: UUID) -> Sequence[UUID]:
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return []
    query = select(ResourceEntry.id).where(ResourceEntry.id > after, _is_left()).order_by(ResourceEntry.id)
    ids = session.scalars(query.limit(most)).all()
    if ids:
        session.execute(delete(HeldEntry).where(HeldEntry.resource_id.in_(ids)))
        for statement in _TAKE_IN:
            session.execute(statement, {"ids": ids})
    return ids


def keep_all(sessions: sessionmaker[Session], most: int = AT_ONCE) -> Iterator[tuple[int, int]]:
    """Take in all that is left, telling after each part how many of how many; stopped, it keeps what it told."""
    with sessions() as session:
        waiting = total = left(session)
    while waiting:
        with sessions.begin() as session:
            taken = catch_up(session, most)
        if not taken:
            time.sleep(_LOOK_AGAIN_SECONDS)  # the service is at it
        with sessions() as session:
            waiting = left(session)
        total = max(total, waiting)  # entries are published meanwhile
        yield total - waiting, total


class _Round:
    """Once through the catalogue by id, some entries a turn: what the round has kept is not gone through again."""

    def __init__(self) -> None:
        self._after = _FIRST

    def turn(self, session: Session) -> bool:
        taken = _take(session, _A_TURN, self._after)
        has_more = len(taken) == _A_TURN
        self._after = taken[-1] if has_more else _FIRST
        return has_more


def holder(sessions: sessionmaker[Session]) -> Beside:
    """Keeps beside the service, whether somebody asked or not: the first who asks must not wait for all of it."""
    return Beside("item_match", _EVERY_SECONDS, in_transaction(sessions, _Round().turn), rests=_RESTS)


def _is_left() -> ColumnElement[bool]:
    return and_(ResourceEntry.published_version.is_not(None), ~is_held())

"""Keep what published entries hold beside them, a few at a time; whoever matches reads the rest from the records."""

import threading
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, bindparam, delete, exists, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, sessionmaker

from directory.beside import Beside, in_transaction
from directory.item_match.models import HeldEntry
from directory.resources.models import ResourceEntry

AT_ONCE: Final = 2000
"""Entries in one transaction."""
_EVERY_SECONDS: Final = 30.0
_ASKED: Final = threading.Event()
"""Somebody matched in this process since it last kept: a catalogue with which nobody matches costs nothing."""
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


def ask() -> None:
    """Let the thread of this process catch up soon."""
    _ASKED.set()


def is_held() -> ColumnElement[bool]:
    """What is kept of the entry is of its published version."""
    return exists().where(
        and_(HeldEntry.resource_id == ResourceEntry.id, HeldEntry.version == ResourceEntry.published_version)
    )


def catch_up(session: Session, most: int = AT_ONCE) -> int:
    """Take in what was published since, at most so many entries; how many. Another process at it: 0."""
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return 0
    waiting = select(ResourceEntry.id).where(ResourceEntry.published_version.is_not(None), ~is_held()).limit(most)
    ids: list[UUID] = list(session.scalars(waiting))
    if ids:
        session.execute(delete(HeldEntry).where(HeldEntry.resource_id.in_(ids)))
        for statement in _TAKE_IN:
            session.execute(statement, {"ids": ids})
    return len(ids)


def holder(sessions: sessionmaker[Session]) -> Beside:
    """Keeps beside the service, where somebody asked; until then the records are read themselves."""
    return Beside("item_match", _EVERY_SECONDS, in_transaction(sessions, _turn))


def _turn(session: Session) -> bool:
    if not _ASKED.is_set():
        return False
    _ASKED.clear()
    is_more = catch_up(session) == AT_ONCE
    if is_more:
        ask()
    return is_more

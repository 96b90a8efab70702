"""Keep what published entries hold beside them, a few at a time; whoever matches reads the rest from the records."""

import threading
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Uuid, and_, bindparam, delete, exists, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, sessionmaker

from directory.item_match.models import HeldEntry
from directory.limits import LIMITS
from directory.logs import where
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


class Holder:
    """The thread beside the service that keeps; each process has one, and one of them works at a time."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="item_match", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=LIMITS.statement_seconds)

    def _run(self) -> None:
        while not self._stopped.wait(_EVERY_SECONDS):
            if not _ASKED.is_set():
                continue
            _ASKED.clear()
            try:
                self._work_off()
            except Exception as error:  # until the next time the records are read themselves
                structlog.get_logger("directory").error("keeping_items_failed", **where(error))

    def _work_off(self) -> None:
        while not self._stopped.is_set():
            with self._sessions.begin() as session:
                found = catch_up(session)
            if found < AT_ONCE:
                return

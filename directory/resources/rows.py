"""Entries as plain rows, for reading many: the columns, and the shown record as plain JSON values.

An entry is shown by its published record, or else by the one being worked on. Who may see a row is for the caller to
hold against ``sees``.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Integer, Text, Uuid, and_, bindparam, cast, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.organisations.models import Organisation
from directory.policy import visible_resources
from directory.resources.models import ResourceEntry, ResourceVersion
from directory.resources.popularity import ResourceViews
from directory.resources.queries import is_findable, is_public
from directory.statements.prepared import Prepared, array_of

_ROWS_AT_ONCE = 1000
_POSITIVE = 0x7FFFFFFF


class Share(NamedTuple):
    """The ``number``-th (from 0) of ``of`` shares of about as many entries."""

    number: int
    of: int


class EntryState(NamedTuple):
    """One entry as it stands now, without its record; ``version`` is the one shown, which never changes.

    ``org_name`` is what the department is called now; the record says what it was called then.
    """

    id: UUID
    org_code: str
    identifier: str | None
    code: str | None
    status: str
    updated_on: date
    is_public: bool
    views: int
    version: int
    org_name: str = ""


class EntryRow(NamedTuple):
    """One entry with its record: a ``Resource`` as JSON has it, with the defaults of the day it was written."""

    id: UUID
    org_code: str
    identifier: str | None
    code: str | None
    status: str
    updated_on: date
    is_public: bool
    views: int
    version: int
    step_seq: int
    record: Mapping[str, Any]
    org_name: str = ""


_SHOWN = func.coalesce(ResourceEntry.published_version, ResourceEntry.current_version)
_STATES = (
    select(
        ResourceEntry.id,
        ResourceEntry.org_code,
        ResourceEntry.identifier,
        ResourceEntry.code,
        ResourceEntry.status,
        ResourceEntry.updated_on,
        is_public().label("is_public"),
        func.coalesce(ResourceViews.views, 0).label("views"),
        _SHOWN.label("version"),
    )
    .select_from(ResourceEntry)
    .join(Organisation, Organisation.code == ResourceEntry.org_code)
    .outerjoin(ResourceViews, ResourceViews.resource_id == ResourceEntry.id)
)
_RECORD = cast(ResourceVersion.record, Text).label("record")
_IS_SHOWN = and_(ResourceVersion.resource_id == ResourceEntry.id, ResourceVersion.version == _SHOWN)
_ROWS = (
    _STATES.add_columns(ResourceEntry.step_seq, Organisation.name, _RECORD)
    .join(ResourceVersion, _IS_SHOWN)
    .where(is_findable())
)


# The planner takes a share for one entry in two hundred, and then goes through what it found once for each department
# or in the order of random ids: up to five times the work of reading both tables from end to end.
_FROM_END_TO_END = tuple(
    text(f"SET LOCAL {each}") for each in ("enable_nestloop = off", "enable_mergejoin = off", "work_mem = '64MB'")
)


def _is_in(share: Share) -> ColumnElement[bool]:
    return func.uuid_hash(ResourceEntry.id).op("&")(_POSITIVE) % share.of == share.number


_IDS = func.any(cast(bindparam("ids", ""), ARRAY(Uuid)))
_STATES_NAMED = Prepared("entry_states", _STATES.add_columns(Organisation.name).where(ResourceEntry.id == _IDS))
_ROWS_NAMED = Prepared("entry_rows", _ROWS.where(ResourceEntry.id == _IDS))
_ASKED = (
    func.unnest(cast(bindparam("ids", ""), ARRAY(Uuid)), cast(bindparam("versions", ""), ARRAY(Integer)))
    .table_valued("id", "version", name="asked")
    .render_derived()
)
_RECORDS_NAMED = Prepared(
    "version_records",
    select(ResourceVersion.resource_id, ResourceVersion.version, _RECORD).join(
        _ASKED, and_(ResourceVersion.resource_id == _ASKED.c.id, ResourceVersion.version == _ASKED.c.version)
    ),
)


def entry_rows(session: Session, ids: Collection[UUID] | None = None, share: Share | None = None) -> Iterator[EntryRow]:
    """Every entry that can be found, or those with these ids, in no order.

    All of them, or a ``share`` of them, are streamed by a cursor of the database, in a transaction that is for that.
    """
    found: Any
    if ids is None:
        for setting in _FROM_END_TO_END:
            session.execute(setting)
        rows = _ROWS if share is None else _ROWS.where(_is_in(share))
        found = session.execute(rows.execution_options(yield_per=_ROWS_AT_ONCE))
    else:
        found = _ROWS_NAMED.rows(session, ids=array_of(ids))
    for row in found:
        *plain, org_name, record = row
        yield EntryRow._make((*plain, orjson.loads(record), org_name))


def entry_states(session: Session, ids: Collection[UUID]) -> dict[UUID, EntryState]:
    """Those of these entries that there are."""
    found = _STATES_NAMED.rows(session, ids=array_of(ids)) if ids else ()
    return {row[0]: EntryState._make(row) for row in found}


def version_records(
    session: Session, versions: Collection[tuple[UUID, int]]
) -> Iterator[tuple[tuple[UUID, int], Mapping[str, Any]]]:
    """The records of these versions of entries, as plain JSON values."""
    if versions:
        ids, numbers = zip(*versions, strict=True)
        for entry, version, record in _RECORDS_NAMED.rows(session, ids=array_of(ids), versions=array_of(numbers)):
            yield (entry, version), orjson.loads(record)


def sees(actor: Actor, row: EntryState | EntryRow) -> bool:
    """Whether this actor may see the row."""
    return row.is_public or sees_inside(actor, row)


def sees_inside(actor: Actor, row: EntryState | EntryRow) -> bool:
    """Whether the actor sees the entry's state too, and not only what is published."""
    visible = visible_resources(actor)
    return visible.is_everything or row.org_code == visible.org_code

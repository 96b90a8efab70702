"""Entries as plain rows, for reading many: the columns, and the shown record as plain JSON values.

An entry is shown by its published record, or else by the one being worked on. Who may see a row is for the caller to
hold against ``is_public`` and ``org_code``.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Text, Uuid, and_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, psycopg2
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.policy import visible_resources
from directory.resources.models import ResourceEntry, ResourceVersion
from directory.resources.popularity import ResourceViews
from directory.resources.queries import is_public

_ROWS_AT_ONCE = 1000


class EntryRow(NamedTuple):
    """One entry. ``record`` is a ``Resource`` as JSON has it, without its defaults filled in anew."""

    id: UUID
    org_code: str
    identifier: str | None
    code: str | None
    status: str
    step_seq: int
    updated_on: date
    is_public: bool
    views: int
    record: Mapping[str, Any]


_SHOWN = (
    select(
        ResourceEntry.id,
        ResourceEntry.org_code,
        ResourceEntry.identifier,
        ResourceEntry.code,
        ResourceEntry.status,
        ResourceEntry.step_seq,
        ResourceEntry.updated_on,
        is_public().label("is_public"),
        func.coalesce(ResourceViews.views, 0).label("views"),
        cast(ResourceVersion.record, Text).label("record"),
    )
    .select_from(ResourceEntry)
    .join(
        ResourceVersion,
        and_(
            ResourceVersion.resource_id == ResourceEntry.id,
            ResourceVersion.version == func.coalesce(ResourceEntry.published_version, ResourceEntry.current_version),
        ),
    )
    .outerjoin(ResourceViews, ResourceViews.resource_id == ResourceEntry.id)
)


# Spelled once: putting the statement together anew would take longer than running it.
_NAMED = _SHOWN.where(ResourceEntry.id == func.any(cast(bindparam("ids", ()), ARRAY(Uuid)))).compile(
    dialect=psycopg2.dialect(),  # type: ignore[no-untyped-call]
    compile_kwargs={"render_postcompile": True},
)


def entry_rows(session: Session, ids: Collection[UUID] | None = None) -> Iterator[EntryRow]:
    """Every entry, streamed by a cursor of the database, or those with these ids, in no order."""
    if ids is None:
        for row in session.execute(_SHOWN.execution_options(yield_per=_ROWS_AT_ONCE)):
            yield EntryRow._make((*row[:-1], orjson.loads(row[-1])))
        return
    asked = {**_NAMED.params, "ids": [str(each) for each in ids]}
    for row in session.connection().exec_driver_sql(str(_NAMED), asked):
        yield EntryRow._make((*row[:-1], orjson.loads(row[-1])))


def sees(actor: Actor, row: EntryRow) -> bool:
    """Whether this actor may see the row."""
    return row.is_public or sees_inside(actor, row)


def sees_inside(actor: Actor, row: EntryRow) -> bool:
    """Whether the actor sees the entry's state too, and not only what is published."""
    visible = visible_resources(actor)
    return visible.is_everything or row.org_code == visible.org_code

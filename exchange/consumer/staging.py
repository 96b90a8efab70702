"""The staging table of one batch: in schema ``hutong_stage``, logged, granted to nobody, gone when the batch is
applied.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from psycopg2 import sql

from exchange import columns
from exchange.envelope.header import Kind
from exchange.errors import ExchangeError
from exchange.keys.trust import BoundGrant
from exchange.ledger import Batch

SCHEMA = "hutong_stage"

_STATISTICS = 10  # 3,000 rows are looked at; the default is ten times as many, and as long

_OPERATIONS: Mapping[Kind, tuple[int, ...]] = {"increment": (0, 1), "changes": (1, 2)}

_SEEN = "seen"  # behind the writers, in the table's comment

# What format_type() writes for a type with modifiers; anything else could be more than a type.
_TYPE_NAME = re.compile(
    r"(?:character varying|bit varying|double precision|(?:[a-z_][a-z0-9_]*\.)?[a-z_][a-z0-9_]*)"
    r"(?:\([A-Za-z0-9, -]{1,40}\))?(?: with time zone| without time zone)?(?:\[\])*"
)


class Writers(NamedTuple):
    """The transactions that have filled a table, where they were several, else none. ``is_seen``: nobody has a snapshot
    any more in which one of them had not ended yet.
    """

    xids: tuple[str, ...]
    is_seen: bool


def name_of(route_id: str, seq: int) -> str:
    """``s_<route>_<seq>``; at most 63 bytes for every route id that ``metadata.access.route_id`` makes."""
    return f"s_{route_id.removeprefix('r-')}_{seq}"


def owner_of(name: str) -> str:
    """The name that a table will have, or has, once all rows are in it."""
    return "_".join(name.split("_")[:3])


def table(batch: Batch) -> sql.Identifier:
    return sql.Identifier(SCHEMA, name_of(batch.route_id, batch.seq))


def loading(batch: Batch) -> sql.Identifier:
    """What it is called while several connections fill it: only this lease's worker knows the name."""
    return sql.Identifier(SCHEMA, f"{name_of(batch.route_id, batch.seq)}_{batch.lease_epoch}")


def witness(batch: Batch) -> sql.Identifier:
    """A table of one row beside that, of which ``is_seen`` asks."""
    return sql.Identifier(SCHEMA, _witness(batch))


def _witness(batch: Batch) -> str:
    return f"{name_of(batch.route_id, batch.seq)}_{batch.lease_epoch}_w"


def create(
    cursor: Any, batch: Batch, grant: BoundGrant, kind: Kind, *, is_first: bool, at: sql.Identifier | None = None
) -> None:
    """A new, empty one with the granted columns' types, before them the operation where rows have one; what an earlier
    try has left goes. ``at``: called so until it is whole.

    Columns of a key to come are NOT NULL from the start: adding the key would look through all rows for it. Autovacuum
    keeps away until it is the received table: name and key would wait for it, and most staged rows are soon gone.
    """
    drop(cursor, batch)
    key = _key(grant, kind, is_first=is_first)
    described = [
        sql.SQL("{} {}{}").format(
            sql.Identifier(column.field),
            type_name(column.sql_type),
            sql.SQL(" NOT NULL" if column.field in key else ""),
        )
        for column in columns.granted(grant)
    ]
    if kind != "full":
        operation = sql.Identifier(columns.operation(grant))
        allowed = sql.SQL(", ").join(map(sql.Literal, _OPERATIONS[kind]))
        described.insert(0, sql.SQL("{} smallint NOT NULL CHECK ({} IN ({}))").format(operation, operation, allowed))
    cursor.execute(
        sql.SQL("CREATE TABLE {} ({}) WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false)").format(
            at or table(batch), sql.SQL(", ").join(described)
        )
    )


def show(cursor: Any, batch: Batch, writers: Writers) -> None:
    """What several transactions have filled is whole: it gets its name, and says which they were."""
    name = sql.Identifier(name_of(batch.route_id, batch.seq))
    told = " ".join([*writers.xids, *([_SEEN] if writers.is_seen else [])])
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(witness(batch)))
    cursor.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(loading(batch), name))
    cursor.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(table(batch), sql.Literal(told)))


def writers(cursor: Any, batch: Batch) -> Writers:
    """The transactions that have filled it."""
    cursor.execute(
        "SELECT obj_description(c.oid, 'pg_class') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s",
        (SCHEMA, name_of(batch.route_id, batch.seq)),
    )
    found = cursor.fetchone()
    told = [] if found is None or found[0] is None else found[0].split()
    return Writers(tuple(each for each in told if each != _SEEN), is_seen=_SEEN in told)


def is_seen(cursor: Any, batch: Batch, xids: Sequence[str]) -> bool:
    """Whether everybody sees what these transactions have written, however old the snapshot. Each statement commits.

    VACUUM knows the oldest snapshot, whoever holds it, and says so by ``relfrozenxid``: that of the witness, made
    before these transactions, moves past them only when no older one is left. The row in it, which is later than all of
    them, is frozen then, and so a standby cancels what has an older snapshot there.
    """
    cursor.execute(sql.SQL("INSERT INTO {} DEFAULT VALUES").format(witness(batch)))
    cursor.execute(sql.SQL("VACUUM (FREEZE) {}").format(witness(batch)))
    cursor.execute(
        "SELECT bool_and(age(c.relfrozenxid) < age(w.xid::xid)) FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace, unnest(%s) w(xid) WHERE n.nspname = %s AND c.relname = %s",
        (list(xids), SCHEMA, _witness(batch)),
    )
    return bool(cursor.fetchone()[0])


def filled(grant: BoundGrant, kind: Kind) -> tuple[str, ...]:
    """The columns that the batch's rows fill, in order."""
    return columns.fields(grant) if kind == "full" else (columns.operation(grant), *columns.fields(grant))


def complete(cursor: Any, batch: Batch, grant: BoundGrant, kind: Kind, *, is_first: bool) -> None:
    """After the rows: an increment names no key twice, a first load has the received table's key, and check and merge
    are planned for as many rows as there are.

    A small sample is enough for that. To autovacuum all rows stay new, so it soon samples a received table in full.
    """
    fields = _key(grant, kind, is_first=is_first)
    if fields:
        key = sql.SQL(", ").join(map(sql.Identifier, fields))
        cursor.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(table(batch), key))
    cursor.execute(sql.SQL("SET LOCAL default_statistics_target = {}").format(sql.Literal(_STATISTICS)))
    cursor.execute(sql.SQL("ANALYZE {}").format(table(batch)))


def _key(grant: BoundGrant, kind: Kind, *, is_first: bool) -> tuple[str, ...]:
    return columns.key(grant) if kind != "full" or is_first else ()


def drop(cursor: Any, batch: Batch) -> None:
    """It goes, and whatever workers that are gone were filling for it."""
    name = name_of(batch.route_id, batch.seq)
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s AND (tablename = %s OR starts_with(tablename, %s))",
        (SCHEMA, name, f"{name}_"),
    )
    for (found,) in cursor.fetchall():
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(SCHEMA, found)))


def exists(cursor: Any, batch: Batch) -> bool:
    cursor.execute(
        "SELECT count(*) FROM pg_tables WHERE schemaname = %s AND tablename = %s",
        (SCHEMA, name_of(batch.route_id, batch.seq)),
    )
    return bool(cursor.fetchone()[0])


def type_name(sql_type: str) -> sql.SQL:
    """A column type from a grant as SQL; raises ``TARGET_DRIFT`` for anything that is not spelled as a type."""
    if not _TYPE_NAME.fullmatch(sql_type):
        zh, en = "授权里的列类型写法不合规", "a column's type in the grant is not spelled as one"
        raise ExchangeError("TARGET_DRIFT", table="", what=f"{zh}：{sql_type[:60]}", what_en=f"{en}: {sql_type[:60]}")
    return sql.SQL(sql_type)

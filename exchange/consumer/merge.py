"""How staged rows become the target's: the statements of each kind of batch, and what an increment must find there.

Ordinary DML in the caller's transaction. Rows are compared by image (``*<>``): 1.0 and 1.00, or two spellings that a
collation calls equal, differ. In the statements ``t`` is the target, ``s`` the staging table.
"""

from collections.abc import Iterable
from typing import Any

from psycopg2 import sql

from exchange import columns
from exchange.consumer import marks, staging, target
from exchange.errors import ExchangeError
from exchange.keys.trust import BoundGrant
from exchange.ledger import Batch


def run(cursor: Any, statements: Iterable[sql.Composable]) -> int:
    """How many rows were deleted, updated or inserted."""
    changed = 0
    for statement in statements:
        cursor.execute(statement)
        changed += cursor.rowcount
    return changed


def delete(batch: Batch, grant: BoundGrant) -> tuple[sql.Composable, ...]:
    """What takes out of the table the rows that are gone; of one without a key, all.

    An increment deletes what it does not name, changes what they say is gone.
    """
    names = _names(batch, grant)
    if not columns.key(grant):
        return (sql.SQL("DELETE FROM {t}").format(**names),)
    gone = sql.SQL("NOT EXISTS (SELECT 1 FROM {s} s WHERE {same})").format(**names)
    if batch.kind == "changes":
        gone = sql.SQL("EXISTS (SELECT 1 FROM {s} s WHERE s.{operation} = 2 AND {same})").format(**names)
    return (sql.SQL("DELETE FROM {t} t WHERE {gone}").format(**names, gone=gone),)


def write(batch: Batch, grant: BoundGrant) -> tuple[sql.Composable, ...]:
    """What brings in the rows that differ or are new; without a key, all."""
    names = _names(batch, grant)
    if not columns.key(grant):
        return (sql.SQL("INSERT INTO {t} ({fields}) SELECT {fields} FROM {s}").format(**names),)
    written = sql.SQL("true" if batch.kind == "full" else "s.{operation} = 1").format(**names)
    return (
        sql.SQL(
            "UPDATE {t} t SET {assigned} FROM {s} s"
            " WHERE {same} AND {written} AND ROW({staged})::record *<> ROW({held})::record"
        ).format(**names, written=written),
        sql.SQL(
            "INSERT INTO {t} ({fields}) SELECT {staged} FROM {s} s"
            " WHERE {written} AND NOT EXISTS (SELECT 1 FROM {t} t WHERE {same})"
        ).format(**names, written=written),
    )


def require_base(cursor: Any, batch: Batch, grant: BoundGrant, head: int) -> None:
    """What an increment builds on is what the target holds: the batch before, every row that stands unchanged.

    ``head`` is the last applied sequence. Raises as ``marks.require_next``, ``INCREMENT_BASE``, ``INCREMENT_GAP``.
    """
    marks.require_next(head, batch.seq, batch.replaces_seq)
    held = marks.applied(cursor, batch.route_id, head)
    if held is None or held[0] != batch.previous_digest or not target.exists(cursor, grant):
        raise ExchangeError("INCREMENT_BASE")
    target.require_shape(cursor, grant)
    cursor.execute(
        sql.SQL(
            "SELECT count(*) FROM {s} s WHERE s.{operation} = 0 AND NOT EXISTS (SELECT 1 FROM {t} t WHERE {same})"
        ).format(**_names(batch, grant))
    )
    missing = cursor.fetchone()[0]
    if missing:
        raise ExchangeError("INCREMENT_GAP", missing=missing)


def require_rows(cursor: Any, batch: Batch, grant: BoundGrant) -> None:
    """The target holds as many rows as the provider counted.

    Raises ``TARGET_MISMATCH`` when a trigger or rule at the target has made something else of the batch, and for
    changes ``INCREMENT_GAP``: the target may have lost rows that they do not name.
    """
    expected = batch.target_rows or 0
    found = target.count(cursor, grant)
    if found != expected and batch.kind == "changes":
        raise ExchangeError("INCREMENT_GAP", missing=expected - found)
    if found != expected:
        raise ExchangeError("TARGET_MISMATCH", found=found, expected=expected)


def relation(batch: Batch, grant: BoundGrant) -> sql.Composable:
    """The rows that the target will hold as a SELECT with the item fields as columns: written ones from staging, the
    others from the target.
    """
    fields = sql.SQL(", ").join(map(sql.Identifier, columns.fields(grant)))
    if batch.kind == "full":
        return sql.SQL("SELECT {} FROM {}").format(fields, staging.table(batch))
    names = _names(batch, grant)
    standing = "EXISTS (SELECT 1 FROM {s} s WHERE s.{operation} = 0 AND {same})"
    if batch.kind == "changes":
        standing = "NOT EXISTS (SELECT 1 FROM {s} s WHERE {same})"
    return sql.SQL(
        "SELECT {fields} FROM {s} s WHERE s.{operation} = 1 UNION ALL SELECT {held} FROM {t} t WHERE {standing}"
    ).format(**names, standing=sql.SQL(standing).format(**names))


def _names(batch: Batch, grant: BoundGrant) -> dict[str, sql.Composable]:
    fields = columns.fields(grant)
    return {
        "t": target.table(grant),
        "s": staging.table(batch),
        "operation": sql.Identifier(columns.operation(grant)),
        "same": sql.SQL(" AND ").join(
            sql.SQL("{} = {}").format(sql.Identifier("s", field), sql.Identifier("t", field))
            for field in columns.key(grant)
        ),
        "fields": sql.SQL(", ").join(map(sql.Identifier, fields)),
        "staged": sql.SQL(", ").join(sql.Identifier("s", field) for field in fields),
        "held": sql.SQL(", ").join(sql.Identifier("t", field) for field in fields),
        "assigned": sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(field), sql.Identifier("s", field)) for field in fields
        ),
    }

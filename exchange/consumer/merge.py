"""How staged rows become the target's: the statements of each kind of batch, and what an increment must find there.

Ordinary DML in the caller's transaction. Rows are compared by image (``*<>``): 1.0 and 1.00, or two spellings that a
collation calls equal, differ. In the statements ``t`` is the target, ``s`` the staging table, ``o`` what that was.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from psycopg2 import sql

from exchange import columns
from exchange.consumer import last_merge, marks, staging, target
from exchange.consumer.last_merge import Tally
from exchange.errors import ExchangeError
from exchange.keys.trust import BoundGrant
from exchange.ledger import Batch


class Changed(NamedTuple):
    """What a merge did: rows deleted, and rows updated or inserted. ``is_first``: it made the table. ``is_kept``: what
    it found is kept.
    """

    gone: int
    written: int
    is_first: bool
    is_kept: bool

    @property
    def rows(self) -> int:
        return self.gone + self.written


def run(cursor: Any, statements: Iterable[sql.Composable]) -> int:
    """How many rows were deleted, updated or inserted."""
    changed = 0
    for statement in statements:
        cursor.execute(statement)
        changed += cursor.rowcount
    return changed


def delete(batch: Batch, grant: BoundGrant, *, is_kept: bool) -> tuple[sql.Composable, ...]:
    """What takes out of the table the rows that are gone; of one without a key, all. ``is_kept``: into
    ``last_merge.before``.

    An increment deletes what it does not name, changes what they say is gone.
    """
    names = _names(batch, grant)
    gone = sql.SQL("true")
    if columns.key(grant):
        gone = sql.SQL("NOT EXISTS (SELECT 1 FROM {s} s WHERE {same})").format(**names)
    if batch.kind == "changes":
        gone = sql.SQL("EXISTS (SELECT 1 FROM {s} s WHERE s.{operation} = 2 AND {same})").format(**names)
    deleted = sql.SQL("DELETE FROM {t} t WHERE {gone}").format(**names, gone=gone)
    return (_keeping(deleted, names["held"], last_merge.before(batch.route_id), names["fields"], is_kept=is_kept),)


def write(batch: Batch, grant: BoundGrant, *, is_kept: bool) -> tuple[sql.Composable, ...]:
    """What brings in the rows that differ or are new; without a key, all. ``is_kept``: what they were into
    ``last_merge.before``, the keys of new ones into ``last_merge.added``.

    Until PostgreSQL 18 an UPDATE cannot return what was there, so it is looked up a second time, in the same snapshot.
    """
    names = _names(batch, grant)
    if not columns.key(grant):
        return (sql.SQL("INSERT INTO {t} ({fields}) SELECT {fields} FROM {s}").format(**names),)
    written = sql.SQL("true" if batch.kind == "full" else "s.{operation} = 1").format(**names)
    again = sql.SQL(", {t} o").format(**names) if is_kept else sql.SQL("")
    found = sql.SQL("{same} AND {same_was}" if is_kept else "{same}").format(**names)
    updated = sql.SQL(
        "UPDATE {t} t SET {assigned} FROM {s} s{again}"
        " WHERE {found} AND {written} AND ROW({staged})::record *<> ROW({compared})::record"
    ).format(**names, again=again, found=found, written=written, compared=names["was" if is_kept else "held"])
    inserted = sql.SQL(
        "INSERT INTO {t} ({fields}) SELECT {staged} FROM {s} s"
        " WHERE {written} AND NOT EXISTS (SELECT 1 FROM {t} t WHERE {same})"
    ).format(**names, written=written)
    before, added = last_merge.before(batch.route_id), last_merge.added(batch.route_id)
    return (
        _keeping(updated, names["was"], before, names["fields"], is_kept=is_kept),
        _keeping(inserted, names["key"], added, names["key"], is_kept=is_kept),
    )


def _keeping(
    statement: sql.Composable,
    returned: sql.Composable,
    into: sql.Composable,
    fields: sql.Composable,
    *,
    is_kept: bool,
) -> sql.Composable:
    """The statement, with what it returns written down beside; it still counts its own rows."""
    if not is_kept:
        return statement
    return sql.SQL("WITH done AS ({} RETURNING {}) INSERT INTO {} ({}) SELECT * FROM done").format(
        statement, returned, into, fields
    )


def require_base(cursor: Any, batch: Batch, grant: BoundGrant, head: int) -> None:
    """What an increment builds on is what the target holds: the batch before. That every row which stands unchanged is
    there too, the rows' number tells afterwards (``require_rows``).

    ``head`` is the last applied sequence. Raises as ``marks.require_next``, ``INCREMENT_BASE``, ``ROUTE_UNDONE``.
    """
    marks.require_next(head, batch.seq, batch.replaces_seq)
    last = last_merge.require_going(cursor, batch.route_id)
    if last is not None and last.is_undone:  # then the target holds what was before the head
        raise ExchangeError("INCREMENT_BASE")
    held = marks.applied(cursor, batch.route_id, head)
    if held is None or held[0] != batch.previous_digest or not target.exists(cursor, grant):
        raise ExchangeError("INCREMENT_BASE")
    target.require_shape(cursor, grant)
    if last is not None and last.tally.numbers != target.numbers(cursor, grant):  # put back, but empty
        raise ExchangeError("INCREMENT_BASE")


def require_rows(cursor: Any, batch: Batch, grant: BoundGrant) -> Tally:
    """What the target holds now: as many rows as the provider counted.

    Raises ``INCREMENT_GAP`` as ``require_no_gap``, and ``TARGET_MISMATCH`` when a trigger or rule at the target has
    made something else of the batch.
    """
    expected = batch.target_rows or 0
    found = target.tally(cursor, grant)
    require_no_gap(cursor, batch, grant, found.rows)
    if found.rows != expected:
        raise ExchangeError("TARGET_MISMATCH", found=found.rows, expected=expected)
    return found


def require_no_gap(cursor: Any, batch: Batch, grant: BoundGrant, rows: int) -> None:
    """The target had every row that the batch leaves as it is, judged by how many there are with its own.

    Rows that are gone there and rows that it has too many cannot make up for each other: an increment names all that
    stay. Raises ``INCREMENT_GAP``, for changes at any other number: they do not name what stands.
    """
    expected = batch.target_rows or 0
    missing = expected - rows
    if missing and batch.kind == "increment":
        missing = _standing_missing(cursor, batch, grant)
    if missing and batch.kind != "full":
        raise ExchangeError("INCREMENT_GAP", missing=missing)


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


def _standing_missing(cursor: Any, batch: Batch, grant: BoundGrant) -> int:
    """How many rows that stand unchanged, as an increment says, are not there; asked only where the number is wrong,
    since it takes a look at every row.
    """
    cursor.execute(
        sql.SQL(
            "SELECT count(*) FROM {s} s WHERE s.{operation} = 0 AND NOT EXISTS (SELECT 1 FROM {t} t WHERE {same})"
        ).format(**_names(batch, grant))
    )
    return int(cursor.fetchone()[0])


def _names(batch: Batch, grant: BoundGrant) -> dict[str, sql.Composable]:
    fields = columns.fields(grant)
    return {
        "t": target.table(grant),
        "s": staging.table(batch),
        "operation": sql.Identifier(columns.operation(grant)),
        "same": _same(grant, "t"),
        "same_was": _same(grant, "o"),
        "key": sql.SQL(", ").join(map(sql.Identifier, columns.key(grant))),
        "fields": sql.SQL(", ").join(map(sql.Identifier, fields)),
        "was": sql.SQL(", ").join(sql.Identifier("o", field) for field in fields),
        "staged": sql.SQL(", ").join(sql.Identifier("s", field) for field in fields),
        "held": sql.SQL(", ").join(sql.Identifier("t", field) for field in fields),
        "assigned": sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(field), sql.Identifier("s", field)) for field in fields
        ),
    }


def _same(grant: BoundGrant, table: str) -> sql.Composable:
    """The staged row's key is the table's."""
    return sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier("s", field), sql.Identifier(table, field))
        for field in columns.key(grant)
    )

"""What is compared: at the provider the granted rows without those set aside, at the consumer the received table.

Both in one consistent read-only look. PostgreSQL keeps the transaction that wrote a row (``xmin``): at the source it
tells whether that was after the last batch's snapshot, in the target whether it was one of the exchange's own
(``marks.writers``): one that applied a batch, whose mark carries the same number, or that wrote a first load.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg2 import extensions, sql

from exchange import columns, department
from exchange.consumer import last_merge, marks, target
from exchange.errors import ExchangeError
from exchange.keys.trust import BoundGrant
from exchange.node import Node
from exchange.provider import source
from exchange.reconcile.digests import TOUCHED, Compared

_EPOCH = 2**32


@dataclass(frozen=True)
class Look:
    """An open read-only transaction at one end, and the rows that are compared."""

    cursor: Any
    compared: Compared
    knows_touched: bool


@contextmanager
def at_source(node: Node, grant: BoundGrant, seq: int, snapshot: str) -> Iterator[Look]:
    """``snapshot`` is the one the last batch was read in (``pg_current_snapshot()`` as text), empty if unknown.

    Raises ``SOURCE_DRIFT``, ``SOURCE_LOCKED`` and the like.
    """
    with source.snapshot(node.settings.department_url, grant) as taken, taken.connection.cursor() as cursor:
        touched = _changed_since(cursor, grant, snapshot)
        relation = source.relation(grant, [(touched or sql.SQL("NULL::boolean"), TOUCHED)])
        relation = _without_set_aside(cursor, grant, seq, relation)
        yield Look(cursor, Compared(relation, columns.fields(grant), columns.key(grant)), touched is not None)


@contextmanager
def at_target(node: Node, grant: BoundGrant, seq: int) -> Iterator[Look]:
    """Raises ``RECONCILE_WAITING`` before the target stands at this batch, ``RECONCILE_NOT_AT_SEQ`` after it stood
    there, and ``TARGET_DRIFT``.
    """
    name = f"{target.SCHEMA}.{grant.target_table}"
    with department.connect(node.settings.department_url, "target", name) as connection:
        connection.set_session(isolation_level=extensions.ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT seq FROM hutong.route_head WHERE route_id = %s", (grant.route_id,))
            row = cursor.fetchone()
            if row is None or row[0] < seq:
                raise ExchangeError("RECONCILE_WAITING", seq=seq)
            if row[0] > seq:
                raise ExchangeError("RECONCILE_NOT_AT_SEQ", found=row[0], seq=seq)
            last = last_merge.find(cursor, grant.route_id)
            if last is not None and last.is_undone:  # it stands where it was before
                raise ExchangeError("RECONCILE_NOT_AT_SEQ", found=seq - 1, seq=seq)
            own = marks.writers(cursor, grant.route_id)
            relation = sql.SQL("SELECT {}, t.xmin::text <> ALL ({}::text[]) AS {} FROM {} t").format(
                sql.SQL(", ").join(sql.Identifier("t", field) for field in columns.fields(grant)),
                sql.Literal(own),
                sql.Identifier(TOUCHED),
                sql.Identifier(target.SCHEMA, grant.target_table),
            )
            yield Look(cursor, Compared(relation, columns.fields(grant), columns.key(grant)), knows_touched=True)


def _changed_since(cursor: Any, grant: BoundGrant, snapshot: str) -> sql.Composable | None:
    """True for rows written by transactions that the snapshot does not see; None where rows do not carry that.

    ``xmin`` has 32 bits: it is taken for the newest transaction with these bits.
    """
    if not snapshot:
        return None
    cursor.execute(
        "SELECT c.relkind, pg_snapshot_xmax(pg_current_snapshot())::text FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s",
        (grant.schema_name, grant.table),
    )
    kind, newest = cursor.fetchone()
    if kind not in ("r", "p", "m"):
        return None
    epoch = int(newest) // _EPOCH * _EPOCH
    written = sql.SQL("xmin::text::bigint")
    return sql.SQL(
        "({w} > 2 AND NOT pg_visible_in_snapshot("
        "greatest(3, {e} + {w} - CASE WHEN {e} + {w} > {n} THEN {span} ELSE 0 END)::text::xid8, {s}::pg_snapshot))"
    ).format(
        w=written,
        e=sql.Literal(epoch),
        n=sql.Literal(int(newest)),
        span=sql.Literal(_EPOCH),
        s=sql.Literal(snapshot),
    )


def _without_set_aside(cursor: Any, grant: BoundGrant, seq: int, relation: sql.Composable) -> sql.Composable:
    """The rows but those that this batch left behind, which are listed by key (keyless: whole) beside the source."""
    cursor.execute("SELECT count(*) FROM hutong.set_aside WHERE route_id = %s AND seq = %s", (grant.route_id, seq))
    if not cursor.fetchone()[0]:
        return relation
    named = columns.key(grant) or columns.fields(grant)
    return sql.SQL(
        "SELECT r.* FROM ({relation}) r WHERE (SELECT to_jsonb(k) FROM (SELECT {named}) k)"
        " NOT IN (SELECT row_key FROM hutong.set_aside WHERE route_id = {route} AND seq = {seq})"
    ).format(
        relation=relation,
        route=sql.Literal(grant.route_id),
        seq=sql.Literal(seq),
        named=sql.SQL(", ").join(sql.Identifier("r", field) for field in named),
    )

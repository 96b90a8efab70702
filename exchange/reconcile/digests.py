"""Keyed digests of rows, computed in the department's database: what leaves it are counts and sums.

The image of a row is PostgreSQL's own text of the row (``record_out``): NULL and '' differ, every separator is quoted,
1.0 and 1.00 differ, and so do two normal forms of one character. Session settings are those of ``rows.py``: both ends
write the same image of the same value.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql

from exchange.reconcile.classify import Entry
from exchange.reconcile.tree import Leaves, reduced
from exchange.rows import EXACT

TOUCHED = "hutong touched"
"""The column that tells of a row whether it was touched, if the relation has it."""

_KEY_BYTES, _IMAGE_BYTES = 16, 16


@dataclass(frozen=True)
class Compared:
    """The rows of one end: a SELECT that gives ``fields`` as columns and ``TOUCHED``, and the fields of the key."""

    relation: sql.Composable
    fields: Sequence[str]
    key: Sequence[str]


def leaves(cursor: Any, compared: Compared, session_key: bytes) -> Leaves:
    """Counts and sums of all 4,096 leaves in one pass; memory does not grow with the table."""
    cursor.execute(EXACT)
    cursor.execute(
        sql.SQL(
            "SELECT (get_byte(k, 0) << 4) | (get_byte(k, 1) >> 4), count(*), sum({first}), sum({second})"
            " FROM ({rows}) d GROUP BY 1"
        ).format(first=_lane(1), second=_lane(9), rows=_digested(compared, session_key))
    )
    return {int(leaf): reduced(int(count), int(first), int(second)) for leaf, count, first, second in cursor}


def entries(cursor: Any, compared: Compared, session_key: bytes, chosen: Collection[int]) -> list[Entry]:
    """The rows of the chosen leaves as digests, equal ones counted together."""
    cursor.execute(EXACT)
    cursor.execute(
        sql.SQL(
            "SELECT encode(substr(k, 1, {kb}), 'hex'), encode(substr(i, 1, {ib}), 'hex'), count(*),"
            " count(*) FILTER (WHERE touched), bool_or(touched IS NULL)"
            " FROM ({rows}) d WHERE ((get_byte(k, 0) << 4) | (get_byte(k, 1) >> 4)) = ANY(%s) GROUP BY k, i"
        ).format(kb=sql.Literal(_KEY_BYTES), ib=sql.Literal(_IMAGE_BYTES), rows=_digested(compared, session_key)),
        (sorted(chosen),),
    )
    return [
        Entry(key, image, int(count), None if unknown else int(touched))
        for key, image, count, touched, unknown in cursor
    ]


def keys(cursor: Any, compared: Compared, session_key: bytes, wanted: Collection[str]) -> dict[str, str]:
    """The keys (keyless: the whole rows) behind key digests, as JSON text; those that are not here are left out."""
    named = sql.SQL(", ").join(sql.Identifier("r", field) for field in compared.key or compared.fields)
    cursor.execute(EXACT)
    cursor.execute(
        sql.SQL(
            "SELECT DISTINCT ON (k) encode(substr(k, 1, {kb}), 'hex'), named"
            " FROM (SELECT {digest} AS k, (SELECT to_jsonb(n) FROM (SELECT {named}) n)::text AS named"
            " FROM ({relation}) r OFFSET 0) d WHERE encode(substr(k, 1, {kb}), 'hex') = ANY(%s)"
        ).format(
            kb=sql.Literal(_KEY_BYTES),
            digest=_digest(compared.key or compared.fields, session_key),
            named=named,
            relation=compared.relation,
        ),
        (sorted(wanted),),
    )
    return dict(cursor.fetchall())


def _digested(compared: Compared, session_key: bytes) -> sql.Composable:
    """Key digest ``k``, image digest ``i`` and ``touched`` of every row; OFFSET 0 so that each is computed once."""
    image = _digest(compared.fields, session_key)
    key = _digest(compared.key, session_key) if compared.key else None
    inner = sql.SQL("SELECT {} AS k, {} AS i, r.{} AS touched FROM ({}) r OFFSET 0")
    if key is not None:
        return inner.format(key, image, sql.Identifier(TOUCHED), compared.relation)
    return sql.SQL("SELECT i AS k, i, touched FROM (SELECT {} AS i, r.{} AS touched FROM ({}) r OFFSET 0) e").format(
        image, sql.Identifier(TOUCHED), compared.relation
    )


def _digest(fields: Sequence[str], session_key: bytes) -> sql.Composable:
    row = sql.SQL(", ").join(sql.Identifier("r", field) for field in fields)
    return sql.SQL("sha256({}::bytea || convert_to(ROW({})::text, 'UTF8'))").format(
        sql.Literal(f"\\x{session_key.hex()}"), row
    )


def _lane(start: int) -> sql.Composable:
    """Eight bytes of the image digest as a bigint; a sum of bigints is exact and fast."""
    return sql.SQL("('x' || encode(substr(i, {}, 8), 'hex'))::bit(64)::bigint").format(sql.Literal(start))

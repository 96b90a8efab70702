"""The rows of a batch as one SELECT for COPY: all, or each with its operation before it. One scan, one snapshot.

The operations are those of the sealed format: 0 this key stands unchanged, 1 this row is new or changed, 2 this key is
gone; 0 and 2 carry only the key.
"""

from psycopg2 import sql

from exchange import columns
from exchange.envelope.header import Kind
from exchange.keys.trust import BoundGrant
from exchange.provider import change_table, source
from exchange.provider.strategy import SourceState, bounds

STANDS, WRITTEN, GONE = 0, 1, 2


def rows(
    grant: BoundGrant,
    relation: sql.Composable,
    kind: Kind,
    base: SourceState | None,
    snapshot: str,
    set_aside: sql.Composable | None,
) -> sql.Composable:
    """What a batch of this kind carries; ``base`` is what an increment or changes build on."""
    if base is None or kind == "full":
        return source.going(grant, relation, set_aside)
    return changes(grant, base) if kind == "changes" else increment(grant, base, snapshot, set_aside)


def increment(grant: BoundGrant, base: SourceState, snapshot: str, set_aside: sql.Composable | None) -> sql.Composable:
    """Every row that goes, by key, and whole where it may be newer than the base.

    A row may be newer when the transaction that wrote it (``xmin``) was not over at the base: from the base's oldest
    transaction on, because a snapshot does not list subtransactions, and what it did see from there on is merged by
    key. A row that stayed behind at the base is new to the target, however old. 32-bit ids compare by their distance.
    """
    first, _ = bounds(base.snapshot)
    _, last = bounds(snapshot)
    written = sql.SQL("(xmin::text::bigint - {first} + {turn}) % {turn} < {distance}").format(
        first=sql.Literal(first % 2**32), turn=sql.Literal(2**32), distance=sql.Literal(last - first)
    )
    name, fields = columns.operation(grant), columns.fields(grant)
    newer = sql.Identifier("r", name)
    if base.set_aside:
        newer = sql.SQL("({} OR {})").format(newer, _stayed(grant, base.seq))
    decided = sql.SQL(  # OFFSET keeps it a query of its own: one decision a row, not one a column
        "SELECT CASE WHEN {} THEN {}::smallint ELSE {}::smallint END AS {}, {} FROM ({}) r WHERE {} OFFSET 0"
    ).format(
        newer,
        sql.Literal(WRITTEN),
        sql.Literal(STANDS),
        sql.Identifier(name),
        sql.SQL(", ").join(sql.Identifier("r", field) for field in fields),
        source.relation(grant, [(written, name)]),
        source.rest(set_aside),
    )
    key = columns.key(grant)
    carried = [
        sql.Identifier("d", field)
        if field in key
        else sql.SQL("CASE WHEN {} = {} THEN {} END").format(
            sql.Identifier("d", name), sql.Literal(WRITTEN), sql.Identifier("d", field)
        )
        for field in fields
    ]
    return sql.SQL("SELECT {}, {} FROM ({}) d").format(sql.Identifier("d", name), sql.SQL(", ").join(carried), decided)


def changes(grant: BoundGrant, base: SourceState) -> sql.Composable:
    """What the change table has since the base: the row as it is now, or that there is none among those granted."""
    key, fields = columns.key(grant), columns.fields(grant)
    names = columns.names(grant)
    first, _ = bounds(base.snapshot)
    changed = sql.SQL(
        "SELECT DISTINCT {} FROM {} WHERE hutong_txid >= {}::text::xid8"
        " AND NOT pg_visible_in_snapshot(hutong_txid, {}::pg_snapshot) AND NOT hutong_truncated AND {}"
    ).format(
        sql.SQL(", ").join(
            sql.SQL("{} AS {}").format(sql.Identifier(names[field]), sql.Identifier(field)) for field in key
        ),
        change_table.log_of(grant.schema_name, grant.table),
        sql.Literal(str(first)),
        sql.Literal(base.snapshot),
        sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(sql.Identifier(names[field])) for field in key),
    )
    carried = [
        sql.SQL("coalesce({}, {})").format(sql.Identifier("r", field), sql.Identifier("c", field))
        if field in key
        else sql.Identifier("r", field)
        for field in fields
    ]
    same = [sql.SQL("{} = {}").format(sql.Identifier("r", field), sql.Identifier("c", field)) for field in key]
    return sql.SQL(
        "SELECT CASE WHEN {} IS NULL THEN {}::smallint ELSE {}::smallint END, {} FROM ({}) c LEFT JOIN ({}) r ON {}"
    ).format(
        sql.Identifier("r", key[0]),
        sql.Literal(GONE),
        sql.Literal(WRITTEN),
        sql.SQL(", ").join(carried),
        changed,
        source.relation(grant),
        sql.SQL(" AND ").join(same),
    )


def _stayed(grant: BoundGrant, seq: int) -> sql.Composable:
    """Whether the row was among those set aside then."""
    named = sql.SQL(", ").join(sql.Identifier("r", field) for field in columns.key(grant))
    return sql.SQL(
        "(SELECT to_jsonb(k) FROM (SELECT {}) k) IN (SELECT row_key FROM hutong.set_aside"
        " WHERE route_id = {} AND seq = {})"
    ).format(named, sql.Literal(grant.route_id), sql.Literal(seq))

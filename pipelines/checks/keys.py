"""Whether an index already keeps a relation's key unique, so that no row needs to be compared with another.

Two witnesses are asked, for either alone could be wrong. PostgreSQL's planner drops an outer join to a side that can
match at most once: it knows how a relation is made (filters, views, joins), but it knows the indexes of now. The
catalogue as the snapshot saw it has the indexes of then.
"""

from collections.abc import Sequence

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

# Columns of one table as the snapshot saw it: is there an index, valid, at once enforced, over all rows and over
# plain columns, that lies wholly inside them?
_INDEX = """
    SELECT EXISTS (
        SELECT FROM pg_index AS i
        WHERE i.indrelid = %s AND i.indisunique AND i.indisvalid AND i.indisready AND i.indimmediate
            AND i.indpred IS NULL AND i.indexprs IS NULL
            AND (i.indkey::int2[])[0:i.indnkeyatts - 1] <@ %s::int2[]
    )
"""


def is_kept_unique(cursor: Cursor, relation: sql.Composable, key: Sequence[str]) -> bool:
    """True where a unique index proves that no two rows of the relation share the key.

    Reads the plan and the catalogue only. ``cursor`` is inside the snapshot's transaction.
    """
    return _has_index(cursor, relation, key) and _matches_once(cursor, relation, key)


def _has_index(cursor: Cursor, relation: sql.Composable, key: Sequence[str]) -> bool:
    names = sql.SQL(", ").join(map(sql.Identifier, key))
    cursor.execute(sql.SQL("SELECT {} FROM ({}) AS r LIMIT 0").format(names, relation))
    origins = [(column.table_oid, column.table_column) for column in cursor.description or ()]
    tables = {table for table, _ in origins}
    if len(tables) != 1 or None in tables:
        return False
    cursor.execute(_INDEX, (tables.pop(), [number for _, number in origins]))
    ((is_indexed,),) = cursor.fetchall()
    return bool(is_indexed)


def _matches_once(cursor: Cursor, relation: sql.Composable, key: Sequence[str]) -> bool:
    """The planner drops the join, so each row of the left has at most one partner on the right."""
    name = sql.Identifier(key[0])
    pairs = sql.SQL(" AND ").join(sql.SQL("p.{0} = d.{0}").format(sql.Identifier(field)) for field in key)
    cursor.execute(
        sql.SQL(
            "EXPLAIN (FORMAT JSON, COSTS OFF) SELECT p.{name} FROM (SELECT * FROM ({relation}) AS r OFFSET 0) AS p"
            " LEFT JOIN ({relation}) AS d ON {pairs}"
        ).format(name=name, relation=relation, pairs=pairs)
    )
    ((with_partner,),) = cursor.fetchall()
    cursor.execute(
        sql.SQL(
            "EXPLAIN (FORMAT JSON, COSTS OFF) SELECT p.{name} FROM (SELECT * FROM ({relation}) AS r OFFSET 0) AS p"
        ).format(name=name, relation=relation)
    )
    ((alone,),) = cursor.fetchall()
    return bool(with_partner == alone)

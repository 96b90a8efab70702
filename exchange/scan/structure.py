"""The department's schemas, tables, columns, comments and keys, from the system catalogues alone.

Defaults, check constraints, view definitions and statistics of most common values are not read: they hold values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from exchange.errors import ExchangeError
from metadata.profile import ColumnProfile, Reference, TableKind

# Ours: marks and staging, and what other departments sent. None of it is this department's to catalogue.
_OURS: Final = ("hutong", "hutong_stage", "shared")

_KINDS: Final[Mapping[str, TableKind]] = {
    "r": "table",
    "v": "view",
    "m": "materialized_view",
    "p": "partitioned_table",
    "f": "foreign_table",
}

# Kinds of type whose text form is short and says something: text, number, date, boolean, one of an enumeration.
_TELLING: Final = frozenset("SNDBE")

_SCHEMAS = (
    "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
    " AND nspname <> ALL (%s) ORDER BY nspname"
)
_RELATIONS = """
SELECT n.nspname, c.relname, c.oid, c.relkind, coalesce(obj_description(c.oid, 'pg_class'), ''), c.reltuples::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY (%s) AND c.relkind IN ('r', 'v', 'm', 'p', 'f') AND NOT c.relispartition
  AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  )
ORDER BY n.nspname, c.relname
"""
_COLUMNS = """
SELECT a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), coalesce(col_description(a.attrelid, a.attnum), ''),
  a.attnotnull, coalesce(base.typcategory, t.typcategory), coalesce(base.typname, t.typname),
  has_column_privilege(a.attrelid, a.attnum, 'SELECT')
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type base ON base.oid = t.typbasetype
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_KEYS = """
SELECT i.indisprimary, i.indkey::int[] FROM pg_index i
WHERE i.indrelid = %s AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
"""
_REFERENCES = """
SELECT k.attnum, n.nspname, f.relname, fa.attname
FROM pg_constraint c CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k (attnum, fattnum)
JOIN pg_class f ON f.oid = c.confrelid JOIN pg_namespace n ON n.oid = f.relnamespace
JOIN pg_attribute fa ON fa.attrelid = f.oid AND fa.attnum = k.fattnum
WHERE c.conrelid = %s AND c.contype = 'f' ORDER BY c.conname, k.attnum
"""


@dataclass(frozen=True)
class Relation:
    """One table or view. ``row_count`` is the planner's estimate, None where the table was never analysed."""

    schema_name: str
    table: str
    oid: int
    kind: TableKind
    comment: str
    row_count: int | None

    @property
    def name(self) -> str:
        """As it is written in messages."""
        return f"{self.schema_name}.{self.table}"


@dataclass(frozen=True)
class Column:
    """A column's profile without values, and whether its values may be looked at and would tell anything."""

    profile: ColumnProfile
    is_readable: bool
    is_telling: bool


def relations(cursor: Any, schemas: Sequence[str]) -> list[Relation]:
    """The tables and views of these schemas, or of all but the system's and ours; partitions count as their table.

    Raises ``SCHEMA_UNKNOWN``.
    """
    cursor.execute(_SCHEMAS, (list(_OURS),))
    known = [name for (name,) in cursor.fetchall()]
    unknown = [name for name in schemas if name not in known]
    if unknown:
        raise ExchangeError("SCHEMA_UNKNOWN", names=unknown, known=known)
    cursor.execute(_RELATIONS, (list(schemas) or known,))
    return [
        Relation(schema, table, oid, _KINDS[kind], comment, rows if rows >= 0 and kind != "v" else None)
        for schema, table, oid, kind, comment, rows in cursor.fetchall()
    ]


def columns(cursor: Any, relation: Relation) -> list[Column]:
    """The columns in their order, with keys and references."""
    cursor.execute(_KEYS, (relation.oid,))
    keys = cursor.fetchall()
    primary = {number for is_primary, numbers in keys if is_primary for number in numbers}
    unique = {numbers[0] for _, numbers in keys if len(numbers) == 1}
    cursor.execute(_REFERENCES, (relation.oid,))
    references: dict[int, Reference] = {}
    for number, schema, table, column in cursor.fetchall():
        references.setdefault(number, Reference(schema_name=schema, table=table, column=column))
    cursor.execute(_COLUMNS, (relation.oid,))
    return [
        Column(
            ColumnProfile(
                name=name,
                sql_type=spelled,
                comment=comment,
                is_nullable=not is_not_null,
                is_key=number in primary,
                is_unique=number in unique,
                references=references.get(number),
            ),
            is_readable=is_readable,
            is_telling=category in _TELLING or type_name == "uuid",
        )
        for number, name, spelled, comment, is_not_null, category, type_name, is_readable in cursor.fetchall()
    ]

"""A rule as SQL: the boolean expression that is true for exactly the rows that break it.

Every expression is NULL-safe (never NULL itself; NULL breaks only ``not_null``) and raises for no value whatever: what
a text must look like is said by patterns, and none is cast that has not been matched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg2 import sql

from metadata.quality import Parameters, Rule
from pipelines.checks import base_rows, check_digits, patterns
from standards.codes import table

# Types whose every value has the letter's form, but for the special values that ``_is_special`` finds.
_NATIVE = {
    "D": frozenset({"date"}),
    "T": frozenset({"timestamp", "timestamptz"}),
    "N": frozenset({"int2", "int4", "int8", "numeric", "float4", "float8"}),
    "I": frozenset({"int2", "int4", "int8"}),
    "L": frozenset({"bool"}),
}
_NATIVE |= dict.fromkeys("YBF", _NATIVE["N"])
_SPECIAL = {
    "date": "{0} NOT BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'",
    "timestamp": "NOT ({0} >= TIMESTAMP '0001-01-01' AND {0} < TIMESTAMP '10000-01-01')",
    "timestamptz": "NOT ({0} >= TIMESTAMPTZ '0001-01-01 00:00+00' AND {0} < TIMESTAMPTZ '10000-01-01 00:00+00')",
    "numeric": "scale({0}) IS NULL",  # of NaN and the infinities only, and far cheaper than to compare with each
    "float4": "{0} IN ('NaN', 'Infinity', '-Infinity')",
    "float8": "{0} IN ('NaN', 'Infinity', '-Infinity')",
}


@dataclass(frozen=True)
class Cell:
    """One column of one row: the expression that gives it and its PostgreSQL type (``text`` for what is not listed)."""

    native: sql.Composable
    sql_type: str

    @property
    def text(self) -> sql.Composable:
        """The value as text; itself where it is text already."""
        return self.native if self.sql_type == "text" else sql.SQL("({})::text").format(self.native)

    @property
    def bytes(self) -> sql.Composable:
        """How many bytes the text has at most: for the character types known without looking at one of them."""
        return sql.SQL("octet_length({})").format(self.native if self.sql_type == "bpchar" else self.text)


def violates(rule: Rule, cells: Mapping[str, Cell], relation: sql.Composable) -> sql.Composable:
    """The expression over the cells that is true where a row breaks a row rule.

    ``relation`` is the SELECT the row is of, under the fields' names; only uniqueness looks at it.
    """
    if rule.kind == "unique":
        return _is_doubled(rule.columns, cells, relation)
    if rule.kind in base_rows.KINDS:
        return base_rows.breaks(rule, cells)
    (field,) = rule.columns
    cell = cells[field]
    if rule.kind == "not_null":
        return sql.SQL("({} IS NULL)").format(cell.native)
    return sql.SQL("COALESCE({} IS NOT NULL AND {}, false)").format(cell.native, _breaks(rule, cell))


def applies(rule: Rule, cells: Mapping[str, Cell]) -> sql.Composable:
    """The aggregate that counts the rows in which a rule has something to judge: a value, for a key all its parts."""
    if rule.kind == "not_null":
        return sql.SQL("count(*)")
    if rule.kind in base_rows.KINDS:
        return sql.SQL("count(*) FILTER (WHERE {})").format(base_rows.judged(rule, cells))
    if len(rule.columns) == 1:
        return sql.SQL("count({})").format(cells[rule.columns[0]].native)
    whole = sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(cells[field].native) for field in rule.columns)
    return sql.SQL("count(*) FILTER (WHERE {})").format(whole)


def _breaks(rule: Rule, cell: Cell) -> sql.Composable:
    parameters = rule.parameters
    if rule.kind == "type":
        letter = parameters.type_code or ""
        if cell.sql_type in _NATIVE[letter]:
            return sql.SQL(_SPECIAL.get(cell.sql_type, "false")).format(cell.native)
        return sql.SQL('{} COLLATE "C" !~ {}').format(
            cell.text, sql.Literal(patterns.anchored(patterns.OF_TYPE[letter]))
        )
    if rule.kind == "length":
        return _is_too_long(parameters, cell)
    if rule.kind == "code":
        return sql.SQL("{} <> ALL ({}::text[])").format(
            cell.text, sql.Literal(list(table(parameters.code_table).codes))
        )
    return sql.SQL("NOT ({})").format(check_digits.IS_VALID[parameters.standard](cell.text))


def _is_too_long(parameters: Parameters, cell: Cell) -> sql.Composable:
    """Characters of a text; significant digits and decimal places of a plainly written number (outer zeros aside).

    No text has more characters than bytes, and no number more digits: almost every value is short enough by that alone.
    """
    limit = sql.Literal(parameters.max_length)
    if parameters.type_code in ("C", "M"):
        return sql.SQL("({} > {} AND char_length({}) > {})").format(cell.bytes, limit, cell.text, limit)
    if cell.sql_type == "numeric" and parameters.max_length is None:
        return sql.SQL("(scale({0}) > {1} AND {0} <> round({0}, {1}))").format(
            cell.native, sql.Literal(parameters.max_scale)
        )
    whole = sql.SQL("char_length(ltrim(split_part({}, '.', 1), '+-0'))").format(cell.text)
    decimals = sql.SQL("char_length(rtrim(split_part({}, '.', 2), '0'))").format(cell.text)
    limits = []
    if parameters.max_length is not None:
        limits.append(sql.SQL("({} > {} AND {} + {} > {})").format(cell.bytes, limit, whole, decimals, limit))
    if parameters.max_scale is not None:
        limits.append(sql.SQL("{} > {}").format(decimals, sql.Literal(parameters.max_scale)))
    return sql.SQL('(({}) AND {} COLLATE "C" ~ {})').format(
        sql.SQL(" OR ").join(limits), cell.text, sql.Literal(patterns.anchored(patterns.PLAIN_NUMBER))
    )


def _is_doubled(key: Sequence[str], cells: Mapping[str, Cell], relation: sql.Composable) -> sql.Composable:
    """True for every row of a key that stands more than once; a key with a NULL part has no double.

    ``least(…) = 2`` says the same as ``count(*) > 1``, but the planner takes an equality for rare and so looks the keys
    up in a hash table; expecting a third of all rows, it would compare every row with every doubled key.
    """
    names = [sql.SQL("d.{}").format(sql.Identifier(field)) for field in key]
    present = sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(name) for name in names)
    return sql.SQL(
        "({whole} AND ({values}) IN (SELECT {names} FROM ({relation}) AS d WHERE {present}"
        " GROUP BY {names} HAVING least(count(*), 2) = 2))"
    ).format(
        whole=sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(cells[field].native) for field in key),
        values=sql.SQL(", ").join(cells[field].native for field in key),
        names=sql.SQL(", ").join(names),
        relation=relation,
        present=present,
    )

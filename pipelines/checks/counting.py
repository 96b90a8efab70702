"""Our count of every rule: one statement over all rows, and as few more as the rows themselves ask for.

A clean table costs one scan, and one more for a key that no index keeps unique and for each rule that rows show
together. Which rows break several rules at once matters only where several are broken, and is counted only there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from metadata.base_rules import OF_SEVERAL_ROWS
from metadata.quality import Rule
from pipelines.checks import keys, observations
from pipelines.checks.predicates import Cell, applies, violates
from pipelines.checks.snapshot import Snapshot

# An aggregate is a column of a partial result when workers share the scan, and PostgreSQL takes at most 1,664; a rule
# needs two. A wider table is scanned again for each further group.
RULES_AT_ONCE = 400


@dataclass(frozen=True)
class Count:
    """All rows, rows to set aside, and per row rule the rows it applies to and those that break it.

    ``by_index`` are the rules that an index proves, whose rows were therefore not compared.
    """

    rows: int
    set_aside: int
    applied: Mapping[str, int]
    failed: Mapping[str, int]
    by_index: frozenset[str]


def count(rules: Sequence[Rule], types: Mapping[str, str], snapshot: Snapshot) -> Count:
    """Count ``rules`` (row rules) over the snapshot's relation, whose columns have these types."""
    cells = {field: Cell(sql.Identifier("r", field), sql_type) for field, sql_type in types.items()}
    relation = snapshot.relation
    together = [rule for rule in rules if rule.kind in OF_SEVERAL_ROWS]
    rules = [rule for rule in rules if rule not in together]
    by_row = [rule for rule in rules if rule.kind != "unique"]
    unique = [rule for rule in rules if rule.kind == "unique"]
    with snapshot.transaction() as cursor:
        by_index = frozenset(rule.rule_id for rule in unique if keys.is_kept_unique(cursor, relation, rule.columns))
        rows, applied, failed = _scan(cursor, rules, by_row, cells, relation)
        for rule in unique:
            failed[rule.rule_id] = 0 if rule.rule_id in by_index else _doubled(cursor, rule.columns, relation)
        for rule in together:
            applied[rule.rule_id], failed[rule.rule_id] = _together(cursor, rule, cells, relation)
        aside = [rule for rule in rules if rule.action == "set_aside" and failed[rule.rule_id]]
        set_aside = sum(failed[rule.rule_id] for rule in aside)
        if len(aside) > 1:
            set_aside = _union(cursor, aside, cells, relation)
    return Count(rows, set_aside, applied, failed, by_index)


def _scan(
    cursor: Cursor, rules: Sequence[Rule], by_row: Sequence[Rule], cells: Mapping[str, Cell], relation: sql.Composable
) -> tuple[int, dict[str, int], dict[str, int]]:
    rows, applied, failed = 0, dict[str, int](), dict[str, int]()
    for start in range(0, max(len(rules), 1), RULES_AT_ONCE):
        some = rules[start : start + RULES_AT_ONCE]
        judged = [rule for rule in some if rule in by_row]
        cursor.execute(
            sql.SQL("SELECT count(*), ARRAY[{}]::bigint[], ARRAY[{}]::bigint[] FROM ({}) AS r").format(
                sql.SQL(", ").join(applies(rule, cells) for rule in some),
                sql.SQL(", ").join(
                    sql.SQL("count(*) FILTER (WHERE {})").format(violates(rule, cells, relation)) for rule in judged
                ),
                relation,
            )
        )
        ((rows, found_applied, found_failed),) = cursor.fetchall()
        applied |= {rule.rule_id: number for rule, number in zip(some, found_applied, strict=True)}
        failed |= {rule.rule_id: number for rule, number in zip(judged, found_failed, strict=True)}
    return rows, applied, failed


def _doubled(cursor: Cursor, key: Sequence[str], relation: sql.Composable) -> int:
    """The rows of a key that stands more than once; a key with a NULL part has no double.

    That a column has none at all is asked first: sorting its bare values takes a quarter of the time of grouping rows.
    """
    if len(key) == 1:
        cursor.execute(
            sql.SQL("SELECT count({0}) = count(DISTINCT {0}) FROM ({1}) AS r").format(sql.Identifier(key[0]), relation)
        )
        ((is_unique,),) = cursor.fetchall()
        if is_unique:
            return 0
    names = [sql.SQL("d.{}").format(sql.Identifier(field)) for field in key]
    cursor.execute(
        sql.SQL(
            "SELECT coalesce(sum(same), 0)::bigint FROM"
            " (SELECT count(*) AS same FROM ({relation}) AS d WHERE {present}"
            " GROUP BY {names} HAVING count(*) > 1) AS k"
        ).format(
            relation=relation,
            present=sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(name) for name in names),
            names=sql.SQL(", ").join(names),
        )
    )
    ((rows,),) = cursor.fetchall()
    return int(rows)


def _together(cursor: Cursor, rule: Rule, cells: Mapping[str, Cell], relation: sql.Composable) -> tuple[int, int]:
    """How much there is to judge, and how much of it is broken, by a rule about several rows."""
    selected = observations.selected(rule, cells, sql.SQL("({}) AS r").format(relation))
    cursor.execute(
        sql.SQL("SELECT count(*) FILTER (WHERE judged), count(*) FILTER (WHERE broken) FROM ({}) AS o").format(selected)
    )
    ((judged, broken),) = cursor.fetchall()
    return int(judged), int(broken)


def _union(cursor: Cursor, rules: Sequence[Rule], cells: Mapping[str, Cell], relation: sql.Composable) -> int:
    """The rows that break any of the rules."""
    broken = sql.SQL(" OR ").join(violates(rule, cells, relation) for rule in rules)
    cursor.execute(sql.SQL("SELECT count(*) FROM ({}) AS r WHERE {}").format(relation, broken))
    ((rows,),) = cursor.fetchall()
    return int(rows)

"""The checker that the exchange is given: Great Expectations, held against our own count of the same rows.

The two are computed by different SQL in one snapshot. Our predicates decide which rows stay behind, so they must agree
with the vocabulary in which the result is reported; where they do not, the check has failed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg2
from psycopg2 import sql

from exchange.ports import Checked, CheckSubject
from metadata.quality import CheckReport, Rule, RuleResult
from pipelines.checks.limits import Limits
from pipelines.checks.predicates import Cell, applies, violates
from pipelines.checks.snapshot import Snapshot
from pipelines.errors import PipelinesError

_WHOLE_TABLE = frozenset({"row_count", "set_aside_share"})


@dataclass(frozen=True)
class _Count:
    """Our counts: all rows, rows to set aside, and per row rule the rows it applies to and those that break it."""

    rows: int
    set_aside: int
    applied: Mapping[str, int]
    failed: Mapping[str, int]


class GreatExpectationsChecker:
    """Implements ``exchange.ports.Checker``."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()

    def check(self, subject: CheckSubject) -> Checked:
        """Check every rule; raises ``PipelinesError`` when that could not be done.

        At the source, rows that break a ``set_aside`` rule stay behind. On staging there is nothing left to set aside,
        so such a failure holds.
        """
        from pipelines.checks import validation  # noqa: PLC0415  # seconds of CPU, for whoever really checks

        snapshot = Snapshot(subject.dsn, subject.snapshot_id, subject.relation, self._limits)
        suite_name = f"{subject.subject} {subject.place}"
        try:
            types = _types(subject, snapshot)
            counted = _count(subject, types, snapshot)
            found = validation.count_failures(suite_name, subject.rules, types, snapshot)
        except psycopg2.OperationalError as error:
            raise PipelinesError("CHECK_UNREACHABLE", subject=subject.subject, reason=type(error).__name__) from None
        except PipelinesError:
            raise
        except Exception as error:  # whatever it is, it may quote values: its kind is all that leaves
            raise PipelinesError("CHECK_FAILED", subject=subject.subject, reason=_reason(error)) from None
        for rule_id, count in found.items():
            ours = counted.failed.get(rule_id, counted.rows)
            if count != ours:
                raise PipelinesError("CHECK_DISAGREES", subject=subject.subject, rule=rule_id, first=count, second=ours)
        return _judge(subject, types, counted, validation.ENGINE, suite_name)


def _row_rules(subject: CheckSubject) -> list[Rule]:
    return [rule for rule in subject.rules if rule.kind not in _WHOLE_TABLE]


def _types(subject: CheckSubject, snapshot: Snapshot) -> dict[str, str]:
    """The types of the columns that the rules are about."""
    types = snapshot.types()
    fields = dict.fromkeys(field for rule in subject.rules for field in rule.columns)
    missing = [field for field in (*fields, *subject.key) if field not in types]
    if missing:
        raise PipelinesError("CHECK_COLUMNS", subject=subject.subject, columns=", ".join(missing))
    return {field: types[field] for field in fields}


def _cells(types: Mapping[str, str]) -> dict[str, Cell]:
    return {field: Cell(sql.Identifier("r", field), sql_type) for field, sql_type in types.items()}


def _count(subject: CheckSubject, types: Mapping[str, str], snapshot: Snapshot) -> _Count:
    """One pass. The outcomes of a row are an array, because a select list is bounded and a table may be wide."""
    rules = _row_rules(subject)
    cells = _cells(types)
    places = range(1, len(rules) + 1)
    asides = [place for place, rule in zip(places, rules, strict=True) if rule.action == "set_aside"]
    row = sql.SQL("SELECT ARRAY[{}]::boolean[] AS a, ARRAY[{}]::boolean[] AS v FROM ({}) AS r OFFSET 0").format(
        sql.SQL(", ").join(applies(rule, cells) for rule in rules),
        sql.SQL(", ").join(violates(rule, cells, subject.relation) for rule in rules),
        subject.relation,
    )
    aside = sql.SQL(" OR ").join(sql.SQL(f"v[{place}]") for place in asides) if asides else sql.SQL("false")
    query = sql.SQL(
        "SELECT count(*), count(*) FILTER (WHERE {}), ARRAY[{}]::bigint[], ARRAY[{}]::bigint[] FROM ({}) AS c"
    )
    ((rows, set_aside, applied, failed),) = snapshot.read(
        query.format(
            aside,
            sql.SQL(", ").join(sql.SQL(f"count(*) FILTER (WHERE a[{place}])") for place in places),
            sql.SQL(", ").join(sql.SQL(f"count(*) FILTER (WHERE v[{place}])") for place in places),
            row,
        )
    )
    ids = [rule.rule_id for rule in rules]
    return _Count(rows, set_aside, dict(zip(ids, applied, strict=True)), dict(zip(ids, failed, strict=True)))


def _judge(subject: CheckSubject, types: Mapping[str, str], counted: _Count, engine: str, suite_name: str) -> Checked:
    results = tuple(_result(rule, counted) for rule in subject.rules)
    is_source = subject.place == "source"
    holds = tuple(
        result.rule_id
        for result in results
        if not result.passed and (result.action == "hold" or (result.action == "set_aside" and not is_source))
    )
    set_aside = counted.set_aside if is_source else 0
    report = CheckReport(
        subject=subject.subject,
        place=subject.place,
        rows=counted.rows,
        set_aside=set_aside,
        results=results,
        run=len(results),
        passed=sum(result.passed for result in results),
        engine=engine,
        suite_name=suite_name,
    )
    cells = _cells(types)
    reasons = tuple(
        (rule.rule_id, violates(rule, cells, subject.relation))
        for rule in _row_rules(subject)
        if is_source and rule.action == "set_aside" and counted.failed[rule.rule_id]
    )
    return Checked(report=report, reasons=reasons, holds=holds)


def _result(rule: Rule, counted: _Count) -> RuleResult:
    if rule.kind == "row_count":
        evaluated, failed = counted.rows, int(counted.rows < (rule.parameters.min_rows or 0))
        passed = failed == 0
    elif rule.kind == "set_aside_share":
        evaluated, failed = counted.rows, counted.set_aside
        passed = failed * 1_000_000 <= counted.rows * (rule.parameters.max_ppm or 0)
    else:
        evaluated, failed = counted.applied[rule.rule_id], counted.failed[rule.rule_id]
        passed = failed == 0
    return RuleResult(
        rule_id=rule.rule_id,
        kind=rule.kind,
        indicator=rule.indicator,
        action=rule.action,
        evaluated=evaluated,
        failed=failed,
        passed=passed,
    )


def _reason(error: Exception) -> str:
    code = getattr(error, "pgcode", None)
    name = type(error).__name__
    return f"{name} {code}" if code else name

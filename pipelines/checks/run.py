"""The checker that the exchange is given: Great Expectations, held against our own count of the same rows.

The two are computed by different SQL in one snapshot. Our predicates decide which rows stay behind, so they must agree
with the vocabulary in which the result is reported; where they do not, the check has failed.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from psycopg2 import sql

from exchange.ports import Checked, CheckSubject
from metadata.quality import CheckReport, Rule, RuleResult
from pipelines.checks import apart, counting
from pipelines.checks.apart import Asked, Failed
from pipelines.checks.counting import Count
from pipelines.checks.limits import Limits
from pipelines.checks.loading import engine
from pipelines.checks.predicates import Cell, violates
from pipelines.checks.snapshot import Snapshot
from pipelines.errors import PipelinesError

# A rule that no row breaks is witnessed over so many rows.
SHOWN_ROWS = 10_000
_WHOLE_TABLE = frozenset({"row_count", "set_aside_share"})


class GreatExpectationsChecker:
    """Implements ``exchange.ports.Checker``. Make one before the work that comes before a check: Great Expectations
    loads beside it.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        apart.begin()

    def check(self, subject: CheckSubject) -> Checked:
        """Check every rule; raises ``PipelinesError`` when that could not be done, or ``settle`` of the result does: by
        then Great Expectations has judged too.

        At the source, rows that break a ``set_aside`` rule stay behind. On staging there is nothing left to set aside,
        so such a failure holds.
        """
        snapshot = Snapshot(subject.dsn, subject.snapshot_id, subject.relation, self._limits)
        suite_name = f"{subject.subject} {subject.place}"
        with _explained(subject):
            types = _types(subject, snapshot)
            counted = counting.count(_row_rules(subject), types, snapshot)
        witness = tuple(_witness(subject, counted, snapshot))
        answer = apart.evaluate(Asked(suite_name, subject.rules, types, snapshot, counted, witness))

        def settle() -> None:
            found = answer()
            if isinstance(found, Failed):
                raise PipelinesError(found.code, subject=subject.subject, reason=found.reason)
            for numbers in found.numbers:
                _agree(subject, counted, numbers)

        return replace(_judge(subject, types, counted, suite_name), settle=settle)


def _witness(subject: CheckSubject, counted: Count, snapshot: Snapshot) -> list[tuple[list[Rule], Snapshot]]:
    """Which rules Great Expectations counts by its own statements, and over which rows.

    A broken rule over all rows, so that the number that is reported is told by two. A rule that no row breaks over the
    first rows only: none of them may break it either. Of what is judged only where all of it is there, and once, some
    rows are no witness.
    """
    over_all = ("row_count", "sum_of_rows", "growth")
    shown = [rule for rule in subject.rules if rule.kind in over_all or counted.failed.get(rule.rule_id)]
    kept = [rule for rule in _row_rules(subject) if rule not in shown]
    return [(rules, rows) for rules, rows in ((shown, snapshot), (kept, snapshot.first(SHOWN_ROWS))) if rules]


def _agree(subject: CheckSubject, counted: Count, found: Mapping[str, int]) -> None:
    for rule_id, number in found.items():
        ours = counted.failed.get(rule_id, counted.rows)
        if number != ours:
            raise PipelinesError("CHECK_DISAGREES", subject=subject.subject, rule=rule_id, first=number, second=ours)


@contextmanager
def _explained(subject: CheckSubject) -> Iterator[None]:
    """Whatever is raised says what it is about and quotes nothing."""
    try:
        yield
    except PipelinesError:
        raise
    except Exception as error:  # whatever it is, it may quote values: its kind is all that leaves
        code, reason = apart.failed(error)
        raise PipelinesError(code, subject=subject.subject, reason=reason) from None


def _engine(counted: Count) -> str:
    """By what was checked, and for which rules that was not by comparing rows."""
    return "; ".join([engine(), *(f"{rule_id} by index" for rule_id in sorted(counted.by_index))])


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


def _judge(subject: CheckSubject, types: Mapping[str, str], counted: Count, suite_name: str) -> Checked:
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
        engine=_engine(counted),
        suite_name=suite_name,
    )
    cells = _cells(types)
    reasons = tuple(
        (rule.rule_id, violates(rule, cells, subject.relation))
        for rule in _row_rules(subject)
        if is_source and rule.action == "set_aside" and counted.failed[rule.rule_id]
    )
    return Checked(report=report, reasons=reasons, holds=holds)


def _result(rule: Rule, counted: Count) -> RuleResult:
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

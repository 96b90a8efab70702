"""A checker small enough to be read: it looks for NULLs where there may be none and for texts that are too long."""

from psycopg2 import extensions, sql

from exchange import department
from exchange.department import End
from exchange.ports import Checked, Checker, CheckSubject
from metadata.quality import CheckReport, Rule, RuleResult

MAX_SET_ASIDE = 3


def settled(checker: Checker, subject: CheckSubject) -> Checked:
    """Checked, and whoever else has to agree does."""
    checked = checker.check(subject)
    checked.settle()
    return checked


class SmallChecker:
    """Implements ``exchange.ports.Checker``: sets such rows aside at the source, up to three; more hold."""

    def check(self, subject: CheckSubject) -> Checked:
        end: End = "source" if subject.place == "source" else "target"
        with department.connect(subject.dsn, end, subject.subject) as connection:
            if subject.snapshot_id is not None:
                connection.set_session(isolation_level=extensions.ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
            with department.faults(end, subject.subject), connection.cursor() as cursor:
                if subject.snapshot_id is not None:
                    cursor.execute("SET TRANSACTION SNAPSHOT %s", (subject.snapshot_id,))
                return self._check(cursor, subject)

    def _check(self, cursor: extensions.cursor, subject: CheckSubject) -> Checked:
        tests = {rule.rule_id: test for rule in subject.rules if (test := _violates(rule)) is not None}
        bad = sql.SQL(" OR ").join(tests.values()) if tests else sql.SQL("false")
        counts = [sql.SQL("count(*)"), sql.SQL("count(*) FILTER (WHERE {})").format(bad)]
        counts += [sql.SQL("count(*) FILTER (WHERE {})").format(test) for test in tests.values()]
        query = sql.SQL("SELECT {} FROM ({}) r").format(sql.SQL(", ").join(counts), subject.relation)
        cursor.execute(query)
        rows, set_aside, *failed = cursor.fetchone()
        results = tuple(
            RuleResult(
                rule_id=rule.rule_id,
                kind=rule.kind,
                indicator=rule.indicator,
                action=rule.action,
                evaluated=rows,
                failed=count,
                passed=count == 0,
            )
            for rule, count in zip([r for r in subject.rules if r.rule_id in tests], failed, strict=True)
        )
        report = CheckReport(
            subject=subject.subject,
            place=subject.place,
            rows=rows,
            set_aside=set_aside,
            results=results,
            run=len(results),
            passed=sum(result.passed for result in results),
            engine="small",
            suite_name="small",
        )
        holds = ("set_aside_share",) if set_aside > MAX_SET_ASIDE else ()
        return Checked(report, tuple(tests.items()) if set_aside else (), holds)


def _violates(rule: Rule) -> sql.Composable | None:
    if rule.kind == "not_null":
        return sql.SQL("(r.{} IS NULL)").format(sql.Identifier(rule.columns[0]))
    if rule.kind == "length" and rule.parameters.type_code == "C":
        length = sql.SQL("(coalesce(length(r.{}::text), 0) > {})")
        return length.format(sql.Identifier(rule.columns[0]), sql.Literal(rule.parameters.max_length))
    return None

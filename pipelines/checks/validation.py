"""Running rules through Great Expectations in a snapshot, and keeping nothing of it but counts.

Twice, by the same suite: over all rows with the counts that are known already (``judge``), and with Great Expectations'
own statements over rows it is shown (``count_failures``). Importing this module takes seconds.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

import great_expectations as gx
import sqlalchemy
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from sqlalchemy.pool import StaticPool

from metadata.quality import Rule
from pipelines.checks.counting import Count
from pipelines.checks.engine import CountedEngine, Key
from pipelines.checks.snapshot import Snapshot
from pipelines.checks.suites import answer_keys, columns_of, suite_of

ENGINE = f"great_expectations {gx.__version__}"

# Stands in Great Expectations' statements where the relation belongs, and is put right just before they are sent:
# it compiles a query's text twice, each time doubling every "%", and would silently check other rows than asked.
_RELATION = "hutong_checked_relation"

# Great Expectations gathers up to three sums for a rule into one SELECT, and PostgreSQL takes at most 1,664 columns.
_RULES_AT_ONCE = 250

# By default a result carries the offending values.
_COUNTS_ONLY = {
    "result_format": "BASIC",
    "partial_unexpected_count": 0,
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
}


class NotEvaluatedError(Exception):
    """Great Expectations answered without evaluating these rules. Says nothing of why: that may quote values."""


def judge(
    suite_name: str, rules: Sequence[Rule], types: Mapping[str, str], snapshot: Snapshot, counted: Count
) -> dict[str, int]:
    """Great Expectations' result over all rows, every metric answered from ``counted``; as ``count_failures``."""
    return _in_groups(suite_name, rules, types, snapshot, counted)


def count_failures(
    suite_name: str, rules: Sequence[Rule], types: Mapping[str, str], snapshot: Snapshot
) -> dict[str, int]:
    """How many rows break each rule (for ``row_count``: how many rows there are), by Great Expectations' own SQL.

    ``types`` are the relation's columns. By rule id. Raises ``NotEvaluatedError``, or what Great Expectations or the
    database raise.
    """
    return _in_groups(suite_name, rules, types, snapshot, None)


def _in_groups(
    suite_name: str, rules: Sequence[Rule], types: Mapping[str, str], snapshot: Snapshot, counted: Count | None
) -> dict[str, int]:
    failures: dict[str, int] = {}
    for start in range(0, len(rules), _RULES_AT_ONCE):
        some = rules[start : start + _RULES_AT_ONCE]
        fields = {field: types[field] for rule in some for field in rule.columns}
        with _silence():
            failures |= _run(suite_name, some, fields, snapshot, counted)
    return failures


def _run(
    suite_name: str, rules: Sequence[Rule], types: Mapping[str, str], snapshot: Snapshot, counted: Count | None
) -> dict[str, int]:
    numbers = {field: number for number, field in enumerate(types, start=1)}
    with closing(snapshot.connect()) as connection:
        suite = suite_of(suite_name, rules, numbers, connection)
        relation = sql.SQL("(SELECT {} FROM ({}) AS r) AS {}").format(
            columns_of(types, numbers), snapshot.relation, sql.Identifier(_RELATION)
        )
        relation_text = relation.as_string(connection)
        answers = None if counted is None else _answers(rules, numbers, connection, counted)
    if not suite.expectations:
        return {}
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),
        ),
    )
    sources: Any = context.data_sources  # its methods are made at run time
    source = sources.add_counted_postgres(
        "subject",
        connection_string="postgresql+psycopg2://nobody@localhost/none",  # not used: ``creator`` connects
        create_temp_table=False,
        kwargs={"creator": snapshot.connect, "poolclass": StaticPool, "hide_parameters": True},
    )
    execution: CountedEngine = source.get_execution_engine()
    execution.answers = answers
    execution.columns = tuple(f"{kind}{number}" for number in numbers.values() for kind in "nt")
    engines = [source.get_engine(), execution.engine]
    try:
        for engine in engines:
            _prepare(engine, snapshot.begin, relation_text)
        batch = source.add_query_asset("rows", query=f"SELECT * FROM {_RELATION}").add_batch_definition("all")  # noqa: S608
        validation = gx.ValidationDefinition(name="check", data=batch, suite=context.suites.add(suite))
        outcome = context.validation_definitions.add(validation).run(result_format=_COUNTS_ONLY)
    finally:
        for engine in engines:
            engine.dispose()
    return _counts(outcome.results, len(suite.expectations))


def _answers(
    rules: Sequence[Rule], numbers: Mapping[str, int], connection: Connection, counted: Count
) -> dict[Key, int]:
    answers: dict[Key, int] = {("table.row_count", ""): counted.rows}
    for rule in rules:
        if rule.kind in ("row_count", "set_aside_share"):
            continue
        failed, absent = answer_keys(rule, numbers, connection)
        answers[failed] = counted.failed[rule.rule_id]
        if absent is not None:
            answers[absent] = counted.rows - counted.applied[rule.rule_id]
        if rule.kind == "unique" and len(rule.columns) > 1:
            answers["compound_columns.unique.filtered_row_count", failed[1]] = counted.applied[rule.rule_id]
    return answers


@contextmanager
def _silence() -> Iterator[None]:
    """Great Expectations logs a statement that failed, with the database's words, which quote values."""
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _prepare(engine: sqlalchemy.Engine, begin: str, relation_text: str) -> None:
    """Every transaction joins the snapshot, every statement gets the relation.

    SQLAlchemy always passes parameters, be they none, so psycopg2 always reads "%%" as "%".
    """
    relation = relation_text.replace("%", "%%")

    @sqlalchemy.event.listens_for(engine, "begin")
    def join(connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql(begin)

    @sqlalchemy.event.listens_for(engine, "before_cursor_execute", retval=True)
    def put_relation(  # the event's own signature
        connection: object, cursor: object, statement: str, parameters: Any, context: object, executemany: bool
    ) -> tuple[str, Any]:
        return statement.replace(f"FROM {_RELATION}", f"FROM {relation}"), parameters


def _counts(results: Sequence[Any], expected_count: int) -> dict[str, int]:
    failures = {}
    for result in results:
        rule_id = result.expectation_config.meta["rule_id"]
        count = result.result.get("unexpected_count", result.result.get("observed_value"))
        if count is None and result.result.get("element_count") == 0:
            count = 0  # SQL's sum over no rows
        if result.exception_info.get("raised_exception", True) or count is None:
            raise NotEvaluatedError(rule_id)
        failures[rule_id] = int(count)
    if len(failures) != expected_count:
        raise NotEvaluatedError(f"{expected_count - len(failures)} rules without a result")
    return failures

"""The execution engine that answers Great Expectations' metrics from counts that are already known.

Great Expectations builds its validation graph and judges every expectation as ever; only where it would send a
statement for each metric, several a rule, the answer comes from what one statement counted. No value of a row is ever
fetched: what Great Expectations would show of offending rows is always empty.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from great_expectations.datasource.fluent.postgres_datasource import PostgresDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine

# A metric's name, and what tells it from others of that name: its column, its columns, or its query.
Key = tuple[str, str]

# What the counts are made of, and never asked for by itself; and samples of offending values.
_UNUSED = (".condition", ".map", ".aggregate_fn")
_SAMPLES = (".unexpected_values", "unexpected_rows_query.table")


class CountedEngine(SqlAlchemyExecutionEngine):
    """Answers from ``answers``; with none at all, computes counts as its parent does, and fetches no rows."""

    answers: Mapping[Key, object] | None = None
    columns: tuple[str, ...] = ()

    def resolve_metrics(
        self,
        metrics_to_resolve: Iterable[Any],
        metrics: dict[Any, Any] | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> dict[Any, Any]:
        """The values of these metrics by id. Raises ``LookupError`` for a metric that nobody counted."""
        resolved: dict[Any, object] = {}
        left = []
        for metric in metrics_to_resolve:
            name = metric.metric_name
            if name.endswith(_SAMPLES):
                resolved[metric.id] = []
            elif name in ("table.columns", "table.column_types"):
                resolved[metric.id] = [
                    column if name == "table.columns" else {"name": column} for column in self.columns
                ]
            elif self.answers is None:
                left.append(metric)
            elif name.endswith(_UNUSED):
                resolved[metric.id] = None
            else:
                resolved[metric.id] = self.answers[
                    key_of(name, metric.metric_domain_kwargs, metric.metric_value_kwargs)
                ]
        if left:
            resolved |= super().resolve_metrics(left, metrics, runtime_configuration)
        return resolved


class CountedDatasource(PostgresDatasource):
    """PostgreSQL through ``CountedEngine``."""

    type: Literal["counted_postgres"] = "counted_postgres"  # type: ignore[assignment]  # one type a datasource
    execution_engine_override = CountedEngine


def key_of(name: str, domain: Mapping[str, Any], values: Mapping[str, Any] | None) -> Key:
    """What a metric is known by in ``answers``."""
    columns = [domain["column"]] if domain.get("column") else list(domain.get("column_list") or ())
    return name, (values or {}).get("unexpected_rows_query") or ",".join(columns)

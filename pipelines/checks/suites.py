"""The catalogue's rules in Great Expectations' words. Importing this module takes seconds: import it where it is used.

A suite is about a relation whose columns are ``n1…`` (values as they are) and ``t1…`` (the same as text), so that no
field's name has to survive Great Expectations' quoting; each expectation carries its rule's id in ``meta``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import great_expectations as gx
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from metadata.base_rules import OF_SEVERAL_ROWS
from metadata.quality import Rule
from pipelines.checks import observations, patterns
from pipelines.checks.engine import Key
from pipelines.checks.predicates import Cell, violates
from standards.codes import table

gxe: Any = gx.expectations  # exported there, though not in a way that a type checker sees

# The name Great Expectations gives a batch inside the query of an UnexpectedRowsExpectation, and what stands in the
# query for the batch until its text is ready.
_BATCH = "subselect"
_BATCH_PLACE = "hutong_batch_of_rows"


def suite_of(
    name: str, rules: Sequence[Rule], numbers: Mapping[str, int], connection: Connection
) -> gx.ExpectationSuite:
    """A suite of one expectation for each rule; ``numbers`` are those of the fields' columns.

    ``set_aside_share`` is about the other rules' outcome, not about rows, and has no expectation.
    """
    return gx.ExpectationSuite(
        name=name,
        expectations=[_expectation(rule, numbers, connection) for rule in rules if rule.kind != "set_aside_share"],
    )


def answer_keys(rule: Rule, numbers: Mapping[str, int], connection: Connection) -> tuple[Key, Key | None]:
    """By which metrics Great Expectations learns how many rows break a rule, and how many have nothing to judge.

    The second is None where it does not ask: of rules about the table or about several columns, and of own queries.
    """
    columns = [numbers[field] for field in rule.columns]
    text, native = (f"t{columns[0]}", f"n{columns[0]}") if columns else ("", "")
    match rule.kind:
        case "row_count":
            return ("table.row_count", ""), None
        case "unique" if len(columns) == 1:
            return ("column_values.unique.unexpected_count", native), ("column_values.nonnull.unexpected_count", native)
        case "unique":
            return ("compound_columns.unique.unexpected_count", ",".join(f"n{number}" for number in columns)), None
        case "not_null":
            return ("column_values.nonnull.unexpected_count", native), None
    names = {"type": "match_regex", "code": "in_set", "length": "value_length.between"}
    if rule.kind not in names or (rule.kind == "length" and rule.parameters.type_code not in ("C", "M")):
        return ("unexpected_rows_query.row_count", _violations(rule, columns, connection)), None
    return (f"column_values.{names[rule.kind]}.unexpected_count", text), (
        "column_values.nonnull.unexpected_count",
        text,
    )


def columns_of(types: Mapping[str, str], numbers: Mapping[str, int]) -> sql.Composable:
    """The select list, over the alias ``r``, that gives a suite's columns."""
    columns = []
    for field, number in numbers.items():
        cell = Cell(sql.SQL("r.{}").format(sql.Identifier(field)), types[field])
        columns.append(sql.SQL("{} AS {}").format(cell.native, sql.Identifier(f"n{number}")))
        columns.append(sql.SQL("{} AS {}").format(cell.text, sql.Identifier(f"t{number}")))
    return sql.SQL(", ").join(columns)


def _expectation(rule: Rule, numbers: Mapping[str, int], connection: Connection) -> Any:
    parameters = rule.parameters
    meta = {"rule_id": rule.rule_id, "indicator": f"GB/T 36344 {rule.indicator}"}
    columns = [numbers[field] for field in rule.columns]
    expectation: Any
    match rule.kind:
        case "row_count":
            expectation = gxe.ExpectTableRowCountToBeBetween(min_value=parameters.min_rows, meta=meta)
        case "unique" if len(columns) == 1:
            expectation = gxe.ExpectColumnValuesToBeUnique(column=f"n{columns[0]}", meta=meta)
        case "unique":
            expectation = gxe.ExpectCompoundColumnsToBeUnique(
                column_list=[f"n{number}" for number in columns], ignore_row_if="any_value_is_missing", meta=meta
            )
        case "not_null":
            expectation = gxe.ExpectColumnValuesToNotBeNull(column=f"n{columns[0]}", meta=meta)
        case "type":
            pattern = patterns.anchored(patterns.OF_TYPE[parameters.type_code or ""])
            expectation = gxe.ExpectColumnValuesToMatchRegex(column=f"t{columns[0]}", regex=pattern, meta=meta)
        case "code":
            codes = list(table(parameters.code_table).codes)
            expectation = gxe.ExpectColumnValuesToBeInSet(column=f"t{columns[0]}", value_set=codes, meta=meta)
        case "length" if parameters.type_code in ("C", "M"):
            expectation = gxe.ExpectColumnValueLengthsToBeBetween(
                column=f"t{columns[0]}", max_value=parameters.max_length, meta=meta
            )
        case _:
            query = _violations(rule, columns, connection)
            expectation = gxe.UnexpectedRowsExpectation(unexpected_rows_query=query, meta=meta)
    return expectation


def _violations(rule: Rule, numbers: Sequence[int], connection: Connection) -> str:
    """The rows that break a rule which no built-in expectation says. It selects no value.

    The text goes through ``str.format`` and SQLAlchemy's ``text``: braces are doubled, colons escaped.
    """
    cells = {
        field: Cell(sql.Identifier(_BATCH, f"t{number}"), "text")
        for field, number in zip(rule.columns, numbers, strict=True)
    }
    if rule.kind in OF_SEVERAL_ROWS:
        selected = observations.selected(rule, cells, sql.SQL(_BATCH_PLACE))
        query = sql.SQL("SELECT 1 AS violates FROM ({}) AS o WHERE broken").format(selected)
    else:
        query = sql.SQL("SELECT 1 AS violates FROM {} WHERE {}").format(
            sql.SQL(_BATCH_PLACE), violates(rule, cells, sql.SQL(""))
        )
    text: str = query.as_string(connection).replace("{", "{{").replace("}", "}}").replace(":", r"\:")
    return text.replace(f"FROM {_BATCH_PLACE}", "FROM {batch}")

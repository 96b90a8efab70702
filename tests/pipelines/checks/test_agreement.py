"""Value by value, our predicates say what Great Expectations' own statements say, and a native value what its text."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from metadata.quality import Parameters, Rule
from pipelines.checks import counting, validation
from pipelines.checks.counting import Count
from pipelines.checks.limits import Limits
from pipelines.checks.predicates import Cell, violates
from pipelines.checks.snapshot import Snapshot
from standards.codes import table

NAUGHTY = Path(__file__).parents[4] / "shared" / "data" / "bad_input" / "blns.json"
FORMS = (
    ("type", Parameters(type_code="D")),
    ("type", Parameters(type_code="T")),
    ("type", Parameters(type_code="N")),
    ("type", Parameters(type_code="I")),
    ("type", Parameters(type_code="L")),
    ("length", Parameters(type_code="C", max_length=3)),
    ("length", Parameters(type_code="N", max_length=3, max_scale=1)),
    ("code", Parameters(code_table="GB/T 3304")),
    ("check_digit", Parameters(standard="GB 11643")),
    ("check_digit", Parameters(standard="GB 32100")),
    ("not_null", Parameters()),
)
some_texts = st.one_of(
    st.none(),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12),
    st.from_regex(r"\A[0-9]{4}-?(02-?(28|29|30)|1[0-3]-?[0-3][0-9])([ T][0-9:]{8})?\Z"),
    st.from_regex(r"\A[-+]?[0-9]{0,4}[.]?[0-9]{0,3}([eE][0-9])?[\n ]?\Z"),
    st.sampled_from(sorted(table("GB/T 3304").codes)),
    st.sampled_from(
        ["11010519491231002X", "11010519491231002x", "是", "True", "％", "{x}", ":a", "%s", "\\A", "é", "e\u0301"]
    ),
)
calm = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture(scope="module")
def dsn(new_database: Callable[[], str]) -> str:
    return new_database().replace("+psycopg2", "")


@pytest.fixture(scope="module")
def connection(dsn: str) -> Iterator[Connection]:
    connection = psycopg2.connect(dsn, options="-c datestyle=ISO -c timezone=UTC")
    connection.autocommit = True
    yield connection
    connection.close()


def _rule(kind: str, parameters: Parameters, column: str) -> Rule:
    values = {"kind": kind, "columns": (column,), "indicator": "0302", "parameters": parameters}
    return Rule.model_validate({"rule_id": f"{kind}:{column}", **values})


def _judged(dsn: str, texts: Sequence[str | None]) -> tuple[dict[str, str], dict[str, str]]:
    """Which of these texts break which rule, by either count: the n-th stands 2^n times, a count is their bits."""
    rules = [_rule(*form, f"c{number}") for number, form in enumerate(FORMS)]
    relation = sql.SQL(
        "SELECT {} FROM unnest({}::text[]) WITH ORDINALITY AS v(x, n), generate_series(1, (2 ^ (n - 1))::int)"
    ).format(
        sql.SQL(", ").join(sql.SQL("x AS {}").format(sql.Identifier(*rule.columns)) for rule in rules),
        sql.Literal(list(texts)),
    )
    snapshot = Snapshot(dsn, None, relation, Limits())
    types = snapshot.types()
    counted = counting.count(rules, types, snapshot)
    assert validation.judge("x", rules, types, snapshot, counted) == counted.failed
    found = validation.count_failures("x", rules, types, snapshot)
    return {rule: f"{bits:b}" for rule, bits in counted.failed.items()}, {
        rule: f"{bits:b}" for rule, bits in found.items()
    }


@given(st.lists(some_texts, min_size=12, max_size=12))
@settings(max_examples=5, deadline=None, suppress_health_check=calm)
def test_both_counts_judge_every_text_alike(dsn: str, texts: list[str | None]) -> None:
    ours, theirs = _judged(dsn, texts)
    assert ours == theirs


@pytest.mark.skipif(not NAUGHTY.exists(), reason=f"{NAUGHTY} is not here")
@pytest.mark.parametrize("start", range(0, 40, 10))
def test_both_counts_judge_naughty_strings_alike(dsn: str, start: int) -> None:
    texts = [text for text in json.loads(NAUGHTY.read_text()) if "\0" not in text]
    ours, theirs = _judged(dsn, texts[start::40])
    assert ours == theirs


numbers = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**7), max_value=10**7),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30),
    st.sampled_from(
        [Decimal("1.500"), Decimal("100"), Decimal("0.010"), Decimal("-0"), Decimal("Infinity"), Decimal("NaN")]
    ),
    st.none(),
)


@given(st.lists(numbers, min_size=1, max_size=30), st.integers(1, 6), st.integers(0, 4))
@example([Decimal("1.50"), Decimal("1.05"), Decimal("NaN"), Decimal("-Infinity"), None], 2, 1)
@settings(max_examples=60, deadline=None, suppress_health_check=calm)
def test_a_number_is_judged_as_its_text(
    connection: Connection, values: list[Decimal | None], digits: int, scale: int
) -> None:
    rules = [_rule("type", Parameters(type_code="N"), "x")]
    for limits in ({"max_scale": scale}, {"max_length": digits}, {"max_length": digits, "max_scale": scale}):
        rules.append(_rule("length", Parameters(type_code="N", **limits), "x"))
    _judged_alike(connection, rules, "numeric", values)


@given(st.lists(st.one_of(st.dates(), st.none()), min_size=1), st.lists(st.datetimes(), min_size=1))
@settings(max_examples=20, deadline=None, suppress_health_check=calm)
def test_a_date_is_judged_as_its_text(connection: Connection, days: list[date | None], times: list[datetime]) -> None:
    _judged_alike(
        connection, [_rule("type", Parameters(type_code="D"), "x")], "date", [*map(str, filter(None, days)), None]
    )
    odd = ["infinity", "-infinity", "0044-03-15 BC", "10000-01-01"]
    _judged_alike(connection, [_rule("type", Parameters(type_code="D"), "x")], "date", odd)
    for sql_type in ("timestamp", "timestamptz"):
        _judged_alike(connection, [_rule("type", Parameters(type_code="T"), "x")], sql_type, [*map(str, times), *odd])


@given(st.lists(st.text("ab 中é😀", max_size=8), min_size=1, max_size=20), st.integers(1, 8))
@settings(max_examples=30, deadline=None, suppress_health_check=calm)
def test_padded_text_is_as_long_as_its_text(connection: Connection, values: list[str], limit: int) -> None:
    rules = [_rule("length", Parameters(type_code="C", max_length=limit), "x")]
    _judged_alike(connection, rules, "bpchar", [value.ljust(8) for value in values])


def _judged_alike(connection: Connection, rules: Sequence[Rule], sql_type: str, values: Sequence[object]) -> None:
    for rule in rules:
        of_native = violates(rule, {"x": Cell(sql.SQL("v.x"), sql_type)}, sql.SQL(""))
        of_text = violates(rule, {"x": Cell(sql.SQL("v.x::text"), "text")}, sql.SQL(""))
        query = sql.SQL("SELECT {}, {} FROM unnest({}::{}[]) AS v(x)").format(
            of_native,
            of_text,
            sql.Literal([None if value is None else str(value) for value in values]),
            sql.SQL(sql_type),
        )
        with connection.cursor() as cursor:
            cursor.execute(query)
            assert [pair for pair in cursor.fetchall() if pair[0] is not pair[1]] == []


def test_what_nobody_counted_is_not_evaluated(dsn: str) -> None:
    rules = [_rule("type", Parameters(type_code="N"), "x")]
    snapshot = Snapshot(dsn, None, sql.SQL("SELECT 'y'::text AS x"), Limits())
    counted = Count(1, 0, {"type:x": 1}, {"type:x": 1}, frozenset())
    assert validation.judge("x", rules, snapshot.types(), snapshot, counted) == {"type:x": 1}
    other = [_rule("not_null", Parameters(), "x")]
    counted = Count(1, 0, {"not_null:x": 1}, {}, frozenset())
    with pytest.raises(LookupError):
        validation.judge("x", other, snapshot.types(), snapshot, counted)

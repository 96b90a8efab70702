"""The SQL predicates judge every text as the Python validators do, and raise for none."""

import json
import string
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2 import sql

from metadata.quality import Parameters, Rule
from pipelines.checks.predicates import Cell, violates
from standards.check_digits import (
    USCC_ALPHABET,
    check_id_number,
    check_org_code,
    check_uscc,
    id_check_character,
    org_check_character,
    uscc_check_character,
)
from standards.codes import table

NAUGHTY = Path(__file__).parents[4] / "shared" / "data" / "bad_input" / "blns.json"

# What PostgreSQL can hold: no NUL, no surrogates.
any_text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=24)
many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

Breaking = Callable[[Rule, Sequence[str | None]], list[bool]]


@pytest.fixture(scope="module")
def breaking(new_database: Callable[[], str]) -> Iterator[Breaking]:
    """Which of these texts break the rule, says PostgreSQL."""
    connection = psycopg2.connect(new_database().replace("+psycopg2", ""))
    connection.autocommit = True

    def judge(rule: Rule, texts: Sequence[str | None]) -> list[bool]:
        cell = Cell(sql.Identifier("r", "x"), "text")
        predicate = violates(rule, {"x": cell}, sql.SQL(""))
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("SELECT {} FROM unnest({}::text[]) WITH ORDINALITY AS r(x, n) ORDER BY n").format(
                    predicate, sql.Literal(list(texts))
                )
            )
            return [is_broken for (is_broken,) in cursor.fetchall()]

    yield judge
    connection.close()


def test_null_breaks_only_not_null(breaking: Breaking) -> None:
    rules = [_rule("type", type_code=letter) for letter in "DTNYBFIL"]
    rules += [_rule("check_digit", standard=name) for name in ("GB 11643", "GB 32100", "GB 11714")]
    rules += [_rule("length", type_code="N", max_length=3), _rule("length", type_code="C", max_length=3)]
    for rule in (*rules, _rule("code", code_table="GB/T 2261.1")):
        assert breaking(rule, [None]) == [False]
    assert breaking(_rule("not_null"), [None, ""]) == [True, False]


def _rule(kind: str, **parameters: object) -> Rule:
    return Rule.model_validate(
        {"rule_id": kind, "kind": kind, "columns": ("x",), "indicator": "0302", "parameters": Parameters(**parameters)}
    )


def _is_date(text: str) -> bool:
    try:
        if text.isascii() and text.isdigit() and len(text) == 8:
            date(int(text[:4]), int(text[4:6]), int(text[6:]))
            return True
        return len(text) == 10 and text.isascii() and text[4] == text[7] == "-" and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    mantissa, _, exponent = text.lower().partition("e")
    try:
        float(text)
    except ValueError:
        return False
    return set(text) <= set("0123456789.+-eE") and len(exponent.lstrip("+-")) <= 3 and mantissa != ""


def _is_identity_number(text: str) -> bool:
    findings = check_id_number(text, "", date.max)
    return not [finding for finding in findings if finding.severity == "error" or finding.rule == "id.lower_case"]


def _is_credit_code(text: str) -> bool:
    return not [finding for finding in check_uscc(text, "") if finding.severity == "error"]


def _is_too_long(text: str, digits: int, scale: int) -> bool:
    """By decimal arithmetic; a number written with an exponent, or no number, has no digits to count."""
    if not _is_number(text) or "e" in text.lower():
        return False
    try:
        _, figures, exponent = Decimal(text).normalize().as_tuple()
    except InvalidOperation:
        return False
    assert isinstance(exponent, int)
    whole = 0 if figures == (0,) else max(0, len(figures) + exponent)
    decimals = max(0, -exponent)
    return whole + decimals > digits or decimals > scale


near_dates = st.one_of(
    st.dates().map(lambda day: day.strftime("%Y%m%d").rjust(8, "0")),
    st.dates().map(str),
    st.from_regex(r"\A[0-9]{4}(02(2[89]|30)|(0[0-9]|1[0-3])(0[0-9]|3[01]))\Z"),
    st.from_regex(r"\A[0-9]{4}-[01][0-9]-[0-3][0-9]\Z"),
    any_text,
)


@given(st.lists(near_dates, min_size=1, max_size=40))
@many
def test_dates(breaking: Breaking, texts: list[str]) -> None:
    assert breaking(_rule("type", type_code="D"), texts) == [not _is_date(text) for text in texts]


@pytest.mark.parametrize("year", ["0000", "0001", "1900", "2000", "2023", "2024", "2100", "9999"])
def test_every_day_of_a_year(breaking: Breaking, year: str) -> None:
    texts = [f"{year}{month:02}{day:02}" for month in range(14) for day in range(33)]
    assert breaking(_rule("type", type_code="D"), texts) == [not _is_date(text) for text in texts]


near_numbers = st.one_of(st.from_regex(r"\A[-+]?[0-9]{0,3}[.]?[0-9]{0,3}([eE][-+]?[0-9]{0,4})?\Z"), any_text)


@given(st.lists(near_numbers, min_size=1, max_size=40))
@many
def test_numbers(breaking: Breaking, texts: list[str]) -> None:
    assert breaking(_rule("type", type_code="N"), texts) == [not _is_number(text) for text in texts]
    is_integer = [text.lstrip("+-").isdecimal() and text.isascii() and _is_number(text) for text in texts]
    assert breaking(_rule("type", type_code="I"), texts) == [not is_it for is_it in is_integer]


@given(st.lists(near_numbers, min_size=1, max_size=40), st.integers(1, 6), st.integers(0, 4))
@many
def test_length_of_numbers(breaking: Breaking, texts: list[str], digits: int, scale: int) -> None:
    rule = _rule("length", type_code="N", max_length=digits, max_scale=scale)
    assert breaking(rule, texts) == [_is_too_long(text, digits, scale) for text in texts]


@given(st.lists(any_text, min_size=1, max_size=40), st.integers(1, 20))
@many
def test_length_of_text_is_in_characters(breaking: Breaking, texts: list[str], length: int) -> None:
    rule = _rule("length", type_code="C", max_length=length)
    assert breaking(rule, texts) == [len(text) > length for text in texts]


@given(st.lists(st.one_of(st.sampled_from(sorted(table("GB/T 3304").codes)), any_text), min_size=1, max_size=40))
@many
def test_codes(breaking: Breaking, texts: list[str]) -> None:
    codes = table("GB/T 3304").codes
    assert breaking(_rule("code", code_table="GB/T 3304"), texts) == [text not in codes for text in texts]


@st.composite
def near_identity_numbers(draw: st.DrawFn) -> str:
    body = draw(st.from_regex(r"\A[0-9]{6}\Z")) + draw(
        st.one_of(st.dates().map(lambda day: day.strftime("%Y%m%d").rjust(8, "0")), st.from_regex(r"\A[0-9]{8}\Z"))
    )
    body += draw(st.from_regex(r"\A[0-9]{3}\Z"))
    return body + draw(st.one_of(st.just(id_check_character(body)), st.sampled_from("0123456789Xxａ\n")))


@st.composite
def near_credit_codes(draw: st.DrawFn) -> str:
    body = draw(st.text(st.sampled_from(USCC_ALPHABET), min_size=2, max_size=2)) + draw(st.from_regex(r"\A[0-9]{6}\Z"))
    body += draw(st.text(st.sampled_from(USCC_ALPHABET), min_size=9, max_size=9))
    return body + draw(st.one_of(st.just(uscc_check_character(body)), st.sampled_from(string.printable[:62] + "９\n")))


@given(st.lists(st.one_of(near_identity_numbers(), any_text), min_size=1, max_size=40))
@many
def test_identity_numbers(breaking: Breaking, texts: list[str]) -> None:
    rule = _rule("check_digit", standard="GB 11643")
    assert breaking(rule, texts) == [not _is_identity_number(text) for text in texts]


@given(st.lists(st.one_of(near_credit_codes(), any_text), min_size=1, max_size=40))
@many
def test_credit_codes(breaking: Breaking, texts: list[str]) -> None:
    rule = _rule("check_digit", standard="GB 32100")
    assert breaking(rule, texts) == [not _is_credit_code(text) for text in texts]


@st.composite
def near_organisation_codes(draw: st.DrawFn) -> str:
    body = draw(st.from_regex(r"\A[0-9A-Z]{8}\Z"))
    check = draw(st.one_of(st.just(org_check_character(body)), st.sampled_from("0123456789Xx")))
    return body + draw(st.sampled_from(["", "-", "--"])) + check


@given(st.lists(st.one_of(near_organisation_codes(), any_text), min_size=1, max_size=40))
@many
def test_organisation_codes(breaking: Breaking, texts: list[str]) -> None:
    rule = _rule("check_digit", standard="GB 11714")
    assert breaking(rule, texts) == [bool(check_org_code(text, "")) for text in texts]


@pytest.mark.parametrize(
    ("text", "is_broken"),
    [
        ("2024-02-29 23:59:59", False),
        ("2024-02-29T23:59:59.123456+08:00", False),
        ("2024-02-29 00:00:00+00", False),
        ("20240229235959", False),
        ("2024-02-29 24:00:00", True),
        ("2023-02-29 00:00:00", True),
        ("2024-02-29", True),
        ("2024-02-29 12:00:00 下午", True),
        ("infinity", True),
    ],
)
def test_timestamps(breaking: Breaking, text: str, is_broken: bool) -> None:
    assert breaking(_rule("type", type_code="T"), [text]) == [is_broken]


def test_logical_values(breaking: Breaking) -> None:
    texts = ["是", "否", "true", "f", "1", "0", "Y", "对", "", "2", "是 "]
    assert breaking(_rule("type", type_code="L"), texts) == [False] * 7 + [True] * 4


@pytest.mark.skipif(not NAUGHTY.exists(), reason=f"{NAUGHTY} is not here")
def test_naughty_strings_raise_nothing(breaking: Breaking) -> None:
    texts = [text for text in json.loads(NAUGHTY.read_text()) if "\0" not in text]
    rules = [_rule("type", type_code=letter) for letter in "DTNYBFIL"]
    rules += [_rule("check_digit", standard=name) for name in ("GB 11643", "GB 32100", "GB 11714")]
    rules += [_rule("length", type_code="N", max_length=3, max_scale=1), _rule("code", code_table="GB/T 2261.1")]
    for rule in rules:
        assert len(breaking(rule, texts)) == len(texts)
    assert breaking(_rule("type", type_code="D"), texts) == [not _is_date(text) for text in texts]

"""All worked examples, the faults each rule names, and python-stdnum as an oracle for the check characters."""

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from standards.check_digits import (
    USCC_ALPHABET,
    check_id_number,
    check_org_code,
    check_uscc,
    id_check_character,
    org_check_character,
    uscc_check_character,
)

TODAY = date(2026, 3, 2)
EXAMPLES = list(
    csv.DictReader((Path(__file__).parent / "data/check-digit-examples.csv").read_text("utf-8").splitlines())
)


def _rules(findings, severity="error"):
    return [finding.rule for finding in findings if finding.severity == severity]


@pytest.mark.parametrize("row", EXAMPLES, ids=[row["full_code"] for row in EXAMPLES])
def test_worked_example(row):
    body, check, full = row["body"], row["check_char"], row["full_code"]
    if row["scheme"].startswith("RIC"):
        assert id_check_character(body) == check
        assert check_id_number(full, "x", TODAY) == []
    elif row["scheme"].startswith("USCC"):
        assert uscc_check_character(body) == check
        assert check_uscc(full, "x") == []
    else:
        assert org_check_character(body) == check
        assert check_org_code(full, "x") == []
        assert check_org_code(full.replace("-", ""), "x") == []


def test_there_are_28_examples():
    assert len(EXAMPLES) == 28


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("", "id.form"),
        ("11010119000101001", "id.form"),
        ("110101190001010O14", "id.form"),
        ("１１0101190001010014", "id.form"),
        ("110101190001010015", "id.check"),
        ("110101190002300014"[:17] + id_check_character("11010119000230001"), "id.birth"),
        ("11010118491231001" + id_check_character("11010118491231001"), "id.birth"),
        ("11010120260303001" + id_check_character("11010120260303001"), "id.birth"),
    ],
)
def test_id_number_fault_is_named(value, rule):
    assert _rules(check_id_number(value, "x", TODAY)) == [rule]


def test_birth_today_and_on_the_first_day_counted_are_real():
    for day in ("20260302", "18500101"):
        body = f"110101{day}001"
        assert check_id_number(body + id_check_character(body), "x", TODAY) == []


def test_lower_case_x_is_a_warning():
    findings = check_id_number("11010519491231002x", "x", TODAY)
    assert _rules(findings) == []
    assert _rules(findings, "warning") == ["id.lower_case"]


@pytest.mark.parametrize("prefix", ["999001", "990000", "840000", "000000"])
def test_unassigned_region_is_only_a_warning(prefix):
    body = f"{prefix}19900101001"
    findings = check_id_number(body + id_check_character(body), "x", TODAY)
    assert _rules(findings) == []
    assert _rules(findings, "warning") == ["id.region"]


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("91110000100000008", "uscc.form"),
        ("91110000100000008I", "uscc.form"),
        ("91A10000100000008J", "uscc.form"),
        ("91110000100000008j", "uscc.form"),
        ("91110000100000008K", "uscc.check"),
    ],
)
def test_uscc_fault_is_named(value, rule):
    assert _rules(check_uscc(value, "x")) == [rule]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("54110000100000008", "uscc.category"),  # listed by an uncertain source
        ("88110000100000008", "uscc.category"),  # not listed
        ("91990000100000008", "uscc.region"),
        ("91110000100000009", "uscc.inner"),
    ],
)
def test_uncertain_rules_only_warn(body, rule):
    findings = check_uscc(body + uscc_check_character(body), "x")
    assert _rules(findings) == []
    assert _rules(findings, "warning") == [rule]


def test_registration_with_the_national_authority_is_a_known_region():
    body = "91100000100000008"
    assert check_uscc(body + uscc_check_character(body), "x") == []


@pytest.mark.parametrize(("value", "rule"), [("10000000-7", "org.check"), ("1000000-8", "org.form"), ("", "org.form")])
def test_org_code_fault_is_named(value, rule):
    assert _rules(check_org_code(value, "x")) == [rule]


def test_findings_never_carry_the_value():
    value = "110101190001010015"
    assert all(value not in finding.model_dump_json() for finding in check_id_number(value, "x", TODAY))


@given(st.text("0123456789", min_size=17, max_size=17))
def test_id_check_character_agrees_with_stdnum(body):
    assert id_check_character(body) == ric.calc_check_digit(body + "0")


@given(st.text(USCC_ALPHABET, min_size=17, max_size=17))
def test_uscc_check_character_agrees_with_stdnum(body):
    assert uscc_check_character(body) == uscc.calc_check_digit(body)


@given(st.text(max_size=20))
def test_any_text_is_judged_without_an_exception(text):
    for findings in (check_id_number(text, "x", TODAY), check_uscc(text, "x"), check_org_code(text, "x")):
        assert isinstance(findings, list)

"""Industry codes: shape is an error, a division of another section or none a warning."""

import pytest

from standards.industries import check_industry, section_of


@pytest.mark.parametrize(
    ("code", "rules"),
    [
        ("C", []),
        ("26", []),
        ("C2614", []),
        ("2614", []),
        ("A2614", [("industry.section", "warning")]),
        ("98", [("industry.unknown", "warning")]),
        ("U01", [("industry.shape", "error")]),
        ("C261499", [("industry.shape", "error")]),
        ("c26", [("industry.shape", "error")]),
        ("", [("industry.shape", "error")]),
    ],
)
def test_a_code_is_checked_by_shape_then_by_section(code, rules):
    assert [(finding.rule, finding.severity) for finding in check_industry(code, "x")] == rules


def test_the_section_of_a_division_group_or_class():
    assert [section_of(code) for code in ("01", "2614", "C2614", "T97", "T")] == ["A", "C", "C", "T", "T"]
    assert section_of("98") is None
    assert section_of("x") is None


def test_all_97_divisions_belong_to_a_section():
    assert all(section_of(f"{number:02d}") for number in range(1, 98))

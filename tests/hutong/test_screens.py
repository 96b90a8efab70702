"""Text for 80 columns: nothing is lost, no line is longer, marks do not begin a line."""

from hypothesis import given
from hypothesis import strategies as st

from hutong.screens import COLUMNS, width, wrapped


@given(st.text(st.sampled_from("中文，。ab3 _-（）"), max_size=300))
def test_nothing_is_lost_and_no_line_is_longer(text: str) -> None:
    rows = list(wrapped(text, "✗ ", "  "))
    assert all(width(row) <= COLUMNS for row in rows)
    assert "".join(row[2:] for row in rows).replace(" ", "") == text.replace(" ", "")


def test_marks_stay_with_what_they_follow() -> None:
    rows = list(wrapped("汉" * 38 + "，" + "字" * 3, "  ", "  "))
    assert rows == ["  " + "汉" * 38 + "，", "  字字字"]
    rows = list(wrapped("汉" * 39 + "，" + "字", "  ", "  "))
    assert rows == ["  " + "汉" * 38, "  汉，字"]


def test_a_word_longer_than_a_line_is_cut() -> None:
    assert list(wrapped("x" * 170, "→ ", "  ")) == ["→ " + "x" * 78, "  " + "x" * 78, "  " + "x" * 14]

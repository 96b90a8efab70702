"""PostgreSQL's spelling of types, against the guide's letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metadata.sql_types import SqlType, fits, sql_type


@pytest.mark.parametrize(
    ("spelled", "letter", "length", "precision"),
    [
        ("character varying(18)", "C", 18, None),
        ("character(1)", "C", 1, None),
        ("text", "C", None, None),
        ("uuid", "C", 36, None),
        ("numeric", "N", None, None),
        ("numeric(18,6)", "N", 18, 6),
        ("numeric(5,-2)", "N", 5, 0),
        ("timestamp(3) with time zone", "T", None, None),
        ("double precision", "B", None, None),
        ("geometry(Point,4490)", "G", None, None),
        ("public.geometry(Point,4490)", "G", None, None),
        ("integer[]", None, None, None),
        ("tstzrange", None, None, None),
        ('"奇怪 的".mood', None, None, None),
    ],
)
def test_types(spelled: str, letter: str | None, length: int | None, precision: int | None) -> None:
    found = sql_type(spelled)
    assert (found.letter, found.length, found.precision) == (letter, length, precision)


@given(st.text(max_size=200))
def test_any_spelling_is_taken(spelled: str) -> None:
    assert isinstance(sql_type(spelled), SqlType)
    assert fits("C", spelled) in {True, False}


def test_a_date_kept_as_text_is_still_a_date() -> None:
    assert fits("D", "character varying(8)")
    assert not fits("D", "bytea")
    assert fits("G", "mood")  # a type of one's own may hold anything

"""What somebody typed into a form: a day, a number, an id, a text."""

from datetime import date
from types import SimpleNamespace
from uuid import UUID

import pytest

from directory.errors import DirectoryError
from directory.typed import day_if_typed, day_in, day_typed, id_in, is_legible, lengths, number_in, require_words

SOME_ID = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"


def test_a_day() -> None:
    assert day_in(" 2026-03-01 ") == day_typed("2026-03-01") == day_if_typed("2026-03-01") == date(2026, 3, 1)


@pytest.mark.parametrize("text", ["明天", "2026-02-30", "2026/3/1"])
def test_no_day(text: str) -> None:
    assert day_in(text) is None
    for read in (day_typed, day_if_typed):
        with pytest.raises(DirectoryError) as refused:
            read(text)
        assert refused.value.code == "DAY_UNREADABLE"


def test_nothing_typed_is_no_day_where_none_is_asked_for() -> None:
    assert day_if_typed("  ") is None
    with pytest.raises(DirectoryError):
        day_typed("  ")


@pytest.mark.parametrize("text", ["同意", "ok", "3", "𠮷", "依据：第六条。"])
def test_what_says_something(text: str) -> None:
    assert is_legible(text)
    require_words(text)


@pytest.mark.parametrize("text", ["", " \u3000\n", "\u200b\u200d", "\ufeff", "——", "。。。"])
def test_what_says_nothing(text: str) -> None:
    assert not is_legible(text)
    with pytest.raises(DirectoryError) as refused:
        require_words(text)
    assert refused.value.code == "COMMENT_REQUIRED"


@pytest.mark.parametrize(("text", "number"), [(" 12 ", 12), ("0", 0), ("999999999", 999_999_999)])
def test_a_number(text: str, number: int) -> None:
    assert number_in(text) == number


@pytest.mark.parametrize("text", ["", "-1", "1.5", "１２", "²", "1000000000", "9" * 5000])
def test_no_number_of_ours(text: str) -> None:
    assert number_in(text) is None


def test_an_id() -> None:
    assert id_in(f" {SOME_ID} ") == UUID(SOME_ID)
    assert id_in("") is id_in("request") is None


def test_a_text_longer_than_it_may_be() -> None:
    form = SimpleNamespace(title="数" * 3, words="据" * 2)
    assert lengths(form, {"title": 2, "words": 2}) == {"title": "最多 2 个字，现有 3 个"}

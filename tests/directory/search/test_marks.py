"""Marks show exactly the words found, whatever their width or case."""

from hypothesis import given
from hypothesis import strategies as st

from directory.search.folding import fold
from directory.search.marks import Part, excerpt, marked


def test_words_are_marked_in_the_text_as_it_is_written() -> None:
    assert marked("企业登记信息", ("登记",)) == [Part("企业", False), Part("登记", True), Part("信息", False)]
    assert marked("ＧＢ/T 2260 表", ("gb/t2260",)) == [Part("ＧＢ/T 2260", True), Part(" 表", False)]
    assert marked("登记登记簿", ("登记", "记簿")) == [Part("登记登记簿", True)]
    assert marked("企业", ()) == [Part("企业", False)]
    assert marked("", ("企业",)) == []


def test_an_excerpt_begins_a_little_before_the_first_hit() -> None:
    text = "前" * 100 + "企业" + "后" * 100
    parts = excerpt(text, ("企业",), 60)
    assert (parts[0], parts[-1]) == (Part("…", False), Part("…", False))
    assert Part("企业", True) in parts
    assert sum(len(part.text) for part in parts) == 62
    assert excerpt("短文", ("无",), 60) == [Part("短文", False)]


@given(st.text(max_size=40), st.lists(st.text(min_size=1, max_size=4), max_size=3))
def test_nothing_is_lost_or_added(text: str, typed: list[str]) -> None:
    words = [word for word in map(fold, typed) if word]
    assert "".join(part.text for part in marked(text, words)) == text
    assert "".join(part.text for part in excerpt(text, words, 50)) == text

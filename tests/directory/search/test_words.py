"""Folding and cutting text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.search import folding
from directory.search.folding import fold, fold_together
from directory.search.words import START, pairs_of_word, pieces_of, tokens, words_of

_PLAIN_CHARACTERS = {chr(code) for code in folding._PLAIN_FOLDED}
CHINESE = st.text(st.sampled_from("企业登记基本信息人口法单位𠮷林ＡａＢ１２3（） 　\u200b"), max_size=30)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("企业 登记", "企业登记"),
        ("Ａ　级（２０２５年）", "a级(2025年)"),
        ("GB/T ２１０６３", "gb/t21063"),
        ("ﬁle\u200b\x02名", "file名"),
        ("𠮷林", "𠮷林"),
        ("Straße", "strasse"),
        ("Café Zürich", "cafezurich"),
        ("Cafe\u0301", "cafe"),
        ("資料庫之臺灣", "资料库之台湾"),
        ("後臺 Ａ后台", "后台a后台"),
        ("“引号”·连接", "“引号”·连接"),
        (" \t\n", ""),
    ],
)
def test_what_a_reader_does_not_see_as_a_difference_is_gone(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_folding_is_idempotent_and_leaves_no_token_boundary(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert START not in folded
    assert not any(each.isspace() for each in folded)


@given(st.lists(CHINESE, max_size=4), CHINESE)
def test_a_word_is_a_phrase_of_pairs_exactly_where_it_is_a_part_of_the_text(values: list[str], word: str) -> None:
    wanted = pairs_of_word(fold(word))
    if not fold(word):
        return
    kept = " ".join(tokens(fold_together(values), START)).split(" ")
    is_phrase = any(kept[at : at + len(wanted)] == wanted for at in range(len(kept)))
    assert is_phrase == any(fold(word) in fold(value) for value in values)


@given(st.lists(CHINESE, max_size=4))
def test_every_single_character_is_kept_once(values: list[str]) -> None:
    _, last = tokens(fold_together(values))
    assert set(last.split()) - {folding.PARTED} == {each for value in values for each in fold(value)}


def test_a_query_is_cut_at_spaces_of_any_kind_and_each_word_counts_once() -> None:
    assert words_of(" 企业　登记 企业\tＵＳＣＣ ") == ("企业", "登记", "uscc")
    assert words_of("　 ") == ()


def test_pieces_are_dictionary_words_of_two_characters_and_more() -> None:
    assert pieces_of(("企业登记的信息",)) == ("企业", "登记", "信息")
    assert pieces_of(("企业", "口", "uscc", "慢事务")) == ("企业", "口", "uscc", "慢事务")


@given(st.text(st.sampled_from(sorted(_PLAIN_CHARACTERS)), max_size=30))
def test_what_is_folded_by_table_is_folded_as_by_the_rules(text: str) -> None:
    assert fold(text) == folding._fold(text)
    for at in range(len(text)):
        assert fold(text[:at]) + fold(text[at:]) == fold(text), "a part of a text folds to a part of the folded text"

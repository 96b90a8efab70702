"""Readings against pypinyin's own, which are read from the same tables by other code."""

import csv
import io
import lzma
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT

from standards.pinyin import every_syllable, syllables

TITLES = Path(__file__).parents[3] / "shared" / "data" / "catalogue" / "cn_guangxi_open_data_catalogue_2021.csv.xz"
_PHRASES = sorted(phrase for phrase in PHRASES_DICT if "，" not in phrase)
_PIECES = st.one_of(
    st.sampled_from(_PHRASES),
    st.text("银行长重庆都着了和解落暴年度数据信息〇龘", min_size=1, max_size=5),
    st.text("abz 019_，（）é", min_size=1, max_size=3),
)


@given(st.lists(_PIECES, max_size=6).map("".join))
def test_a_text_is_read_as_pypinyin_reads_it(text: str) -> None:
    assert syllables(text) == lazy_pinyin(text)


def test_real_titles_are_read_as_pypinyin_reads_them() -> None:
    if not TITLES.is_file():
        pytest.skip("the real catalogues are not beside the project")
    text = lzma.decompress(TITLES.read_bytes()).decode("utf-8-sig")
    titles = {unicodedata.normalize("NFC", row["资源名称"]) for row in csv.DictReader(io.StringIO(text))}
    assert len(titles) > 1000
    assert [title for title in sorted(titles) if syllables(title) != lazy_pinyin(title)] == []


def test_a_word_decides_how_its_characters_are_read() -> None:
    assert syllables("银行行长") == ["yin", "hang", "hang", "zhang"]
    assert syllables("A级 2020年") == ["A", "ji", " 2020", "nian"]


def test_syllables_have_no_tones_and_v_for_umlaut() -> None:
    assert {"lv", "xian", "zhuang", "er"} <= every_syllable()
    assert all(each.isascii() and each.islower() for each in every_syllable())

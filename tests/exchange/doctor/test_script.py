"""Every kind of lost or garbled character, told apart, and honest text left in peace."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.doctor.peers import clock, days_left
from exchange.doctor.script import FAULTS, count, faults


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("张三", set()),
        ("欧阳娜娜·Smith, 3号楼 (东)", set()),
        ("联通", set()),
        ("洄丰", set()),
        ("O'Brien \\n café", set()),
        ("为什么？", set()),
        ("Why?", set()),
        ("㐀㙍䶵鿯", set()),
        ("", set()),
        ("王\ue863", {"private"}),
        ("\U000f0001", {"private"}),
        ("王\ufffd", {"replaced"}),
        ("王?", {"question"}),
        ("?小明", {"question"}),
        ("???", {"question"}),
        ("锟斤拷", {"mojibake"}),
        ("张三".encode().decode("gb18030"), {"mojibake"}),
        ("李四光".encode().decode("gbk", "replace"), {"mojibake", "replaced"}),
        ("中文".encode().decode("latin-1"), {"mojibake"}),
        ("中文".encode("gbk").decode("latin-1"), {"mojibake"}),
        ("Ünïcödé", set()),
        ("𠮷野", {"extension"}),
        ("\U00030edd\U00030edd面", {"beyond", "extension"}),
        ("鿿", {"beyond"}),
        ("葛\U000e0100城", {"variation"}),
        ("e\u0301", {"composed"}),
        ("\u2f00", set()),
        ("\uf900", {"composed"}),
        ("无\\u0000", {"escaped_nul"}),
        ("a%00b", {"escaped_nul"}),
    ],
)
def test_kinds(value: str, found: set[str]) -> None:
    assert faults(value) == found


@given(st.lists(st.text(max_size=20), max_size=5))
def test_counts_are_of_values_and_only_known_kinds(values: list[str]) -> None:
    counted = count(values)
    assert set(counted) <= set(FAULTS)
    assert all(0 < number <= len(values) for number in counted.values())


HAN = st.text(st.characters(codec="gb2312", min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=8)


@given(HAN)
def test_chinese_read_with_the_wrong_table_is_seen(value: str) -> None:
    assert "mojibake" in faults(value.encode().decode("latin-1"))
    assert "mojibake" in faults(value.encode("gb2312").decode("latin-1"))
    assert faults(value) == frozenset()
    try:
        garbled = value.encode().decode("gb18030")
    except UnicodeDecodeError:  # an odd number of bytes, or two that GBK has not: then something is replaced, and seen
        return
    # A reading that is itself everyday Chinese throughout may be meant; two characters in a hundred, longer ones never.
    assert ("mojibake" in faults(garbled)) != is_everyday(garbled)


def is_everyday(value: str) -> bool:
    return value.encode("gb2312", "replace").decode("gb2312") == value


NOW = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "light"), [(0, "ok"), (-20, "ok"), (60, "note"), (-60, "note"), (400, "bad")])
def test_clock(seconds: int, light: str) -> None:
    said = (NOW + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert clock("目录", said, NOW, NOW).light == light


def test_a_clock_that_cannot_be_read() -> None:
    assert clock("目录", "soon", NOW, NOW).light == "note"


@pytest.mark.parametrize(
    ("until", "light"),
    [("Aug  1 12:00:00 2026 GMT", "ok"), ("Jun 20 12:00:00 2026 GMT", "note"), ("Jun  3 12:00:00 2026 GMT", "bad")],
)
def test_certificate(until: str, light: str) -> None:
    assert days_left("目录", until, NOW).light == light

"""Names of the same thing are found, each with its reason; names of other things are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.item_match import compare
from directory.item_match.compare import LEAST, SURE, Comparer, Held, Standards, Wanted
from metadata.dictionary import plain

STANDARDS = Standards({"population/id_number": "公民身份号码", "legal_person/uscc": "统一社会信用代码"})
NAMES = st.text("姓名身份证号码电话地址企业登记日期编 A（）", min_size=1, max_size=8)


def like(wanted: Wanted, held: Held) -> tuple[int, str] | None:
    found = Comparer([Wanted("无关的一项"), wanted], STANDARDS).like(held).get(1)
    return (found.score, found.reason) if found else None


@pytest.mark.parametrize(
    ("wanted", "held", "score", "word"),
    [
        (Wanted("姓名"), Held("姓 名", "xm", ""), 100, "名称相同"),
        (Wanted("姓名（必填）"), Held("姓名", "xm", ""), 100, "名称相同"),
        (Wanted("身份证号"), Held("证件", "zj", "population/id_number"), 95, "目录写明"),
        (Wanted("身份证号"), Held("居民身份证号码", "a", ""), 90, "公民身份号码"),
        (Wanted("企业代码", "tyshxydm"), Held("统一社会信用代码", "code", ""), 90, "统一社会信用代码"),
        (Wanted("执照号码", "yyzz_bh"), Held("编号", "YYZZ_BH", ""), 85, "字段名"),
        (Wanted("企业注册地址"), Held("注册地址", "x1", ""), 70, "包含"),
        (Wanted("养老保险缴费起始日"), Held("养老保险缴费起始年月", "x1", ""), None, "相近"),
    ],
)
def test_what_may_be_the_same_is_found_with_its_reason(
    wanted: Wanted, held: Held, score: int | None, word: str
) -> None:
    found = like(wanted, held)
    assert found is not None
    assert found[0] == score if score else LEAST <= found[0] < SURE
    assert word in found[1]


@pytest.mark.parametrize(
    ("one", "other"), [("姓名", "月收入"), ("名", "姓名"), ("法定代表人姓名", "姓名"), ("日期", "登记机关")]
)
def test_what_is_something_else_is_not(one: str, other: str) -> None:
    assert like(Wanted(one), Held(other, "x1", "")) is None


@settings(max_examples=60, deadline=None)
@given(one=NAMES, other=NAMES)
def test_scores_are_within_bounds_the_same_both_ways_and_full_only_for_the_same_name(one: str, other: str) -> None:
    found, back = like(Wanted(one), Held(other, "x", "")), like(Wanted(other), Held(one, "x", ""))
    assert (found and found[0]) == (back and back[0])
    assert found is None or LEAST <= found[0] <= 100
    assert (found is not None and found[0] == 100) == (plain(one) == plain(other) != "")


def test_what_shares_nothing_is_passed_over_without_being_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearly every name of a large catalogue: the others are compared as ever."""
    comparer = Comparer([Wanted("身份证号", "sfzh"), Wanted("企业名称")], STANDARDS)

    def taken_apart(_text: str) -> frozenset[str]:
        raise AssertionError

    monkeypatch.setattr(compare, "pairs_of", taken_apart)
    assert comparer.like(Held("降水量", "jsl", "")) == {}
    for alike in (
        Held("公民身份号码", "x", ""),
        Held("证件", "SFZH", ""),
        Held("证件", "gmsfhm", ""),
        Held("证件", "x", "population/id_number"),
        Held("企业名称（全称）", "x", ""),
    ):
        with pytest.raises(AssertionError):
            comparer.like(alike)


@given(st.lists(NAMES, min_size=1, max_size=3), NAMES, st.sampled_from(["", "sfzh", "tyshxydm", "xm"]))
def test_passing_over_loses_nothing(wanted: list[str], name: str, field: str) -> None:
    asked, held = [Wanted(each, field) for each in wanted], Held(name, field, "")
    short, long = Comparer(asked, STANDARDS), Comparer(asked, STANDARDS)
    long._few = None  # every name is taken apart
    assert short.like(held) == long.like(held)

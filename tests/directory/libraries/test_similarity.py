"""Near-duplicates: what the quick search finds is what comparing every pair finds."""

from itertools import combinations
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from directory.libraries.similarity import Alike, Described, core, fold, jaccard, near_duplicates

NAMES = [f"项{number}" for number in range(8)]


def _entry(title: str, org: str, *items: str) -> Described:
    return Described(uuid4(), title, org, frozenset(items))


def _pairs(found: list[Alike]) -> set[frozenset[str]]:
    return {frozenset({each.one.title, each.other.title}) for each in found}


def test_the_same_register_kept_by_two_departments_is_found() -> None:
    one = _entry("低保对象信息", "民政", "姓名", "身份证号", "户籍地址", "保障金额")
    other = _entry("低保对象基本信息（表）", "医保", "姓名", "身份证号", "户籍地址", "保障金额", "联系电话")
    apart = _entry("排污许可信息", "环保", "姓名", "许可证号")
    own = _entry("低保对象信息表", "民政", "姓名", "身份证号", "户籍地址", "保障金额")
    found = near_duplicates([one, other, apart, own])
    assert _pairs(found) == {frozenset({one.title, other.title}), frozenset({own.title, other.title})}
    assert found[0].shared == ("保障金额", "姓名", "户籍地址", "身份证号")


def test_a_departments_name_at_the_head_of_a_title_says_nothing() -> None:
    one, other = _entry("市民政局低保对象名册", "民政"), _entry("市医保局低保对象名册", "医保")
    assert near_duplicates([one, other], ["市民政局", "市医保局"])
    assert core("市民政局低保对象信息表", [fold("市民政局")]) == "低保对象"
    assert core("信息", []) == "信息"


def test_few_common_items_are_no_sign() -> None:
    assert near_duplicates([_entry("低保名册", "甲", "姓名", "代码"), _entry("桥梁", "乙", "姓名", "代码")]) == []


@given(
    st.lists(
        st.builds(
            _entry,
            st.text("人口登记信息法", min_size=1, max_size=6),
            st.sampled_from(["甲", "乙", "丙"]),
            *[st.sampled_from(NAMES)] * 5,
        ),
        max_size=12,
    )
)
def test_nothing_alike_is_passed_over(entries: list[Described]) -> None:
    """Against every pair compared one by one."""

    def pairs(text: str) -> frozenset[str]:
        return frozenset(text[at : at + 2] for at in range(max(len(text) - 1, 1)))

    expected = set()
    for one, other in combinations(entries, 2):
        titles = jaccard(pairs(core(one.title)), pairs(core(other.title)))
        items = jaccard(one.items, other.items)
        common = len(one.items & other.items)
        is_alike = (titles >= 0.8 and items >= 0.5) or (items >= 0.8 and (titles >= 0.5 or common >= 4))
        if one.org_code != other.org_code and is_alike:
            expected.add(frozenset({one.resource_id, other.resource_id}))
    found = [frozenset({each.one.resource_id, each.other.resource_id}) for each in near_duplicates(entries)]
    assert len(found) == len(set(found))
    assert set(found) == expected

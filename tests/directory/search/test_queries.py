"""What is found, in which order, by whom, and how it is counted."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.errors import DirectoryError
from directory.resources.rows import entry_rows
from directory.roles import Role
from directory.search.documents import texts
from directory.search.folding import fold
from directory.search.words import words_of

TITLES = (
    "企业登记基本信息",
    "企业登记基本信息核验",
    "个体工商户名录",
    "企业年度报告公示汇总（２０２５年度）",
    "纳税信用 A 级企业名单",
    "人口基础信息",
    "道路运输经营许可GB/T 2260",
    "税",
    "𠮷林路养老机构备案信息",
    "基本信息企业登记",
)


@pytest.fixture(scope="module")
def titles(shelf: Any) -> tuple[str, ...]:
    shelf.add(*TITLES)
    return TITLES


def test_the_exact_title_comes_first(shelf: Any, titles: Any) -> None:
    assert shelf.titles("企业登记基本信息")[0] == "企业登记基本信息"
    assert shelf.titles("纳税信用A级企业名单")[0] == "纳税信用 A 级企业名单"


def test_words_of_two_characters_single_characters_and_mixed_ones_are_found(shelf: Any, titles: Any) -> None:
    assert set(shelf.titles("税")) == {"税", "纳税信用 A 级企业名单"}
    assert shelf.titles("2025年度") == ["企业年度报告公示汇总（２０２５年度）"]
    assert shelf.titles("gb/T２２６０") == ["道路运输经营许可GB/T 2260"]
    assert shelf.titles("𠮷林") == ["𠮷林路养老机构备案信息"]
    assert shelf.titles("级企") == ["纳税信用 A 级企业名单"]


def test_every_word_must_be_found(shelf: Any, titles: Any) -> None:
    assert set(shelf.titles("企业 信息")) == {"企业登记基本信息", "企业登记基本信息核验", "基本信息企业登记"}
    assert shelf.titles("企业 口") == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_part_of_whatever_title_is_typed_exactly_the_titles_holding_it_are_found(
    shelf: Any, titles: Any, data: Any
) -> None:
    title = data.draw(st.sampled_from(TITLES))
    start = data.draw(st.integers(0, len(title) - 1))
    typed = title[start : start + data.draw(st.integers(1, 8))]
    words = words_of(typed)
    with shelf.app.state.sessions() as session:
        expected = {str(row.id) for row in entry_rows(session) if _holds_all(row, words)}
    assert {str(item.id) for item in shelf.find(typed, size=100).items} == expected


def _holds_all(row: Any, words: Any) -> bool:
    """Brute force: every word inside some searched text of the entry."""
    folded = [fold(text) for values in texts(row, row.record).values() for text in values]
    return all(any(word in text for text in folded) for word in words)


def test_items_keywords_provider_abstract_and_codes_are_searched_and_named(shelf: Any, titles: Any) -> None:
    (made,) = shelf.add(
        "排污许可",
        abstract="固定污染源的许可事项",
        keywords=["环境保护"],
        items=[{"name": "许可证编号", "field": "permit_no"}],
        formats=[{"category": "电子表格", "types": ["xlsx"]}],
        related_codes=["307021/000012"],
    )
    for typed, part in {
        "污染": "摘要",
        "环境": "关键字与分类",
        "XLSX": "关键字与分类",
        "证编": "数据项",
        "PERMIT_NO": "数据项",
        "307021/000012": "代码",
    }.items():
        (item,) = shelf.find(typed).items
        assert (str(item.id), part in item.found_in) == (made, True), typed
    provider = shelf.find(shelf.editor.org_name)
    assert provider.total == len(TITLES) + 1
    assert all(item.found_in == ("提供部门",) for item in provider.items)


def test_an_identifier_finds_its_entry_first(shelf: Any, titles: Any) -> None:
    last = shelf.find("人口基础信息").items[0]
    assert last.identifier
    assert shelf.find(last.identifier).items[0].id == last.id
    assert shelf.find(last.code).items[0].id == last.id


def test_pages_follow_each_other_without_gap_or_overlap(shelf: Any, titles: Any) -> None:
    for asked in ({"q": "信息"}, {"q": ""}, {"q": "企业", "sort": "updated"}):
        whole = shelf.find(**asked, size=100)
        seen, after = [], ""
        while True:
            page = shelf.find(**asked, size=2, after=after)
            assert page.total == whole.total
            seen += [item.id for item in page.items]
            if page.next is None:
                break
            after = page.next
        assert seen == [item.id for item in whole.items]


@pytest.mark.parametrize("cursor", ["x", "é", "LTE=", "OTk5OTk5OTk5OTk5", "4pGg", "====", "MTIz4"])
def test_a_made_up_cursor_is_refused(shelf: Any, cursor: str) -> None:
    with pytest.raises(DirectoryError, match="CURSOR_INVALID"):
        shelf.find("企业", after=cursor)


def test_where_nothing_holds_the_words_their_pieces_are_looked_for(shelf: Any, titles: Any) -> None:
    page = shelf.find("企业的登记信息")
    assert page.is_loosened
    assert page.words == ("企业", "登记", "信息")
    assert {item.title for item in page.items} >= {"企业登记基本信息"}
    nothing = shelf.find("碳排放核查")
    assert (nothing.total, nothing.is_loosened, nothing.words) == (0, False, ("碳排放核查",))


def test_facets_count_without_their_own_choice_and_with_all_others(shelf: Any, city: Any) -> None:
    conditional = {"share_type": "conditional", "conditions": "核验", "scope": "政务部门", "purposes": ["核验"]}
    shelf.add("水质监测甲", library="statistics", update_cycle="daily")
    shelf.add("水质监测乙", library="statistics", update_cycle="yearly", sharing=conditional)
    shelf.add(
        "水质监测丙", library="population", update_cycle="yearly", formats=[{"types": ["csv"]}, {"other": "纸质"}]
    )
    facets = shelf.find("水质", library=("statistics",)).facets
    assert _counts(facets["library"]) == {"statistics": 2, "population": 1}
    assert _counts(facets["cycle"]) == {"daily": 1, "yearly": 1}
    assert _counts(facets["share_type"]) == {"conditional": 1}
    assert [bucket.label for bucket in facets["provider"]] == [shelf.editor.org_name]
    both = shelf.find("水质", library=("statistics", "population"), cycle=("yearly",), format=("纸质",))
    assert [item.title for item in both.items] == ["水质监测丙"]
    assert _counts(both.facets["format"]) == {"csv": 1, "纸质": 1}
    emptied = shelf.find("水质", library=("geospatial",))
    assert emptied.total == 0
    assert _counts(emptied.facets["library"]) == {"statistics": 2, "population": 1, "geospatial": 0}


def test_a_draft_is_found_by_its_department_and_the_office_only(shelf: Any, city: Any) -> None:
    shelf.add("尚未发布的目录")
    stranger = city.person(city.organisation(), Role.EDITOR).actor
    office = city.person(city.organisation(is_office=True), Role.OFFICE_REVIEWER).actor
    assert shelf.titles("尚未发布") == ["尚未发布的目录"]
    assert shelf.titles("尚未发布", actor=office) == ["尚未发布的目录"]
    found = shelf.find("尚未发布", actor=stranger)
    assert (found.total, found.items) == (0, ())
    assert all(bucket.count == 0 for buckets in found.facets.values() for bucket in buckets)


def _counts(buckets: Any) -> dict[str, int]:
    return {bucket.value: bucket.count for bucket in buckets}

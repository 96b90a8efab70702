"""The score explains itself: points add up, each gap is named with how to close it, and mending never costs points."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.demo.catalogue import ENTRIES
from metadata.resource import Category, Extent, Format, Item, Openness, Party, Resource, Sharing
from metadata.score import Score, score

BARE = Resource(title="无", provider=Party(name="某局"))
FULL = Resource(
    title="企业登记基本信息",
    provider=Party(name="市场监管局", code="11110000000013282X"),
    maintainer=Party(name="信息中心"),
    abstract="在本市登记注册的各类企业的名称、住所、类型、状态等基本信息，来自企业登记系统，每日更新，覆盖一九九〇年以来的全部登记。",
    keywords=("企业", "登记", "法人"),
    categories=(Category(name="税务"),),
    formats=(Format(category="数据库", types=("dm",)),),
    items=(
        Item(name="统一社会信用代码", field="uscc", length=18, is_key=True, data_element="GB 32100"),
        Item(name="成立日期", field="established_on", type_code="D", description="营业执照载明的日期"),
    ),
    sharing=Sharing(share_type="unconditional", conditions="工作参考"),
    openness=Openness(is_open=False),
    data_grade="2级",
    update_cycle="daily",
    extent=Extent(region_code="330100", begins_on=date(1990, 1, 1)),
)


def _got(result: Score) -> dict[str, tuple[int, int]]:
    return {each.key: (each.got, each.possible) for each in result.checks}


def test_a_full_description_gets_all_and_a_bare_one_says_what_to_do() -> None:
    full, bare = score(FULL), score(BARE)
    assert (full.total, full.to_gain) == (100, ())
    assert bare.total < 15
    assert all(each.gain_zh and each.reason_zh for each in bare.to_gain)
    assert [each.possible - each.got for each in bare.to_gain] == sorted(
        (each.possible - each.got for each in bare.to_gain), reverse=True
    )


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        ({"title": "企业登记管理系统"}, "title", "系统"),
        ({"abstract": "企业登记，基本信息"}, "abstract", "重复名称"),
        ({"abstract": "本市登记企业的名称、住所、状态等基本信息。"}, "abstract", "不足 50 字"),
        ({"keywords": ("企业登记基本信息",)}, "keywords", "名称以外"),
        ({"categories": ()}, "classification", "没有分类"),
        ({"data_grade": " "}, "classification", "分类分级"),
        ({"maintainer": None}, "party", "维护"),
        ({"update_cycle": None}, "format", "周期"),
        ({"items": ()}, "items", "没有数据项"),
        ({"items": (FULL.items[1],)}, "items", "主键"),
        ({"sharing": Sharing(share_type="conditional")}, "sharing", "条件或依据"),
        ({"openness": Openness()}, "sharing", "开放"),
        ({"extent": Extent(region_code="330100")}, "extent", "时间范围"),
        ({"library": "geospatial"}, "extent", "比例尺"),
    ],
)
def test_each_gap_costs_its_own_check_and_is_named(change: dict[str, object], key: str, words: str) -> None:
    result = score(FULL.model_copy(update=change))
    assert [each.key for each in result.to_gain] == [key]
    assert words in result.to_gain[0].reason_zh
    assert result.total < 100


def test_items_are_scored_by_their_share() -> None:
    items = (FULL.items[0], Item(name="行业代码", field="industry"), Item(name="名称", field="n"), FULL.items[1])
    got = _got(score(FULL.model_copy(update={"items": items})))
    assert (got["lengths"], got["item_descriptions"], got["code_tables"]) == ((2, 8), (5, 10), (4, 8))


def test_a_folder_of_scans_is_not_asked_for_items() -> None:
    scans = FULL.model_copy(update={"items": (), "formats": (Format(category="图形图像", types=("jpg",)),)})
    assert score(scans).total == 100


@given(
    st.sampled_from(["title", "abstract", "keywords", "categories", "items", "extent", "sharing", "openness"]),
    st.sets(st.sampled_from(["abstract", "keywords", "maintainer", "update_cycle", "data_grade", "categories"])),
)
def test_filling_in_never_costs_points_and_points_add_up(mended: str, left: set[str]) -> None:
    poor = FULL.model_copy(update={name: getattr(BARE, name) for name in {*left, mended}})
    before, after = score(poor), score(poor.model_copy(update={mended: getattr(FULL, mended)}))
    assert before.total <= after.total
    for result in (before, after):
        assert all(0 <= each.got <= each.possible for each in result.checks)
        assert all(bool(each.gain_zh) == (each.got < each.possible) for each in result.checks)
        possible = sum(each.possible for each in result.checks)
        assert result.total == sum(each.got for each in result.checks) * 100 // possible


def test_the_demos_entries_are_worth_publishing() -> None:
    totals = {entry.title: score(entry.resource("11110000000013282X")).total for entry in ENTRIES}
    assert all(total >= 60 for total in totals.values()), totals

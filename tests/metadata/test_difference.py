"""Differences: none exactly between equals, each in words, items followed through renaming and moving."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given

from metadata.difference import Difference, differences
from metadata.resource import (
    Assessment,
    Category,
    Extent,
    Format,
    Item,
    LegalBasis,
    Mount,
    MountColumn,
    Openness,
    Party,
    Resource,
    Sharing,
    Volumes,
)
from tests.strategies import RESOURCES

USCC = Item(name="统一社会信用代码", field="uscc", length=18, is_key=True)
NAME = Item(name="企业名称", field="name", length=200)
STATUS = Item(name="登记状态", field="status")
BEFORE = Resource(title="企业基本信息", provider=Party(name="市场监管局"), items=(USCC, NAME, STATUS))


def _changed(**changes: Any) -> tuple[Difference, ...]:
    return differences(BEFORE, BEFORE.model_copy(update=changes))


@given(RESOURCES)
def test_equal_records_do_not_differ(record: Resource) -> None:
    assert differences(record, Resource.from_bytes(record.to_bytes())) == ()


@given(RESOURCES, RESOURCES)
def test_records_that_differ_say_so_both_ways(one: Resource, other: Resource) -> None:
    there, back = differences(one, other), differences(other, one)
    assert bool(there) == bool(back) == (one != other)
    for each in there:
        assert each.label_zh
        assert (each.kind == "added") == (not each.before)
        assert (each.kind == "removed") == (not each.after)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"title": "企业登记信息"}, ("title", "目录名称", "changed", "企业基本信息", "企业登记信息")),
        ({"abstract": "名称"}, ("abstract", "摘要", "added", "", "名称")),
        ({"library": "legal_person"}, ("library", "基础库", "added", "", "法人单位")),
        ({"update_cycle": "daily"}, ("update_cycle", "更新周期", "added", "", "每日")),
        ({"updated_on": date(2026, 3, 1)}, ("updated_on", "更新日期", "added", "", "2026-03-01")),
        ({"is_microdata": True}, ("is_microdata", "可识别单个调查对象", "changed", "否", "是")),
        ({"openness": Openness(is_open=False)}, ("openness.is_open", "是否向社会开放", "added", "", "否")),
        ({"volumes": Volumes(open_gb="2.5")}, ("volumes.open_gb", "已开放数据存储量（GB）", "added", "", "2.5")),
        ({"sharing": Sharing(share_type="none")}, ("sharing.share_type", "共享类型", "added", "", "不予共享")),
        ({"sharing": Sharing(method_types=("batch",))},
         ("sharing.method_types", "共享方式", "added", "", "批量交换")),
        ({"sharing": Sharing(legal_basis=(LegalBasis(title="统计法", article="第二十八条"),))},
         ("sharing.legal_basis", "不予共享的依据", "added", "", "《统计法》第二十八条")),
        ({"keywords": ("企业",)}, ("keywords", "关键字", "added", "", "企业")),
        ({"keywords": ("",)}, ("keywords", "关键字", "added", "", "（空）")),
        ({"categories": (Category(name="工商", code="ZBH00"),)},
         ("categories", "分类", "added", "", "主题分类：工商（ZBH00）")),
        ({"formats": (Format(category="数据库", types=("dm", "db2")),)},
         ("formats", "数据格式", "added", "", "数据库，dm、db2")),
        ({"formats": (Format(),)}, ("formats", "数据格式", "added", "", "（空）")),
        ({"maintainer": Party(name="信息中心", code="1")}, ("maintainer", "维护单位", "added", "", "信息中心，1")),
        ({"extent": Extent(box_mas=(1, 2, 3, 4))}, ("extent.box_mas", "空间范围", "added", "", "1、2、3、4")),
        ({"mounts": (Mount(mount_id="m1", node="gs", table="qy"),)},
         ("mounts[m1]", "挂接资源", "added", "", "库表 public.qy，前置节点 gs")),
        ({"assessments": (Assessment(kind="secrecy", conclusion="可", assessor="张三", subject_digest="0",
                                     assessed_on=date(2026, 1, 5)),)},
         ("assessments", "评估", "added", "", "保密风险评估（2026-01-05 张三）：通过，可")),
        ({"items": (USCC, NAME)}, ("items[status]", "数据项", "removed", "登记状态（status，字符型）", "")),
        ({"items": (USCC.model_copy(update={"length": 20}), NAME, STATUS)},
         ("items[uscc].length", "数据项“统一社会信用代码”的长度", "changed", "18", "20")),
        ({"items": (USCC, NAME.model_copy(update={"sensitivity": 3}), STATUS)},
         ("items[name].sensitivity", "数据项“企业名称”的敏感程度", "changed", "公开", "个人信息")),
    ],
)  # fmt: skip
def test_one_change_in_words(changes: dict[str, Any], expected: tuple[str, ...]) -> None:
    (found,) = _changed(**changes)
    assert (found.path, found.label_zh, found.kind, found.before, found.after) == expected


def test_a_renamed_field_is_the_same_item() -> None:
    (found,) = _changed(items=(USCC, NAME.model_copy(update={"field": "ent_name"}), STATUS))
    assert (found.path, found.before, found.after) == ("items[ent_name].field", "name", "ent_name")
    assert found.label_zh == "数据项“企业名称”的字段名"


def test_two_of_one_name_are_not_guessed_at() -> None:
    one, two = (Item(name="电话", field=field) for field in ("phone1", "phone2"))
    before = BEFORE.model_copy(update={"items": (one,)})
    after = BEFORE.model_copy(update={"items": (two, Item(name="电话", field="phone3"))})
    assert {each.kind for each in differences(before, after)} == {"added", "removed"}


def test_a_moved_item_is_told_once_for_the_list() -> None:
    (found,) = _changed(items=(STATUS, USCC, NAME))
    assert (found.path, found.label_zh, found.kind) == ("items", "数据项的顺序", "changed")
    assert (found.before, found.after) == (
        "统一社会信用代码、企业名称、登记状态",
        "登记状态、统一社会信用代码、企业名称",
    )
    (found,) = _changed(items=(Item(name="住所", field="address"), USCC, NAME, STATUS))
    assert (found.path, found.kind) == ("items[address]", "added")  # the others only made room


def test_order_of_plain_lists_and_columns_inside_mounts() -> None:
    one = BEFORE.model_copy(update={"keywords": ("甲", "乙", "乙")})
    (found,) = differences(one, BEFORE.model_copy(update={"keywords": ("乙", "甲", "乙")}))
    assert (found.label_zh, found.before, found.after) == ("关键字的顺序", "甲、乙、乙", "乙、甲、乙")
    (found,) = differences(one, BEFORE.model_copy(update={"keywords": ("甲", "乙")}))
    assert (found.kind, found.before) == ("removed", "乙")
    columns = (MountColumn(field="uscc", column="xydm", sql_type="text"),)
    mount = Mount(mount_id="m1", node="gs", table="qy", columns=columns)
    other = mount.model_copy(update={"columns": (columns[0].model_copy(update={"sql_type": "character(18)"}),)})
    before, after = (BEFORE.model_copy(update={"mounts": (each,)}) for each in (mount, other))
    (found,) = differences(before, after)
    assert found.path == "mounts[m1].columns[uscc].sql_type"
    assert found.label_zh == "挂接资源“m1”的挂接字段“uscc”的列类型"
    (found,) = differences(before, BEFORE.model_copy(update={"mounts": (mount.model_copy(update={"columns": ()}),)}))
    assert (found.kind, found.before) == ("removed", "uscc：xydm（text）")

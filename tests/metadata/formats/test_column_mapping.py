"""Which column is which: certain by its header, likely by resemblance or values, chosen by a person."""

import io
from typing import Any

import openpyxl
import pytest

from metadata.errors import MetadataError
from metadata.formats.column_mapping import ColumnMapping, propose
from metadata.formats.sheet import Row, Sheet
from metadata.formats.spreadsheet import read
from metadata.formats.workbook import drafts, drafts_of
from metadata.formats.workbook_elements import ELEMENTS
from metadata.resource import Format, Party, Resource

# 03 §5: the national survey template's columns in its order; the upper header row is merged over its group.
SURVEY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("名称", ("title",)),
    ("代码", ("code",)),
    ("提供方", ("提供方 provider", "内部部门 division")),
    ("提供方代码", ("provider_code",)),
    ("摘要", ("abstract",)),
    ("格式", ("分类 format_category", "类型 format", "其他描述 format_other")),
    (
        "信息资源大普查",
        (
            "数据存储总量（GB） volume_stored_gb",
            "结构化信息记录总数（万条） volume_stored_records",
            "已共享的数据存储量（GB） volume_shared_gb",
            "已共享的结构化记录数（万条） volume_shared_records",
            "已开放的数据存储量（GB） volume_open_gb",
            "已开放的结构化记录数（万条） volume_open_records",
        ),
    ),
    ("信息项", ("名称 item_name", "类型 item_type")),
    ("共享属性", ("类型 share_type", "条件 share_conditions")),
    ("共享方式", ("分类 share_method_category", "类型 share_method")),
    ("开放属性", ("是否 openness", "条件 open_conditions")),
    ("更新周期", ("update_cycle",)),
    ("发布日期", ("published_on",)),
    ("关联及类目名称", ("related_codes",)),
)
FIRST = [
    "低保人员",
    "303021070100/000003",
    "示例市民政局",
    "救助科",
    "11450100007555555X",
    "低保名册",
    "数据库",
    "mysql",
    None,
]
FIRST += [1.5, 2, "1", 0, None, None, "姓名", "C", "有条件共享", "工作参考", "共享平台", "数据库", "否", None, "每月"]
SECOND = [None] * 15 + ["住址", "字符型"] + [None] * 9


def _survey(*, is_merged: bool, titles: int = 2) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "目录"
    for number in range(titles):
        sheet.append([f"政务信息资源目录（第 {number} 行标题）"])
    upper: list[Any] = []
    lower: list[Any] = []
    ranges: list[dict[str, int]] = []
    for group, names in SURVEY:
        first = len(upper) + 1
        upper += [group] + [None] * (len(names) - 1)
        lower += [name.split()[0] if " " in name else None for name in names]
        last_row = titles + (2 if lower[-1] is None else 1)
        ranges.append({"start_row": titles + 1, "end_row": last_row, "start_column": first, "end_column": len(upper)})
    if titles:
        ranges.append({"start_row": 1, "end_row": 1, "start_column": 1, "end_column": len(upper)})
    for row in (upper, lower, [*FIRST, "2025-08-01", "303021/1、303021/2"], SECOND):
        sheet.append(row)
    for each in ranges if is_merged else ():
        sheet.merge_cells(**each)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _sheet(*rows: tuple[object, ...], name: str = "目录") -> Sheet:
    return Sheet(name, tuple(Row(number, cells, len(cells)) for number, cells in enumerate(rows, start=1)))  # type: ignore[arg-type]


def _elements(mapping: ColumnMapping) -> list[tuple[str, str]]:
    return [(column.element, column.confidence) for column in mapping.columns]


@pytest.mark.parametrize("is_merged", [True, False])
@pytest.mark.parametrize("titles", [0, 2])
def test_the_survey_s_two_rows_of_headers(*, is_merged: bool, titles: int) -> None:
    sheets = read(_survey(is_merged=is_merged, titles=titles), "普查.xlsx")
    mapping = propose(sheets)
    expected = [name.split()[-1] for _, names in SURVEY for name in names]
    assert _elements(mapping) == [(element, "exact") for element in expected]
    assert (mapping.headers[0].first_row, mapping.headers[0].last_row) == (titles + 1, titles + 2)
    read_ = drafts_of(sheets, "普查.xlsx")
    (draft,) = read_.drafts
    assert read_.findings == ()
    resource = draft.resource
    assert resource.provider == Party(name="示例市民政局", code="11450100007555555X", division="救助科")
    assert resource.formats == (Format(category="数据库", types=("mysql",)),)
    assert [(item.name, item.type_code) for item in resource.items] == [("姓名", "C"), ("住址", "C")]
    assert (resource.sharing.share_type, resource.sharing.method_types) == ("conditional", ("batch",))
    assert (resource.sharing.conditions, resource.openness.is_open) == ("工作参考", False)
    assert (resource.volumes.stored_gb, resource.volumes.stored_records) == ("1.5", "2")
    assert resource.related_codes == ("303021/1", "303021/2")


def test_a_name_inside_a_group_is_not_the_entry_s() -> None:
    sheet = _sheet(
        ("信息资源名称", "来源部门", "信息项信息", None, None, "共享属性", None),
        (None, None, "名称", "类型", "备注", "类型", "范围"),
        ("甲", "乙局", "姓名", "C", "x", "有条件共享", "民政部门"),
    )
    found = [column.element for column in propose([sheet]).columns]
    assert found == ["title", "provider", "item_name", "item_type", "", "share_type", "share_scope"]


def test_traditional_headers() -> None:
    sheet = _sheet(
        ("資料集名稱", "提供機關名稱", "資源摘要", "更新週期", "主題分類"), ("甲", "乙局", "丙", "每月", "教育")
    )
    assert [column.element for column in propose([sheet]).columns][:4] == [
        "title",
        "provider",
        "abstract",
        "update_cycle",
    ]


def test_headers_with_what_people_add_to_them() -> None:
    sheet = _sheet(("*信息资源名称（必填）", " 来源 部门", "共享\n类型", "更新周期：", "数据存储总量(GB)"), ("甲",))
    found = [(column.element, column.confidence) for column in propose([sheet]).columns]
    assert found[:3] == [("title", "exact"), ("provider", "exact"), ("share_type", "exact")]
    assert found[3][0] == "update_cycle"
    assert found[4] == ("volume_stored_gb", "exact")


def test_what_is_likely_is_proposed_and_not_taken_unasked() -> None:
    rows = [
        (f"资源{number}", "示例市民政局", "11450100007555555X"[:17] + "X", "每月", "有条件共享", "备用")
        for number in range(6)
    ]
    sheet = _sheet(("资源名称", "提供单位名称", "机构编号", "多久更新一次", "共享情况", "其它"), *rows)
    mapping = propose([sheet])
    found = {column.header: (column.element, column.confidence) for column in mapping.columns}
    assert found["资源名称"] == ("title", "exact")
    assert found["提供单位名称"] == ("provider", "likely")
    assert found["多久更新一次"] == ("update_cycle", "likely")
    assert found["共享情况"] == ("share_type", "likely")
    assert found["其它"] == ("", "none")
    with pytest.raises(MetadataError) as caught:
        drafts_of([sheet], "表.xlsx")
    assert caught.value.code == "HEADERS_UNKNOWN"
    asked = drafts_of([sheet], "表.xlsx", mapping=mapping)
    assert len(asked.drafts) == 6
    assert asked.drafts[0].resource.update_cycle == "monthly"
    unasked = drafts_of([sheet], "表.xlsx", Party(name="示例市民政局"))
    assert unasked.drafts[0].resource.update_cycle is None
    said = [finding.problem for finding in unasked.findings if finding.column == "D"]
    assert said == ["“多久更新一次”可能是更新周期，未经确认，本列未导入"]


def test_a_choice_is_honoured() -> None:
    sheet = _sheet(("资源名称", "来源部门", "甲", "乙"), ("名单", "民政局", "说明文字", "每年"))
    mapping = propose([sheet]).with_choice("目录", 2, "abstract").with_choice("目录", 3, "update_cycle")
    (draft,) = drafts_of([sheet], "表.xlsx", mapping=mapping).drafts
    assert (draft.resource.abstract, draft.resource.update_cycle) == ("说明文字", "yearly")
    without = mapping.with_choice("目录", 2, "")
    assert drafts_of([sheet], "表.xlsx", mapping=without).drafts[0].resource.abstract == ""
    assert ColumnMapping.from_bytes(mapping.to_bytes()) == mapping
    with pytest.raises(MetadataError) as caught:
        drafts_of([sheet], "表.xlsx", mapping=mapping.with_choice("目录", 3, "abstract"))
    assert (caught.value.code, "甲、乙" in caught.value.zh) == ("HEADERS_DOUBLED", True)
    for place in (("目录", 9, "abstract"), ("别的", 0, "abstract"), ("目录", 0, "no_such")):
        with pytest.raises(KeyError):
            mapping.with_choice(*place)


def test_a_sheet_of_items_belongs_to_its_entries() -> None:
    book = openpyxl.Workbook()
    book.active.title = "目录"
    for row in (["信息资源名称", "信息资源提供方"], ["甲", "民政局"], ["乙", "民政局"]):
        book.active.append(row)
    items = book.create_sheet("信息项")
    for row in (
        ["信息资源名称", "信息项名称", "数据类型"],
        ["乙", "姓名", "C"],
        ["甲", "住址", "C"],
        ["丙", "无主", "C"],
    ):
        items.append(row)
    stream = io.BytesIO()
    book.save(stream)
    found = drafts(stream.getvalue(), "表.xlsx")
    assert [[item.name for item in each.resource.items] for each in found.drafts] == [["住址"], ["姓名"]]
    assert [(each.sheet, each.row, each.rule) for each in found.findings] == [("信息项", 4, "workbook.unknown_title")]


def test_no_two_elements_share_a_header() -> None:
    names = [name for each in ELEMENTS.values() for name in (each.label, *each.names)]
    assert sorted(names) == sorted(set(names))


def test_every_path_is_in_the_record() -> None:
    fields = Resource.model_json_schema()
    for element in ELEMENTS.values():
        inside: Any = fields["$defs"]["Item"] if element.is_item else fields
        for name in element.path.split(".") if element.path else ():
            inside = inside["properties"][name]
            targets = [inside, *inside.get("anyOf", ())]
            inside = next(
                (fields["$defs"][each["$ref"].rpartition("/")[2]] for each in targets if "$ref" in each), inside
            )

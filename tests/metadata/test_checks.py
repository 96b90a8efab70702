"""What is inconsistent in an entry is named by path and rule; what rests on an uncertain source only warns."""

from datetime import date

import pytest

from metadata.resource import (
    Assessment,
    Category,
    Extent,
    Format,
    Item,
    Mount,
    MountColumn,
    Party,
    Resource,
    Sharing,
)
from metadata.rules import check

TODAY = date(2026, 3, 2)
GOOD = Resource(title="法人单位基本信息", provider=Party(name="市场监管局", code="11110000000013282X"))
ITEM = Item(name="名称", field="name")


def _found(severity: str, **changes: object) -> set[tuple[str, str]]:
    findings = check(GOOD.model_copy(update=changes), TODAY)
    return {(finding.path, finding.rule) for finding in findings if finding.severity == severity}


def test_good_entry_has_no_finding():
    assert check(GOOD, TODAY) == []


def _mount(*columns: tuple[str, str], **fields: object) -> Mount:
    made = tuple(MountColumn(field=field, column=column, sql_type="text") for field, column in columns)
    return Mount(**{"mount_id": "m", "node": "n", "table": "t", "columns": made} | fields)


@pytest.mark.parametrize(
    ("changes", "path", "rule"),
    [
        ({"identifier": "11000-1"}, "identifier", "check.identifier"),
        ({"class_code": "901001"}, "class_code", "check.class_code"),
        ({"code": "303021"}, "code", "check.code"),
        ({"code": "303021/000001", "class_code": "303022"}, "code", "check.code_class"),
        ({"metadata_id": "元数据1"}, "metadata_id", "check.metadata_id"),
        ({"related_codes": ("303021/1", "303021/1")}, "related_codes[1]", "check.twice"),
        ({"code": "303021/000001", "related_codes": ("303021/000001",)}, "related_codes[0]", "check.related_self"),
        ({"related_codes": ("无",)}, "related_codes[0]", "check.related_codes"),
        ({"provider": Party(name="局", code="11110000000013282Y")}, "provider.code", "uscc.check"),
        ({"provider": Party(name="局", code="00001328-3")}, "provider.code", "org.check"),
        ({"maintainer": Party(name="局", code="1")}, "maintainer.code", "uscc.form"),
        ({"online_links": ("javascript:alert(1)",)}, "online_links[0]", "check.link"),
        ({"online_links": ("http://[",)}, "online_links[0]", "check.link"),
        ({"online_links": ("http:example",)}, "online_links[0]", "check.link"),
        ({"service_url": "//x"}, "service_url", "check.link"),
        ({"published_on": date(2026, 3, 3)}, "published_on", "check.future"),
        ({"extent": Extent(begins_on=date(2025, 2, 1), ends_on=date(2025, 1, 1))}, "extent.ends_on", "check.period"),
        ({"extent": Extent(box_mas=(5, 0, 4, 1))}, "extent.box_mas", "check.box"),
        ({"extent": Extent(region_code="11000")}, "extent.region_code", "check.region"),
        ({"items": (ITEM, ITEM)}, "items[1].field", "check.twice"),
        ({"items": (ITEM.model_copy(update={"precision": 2}),)}, "items[0].precision", "check.precision"),
        ({"items": (ITEM.model_copy(update={"code_table": "自定义"}),)}, "items[0].code_table", "check.code_table"),
        ({"items": (ITEM,), "mounts": (_mount(("x", "x")),)}, "mounts[0].columns[0].field", "check.mount_field"),
        (
            {"items": (ITEM,), "mounts": (_mount(("name", "a"), ("name", "b")),)},
            "mounts[0].columns[1].field",
            "check.twice",
        ),
        ({"mounts": (_mount(table=""),)}, "mounts[0].table", "check.mount_table"),
        ({"mounts": (_mount(), _mount())}, "mounts[1].mount_id", "check.twice"),
        ({"title": "a\x00b"}, "title", "check.text"),
        ({"keywords": ("好", "\x0b")}, "keywords[1]", "check.text"),
        ({"abstract": '引"号\\ \ufffe'}, "abstract", "check.text"),
    ],
)
def test_inconsistency_is_an_error_at_its_place(changes, path, rule):
    assert _found("error", **changes) == {(path, rule)}


@pytest.mark.parametrize(
    ("changes", "path", "rule"),
    [
        ({"code": "BA6006/000218"}, "code", "check.code_foreign"),
        ({"class_code": "199001"}, "class_code", "code.guide2017-class"),
        ({"categories": (Category(name="外星事务"),)}, "categories[0].name", "check.theme"),
        ({"categories": (Category(scheme="自定", name="甲"),)}, "categories[0].scheme", "code.gbt21063-4-schemes"),
        ({"formats": (Format(category="纸质"),)}, "formats[0].category", "code.guide2017-format-category"),
        (
            {"formats": (Format(category="数据库", types=("postgresql",)),)},
            "formats[0].types",
            "code.guide2017-format-type",
        ),
        ({"sharing": Sharing(method_category="当面")}, "sharing.method_category", "code.guide2017-method-category"),
        ({"extent": Extent(region_code="990000")}, "extent.region_code", "code.gbt2260-provinces"),
        ({"extent": Extent(region_code="330104")}, "extent.region_code", "region.abolished"),
        ({"extent": Extent(region_code="330199001")}, "extent.region_code", "region.unknown"),
        ({"items": (ITEM, ITEM.model_copy(update={"field": "b"}))}, "items[1].name", "check.twice"),
        ({"items": (ITEM.model_copy(update={"data_element": "GB 1"}),)}, "items[0].data_element", "check.data_element"),
        ({"items": (ITEM,), "mounts": (_mount(),)}, "mounts[0].columns", "check.mount_item"),
    ],
)
def test_uncertain_thing_only_warns(changes, path, rule):
    assert _found("warning", **changes) == {(path, rule)}
    assert _found("error", **changes) == set()


def test_assessment_in_the_future_is_an_error():
    made = Assessment(kind="secrecy", conclusion="可", assessor="张三", assessed_on=date(2027, 1, 1), subject_digest="")
    assert _found("error", assessments=(made,)) == {("assessments[0].assessed_on", "check.future")}


@pytest.mark.parametrize("name", ["税务", "财政", "财政/税务"])
def test_theme_is_known_by_name_or_path(name):
    assert _found("warning", categories=(Category(name=name),)) == set()


def test_code_table_may_be_named_by_its_standard():
    assert _found("error", items=(ITEM.model_copy(update={"code_table": "GB/T 3304"}),)) == set()


def test_a_name_of_blanks_is_no_name() -> None:
    assert _found("error", title=" \n") == {("title", "check.blank")}
    assert _found("error", provider=Party(name="　")) == {("provider.name", "check.blank")}

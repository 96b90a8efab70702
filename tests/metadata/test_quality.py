"""Rules derived from items."""

import pytest

from metadata.errors import MetadataError
from metadata.quality import CheckReport, RuleResult, meaning, rules_of
from metadata.resource import Item


def _ids(*items: Item) -> list[str]:
    return [rule.rule_id for rule in rules_of(items)]


def test_each_property_of_an_item_is_a_rule() -> None:
    person = Item(
        name="公民身份号码", field="gmsfhm", length=18, is_key=True, is_nullable=False, data_element="GB 11643"
    )
    sex = Item(name="性别代码", field="xbdm", length=1, code_table="GB/T 2261.1")
    born = Item(name="出生日期", field="csrq", type_code="D", length=8, is_nullable=False)
    assert _ids(person, sex, born) == [
        "not_null:gmsfhm",
        "length:gmsfhm",
        "check_digit:gmsfhm",
        "length:xbdm",
        "code:xbdm",
        "not_null:csrq",
        "type:csrq",
        "unique:gmsfhm",
        "set_aside_share",
    ]


def test_key_items_together_are_one_key_and_never_null() -> None:
    items = (
        Item(name="指标", field="zb", is_key=True),
        Item(name="地区", field="dq", is_key=True),
        Item(name="数值", field="sz", type_code="N", length=12, precision=2),
    )
    rules = {rule.rule_id: rule for rule in rules_of(items)}
    assert rules["unique:zb:dq"].columns == ("zb", "dq")
    assert "not_null:zb" in rules
    assert "not_null:dq" in rules
    assert "not_null:sz" not in rules
    assert (rules["length:sz"].parameters.max_length, rules["length:sz"].parameters.max_scale) == (12, 2)


def test_text_without_limits_has_no_rules() -> None:
    assert rules_of((Item(name="备注", field="bz", type_code="M"),)) == ()


def test_dimensions_are_those_of_the_standard() -> None:
    items = (Item(name="代码", field="dm", is_key=True, code_table="GB/T 3304", length=2),)
    dimensions = {rule.kind: rule.dimension for rule in rules_of(items, min_rows=1)}
    assert dimensions == {
        "not_null": "完整性",
        "length": "准确性",
        "code": "规范性",
        "unique": "准确性",
        "row_count": "完整性",
        "set_aside_share": "准确性",
    }


def test_an_uncertain_code_table_only_reports() -> None:
    (rule, _) = rules_of((Item(name="机构类型", field="jglx", code_table="GB/T 20091"),))
    assert rule.action == "report"
    (rule, _) = rules_of((Item(name="民族", field="mz", code_table="GB/T 3304"),))
    assert rule.action == "set_aside"


def test_an_unknown_code_table_is_refused_by_name() -> None:
    with pytest.raises(MetadataError) as caught:
        rules_of((Item(name="民族", field="mz", code_table="本市民族代码"),))
    assert caught.value.code == "CODE_TABLE_UNKNOWN"
    assert "本市民族代码" in str(caught.value)


def test_every_rule_is_said_with_the_items_names() -> None:
    items = (
        Item(name="公民身份号码", field="gmsfhm", length=18, is_key=True, data_element="GB 11643"),
        Item(name="出生日期", field="csrq", type_code="D", is_key=True),
        Item(name="民族{代码}", field="mz", code_table="GB/T 3304"),
        Item(name="金额", field="je", type_code="Y", length=8, precision=2),
        Item(name="人数", field="rs", type_code="N", length=5),
        Item(name="比率", field="bl", type_code="B", precision=4),
    )
    names = {item.field: item.name for item in items}
    said = {rule.rule_id: meaning(rule, names) for rule in rules_of(items, min_rows=1)}
    assert said == {
        "not_null:gmsfhm": "“公民身份号码”必填，不能为空",
        "length:gmsfhm": "“公民身份号码”不超过 18 个字符",
        "check_digit:gmsfhm": "“公民身份号码”应符合 GB 11643 的格式与校验位",
        "not_null:csrq": "“出生日期”必填，不能为空",
        "type:csrq": "“出生日期”应是有效的日期型值",
        "code:mz": "“民族{代码}”应取代码表 GB/T 3304 所列的代码",
        "type:je": "“金额”应是有效的货币型值",
        "length:je": "“金额”有效数字不超过 8 位，小数不超过 2 位",
        "type:rs": "“人数”应是有效的数值型值",
        "length:rs": "“人数”有效数字不超过 5 位",
        "type:bl": "“比率”应是有效的双精度型值",
        "length:bl": "“比率”小数不超过 4 位",
        "unique:gmsfhm:csrq": "“公民身份号码”、“出生日期”是主键，不能与别的行相同",
        "row_count": "至少应有 1 行",
        "set_aside_share": "单列的行不得超过百万分之 1000",
    }


def test_a_report_has_one_spelling() -> None:
    result = RuleResult(
        rule_id="not_null:xm",
        kind="not_null",
        indicator="0201",
        action="set_aside",
        evaluated=3,
        failed=1,
        passed=False,
    )
    report = CheckReport(
        subject="r-1/1",
        place="source",
        rows=3,
        set_aside=1,
        results=(result,),
        run=1,
        passed=0,
        engine="e",
        suite_name="s",
    )
    assert CheckReport.from_bytes(report.to_bytes()) == report

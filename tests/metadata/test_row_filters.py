"""Values that an item cannot hold are not asked for, and no template fits every item."""

from datetime import date

import pytest
from pydantic import ValidationError

from metadata.access import EqualsFilter, RegionFilter, RowFilter, SinceFilter
from metadata.resource import Item, MountColumn
from metadata.row_filters import column_fault, days_of, fault, templates_for, values_of

SINCE = SinceFilter(field="x", since=date(2026, 3, 1))
SEX = Item(name="性别", field="x", length=1, code_table="gbt2261-1-sex")


def _equals(*values: str) -> EqualsFilter:
    return EqualsFilter(field="x", values=values)


def _region(*prefixes: str) -> RegionFilter:
    return RegionFilter(field="x", prefixes=prefixes)


@pytest.mark.parametrize(
    ("item", "chosen", "is_good"),
    [
        (Item(name="区划", field="x", length=6), _region("3301", "34"), True),
        (Item(name="区划", field="x", length=6), _region("3301020"), False),
        (Item(name="区划", field="x", length=6), _region("33", "33"), False),
        (Item(name="摘要", field="x", length=500), _region("33"), False),
        (Item(name="金额", field="x", type_code="N", precision=2), _region("33"), False),
        (Item(name="金额", field="x", type_code="N", precision=2), _equals("12.50", "-3"), True),
        (Item(name="金额", field="x", type_code="N", precision=2), _equals("1 OR 1=1"), False),
        (Item(name="人数", field="x", type_code="N", precision=0), _equals("1.5"), False),
        (Item(name="人数", field="x", type_code="I"), _equals("12"), True),
        (Item(name="日期", field="x", type_code="D"), _equals("2026-02-28"), True),
        (Item(name="日期", field="x", type_code="D"), _equals("2026-02-30"), False),
        (Item(name="日期", field="x", type_code="D"), _equals("20260228"), False),
        (Item(name="是否", field="x", type_code="L"), _equals("true"), True),
        (Item(name="是否", field="x", type_code="L"), _equals("是"), False),
        (Item(name="状态", field="x", length=2), _equals("注销"), True),
        (Item(name="状态", field="x", length=2), _equals("已注销"), False),
        (Item(name="图形", field="x", type_code="G"), _equals("POINT(1 1)"), False),
        (Item(name="日期", field="x", type_code="D", length=8), SINCE, True),
        (Item(name="时间", field="x", type_code="T"), SINCE, True),
        (Item(name="姓名", field="x", length=50), SINCE, False),
        (Item(name="年份", field="x", type_code="I"), SINCE, False),
        (SEX, _equals("1", "2"), True),
        (SEX, _equals("7"), False),
    ],
)
def test_values(item: Item, chosen: RowFilter, is_good: bool) -> None:
    assert (fault(chosen, item) == "") is is_good, fault(chosen, item)


def test_templates() -> None:
    assert templates_for(Item(name="x", field="x", length=12)) == ("region", "equals")
    assert templates_for(Item(name="x", field="x", type_code="B")) == ()


@pytest.mark.parametrize(
    ("spelled", "days"),
    [
        ("date", "date"),
        ("timestamp without time zone", "local"),
        ("timestamp(0) without time zone", "local"),
        ("timestamp(3) with time zone", "instant"),
        ("timestamp with time zone", "instant"),
        ("date[]", None),
        ("timestamp with time zone[]", None),
        ("time with time zone", None),
        ("character varying(10)", None),
        ("daterange", None),
    ],
)
def test_which_columns_tell_a_day(spelled: str, days: str | None) -> None:
    column = MountColumn(field="x", column="rq", sql_type=spelled)
    assert days_of(spelled) == days
    assert (column_fault(SINCE, column) == "") is (days is not None)
    assert column_fault(_equals("1"), column) == column_fault(None, column) == ""


def test_a_day_is_a_day() -> None:
    assert values_of(SINCE) == ("2026-03-01",)
    for wrong in ("2026-02-30", "2026-03-01T00:00:01", "昨天"):
        with pytest.raises(ValidationError):
            SinceFilter.model_validate({"field": "x", "since": wrong})

"""Whether a row filter asks for values that its item can hold, and which templates fit an item. Pure."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

from metadata.access import RegionFilter, RowFilter, SinceFilter
from metadata.resource import Item, MountColumn
from standards import codes

Template = Literal["region", "equals", "since"]
TEMPLATE_NAMES: Final[Mapping[Template, str]] = {"region": "按行政区划", "equals": "按取值", "since": "自某日起"}
Days = Literal["date", "local", "instant"]
"""How a column tells a day: itself, as a moment as it is written, as an instant."""
_DAYS: Final[Mapping[str, Days]] = {
    "date": "date",
    "timestamp without time zone": "local",
    "timestamp with time zone": "instant",
}
_WHOLE: Final = re.compile(r"^-?[0-9]+$")
_NUMBER: Final = re.compile(r"^-?[0-9]+(\.[0-9]+)?$")
_REGION_DIGITS: Final = 12


def templates_for(item: Item) -> tuple[Template, ...]:
    """The templates that make sense for an item: regions are codes, equality is for what is written one way only."""
    if item.type_code == "C":
        return ("equals",) if item.length is not None and item.length > 2 * _REGION_DIGITS else ("region", "equals")
    if item.type_code in ("D", "T"):
        return ("equals", "since") if item.type_code == "D" else ("since",)
    return ("equals",) if item.type_code in ("N", "I", "L") else ()


def days_of(spelled: str) -> Days | None:
    """How a column of this SQL type tells a day; None for one that a day cannot be compared with."""
    base, _, rest = spelled.partition("(")
    whole = base.strip() + rest.partition(")")[2]
    return _DAYS.get(whole)


def column_fault(chosen: RowFilter | None, column: MountColumn) -> str:
    """Why the filter cannot be asked of this column, whatever its item says, in Chinese; empty when it can."""
    if not isinstance(chosen, SinceFilter) or days_of(column.sql_type) is not None:
        return ""
    return f"列 {column.column} 的类型是 {column.sql_type}，不是日期或时间，不能{TEMPLATE_NAMES['since']}筛选"


def values_of(chosen: RowFilter) -> tuple[str, ...]:
    """What a filter asks for, as people write it: prefixes, values, or a day."""
    if isinstance(chosen, RegionFilter):
        return chosen.prefixes
    return (chosen.since.isoformat(),) if isinstance(chosen, SinceFilter) else chosen.values


def fault(chosen: RowFilter, item: Item) -> str:
    """Why this filter cannot be asked of this item, in Chinese; empty when it can. No value of the filter is repeated
    but the requester's own.
    """
    if chosen.template not in templates_for(item):
        return f"“{item.name}”不能{TEMPLATE_NAMES[chosen.template]}筛选"
    if isinstance(chosen, SinceFilter):
        return ""
    values = values_of(chosen)
    if len(set(values)) != len(values):
        return "有重复的取值"
    for value in values:
        why = "" if isinstance(chosen, RegionFilter) else _why_not(value, item)
        if item.length is not None and len(value) > item.length:
            why = f"最长 {item.length} 个字符"
        if why:
            return f"“{item.name}”没有取值“{value[:50]}”：{why}"
    return ""


def _why_not(value: str, item: Item) -> str:
    if item.type_code == "D":
        return "" if _is_day(value) else "日期写作 2027-12-31"
    if item.type_code == "L":
        return "" if value in ("true", "false") else "只有 true 和 false"
    if item.type_code == "I" or (item.type_code == "N" and item.precision == 0):
        return "" if _WHOLE.match(value) else "是整数"
    if item.type_code == "N":
        return "" if _NUMBER.match(value) else "是数字"
    if item.code_table and codes.is_table(item.code_table):
        table = codes.table(item.code_table)
        if table.unlisted == "error" and value not in table.codes:
            return "不在代码表中"
    return ""


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False

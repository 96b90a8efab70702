"""Whether a row filter asks for values that its item can hold, and which templates fit an item. Pure."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

from metadata.access import RegionFilter, RowFilter
from metadata.resource import Item
from standards import codes

Template = Literal["region", "equals"]
TEMPLATE_NAMES: Final[Mapping[Template, str]] = {"region": "按行政区划", "equals": "按取值"}
_WHOLE: Final = re.compile(r"^-?[0-9]+$")
_NUMBER: Final = re.compile(r"^-?[0-9]+(\.[0-9]+)?$")
_REGION_DIGITS: Final = 12


def templates_for(item: Item) -> tuple[Template, ...]:
    """The templates that make sense for an item: regions are codes, equality is for what is written one way only."""
    if item.type_code == "C":
        return ("equals",) if item.length is not None and item.length > 2 * _REGION_DIGITS else ("region", "equals")
    return ("equals",) if item.type_code in ("N", "I", "D", "L") else ()


def fault(chosen: RowFilter, item: Item) -> str:
    """Why this filter cannot be asked of this item, in Chinese; empty when it can. No value of the filter is repeated
    but the requester's own.
    """
    if chosen.template not in templates_for(item):
        return f"“{item.name}”不能{TEMPLATE_NAMES[chosen.template]}筛选"
    values = chosen.prefixes if isinstance(chosen, RegionFilter) else chosen.values
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

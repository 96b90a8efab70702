"""What is said of values that do not fit: what was expected, by the rule that found it; never what was sent."""

from collections.abc import Mapping
from typing import Any, Final

_RULES_ZH: Final = {
    "missing": "缺少该字段",
    "extra_forbidden": "没有这个字段",
    "json_invalid": "不是合法的 JSON",
    "string_too_long": "最长 {max_length} 个字",
    "string_too_short": "至少 {min_length} 个字",
    "too_long": "最多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
    "greater_than_equal": "不得小于 {ge}",
    "less_than_equal": "不得大于 {le}",
    "literal_error": "只能是 {expected}",
    "enum": "只能是 {expected}",
    "string_type": "应是文字",
    "int_type": "应是整数",
    "int_parsing": "应是整数",
    "bool_type": "应是 true 或 false",
    "date_from_datetime_parsing": "应是日期，如 2026-12-31",
    "date_from_datetime_inexact": "应是日期，如 2026-12-31",
    "tuple_type": "应是列表",
    "list_type": "应是列表",
}


def expected(error: Mapping[str, Any]) -> str:
    """What one of pydantic's errors expected, in words; empty for a rule that none are known for."""
    words = _RULES_ZH.get(error["type"], "")
    return words.format_map(error.get("ctx", {})).replace(" or ", "、").replace(", ", "、")

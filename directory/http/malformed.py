"""What is said of values that do not fit: what was expected, by the rule that found it; never what was sent."""

from collections.abc import Mapping
from typing import Any, Final

_DAY: Final = ("应是日期，如 2026-12-31", "a date such as 2026-12-31")
_LIST: Final = ("应是列表", "a list")
_NUMBER: Final = ("应是数", "a number")
_OBJECT: Final = ("应是一组字段（JSON 对象）", "an object")
_TIME: Final = (
    "应是带时区的时间，如 2026-12-31T09:30:00+08:00",
    "a time with its zone, such as 2026-12-31T09:30:00+08:00",
)
_TRUTH: Final = ("应是 true 或 false", "true or false")
_UUID: Final = ("应是编号（UUID），从列表或前一步的应答里复制", "an id (UUID), as lists and answers give it")
_WHOLE: Final = ("应是整数", "a whole number")

RULES: Final[Mapping[str, tuple[str, str]]] = {
    "bool_parsing": _TRUTH,
    "bool_type": _TRUTH,
    "date_from_datetime_inexact": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_parsing": _DAY,
    "date_type": _DAY,
    "datetime_from_date_parsing": _TIME,
    "datetime_object_invalid": _TIME,
    "datetime_parsing": _TIME,
    "datetime_type": _TIME,
    "dict_type": _OBJECT,
    "enum": ("只能是 {expected}", "one of {expected}"),
    "extra_forbidden": ("没有这个字段", "there is no such field"),
    "finite_number": _NUMBER,
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "frozen_set_type": _LIST,
    "greater_than": ("须大于 {gt}", "more than {gt}"),
    "greater_than_equal": ("不得小于 {ge}", "at least {ge}"),
    "int_from_float": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": ("数字太长", "a shorter number"),
    "int_type": _WHOLE,
    "json_invalid": ("不是合法的 JSON", "valid JSON"),
    "json_type": ("不是合法的 JSON", "valid JSON"),
    "less_than": ("须小于 {lt}", "less than {lt}"),
    "less_than_equal": ("不得大于 {le}", "at most {le}"),
    "list_type": _LIST,
    "literal_error": ("只能是 {expected}", "one of {expected}"),
    "mapping_type": _OBJECT,
    "missing": ("缺少该字段", "this field is missing"),
    "model_attributes_type": _OBJECT,
    "model_type": _OBJECT,
    "none_required": ("应留空", "nothing (null)"),
    "recursion_loop": ("嵌套太深", "fewer levels"),
    "set_type": _LIST,
    "string_pattern_mismatch": ("写法不对，须符合 {pattern}", "a text that matches {pattern}"),
    "string_too_long": ("最长 {max_length} 个字", "at most {max_length} characters"),
    "string_too_short": ("至少 {min_length} 个字", "at least {min_length} characters"),
    "string_type": ("应是文字", "a text"),
    "string_unicode": ("含有不成字的编码，应是 UTF-8 文字", "a text in UTF-8"),
    "timezone_aware": _TIME,
    "too_long": ("最多 {max_length} 项", "at most {max_length} of them"),
    "too_short": ("至少 {min_length} 项", "at least {min_length} of them"),
    "tuple_type": _LIST,
    "union_tag_invalid": ("{discriminator} 只能是 {expected_tags}", "{discriminator} is one of {expected_tags}"),
    "union_tag_not_found": ("缺少 {discriminator}", "{discriminator} is missing"),
    "uuid_parsing": _UUID,
    "uuid_type": _UUID,
    "uuid_version": _UUID,
    "value_error": ("不是该字段能取的值，写法见接口说明（/openapi.json）", "what /openapi.json describes"),
}
"""What each of pydantic's rules expects, in Chinese and English: those a test finds in our models, and their kin."""


def expected(error: Mapping[str, Any]) -> str:
    """What one of pydantic's errors expected, in words; empty for a rule that none are known for."""
    words, _ = RULES.get(error["type"], ("", ""))
    return words.format_map(error.get("ctx", {})).replace(" or ", "、").replace(", ", "、")


def expected_en(error: Mapping[str, Any]) -> str:
    """The same in English."""
    _, words = RULES.get(error["type"], ("", ""))
    return words.format_map(error.get("ctx", {}))

"""What is said beside a field whose value the record does not take. Names of rules only, never what was typed."""

from collections.abc import Mapping
from typing import Any, Final

_SENTENCES: Final[Mapping[str, str]] = {
    "missing": "请填写；这里不能空着",
    "string_too_short": "请填写；这里不能空着",
    "string_too_long": "最长 {max_length} 个字，现在是 {length} 个；请缩短",
    "literal_error": "请从所列选项中选一个",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "string_pattern_mismatch": "请从所列选项中选一个",
}
_VOLUME: Final = "请只填数字，如 12.5：整数不超过 12 位，小数不超过 6 位，不带单位"


def sentence(error: Any) -> str:
    """The sentence for one of pydantic's errors; it says what would be right."""
    if error["loc"][0] == "volumes":
        return _VOLUME
    words = _SENTENCES.get(error["type"], "填写的内容不符合要求，请核对格式")
    typed = error["input"]
    return words.format(length=len(typed) if isinstance(typed, str) else 0, **error.get("ctx", {}))

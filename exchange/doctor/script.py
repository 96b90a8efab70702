"""Characters that get lost or garbled on the way between systems (生僻字体检), told apart. Pure.

GB 18030-2022 has the ideographs of Unicode 11: the URO to U+9FEF, Extension A to U+4DB5, B to U+2A6D6, C to U+2B734, D,
E and F (27,558 + 42,711 + 4,149 + 222 + 5,762 + 7,473, and 12 among the compatibility ones: the standard's 87,887).
"""

import codecs
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

FAULTS: Final[Mapping[str, tuple[str, str]]] = {
    "replaced": ("替换符 U+FFFD", "原字已丢失，只能从纸质或上游系统补录；查出是哪一次转码丢的。"),
    "question": ("连续问号，或汉字旁的半角问号", "多为转码时丢字；与纸质或上游核对补录，并把转码改为 UTF-8。"),
    "mojibake": ("按错误编码读过的乱码", "多能还原：查出哪一步把 UTF-8 当 GBK（或相反）读了，从源头重导。"),
    "private": ("自造字区（PUA）字符", "别的系统看不到这个字；按造字表换成 GB 18030-2022 的正式码位。"),
    "escaped_nul": ("写成文字的空字符（\\u0000 等）", "多为接口把空值写成了文字；在源端清除。"),
    "beyond": ("GB 18030-2022 之外的汉字", "对方若只支持国标字库会显示为空框；确认对方字库，或登记替代写法。"),
    "extension": ("扩展 B 区及以后的汉字（四字节）", "确认对方数据库和字体支持四字节字符（GB 18030-2022 三级）。"),
    "variation": ("异体字选择符（IVS）", "多数系统会丢掉选择符；与对方约定是否保留。"),
    "composed": ("不是 NFC 形式的文字", "看着相同而比对不同；入库时统一为 NFC，或比对前转换。"),
}
"""What is looked for, in the order of gravity, with its Chinese name and what to do."""

_RANGES: Final[Mapping[str, str]] = {
    "replaced": "\ufffd",
    "private": "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd",
    "beyond": "\u4db6-\u4dbf\u9ff0-\u9fff\U0002a6d7-\U0002a6df\U0002b735-\U0002b739\U0002ebf0-\U0002ee5d"
    "\U00030000-\U000323af",
    "extension": "\U00020000-\U000323af",
    "variation": "\ufe00-\ufe0f\U000e0100-\U000e01ef",
}
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    **{name: re.compile(f"[{ranges}]") for name, ranges in _RANGES.items()},
    "question": re.compile(rf"\?\?|(?<=[{_HAN}])\?|\?(?=[{_HAN}])"),
    "escaped_nul": re.compile(r"\\u0000|\\x00|\\0(?![0-9])|%00|&#0+;"),
}
_KNOWN_GARBLE = re.compile("锟斤拷|烫烫|屯屯")
_HAN_ONE = re.compile(f"[{_HAN}]")


def faults(value: str) -> frozenset[str]:
    """Which of ``FAULTS`` a value has."""
    if value.isascii():
        return frozenset(name for name in ("question", "escaped_nul") if _PATTERNS[name].search(value))
    found = {name for name, pattern in _PATTERNS.items() if pattern.search(value)}
    if _is_garbled(value):
        found.add("mojibake")
    if not unicodedata.is_normalized("NFC", value):
        found.add("composed")
    return frozenset(found)


def count(values: Iterable[str]) -> dict[str, int]:
    """How many values have each fault; only those that some value has, gravest first."""
    counts = dict.fromkeys(FAULTS, 0)
    for value in values:
        for name in faults(value):
            counts[name] += 1
    return {name: number for name, number in counts.items() if number}


def _is_garbled(value: str) -> bool:
    """Chinese that was decoded with the wrong table: undone, it is Chinese again, which no honest text is."""
    if _KNOWN_GARBLE.search(value):
        return True
    kept = value.rstrip("?\ufffd")  # what stands for the odd byte at the end
    whole = kept == value
    # Two honest characters can be the bytes of one in UTF-8 (洄丰): what GB 2312 holds is taken as meant.
    tables = ("cp1252", "latin-1") if _is_everyday(kept) else ("gb18030", "cp1252", "latin-1")
    if any(_HAN_ONE.search(_undone(kept, wrong, "utf-8", whole)) for wrong in tables):
        return True
    # GBK takes almost any two bytes: only four or more accented letters in a row, which no language writes.
    undone = _undone(kept, "latin-1", "gb2312", whole) if min(kept, default="") > "\xa0" else ""
    return len(undone) >= 2 and all(_HAN_ONE.match(character) for character in undone)


def _is_everyday(value: str) -> bool:
    try:
        value.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _undone(value: str, wrong: str, right: str, whole: bool) -> str:
    """Encoded as it was wrongly read, decoded as it should have been; empty when that cannot be.

    ``whole``: no byte was lost at the end, so that the last character has to be complete.
    """
    try:
        return codecs.getincrementaldecoder(right)().decode(value.encode(wrong), final=whole)
    except UnicodeError:
        return ""

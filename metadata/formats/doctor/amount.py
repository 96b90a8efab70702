"""Fault 8: a number written with its unit, where the column has one of its own. Converted exactly, by decimals."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from metadata.formats.doctor.fault import Known
from metadata.formats.doctor.table import Proposal, Table

_PLAIN: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,12})?")
_AMOUNT: Final = re.compile(
    r"(?P<label>[^0-9,.\-]{0,12}?)"
    r"(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,12})?|[0-9]{1,15}(?:\.[0-9]{1,12})?)"
    r"(?P<unit>[^0-9,.]{0,10})"
)
_TYPED: Final = re.compile(r"(?:n?(?:var)?char2?|string|字符串?|文本)\s*\((?P<number>[0-9]{1,6})\)", re.IGNORECASE)
_ABOUT: Final = re.compile(r"约|大概|近|超|多|余|以上|以内|左右|不|最|[<>≤≥~+]")
_MAX_PLACES: Final = 6

_SCALES: Final = {"": 1, "百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8}
_COUNTED: Final = ("条", "条记录", "条数据", "记录", "笔", "行", "户", "件", "个", "份", "人", "项", "套", "张")


@dataclass(frozen=True)
class Unit:
    """A column's unit, what others are worth in it, and those of which people do not all mean the same."""

    zh: str
    en: str
    factors: Mapping[str, Decimal]
    vague: frozenset[str] = frozenset()
    vague_zh: str = ""


_GB: Final = Unit(
    "本列单位是 GB，只填数字",
    "the column is in GB: digits only",
    {
        **dict.fromkeys(("", "g", "gb", "吉字节"), Decimal(1)),
        **dict.fromkeys(("k", "kb"), Decimal("0.000001")),
        **dict.fromkeys(("m", "mb", "兆", "兆字节"), Decimal("0.001")),
        **dict.fromkeys(("t", "tb"), Decimal(1000)),
        **dict.fromkeys(("p", "pb"), Decimal(1_000_000)),
    },
    vague=frozenset({"k", "kb", "m", "mb", "兆", "兆字节", "t", "tb", "p", "pb"}),
    vague_zh="按 1000 进位换算（GB 3100），按 1024 进位的系统略有出入，请核对",
)
_TEN_THOUSAND_RECORDS: Final = Unit(
    "本列单位是万条，只填数字",
    "the column is in ten thousands of records: digits only",
    {f"{scale}{what}": Decimal(size) / 10**4 for scale, size in _SCALES.items() for what in ("", *_COUNTED)}
    | {"": Decimal(1)},
)
_CHARACTERS: Final = Unit(
    "长度只填数字",
    "a length is digits only",
    dict.fromkeys(
        ("", "位", "位数", "字符", "个字符", "字", "个字", "汉字", "个汉字", "字长", "字节", "byte", "bytes"),
        Decimal(1),
    ),
    vague=frozenset({"字节", "byte", "bytes"}),
    vague_zh="长度按字符填，一个汉字不止一个字节，请核对",
)


def find_amounts(table: Table, known: Known) -> Iterator[Proposal]:
    """Volumes in GB and in 万条, lengths in characters: the bare number in the column's unit."""
    del known
    for element in table.columns:
        unit = unit_of(element)
        if unit is None:
            continue
        for index, text in enumerate(table.column(element)):
            if _PLAIN.fullmatch(text) or not any(character.isdigit() for character in text):
                continue
            yield _read(index, element, text, unit)


def unit_of(element: str) -> Unit | None:
    """The unit of a column of numbers, None where it has none."""
    if element.startswith("volume_"):
        return _GB if element.endswith("_gb") else _TEN_THOUSAND_RECORDS
    return _CHARACTERS if element == "item_length" else None


def _read(index: int, element: str, text: str, unit: Unit) -> Proposal:
    plain = unicodedata.normalize("NFKC", text).strip()
    match = (_TYPED.fullmatch(plain) if unit is _CHARACTERS else None) or _AMOUNT.fullmatch(plain)
    groups = match.groupdict(default="") if match else {}
    name = "".join(groups.get("unit", "").split()).casefold()
    rest = _ABOUT.sub("", name)
    factor = unit.factors.get(rest)
    value = Decimal(groups["number"].replace(",", "")) * factor if groups and factor is not None else None
    if value is None or not _fits(value, unit):
        return Proposal("unit_in_number", index, element, None, f"不是一个数；{unit.zh}", f"not one number; {unit.en}")
    zh, is_certain = unit.zh, True
    if rest in unit.vague:
        zh, is_certain = f"{zh}；{unit.vague_zh}", False
    if rest != name or _ABOUT.search(groups.get("label", "")):
        zh, is_certain = f"{zh}；原文是约数，请核对", False
    return Proposal("unit_in_number", index, element, _written(value), zh, unit.en, is_certain)


def _fits(value: Decimal, unit: Unit) -> bool:
    if unit is _CHARACTERS:
        return value >= 1 and value == value.to_integral_value()
    return value == round(value, _MAX_PLACES)


def _written(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

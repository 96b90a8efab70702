"""Fault 10: a date as other text than 2021-03-05, or as the bare number behind a date cell."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from metadata.formats.column_mapping import ELEMENTS
from metadata.formats.doctor.fault import Known
from metadata.formats.doctor.table import Proposal, Table
from metadata.formats.workbook_cells import day_of_serial

_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?)?")
_TIME: Final = r"(?:\s*[T ]?\s*[0-9]{1,2}[:时点][0-9]{0,2}[:分]?[0-9]{0,2}秒?)?"
_YEAR_FIRST: Final = re.compile(rf"([0-9]{{4}})\s*[-/.年]\s*([0-9]{{1,2}})\s*[-/.月]\s*([0-9]{{1,2}})\s*[日号]?{_TIME}")
_COMPACT: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_YEAR_LAST: Final = re.compile(rf"([0-9]{{1,2}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{4}}){_TIME}")
_SERIAL: Final = re.compile(r"([0-9]{5})(\.[0-9]+)?")
_HAN_DIGITS: Final = {
    ord(han): digit
    for digits in ("〇一二三四五六七八九", "零一二三四五六七八九")
    for digit, han in zip("0123456789", digits, strict=True)
}
_HAN_DATE: Final = re.compile(
    r"([〇零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]?"
)


@dataclass(frozen=True)
class _Reading:
    day: date | None
    zh: str
    en: str
    is_certain: bool = False


_UNCLEAR: Final = _Reading(None, "看不出是哪一天，请填 2021-03-05 这样的日期", "no clear day; write 2021-03-05")


def find_date_texts(table: Table, known: Known) -> Iterator[Proposal]:
    """Cells of date columns that are neither dates nor ISO 8601: the day they mean, where it can be no other."""
    del known
    for element in table.columns:
        if ELEMENTS[element].kind != "date":
            continue
        cells = table.cells[element]
        for index, text in enumerate(table.column(element)):
            if not text or isinstance(cells[index], date) or _is_iso(text):
                continue
            found = _read(unicodedata.normalize("NFKC", text).strip(), table.day_zero)
            if found is None:
                continue
            after = None if found.day is None else found.day.isoformat()
            yield Proposal("text_date", index, element, after, found.zh, found.en, found.is_certain)


def _is_iso(text: str) -> bool:
    if not _ISO.fullmatch(text):
        return False
    return _day(text[:4], text[5:7], text[8:10]) is not None


def _read(text: str, day_zero: date) -> _Reading | None:
    """None for words without a number: they are no date at all, and the import says so."""
    match = _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text)
    if match:
        day = _day(match[1], match[2], match[3])
        zh, en = "日期写成了文字，改为标准写法", "a date as text; written as ISO 8601"
        return _Reading(day, zh, en, is_certain=True) if day else _Reading(None, "没有这一天，请核对", "no such day")
    serial = _SERIAL.fullmatch(text)
    serial_day = day_of_serial(int(serial[1]), day_zero) if serial else None
    if serial_day:
        return _Reading(serial_day, "日期变成了序号，还原为日期", "the number behind a date cell", is_certain=True)
    match = _YEAR_LAST.fullmatch(text)
    if match:
        return _year_last(match)
    match = _HAN_DATE.fullmatch(text)
    if match:
        day = _day(match[1].translate(_HAN_DIGITS), str(_han_number(match[2])), str(_han_number(match[3])))
        zh, en = "日期写成了汉字，改为标准写法", "a date in Chinese numerals; written as ISO 8601"
        return _Reading(day, zh, en, is_certain=True) if day else _Reading(None, "没有这一天，请核对", "no such day")
    return _UNCLEAR if any(character.isdigit() for character in text) else None


def _year_last(match: re.Match[str]) -> _Reading:
    """Day and month stand in either order; only one over twelve tells."""
    month_first, day_first = _day(match[3], match[1], match[2]), _day(match[3], match[2], match[1])
    days = {day for day in (month_first, day_first) if day}
    if len(days) != 1:
        return _UNCLEAR
    return _Reading(days.pop(), "日、月、年的次序按唯一可能理解，请核对", "the only possible order of day and month")


def _han_number(text: str) -> int:
    tens, ten, units = text.partition("十")
    if not ten:
        return int(text.translate(_HAN_DIGITS)) if len(text) == 1 else 0
    return 10 * (int(tens.translate(_HAN_DIGITS)) if tens else 1) + (int(units.translate(_HAN_DIGITS)) if units else 0)


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None

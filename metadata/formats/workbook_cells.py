"""A cell as a text: what a person reads in it, and what is wrong with it whatever its element."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from metadata.formats.spreadsheet import Cell
from metadata.formats.workbook_headers import is_header
from standards.findings import Severity
from standards.text import forbidden_character

BLANK_LINE: Final = "-"  # stands for nothing, in a cell and in a line of one
_BLANKS = frozenset({BLANK_LINE, "暂无", "无", "--", "—", "/", "N/A", "null", "NULL"})
_FORMULA_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})
_SEPARATORS = re.compile("[,，、;；\n]+")
_LOST = re.compile("\ufffd|\\?(?=[\u3000-\u303f\u3400-\u9fff?])|(?<=[：、，；（“《?])\\?")
_SHOWN_PLACES = 5
_EXACT_BELOW: Final = 10**15  # spreadsheet programs keep fifteen digits of a number
_DAYS = range(100_000)
_YEARS = range(1950, 2100)  # what else a bare number could be is not guessed


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell, and the remedy. A warning's value is taken, an error's is not."""

    rule: str
    severity: Severity
    zh: str
    en: str
    remedy: str


def to_text(cell: Cell) -> str:
    """The cell as a person reads it; numbers without a needless ``.0``, dates as ISO 8601."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ").removesuffix(" 00:00:00")
    return "" if cell is None else str(cell)


def day_of_serial(number: int, day_zero: date) -> date | None:
    """The day that a date cell's bare number stands for; some programs count from 1904."""
    day = day_zero + timedelta(days=number) if number in _DAYS else None
    return day if day is not None and day.year in _YEARS else None


def is_blank(cell: Cell) -> bool:
    """Nothing, or one of the words people write for nothing."""
    return cell is None or to_text(cell) in _BLANKS


def find_problem(cell: Cell, max_length: int, *, is_free: bool) -> Problem | None:
    """What is wrong with a cell whatever its element: errors first, then a loss of characters in an earlier export.

    A cell of free words may hold the name of a column.
    """
    text = to_text(cell)
    if text in _FORMULA_ERRORS:
        return error("formula", f"公式结果是错误值 {text}", f"the formula gave {text}", "改正公式，或直接填写值。")
    if not is_free and is_header(text):
        return error(
            "shifted",
            f"“{text}”是列名，不是值，疑似整行错位",
            "the value is the name of a column: the row seems to be shifted",
            "核对这一行各列的值是否错位，改正后重新导入。",
        )
    unfit = _unfit(cell, text, max_length)
    if unfit is not None:
        return unfit
    character = forbidden_character(text)
    if character is not None:
        name = f"U+{ord(character):04X}"
        return error("character", f"含有控制字符 {name}", f"holds the control character {name}", "删除该字符。")
    if "?" in text or "\ufffd" in text:
        return _lost_characters(text)
    return None


def _unfit(cell: Cell, text: str, max_length: int) -> Problem | None:
    """A number that a spreadsheet program has rounded, or a text that is too long."""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= _EXACT_BELOW:
        return error(
            "digits",
            f"“{text}”是按数字存的，第 15 位以后的数字已经丢失",
            "stored as a number: the digits after the fifteenth are lost",
            "把这一列设为文本格式，对照原件重新填写。",
        )
    if len(text) > max_length:
        return error("length", f"超过 {max_length} 个字符", f"over {max_length} characters", "缩短后重新导入。")
    return None


def _lost_characters(text: str) -> Problem | None:
    """Where ``?`` or U+FFFD stands for a character that an earlier conversion could not write."""
    places = [match.start() + 1 for match in _LOST.finditer(text)]
    if not places:
        return None
    shown = "、".join(map(str, places[:_SHOWN_PLACES])) + ("……" if len(places) > _SHOWN_PLACES else "")
    return Problem(
        "lost_character",
        "warning",
        f"疑似在编码转换时丢失了汉字：第 {shown} 个字是“{text[places[0] - 1]}”，本格不可尽信",
        f"characters seem to have been lost in an earlier conversion, at {places[:_SHOWN_PLACES]}",
        "对照原件补上丢失的字；重新导出时选 UTF-8 或 GB 18030。",
    )


def split(text: str) -> Sequence[str]:
    """The members of a list written into one cell."""
    return [word for part in _SEPARATORS.split(text) if (word := part.strip())]


def error(rule: str, zh: str, en: str, remedy: str) -> Problem:
    """A problem whose value is not taken."""
    return Problem(rule, "error", zh, en, remedy)

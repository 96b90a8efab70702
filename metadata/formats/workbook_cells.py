"""What a cell says: a value of the catalogue, or why it is none and what to do about it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from metadata.formats.spreadsheet import Cell
from metadata.formats.workbook_headers import is_header
from metadata.resource import Category, Format, Openness
from standards.codes import table
from standards.findings import Severity
from standards.text import forbidden_character

_BLANKS = frozenset({"暂无", "无", "-", "--", "—", "/", "N/A", "null", "NULL"})
_FORMULA_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})
_SEPARATORS = re.compile("[,，、;；\n]+")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[ T].*)?")
_COMPACT_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_LOST = re.compile("\ufffd|\\?[\u3000-\u303f\u4e00-\u9fff]")
_SERIAL_ORIGIN = date(1899, 12, 30)  # spreadsheets count from here, and believe in 29 February 1900
_SERIAL_RANGE = range(18_264, 73_051)  # 1950 to 2099: what else a bare number could be is not guessed
_OPEN = {
    "无条件开放": True,
    "有条件开放": True,
    "开放": True,
    "是": True,
    "不予开放": False,
    "不开放": False,
    "否": False,
}


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
        return cell.isoformat(sep=" ")
    return "" if cell is None else str(cell)


def is_blank(cell: Cell) -> bool:
    """Nothing, or one of the words people write for nothing."""
    return cell is None or to_text(cell) in _BLANKS


def find_problem(cell: Cell, max_length: int, *, is_free: bool) -> Problem | None:
    """What is wrong with a cell whatever its element: errors first, then a loss of characters in an earlier export.

    A cell of free words may hold the name of a column.
    """
    text = to_text(cell)
    if text in _FORMULA_ERRORS:
        return _error("formula", f"公式结果是错误值 {text}", f"the formula gave {text}", "改正公式，或直接填写值。")
    if not is_free and is_header(text):
        return _error(
            "shifted",
            f"“{text}”是列名，不是值，疑似整行错位",
            "the value is the name of a column: the row seems to be shifted",
            "核对这一行各列的值是否错位，改正后重新导入。",
        )
    if len(text) > max_length:
        return _error("length", f"超过 {max_length} 个字符", f"over {max_length} characters", "缩短后重新导入。")
    character = forbidden_character(text)
    if character is not None:
        name = f"U+{ord(character):04X}"
        return _error("character", f"含有控制字符 {name}", f"holds the control character {name}", "删除该字符。")
    if _LOST.search(text):
        return Problem(
            "lost_character",
            "warning",
            "疑似在编码转换时丢失了汉字（出现“?”）",
            "characters seem to have been lost in an earlier conversion ('?')",
            "对照原件补上丢失的字；重新导出时选 UTF-8 或 GB 18030。",
        )
    return None


def to_cycle(text: str) -> str | Problem:
    """更新周期, by label or known other spelling."""
    key = table("guide2017-update-cycle").fix(text)
    labels = "、".join(code.label for code in table("guide2017-update-cycle").codes.values())
    return key or _error("update_cycle", f"“{text}”不是更新周期", "no update cycle", f"填写以下之一：{labels}。")


def to_share_type(text: str) -> str | Problem:
    """共享类型, by its words only: forms number the three differently, so a bare number is not trusted."""
    key = None if text.isdigit() else table("guide2017-share-type").fix(text)
    remedy = "填写：无条件共享、有条件共享或不予共享（各地表单的数字含义不同，不采信数字）。"
    return key or _error("share_type", f"“{text}”不是共享类型", "no share type", remedy)


def to_method(text: str) -> str | Problem:
    """共享方式类型, by label or known other spelling."""
    key = None if text.isdigit() else table("guide2017-method-type").fix(text)
    return key or _error(
        "share_method", f"“{text}”不是共享方式", "no sharing method", "填写：数据库、文件下载或服务接口。"
    )


def to_openness(text: str) -> Openness | Problem:
    """开放属性, which is about the public and says nothing about sharing."""
    if text not in _OPEN:
        return _error(
            "openness", f"“{text}”不是开放状态", "no openness", "填写：无条件开放、有条件开放、不予开放，或是、否。"
        )
    return Openness(is_open=_OPEN[text], conditions=text if text.endswith("条件开放") else "")


def to_date(cell: Cell) -> date | Problem:
    """A date from a date cell, a text (the time of day is left off), or a spreadsheet's serial number."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = to_text(cell)
    match = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    try:
        if match:
            return date(int(match[1]), int(match[2]), int(match[3]))
        number = int(float(text))
    except (ValueError, OverflowError):
        number = 0
    if not match and number in _SERIAL_RANGE:
        return _SERIAL_ORIGIN + timedelta(days=number)
    return _error("date", f"“{text}”不是日期", "no date", "填写 2025-08-01 这样的日期。")


def to_formats(text: str, category: str) -> tuple[Format, ...]:
    """Formats of the guide's list with their category; others keep their own words."""
    types = table("guide2017-format-type")
    formats = []
    for word in split(text):
        key = types.fix(word.lower())
        if key is not None:
            formats.append(Format(category=category or types.codes[key].parent, types=(key,)))
        else:
            formats.append(Format(category=category, other=word))
    return tuple(formats) or ((Format(category=category),) if category else ())


def to_industry(text: str) -> Category | Problem:
    """行业分类 by GB/T 4754, with its section letter. An unlisted name is kept, and said to be unlisted."""
    sections = table("gbt4754-2017-sections")
    code = sections.fix(text)
    if code is None:
        return Problem(
            "industry",
            "warning",
            f"“{text}”不是 GB/T 4754 的行业门类名称",
            "not the name of a section of GB/T 4754",
            "填写国民经济行业分类的门类名称，如“教育”。",
        )
    return Category(scheme="行业分类", name=sections.codes[code].label, code=code)


def to_item_type(text: str) -> str | Problem:
    """数据类型: the guide's letter, or its label (字符型)."""
    key = table("guide2017-item-type").fix(text.upper())
    return key or _error("item_type", f"“{text}”不是数据类型", "no data type", "填写 C、N、D 等字母或“字符型”等名称。")


def to_length(text: str) -> int | Problem:
    """A length in characters."""
    if text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text) > 0:
        return int(text)
    return _error("length", f"“{text}”不是数据长度", "no length", "填写正整数。")


def split(text: str) -> Sequence[str]:
    """The members of a list written into one cell."""
    return [word for part in _SEPARATORS.split(text) if (word := part.strip())]


def _error(rule: str, zh: str, en: str, remedy: str) -> Problem:
    return Problem(rule, "error", zh, en, remedy)

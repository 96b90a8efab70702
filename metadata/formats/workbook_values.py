"""What a cell says in its column: a value of the catalogue, or why it is none and what to do about it."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from metadata.formats.sheet import DAY_ZERO
from metadata.formats.spreadsheet import Cell
from metadata.formats.workbook_cells import Problem, day_of_serial, error, find_problem, is_blank, split, to_text
from metadata.formats.workbook_elements import Element
from metadata.formats.workbook_text import resolved, unseen, visible
from metadata.resource import LIBRARY_PATTERN, VOLUME_PATTERN, Category, LegalBasis, Openness
from metadata.words import LIBRARIES as LIBRARY_LABELS
from standards.codes import table

_TIME = r"(?:[上下]午 ?)?[0-9]{1,2}[:时点][0-9:.分秒整]*(?: ?[AP]M)?(?: ?(?:Z|[+-][0-9:]{2,6}))?"
_DATE = re.compile(  # what else stands behind a day may change it: 至, 之前
    rf"([0-9]{{4}})[-/.年]([0-9]{{1,2}})[-/.月]([0-9]{{1,2}})日?(?: *(?:星期|周)[一二三四五六日天])?(?:[ T]+{_TIME})?"
)
_WRITTEN_DATE = re.compile(
    "([〇零○Ｏ一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"
)
_DIGITS: Final = str.maketrans("〇零○Ｏ一二三四五六七八九", "0000123456789")
_COMPACT_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_OPEN = {
    "无条件开放": True,
    "有条件开放": True,
    "开放": True,
    "是": True,
    "不予开放": False,
    "不开放": False,
    "否": False,
}
_FLAGS = {"是": True, "否": False, "true": True, "false": False, "y": True, "n": False, "yes": True, "no": False}
LIBRARIES: Final[Mapping[str, str]] = {
    "population": "人口",
    "legal_person": "法人",
    "geospatial": "自然资源和空间地理",
    "statistics": "宏观经济",
}
_LIBRARY_WORDS = {word: key for libraries in (LIBRARY_LABELS, LIBRARIES) for key, word in libraries.items()}
SECRECY: Final = ("非涉密", "工作秘密", "国家秘密")
SENSITIVITIES: Final = {1: "1 可公开", 2: "2 内部", 3: "3 个人信息", 4: "4 敏感个人信息"}
MAS_PER_DEGREE: Final = 3_600_000
_WITH_PLACES = re.compile(r"\(?[0-9]{1,3}\s*[,、]\s*[0-9]{1,2}\)?")
_LETTERED = re.compile(r"([A-Z])[ 　:：-]*(\S+)|(\S+?)[ 　]*\(?([A-Z])\)?")
_BASIS = re.compile(r"《(.{1,200}?)》[ 　]*(.{0,100})")
_SCALE = re.compile(r"(?:1\s*[:：/])?\s*([0-9]{1,9})")
_REMEMBERED = 20_000  # values of cells kept with what they mean: listed values repeat in every row
_SHORT = 40


class Values:
    """Reads the cells of one file. What a short text means in a column is worked out once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[Any, tuple[Problem, ...]]] = {}

    def read(self, element: Element, cell: Cell, day_zero: date = DAY_ZERO) -> tuple[Any, tuple[Problem, ...]]:
        """The value of a cell, None where it has none, and what is wrong with it; ``day_zero`` is that of the file."""
        if not isinstance(cell, str) or len(cell) > _SHORT or element.is_free:
            return _read(element, cell, day_zero)
        key = (element.key, cell)
        found = self._known.get(key)
        if found is None:
            found = _read(element, cell, day_zero)
            if len(self._known) < _REMEMBERED:
                self._known[key] = found
        return found


def _read(element: Element, cell: Cell, day_zero: date) -> tuple[Any, tuple[Problem, ...]]:
    cell, cleaned = _cleaned(cell)
    if is_blank(cell):
        return None, cleaned
    problem = find_problem(cell, element.characters, is_free=element.is_free)
    if problem is not None and problem.severity == "error":
        return None, (*cleaned, problem)
    problems = cleaned if problem is None else (*cleaned, problem)
    value = _value(element, cell, day_zero)
    if isinstance(value, Problem):
        kept = (Category(scheme="行业分类", name=to_text(cell)),) if value.severity == "warning" else None
        return kept, (*problems, value)
    return (None if value == () else value), problems


def _cleaned(cell: Cell) -> tuple[Cell, tuple[Problem, ...]]:
    """The cell as a person sees it, and what was done for that; line breaks are one character, whoever wrote them."""
    if not isinstance(cell, str) or (cell.isascii() and "_x" not in cell and "\r" not in cell):
        return cell, ()
    found = []
    text = resolved(cell)
    if text != cell:
        zh, en = (
            "单元格里有表格软件的转义写法（如 _x000D_），已还原成字符",
            "escapes of a spreadsheet program were resolved",
        )
        found.append(Problem("escaped", "warning", zh, en, "核对这一格的内容。"))
    names = unseen(text)
    if names:
        zh = f"含有看不见的字符 {'、'.join(names)}，已去掉"
        en = f"characters that nobody sees were removed: {', '.join(names)}"
        found.append(Problem("unseen", "warning", zh, en, "一般不必改；若是有意写的，请告知信息办。"))
    return visible(text).replace("\r\n", "\n").replace("\r", "\n").strip() or None, tuple(found)


def _value(element: Element, cell: Cell, day_zero: date) -> Any:
    if element.kind == "date":
        return to_date(cell, day_zero)
    return _KINDS.get(element.kind, _SPECIAL.get(element.key, str))(to_text(cell))


def lines(text: str) -> tuple[str, ...]:
    """The lines of a cell without blank ones."""
    return tuple(line for each in text.split("\n") if (line := each.strip()))


def to_cycle(text: str) -> str | Problem:
    """更新周期, by label or known other spelling."""
    key = table("guide2017-update-cycle").fix(text)
    labels = "、".join(code.label for code in table("guide2017-update-cycle").codes.values())
    return key or error("update_cycle", f"“{text}”不是更新周期", "no update cycle", f"填写以下之一：{labels}。")


def to_share_type(text: str) -> str | Problem:
    """共享类型, by its words only: forms number the three differently, so a bare number is not trusted."""
    key = None if text.isdigit() else table("guide2017-share-type").fix(text)
    remedy = "填写：无条件共享、有条件共享或不予共享（各地表单的数字含义不同，不采信数字）。"
    return key or error("share_type", f"“{text}”不是共享类型", "no share type", remedy)


def to_methods(text: str) -> tuple[str, ...] | Problem:
    """共享方式类型, by label or known other spelling; several between separators."""
    keys = [None if word.isdigit() else table("guide2017-method-type").fix(word) for word in split(text)]
    if not keys or None in keys:
        return error("share_method", f"“{text}”不是共享方式", "no sharing method", "填写：数据库、文件下载或服务接口。")
    return tuple(dict.fromkeys(key for key in keys if key is not None))


def to_openness(text: str) -> Openness | Problem:
    """开放属性, which is about the public and says nothing about sharing."""
    if text not in _OPEN:
        remedy = "填写：无条件开放、有条件开放、不予开放，或是、否。"
        return error("openness", f"“{text}”不是开放状态", "no openness", remedy)
    return Openness(is_open=_OPEN[text], conditions=text if text.endswith("条件开放") else "")


def to_date(cell: Cell, day_zero: date = DAY_ZERO) -> date | Problem:
    """A date from a date cell, a text (the time of day is left off), or a spreadsheet's serial number."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = unicodedata.normalize("NFKC", to_text(cell)).strip()
    match = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    written = _WRITTEN_DATE.fullmatch("".join(to_text(cell).split()))
    try:
        if match:
            return date(int(match[1]), int(match[2]), int(match[3]))
        if written:
            return date(int(written[1].translate(_DIGITS)), _counted(written[2]), _counted(written[3]))
        number = int(float(text))
    except (ValueError, OverflowError):
        number = 0
    day = None if match else day_of_serial(number, day_zero)
    return day or error("date", f"“{text}”不是日期", "no date", "填写 2025-08-01 这样的日期。")


def _counted(words: str) -> int:
    """A number below a hundred in Chinese words; nothing that is one gives zero, which is no month and no day."""
    tens, ten, ones = words.rpartition("十")
    if len(tens) > 1 or len(ones) > 1:
        return 0
    return (int(tens.translate(_DIGITS) or 1) * 10 if ten else 0) + int(ones.translate(_DIGITS) or 0)


def to_industry(text: str) -> tuple[Category, ...] | Problem:
    """行业分类 by GB/T 4754, with its section letter. An unlisted name is kept, and said to be unlisted."""
    sections = table("gbt4754-2017-sections")
    code = sections.fix(text)
    if code is None:
        zh, en = f"“{text}”不是 GB/T 4754 的行业门类名称", "not the name of a section of GB/T 4754"
        return Problem("industry", "warning", zh, en, "填写国民经济行业分类的门类名称，如“教育”。")
    return (Category(scheme="行业分类", name=sections.codes[code].label, code=code),)


def to_item_type(text: str) -> str | Problem:
    """数据类型: the guide's letter, its label (字符型), or both (``C 字符型``)."""
    types = table("guide2017-item-type")
    key = types.fix(text.upper())
    if key is None and (both := _LETTERED.fullmatch(text.upper())) is not None:
        letter, label = both[1] or both[4], both[2] or both[3]
        key = letter if types.fix(label) == letter else None
    return key or error("item_type", f"“{text}”不是数据类型", "no data type", "填写 C、N、D 等字母或“字符型”等名称。")


def to_length(text: str) -> int | Problem:
    """A length in characters, at least one."""
    if _WITH_PLACES.fullmatch(unicodedata.normalize("NFKC", text)):
        remedy = "长度和小数位数分开填：前一个数填在数据长度，后一个填在小数位数。"
        return error("length", f"“{text}”里有长度和小数位数两个数", "a length and decimal places in one cell", remedy)
    number = to_number(text)
    return number or error("length", f"“{text}”不是数据长度", "no length", "填写正整数，不带单位。")


def to_number(text: str) -> int | Problem:
    """A number of decimal places; in full width, with its thousands parted and with ``.0`` it is the same number."""
    given, text = text, re.sub(r"\.0+$", "", unicodedata.normalize("NFKC", text).strip())
    text = text.replace(",", "") if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+", text) else text
    if text.isascii() and text.isdigit() and len(text) < 7:
        return int(text)
    return error("length", f"“{given}”不是数字", "no whole number", "填写整数，不带单位。")


def to_flag(text: str) -> bool | Problem:
    """是 or 否."""
    flag = _FLAGS.get(text.lower())
    return error("flag", f"“{text}”不是“是”或“否”", "neither yes nor no", "填写：是、否。") if flag is None else flag


def to_library(text: str) -> str | Problem:
    """基础库: the name of one of the four, or the key of another that the installation has in its register."""
    key = _LIBRARY_WORDS.get(text.removesuffix("基础库").removesuffix("库"), text)
    if re.fullmatch(LIBRARY_PATTERN, key):
        return key
    return error(
        "library", f"“{text}”不是基础库", "no base library", f"填写以下之一：{'、'.join(LIBRARIES.values())}。"
    )


def to_secrecy(text: str) -> str | Problem:
    """涉密属性."""
    remedy = f"填写：{'、'.join(SECRECY)}。"
    return text if text in SECRECY else error("secrecy", f"“{text}”不是涉密属性", "no secrecy level", remedy)


def to_sensitivity(text: str) -> int | Problem:
    """信息项分级: the number, or the number with its words."""
    for level, words in SENSITIVITIES.items():
        if text in {str(level), words, words[2:], f"{level}级"}:
            return level
    return error("sensitivity", f"“{text}”不是信息项分级", "no sensitivity level", "填写 1、2、3 或 4。")


def to_volume(text: str) -> str | Problem:
    """A decimal number without its unit."""
    plain = text.replace(",", "").replace("，", "")
    if plain and re.fullmatch(VOLUME_PATTERN, plain):
        return plain
    return error("volume", f"“{text}”不是数字", "no decimal number", "只填数字，至多六位小数；单位在列名里。")


def to_box(text: str) -> tuple[int, ...] | Problem:
    """空间范围: west, south, east, north in degrees; kept in thousandths of an arc second."""
    words = split(text)
    if len(words) == 4 and all(re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,10})?", word) for word in words):
        return tuple(round(Decimal(word) * MAS_PER_DEGREE) for word in words)
    return error("box", f"“{text}”不是空间范围", "no bounding box", "填写西、南、东、北四个度数，用逗号隔开。")


def to_scale(text: str) -> int | Problem:
    """比例尺: its denominator."""
    match = _SCALE.fullmatch(text.replace(",", ""))
    if match and 0 < int(match[1]) <= 100_000_000:
        return int(match[1])
    return error("scale", f"“{text}”不是比例尺", "no scale", "填写 1:10000 这样的比例尺。")


def to_categories(text: str) -> tuple[Category, ...] | Problem:
    """其他分类: one a line, scheme|name|code."""
    found = []
    for line in lines(text):
        scheme, *rest = (word.strip() for word in line.replace("｜", "|").split("|"))
        if not scheme or len(rest) not in {1, 2} or not rest[0] or len(rest[0]) > 200:
            return error("categories", f"“{line}”不是分类", "no category", "每行写一个：分类体系|名称|代码。")
        found.append(Category(scheme=scheme, name=rest[0], code=rest[1] if len(rest) == 2 else ""))
    return tuple(found)


def to_themes(text: str) -> tuple[Category, ...] | Problem:
    """主题分类, one a line: names of themes hold separators (民政、社区)."""
    if any(len(line) > 200 for line in lines(text)):
        return error("length", "超过 200 个字符", "over 200 characters", "缩短后重新导入。")
    return tuple(Category(scheme="主题分类", name=line) for line in lines(text))


def to_legal_basis(text: str) -> tuple[LegalBasis, ...] | Problem:
    """依据, one a line: 《law》 and its article; a line without 《》 is a title."""
    found = []
    for line in lines(text):
        match = _BASIS.fullmatch(line)
        if match is None and len(line) > 200:
            return error(
                "legal_basis", "一行依据超过 200 个字符", "a basis is too long", "每行写一个，如《统计法》第二十五条。"
            )
        found.append(LegalBasis(title=match[1], article=match[2]) if match else LegalBasis(title=line))
    return tuple(found)


_SPECIAL: Final[Mapping[str, Callable[[str], Any]]] = {
    "box": to_box,
    "categories": to_categories,
    "industry": to_industry,
    "item_length": to_length,
    "item_sensitivity": to_sensitivity,
    "item_type": to_item_type,
    "legal_basis": to_legal_basis,
    "library": to_library,
    "openness": to_openness,
    "scale": to_scale,
    "secrecy": to_secrecy,
    "share_method": to_methods,
    "share_type": to_share_type,
    "theme": to_themes,
    "update_cycle": to_cycle,
} | {
    f"volume_{name}": to_volume
    for name in ("stored_gb", "stored_records", "shared_gb", "shared_records", "open_gb", "open_records")
}

_KINDS: Final[Mapping[str, Callable[[str], Any]]] = {
    "text": str,
    "words": lambda text: tuple(dict.fromkeys(split(text))),
    "lines": lines,
    "flag": to_flag,
    "number": to_number,
}

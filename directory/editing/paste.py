"""A table copied from a spreadsheet as rows of the form: tab-separated text, with a header row or in the form's order.

Pure. A cell that a box or a list cannot hold is named with its row and column, and then nothing is taken.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from directory.editing.layout import Field, Table
from directory.editing.widgets import Choice, Flag, Typed

_TICKS: Final = frozenset({"是", "√", "✓", "✔", "y", "yes", "1", "true", "主键", "pk", "可空", "允许", "可"})
_NO_TICKS: Final = frozenset(
    {"", "否", "×", "x", "n", "no", "0", "false", "不", "不空", "非空", "不可", "-", "–", "无"}
)
_HEADERS: Final[Mapping[str, str]] = {
    "信息项名称": "items.name",
    "信息项": "items.name",
    "名称": "items.name",
    "中文名": "items.name",
    "字段": "items.field",
    "字段名称": "items.field",
    "英文名": "items.field",
    "数据项英文名": "items.field",
    "信息项英文名": "items.field",
    "类型": "items.type_code",
    "信息项类型": "items.type_code",
    "数据长度": "items.length",
    "精度": "items.precision",
    "小数位数": "items.precision",
    "是否主键": "items.is_key",
    "是否可空": "items.is_nullable",
    "允许为空": "items.is_nullable",
    "码表": "items.code_table",
    "值域": "items.code_table",
    "敏感级别": "items.sensitivity",
    "数源": "items.lead_department",
    "单位": "items.unit",
    "说明": "items.description",
    "备注": "items.description",
}
_TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("varchar", "varchar2", "nvarchar", "char", "text", "string", "文本", "字符串", "character"), "C"),
    **dict.fromkeys(("int", "integer", "bigint", "smallint", "整数"), "I"),
    **dict.fromkeys(("number", "numeric", "decimal", "数字"), "N"),
    **dict.fromkeys(("datetime", "timestamp", "时间", "日期时间"), "T"),
    **dict.fromkeys(("boolean", "bool", "布尔", "布尔型"), "L"),
    **dict.fromkeys(("double", "doubleprecision"), "B"),
    **dict.fromkeys(("float", "real"), "F"),
    **dict.fromkeys(("blob", "bytea", "geometry"), "G"),
    "date": "D",
}
"""What databases and people call the guide's types."""

_LEAST_HEADERS: Final = 2


@dataclass(frozen=True)
class Pasted:
    """The rows, or a sentence for each cell that says nothing the form knows."""

    rows: Sequence[Mapping[str, Typed]]
    problems: tuple[str, ...] = ()


def paste(table: Table, text: str) -> Pasted:
    """Read what was pasted. Empty lines are passed over; a row takes what it does not say from a new row."""
    lines = [(number, cells) for number, cells in enumerate(_cells(text), start=1) if any(cells)]
    if not lines:
        return Pasted((), ("请先在框里粘贴从 Excel 复制的单元格",))
    headed = _header(table, lines[0][1])
    columns: Sequence[Field | None] = headed or list(table.fields)
    place = "表头" if headed else "表单"
    rows, problems = [], []
    for number, cells in lines[1:] if headed else lines:
        if len(cells) > len(columns):
            problems.append(f"第 {number} 行有 {len(cells)} 列，多于{place}的 {len(columns)} 列")
            continue
        row = dict(table.new)
        for column, cell in zip(columns, cells, strict=False):
            if column is None:
                continue
            typed = _typed(column, cell)
            if typed is None:
                problems.append(f"第 {number} 行“{column.label}”的“{cell[:20]}”看不懂：{_expected(column)}")
            else:
                row[column.name] = typed
        rows.append(row)
    if headed and not rows:
        problems.append("只有表头，没有数据行")
    return Pasted([] if problems else rows, tuple(problems))


def _cells(text: str) -> Iterator[list[str]]:
    """Rows of cells; a spreadsheet puts cells with line breaks into quotes. Text that is no such table has none."""
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter="\t", strict=True):
            yield [cell.strip() for cell in row]
    except csv.Error:
        return


def _header(table: Table, cells: Sequence[str]) -> Sequence[Field | None] | None:
    """The column of each header, when this is a header row: at least two of its cells name columns of the table."""
    known = {_plain(each.label): each for each in table.fields} | {each.name: each for each in table.fields}
    by_path = {each.path: each for each in table.fields}
    known |= {name: by_path[path] for name, path in _HEADERS.items() if path in by_path}
    columns = [known.get(_plain(cell)) for cell in cells]
    return columns if sum(each is not None for each in columns) >= min(_LEAST_HEADERS, len(cells)) else None


def _typed(column: Field, cell: str) -> Typed | None:
    """What the field holds for a cell, None where a box or list has nothing for it."""
    widget = column.widget
    if isinstance(widget, Flag):
        word = _plain(cell).lower()
        return ("yes",) if word in _TICKS else () if word in _NO_TICKS else None
    if isinstance(widget, Choice) and cell:
        return _chosen(widget, cell)
    if isinstance(widget, Choice) and not widget.has_empty:
        return widget.shown(next(iter(widget.values.values())))
    return (cell,)


def _chosen(widget: Choice, cell: str) -> Typed | None:
    word = _plain(cell).lower()
    for key, label in widget.options.items():
        spoken = {key.lower(), _plain(label).lower(), *(part.lower() for part in label.split())}
        if word in spoken or f"{word}型" in spoken or (_TYPES.get(word) == key and "C" in widget.options):
            return (key,)
    return None if widget.is_closed else (cell,)


def _expected(column: Field) -> str:
    if isinstance(column.widget, Flag):
        return "可写 是 或 否"
    return "可写 " + "、".join(column.widget.options.values() if isinstance(column.widget, Choice) else ())


def _plain(text: str) -> str:
    """Half width, without blanks, stars and what stands in brackets."""
    name = "".join(unicodedata.normalize("NFKC", text).split())
    return re.sub(r"\*|\(.*\)", "", name) or name

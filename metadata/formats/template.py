"""The catalogue workbook of the 2017 guide as xlsx: empty to be filled in, or filled with entries as an export.

Sheets 目录 (one row an entry), 信息项 (one row an item, under its entry's name), 填写说明 and 代码表. Coded columns
have lists to choose from; required columns are marked; a header's note says what to write and which clause asks for it.
Every text is stored as a text, whatever it begins with, so that none is ever taken for a formula. What was written is
read back by ``workbook.drafts`` as the same records, except for what ``not_held`` names; of entries with the same title
and provider the column 同名序号 tells one from the other.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from metadata.formats.record_cells import (
    ENTRY_ELEMENTS,
    ENTRY_SHEET,
    ITEM_SHEET,
    ITEM_SHEET_ELEMENTS,
    Cells,
    entry_cells,
    item_rows,
    not_held,
    numbered,
)
from metadata.formats.template_hints import GUIDE, HINTS
from metadata.formats.template_lists import Choice, choices, class_codes
from metadata.formats.workbook_elements import CODES_SHEET, GUIDANCE_SHEET, Element, element_label
from metadata.resource import Party, Resource

__all__ = ["not_held", "write"]

_LEAST_ROWS: Final = 1_000  # to which the lists reach in an empty template
_FIRST_DAY: Final = date(1900, 3, 1)  # before it spreadsheets count days wrongly or not at all
_MADE: Final = datetime(2025, 8, 1)  # noqa: DTZ001 — xlsx holds no zone; one moment, so that equal content is equal bytes
_WIDE: Final = frozenset(
    {"abstract", "title", "share_conditions", "open_conditions", "legal_basis", "item_description"}
)
_RULES: Final = (
    "一行填一条目录；每条目录的信息项填在“信息项”表中，一行一项，信息资源名称与目录表一致。",
    "红色表头的列必填；带下拉箭头的格从列表中选，或照列表中的文字填写。",
    "不要改动表头；不需要的列可以删去，列的先后不影响导入。",
    "不要合并单元格，不要用公式；代码列已设为文本，不要拖动填充。",
    "没有内容的格留空，不要写“无”“暂无”。",
    "涉及国家秘密的内容不得填入本表。",
)


def write(provider: Party | None, resources: Sequence[Resource] = ()) -> bytes:
    """The workbook of ``resources``; without any, an empty one for ``provider`` to fill in."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"constant_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"title": "政务信息资源目录", "subject": GUIDE, "created": _MADE})
        writer = _Writer(book, provider)
        records = tuple(numbered(resources))
        writer.sheet(ENTRY_SHEET, ENTRY_ELEMENTS, (entry_cells(each, number) for number, each in records), len(records))
        items = (row for number, each in records for row in item_rows(each, number))
        writer.sheet(ITEM_SHEET, ITEM_SHEET_ELEMENTS, items, sum(len(each.items) for each in resources))
        writer.guidance()
        writer.codes()
    return stream.getvalue()


class _Writer:
    """The sheets of one workbook and their formats."""

    def __init__(self, book: xlsxwriter.Workbook, provider: Party | None) -> None:
        self._book = book
        self._provider = provider
        self._choices = choices()
        self._places: dict[str, str] = {}
        for index, (key, choice) in enumerate(self._choices.items()):
            column = xlsxwriter.utility.xl_col_to_name(index)
            self._places[key] = f"={CODES_SHEET}!${column}$2:${column}${len(choice.values) + 1}"
        plain = {"valign": "top", "text_wrap": True}
        heading = plain | {"bold": True, "border": 1, "valign": "vcenter"}
        self._text = book.add_format(plain | {"num_format": "@"})
        self._day = book.add_format(plain | {"num_format": "yyyy-mm-dd"})
        self._heading = book.add_format(heading | {"bg_color": "#E8EEF4"})
        self._required = book.add_format(heading | {"bg_color": "#F8E3E0", "font_color": "#9B1C1C"})
        self._bold = book.add_format(plain | {"bold": True})

    def sheet(self, name: str, elements: Sequence[Element], rows: Iterable[Cells], count: int) -> None:
        """A sheet of rows under its header, with notes, lists and a frozen header."""
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 2)
        sheet.set_row(0, 32)
        last = max(count, _LEAST_ROWS)
        for index, element in enumerate(elements):
            width = 36 if element.key in _WIDE else max(12, 2 * len(element.label) + 4)
            sheet.set_column(index, index, width, self._day if element.kind == "date" else self._text)
            heading = f"{element.label}*" if element.is_required else element.label
            sheet.write_string(0, index, heading, self._required if element.is_required else self._heading)
            sheet.write_comment(0, index, _note(element), {"x_scale": 2, "y_scale": 1.2, "author": "互通"})
            self._validate(sheet, index, element, last)
        for number, cells in enumerate(rows, start=1):
            for index, element in enumerate(elements):
                cell = cells.get(element.key)
                if cell is not None:
                    self._put(sheet, number, index, cell)

    def guidance(self) -> None:
        """填写说明: the rules, and a line for each column."""
        sheet = self._book.add_worksheet(GUIDANCE_SHEET)
        for index, width in enumerate((10, 26, 8, 60, 28)):
            sheet.set_column(index, index, width, self._text)
        lines: list[tuple[str, ...]] = [("政务信息资源目录填写说明", "", "", f"依据：{GUIDE}、政务数据共享条例")]
        if self._provider is not None:
            lines.append((f"提供方：{self._provider.name}　{self._provider.code}",))
        lines += [(f"{number}. {rule}",) for number, rule in enumerate(_RULES, start=1)]
        heading = len(lines) + 1
        lines += [(), ("工作表", "列", "必填", "怎么填", "依据")]
        for name, elements in ((ENTRY_SHEET, ENTRY_ELEMENTS), (ITEM_SHEET, ITEM_SHEET_ELEMENTS)):
            lines += [
                (name, each.label, "必填" if each.is_required else "", HINTS[each.key][0], HINTS[each.key][1])
                for each in elements
            ]
        for number, line in enumerate(lines):
            for index, text in enumerate(line):
                style = self._heading if number == heading else self._bold if number == 0 else self._text
                sheet.write_string(number, index, text, style)

    def codes(self) -> None:
        """代码表: one column for each list, and the guide's 类 and 项 for reading up."""
        sheet = self._book.add_worksheet(CODES_SHEET)
        columns = [(element_label(key), choice.values) for key, choice in self._choices.items()]
        columns.append(("信息资源分类（类、项）", tuple(f"{code} {name}" for code, name in class_codes())))
        for index, (label, _) in enumerate(columns):
            sheet.set_column(index, index, max(14, 2 * len(label)), self._text)
            sheet.write_string(0, index, label, self._heading)
        for number in range(max(len(values) for _, values in columns)):
            for index, (_, values) in enumerate(columns):
                if number < len(values):
                    sheet.write_string(number + 1, index, values[number], self._text)

    def _put(self, sheet: Worksheet, row: int, column: int, cell: str | date) -> None:
        if isinstance(cell, str):
            sheet.write_string(row, column, cell, self._text)
        elif cell < _FIRST_DAY:
            sheet.write_string(row, column, cell.isoformat(), self._text)
        else:
            sheet.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), self._day)  # noqa: DTZ001

    def _validate(self, sheet: Worksheet, index: int, element: Element, last: int) -> None:
        hint = HINTS[element.key][0]
        choice = self._choices.get(element.key)
        if choice is not None:
            sheet.data_validation(1, index, last, index, _list_rule(self._places[element.key], choice, hint))
        elif self._provider is not None and element.key in {"provider", "provider_code"}:
            own = self._provider.name if element.key == "provider" else self._provider.code
            if own and "," not in own:
                sheet.data_validation(1, index, last, index, _list_rule([own], Choice((own,), is_open=True), hint))


def _list_rule(source: object, choice: Choice, hint: str) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": source,
        "ignore_blank": True,
        "error_type": "information" if choice.is_open else "stop",
        "error_title": "请核对",
        "error_message": hint[:200] if choice.is_open else "请从列表中选择。",
    }


def _note(element: Element) -> str:
    hint, clause = HINTS[element.key]
    must = "必填。" if element.is_required else ""
    return f"{must}{hint}。" + (f"\n依据：{clause}" if clause else "")

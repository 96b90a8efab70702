"""What came of reading a catalogue workbook, for a program (JSON) and for the person who has to correct it (xlsx).

The xlsx has the file's own sheets with the same values in the same cells, those with findings coloured and commented,
and one sheet in front that lists everything. It is made from what was read, not from the file: nothing in a workbook
that only a spreadsheet program would act on (formulas, links, merged ranges) is opened or handed on.
"""

import io
import json
import math
from collections import defaultdict
from typing import Literal

import openpyxl
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from metadata.formats.spreadsheet import LIMITS, Cell, Limits, Sheet, read
from metadata.formats.workbook import WorkbookDrafts
from metadata.formats.workbook_findings import CellFinding
from standards.text import without_forbidden

_FILLS = {"error": PatternFill("solid", fgColor="FFF4B6B6"), "warning": PatternFill("solid", fgColor="FFFFE9A8")}
_BOLD = Font(bold=True)
_SUMMARY = "导入报告"
_HEADINGS = ("工作表", "行", "列", "值", "级别", "问题", "处理办法")
_LEVELS = {"error": "错误", "warning": "提示"}
_MAX_COMMENTS = 5_000  # spreadsheet programs grow slow on more; all findings are in the list
_MAX_SHEET_NAME = 31


def write_report(
    form: Literal["json", "xlsx"], drafts: WorkbookDrafts, data: bytes, name: str, limits: Limits = LIMITS
) -> bytes:
    """The report in one of its forms; ``data`` and ``name`` are of the file the drafts were read from."""
    if form == "json":
        return _json(drafts, name)
    return _xlsx(drafts, read(data, name, limits))


def _json(drafts: WorkbookDrafts, name: str) -> bytes:
    document = {
        "file": name,
        "rows": drafts.rows,
        "drafts": [
            {
                "title": draft.resource.title,
                "provider": draft.resource.provider.name,
                "rows": [{"sheet": each.sheet, "row": each.row} for each in draft.source_rows],
                "lacks": [finding.model_dump() for finding in draft.findings],
            }
            for draft in drafts.drafts
        ],
        "findings": [finding.model_dump() for finding in drafts.findings],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _xlsx(drafts: WorkbookDrafts, sheets: tuple[Sheet, ...]) -> bytes:
    book = openpyxl.Workbook()
    summary = book.active
    summary.title = _SUMMARY
    taken = {_SUMMARY}
    by_cell: dict[str, dict[tuple[int, str], list[CellFinding]]] = defaultdict(lambda: defaultdict(list))
    for finding in drafts.findings:
        by_cell[finding.sheet][finding.row, finding.column].append(finding)
    _summarise(summary, drafts)
    comment_count = 0
    for sheet in sheets:
        copy = book.create_sheet(_sheet_name(sheet.name, taken))
        for row in sheet.rows:
            for index, value in enumerate(row.cells, start=1):
                if value is not None:
                    _put(copy.cell(row.number, index), value)
        for (row_number, column), findings in by_cell[sheet.name].items():
            cell = copy[f"{column}{row_number}"]
            cell.fill = _FILLS["error" if any(each.severity == "error" for each in findings) else "warning"]
            if comment_count < _MAX_COMMENTS:
                comment_count += 1
                text = "\n".join(f"{each.problem}\n{each.remedy}" for each in findings)
                cell.comment = Comment(without_forbidden(text), "互通", width=320, height=120)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _summarise(summary: Worksheet, drafts: WorkbookDrafts) -> None:
    error_count = sum(finding.severity == "error" for finding in drafts.findings)
    counts = f"{drafts.rows} 行，读成 {len(drafts.drafts)} 个目录；{error_count} 处错误，"
    counts += f"{len(drafts.findings) - error_count} 处提示。红色为错误（该值未采用），黄色为提示。"
    _put(summary.cell(1, 1), counts)
    for index, heading in enumerate(_HEADINGS, start=1):
        _put(summary.cell(3, index), heading)
        summary.cell(3, index).font = _BOLD
    for number, finding in enumerate(drafts.findings, start=4):
        values: tuple[str | int, ...] = (
            finding.sheet,
            finding.row,
            finding.column,
            finding.value,
            _LEVELS[finding.severity],
            finding.problem,
            finding.remedy,
        )
        for index, value in enumerate(values, start=1):
            _put(summary.cell(number, index), value)
    for index, width in enumerate((14, 7, 6, 30, 7, 50, 50), start=1):
        summary.column_dimensions[get_column_letter(index)].width = width
    summary.freeze_panes = "A4"


def _put(cell: SheetCell, value: Cell) -> None:
    """A text is put as text, whatever it begins with: ``=1+1`` in a csv file must not become a formula."""
    if isinstance(value, str):
        cell.value = without_forbidden(value)
        cell.data_type = "s"
    elif isinstance(value, float) and not math.isfinite(value):
        cell.value = str(value)
    else:
        cell.value = value


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name a spreadsheet program takes: at most 31 characters, none of ``[]:*?/\\``, not used yet."""
    base = (
        "".join("_" if character in "[]:*?/\\" else character for character in without_forbidden(name))[
            :_MAX_SHEET_NAME
        ]
        or "_"
    )
    found, number = base, 1
    while found.casefold() in {each.casefold() for each in taken}:
        number += 1
        found = f"{base[: _MAX_SHEET_NAME - 4]}_{number}"
    taken.add(found)
    return found

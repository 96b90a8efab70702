"""The same workbook with its cells coloured and commented where something is wrong, and a list of it all at the end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from metadata.errors import MetadataError
from metadata.formats.doctor.fault import FAULTS, Repair
from metadata.formats.doctor.repair import place_of
from metadata.formats.sheet import Sheet
from metadata.formats.spreadsheet import read
from metadata.formats.workbook_findings import CellFinding
from metadata.formats.xlsx.archive import Archive
from metadata.formats.xlsx.comments import add_comments
from metadata.formats.xlsx.listing import Line, add_listing
from metadata.formats.xlsx.styles import Styles
from metadata.formats.xlsx.values import write_values
from metadata.formats.xlsx.worksheet import Change, Place, change_cells

_ZIP: Final = b"PK\x03\x04"
_AUTHOR: Final = "互通"
_LIST: Final = "问题清单"
_HEADINGS: Final = ("工作表", "行", "列", "现值", "结论", "问题", "怎么改")
_WIDTHS: Final = (14, 7, 6, 30, 9, 50, 50)
_MOST_COMMENTS: Final = 5_000  # spreadsheet programs grow slow on more; everything is in the list
_LONGEST_VALUE: Final = 200

Level = Literal["error", "repairable", "warning"]
_COLOURS: Final = {"error": "FFF4B6B6", "repairable": "FFFFE9A8", "warning": "FFFFF6D6", "heading": "FFE4E8EE"}
_LEVELS: Final[dict[Level, str]] = {"error": "须您改", "repairable": "可修复", "warning": "提示"}


@dataclass(frozen=True)
class _Remark:
    """One thing said of one cell."""

    sheet: str
    row: int
    column: str
    value: str
    level: Level
    problem: str
    remedy: str


def mark(
    data: bytes,
    name: str,
    findings: Sequence[CellFinding],
    repairs: Sequence[Repair],
    sheets: Sequence[Sheet] | None = None,
) -> bytes:
    """The file as xlsx, its cells marked by the worst said of them: red must be filled in, amber can be repaired.

    Values, formulas, other styles and sheets stay as they are; a csv file becomes a workbook of its values, and so does
    an older xls, which must come with its ``sheets``, as others may where they have been read already. What is listed
    and commented is text, whatever it begins with. Raises ``MetadataError``: what ``spreadsheet.read`` raises, and
    ``CELL_CHANGED`` for a place that the file has not.
    """
    if sheets is None:
        sheets = read(data, name)
    archive = Archive(data if data.startswith(_ZIP) else write_values(sheets), name)
    names = dict(zip((sheet.name for sheet in sheets), archive.sheets(), strict=False))
    if data.startswith(_ZIP):
        names = {each: each for each in archive.sheets()}
    remarks = _remarks(findings, repairs)
    styles = Styles(archive)
    by_sheet: dict[str, dict[Place, list[_Remark]]] = {}
    for each in remarks:
        if each.sheet not in names:
            raise MetadataError("CELL_CHANGED", sheet=each.sheet, cell=f"{each.column}{each.row}")
        by_sheet.setdefault(each.sheet, {}).setdefault(place_of(each.sheet, each.row, each.column), []).append(each)
    left = _MOST_COMMENTS
    for sheet, places in by_sheet.items():
        part = archive.sheets()[names[sheet]]
        changes = {place: _change(own, styles) for place, own in places.items()}
        archive.write(part, change_cells(archive.read(part), changes, sheet))
        comments = {place: _comment(own) for place, own in sorted(places.items())[:left]}
        left -= len(comments)
        if comments:
            add_comments(archive, part, comments, _AUTHOR)
    heading = styles.filled(0, _COLOURS["heading"])
    styles.save()
    lines = [Line((_counts(remarks),)), Line(()), Line(_HEADINGS, heading)]
    lines += [
        Line(
            (names[each.sheet], each.row, each.column, each.value, _LEVELS[each.level], each.problem, each.remedy),
            target=(names[each.sheet], f"{each.column}{each.row}"),
        )
        for each in remarks
    ]
    add_listing(archive, _LIST, lines, _WIDTHS)
    return archive.to_bytes()


def _remarks(findings: Sequence[CellFinding], repairs: Sequence[Repair]) -> list[_Remark]:
    """What the reader found and what the doctor found, by place; a cell that can be repaired is no error."""
    repairable = {(each.sheet, each.row, each.column) for each in repairs if each.after is not None}
    remarks = [
        _Remark(
            each.sheet,
            each.row,
            each.column,
            each.value[:_LONGEST_VALUE],
            "repairable" if (each.sheet, each.row, each.column) in repairable else each.severity,
            each.problem,
            each.remedy,
        )
        for each in findings
    ]
    remarks += [
        _Remark(
            each.sheet,
            each.row,
            each.column,
            each.before[:_LONGEST_VALUE],
            "error" if each.after is None else "repairable",
            f"{FAULTS[each.fault][0]}：{each.reason_zh}",
            _remedy(each),
        )
        for each in repairs
    ]
    sheets = {sheet: number for number, sheet in enumerate(dict.fromkeys(each.sheet for each in remarks))}
    return sorted(remarks, key=lambda each: (sheets[each.sheet], each.row, len(each.column), each.column))


def _remedy(repair: Repair) -> str:
    if repair.after is None:
        return "请核对后填写"
    what = f"改为 {repair.after[:_LONGEST_VALUE]}" if repair.after else "清空"
    return what if repair.is_certain else f"{what}（请核对后再改）"


def _change(remarks: Sequence[_Remark], styles: Styles) -> Change:
    worst = min((each.level for each in remarks), key=tuple(_LEVELS).index)
    return Change(restyle=lambda style: styles.filled(style, _COLOURS[worst]))


def _comment(remarks: Sequence[_Remark]) -> str:
    return "\n".join(f"{each.problem}\n{each.remedy}" for each in remarks)


def _counts(remarks: Sequence[_Remark]) -> str:
    counts = Counter(each.level for each in remarks)
    said = "，".join(f"{label} {counts[level]} 处" for level, label in _LEVELS.items())
    return f"{said}。红色须您改，黄色可修复，浅黄为提示；点列号到该单元格。"

"""A catalogue workbook (xlsx or csv) read into drafts, with everything that is wrong named by its cell.

Rows of one title and provider are one entry: a row is a format of it, or an item of it. What is written once stands
for the entry; what is written differently in a later row is reported and the first kept. Openness (开放) never fills
sharing (共享). Nothing is dropped without a finding.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from metadata.errors import MetadataError
from metadata.formats import workbook_cells as cells
from metadata.formats.spreadsheet import LIMITS, Cell, Limits, Row, Sheet, read
from metadata.formats.workbook_cells import Problem
from metadata.formats.workbook_entries import Entry, SourceRow
from metadata.formats.workbook_headers import ELEMENTS, REQUIRED, Header, find_header, missing_elements
from metadata.record import Record
from metadata.resource import Category, Party, Resource
from metadata.rules import lacks
from standards.findings import Finding, Severity

_SHOWN_CHARACTERS = 200
_MAX_CHARACTERS = {"title": 500, "provider": 200, "provider_code": 32, "abstract": 10_000, "item_field": 63}
_MAX_CHARACTERS |= dict.fromkeys(("code", "theme", "industry", "item_name"), 200)

# Elements of free words, in which the name of a column is a good value: an item may well be called 更新时间.
_FREE_WORDS = frozenset(
    {"title", "abstract", "keywords", "share_conditions", "open_conditions", "item_name", "item_field"}
)

_NO_ROWS = Problem("no_rows", "warning", "表头下没有数据行", "no rows below the header", "在表头下填写后重新导入。")


class CellFinding(Record):
    """What is wrong with one cell, where, and the remedy. A warning's value was taken, an error's was not."""

    sheet: str
    row: int
    column: str
    value: str
    rule: str
    severity: Severity
    problem: str
    problem_en: str
    remedy: str


@dataclass(frozen=True)
class Draft:
    """An entry as the workbook has it, the rows it came from, and what it lacks for publication."""

    resource: Resource
    source_rows: tuple[SourceRow, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class WorkbookDrafts:
    """All entries of a file in the order they first appear, the findings by cell, and the number of rows of data."""

    drafts: tuple[Draft, ...]
    findings: tuple[CellFinding, ...]
    rows: int


def drafts(data: bytes, name: str, provider: Party | None = None, limits: Limits = LIMITS) -> WorkbookDrafts:
    """Read a catalogue workbook called ``name``; ``provider`` stands in where the file names none.

    Raises ``MetadataError``: what ``spreadsheet.read`` raises, ``HEADERS_UNKNOWN`` and ``HEADERS_DOUBLED``.
    """
    sheets = read(data, name, limits)
    required = REQUIRED if provider is None else ("title",)
    headers = [find_header(sheet, name, required) for sheet in sheets]
    if not any(headers):
        missing = "、".join(missing_elements(sheets, required))
        raise MetadataError("HEADERS_UNKNOWN", name=name, missing=missing)
    reader = _Reader(provider)
    for sheet, header in zip(sheets, headers, strict=True):
        reader.read(sheet, header)
    return reader.finish()


def column_letters(index: int) -> str:
    """The name of a column: 0 is A, 26 is AA."""
    letters = ""
    number = index + 1
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


class _Reader:
    """Collects entries and findings over the sheets of one file."""

    def __init__(self, provider: Party | None) -> None:
        self._provider = provider
        self._entries: dict[tuple[str, str], Entry] = {}
        self._current: Entry | None = None  # which an item row without a title of its own belongs to
        self._findings: list[CellFinding] = []
        self._row_count = 0

    def read(self, sheet: Sheet, header: Header | None) -> None:
        if header is None:
            if sheet.rows:
                self._say(sheet, sheet.rows[0], 0, _warning("sheet", "本表没有目录表头，未导入", "no header row found"))
            return
        self._current = None
        for index, text in header.unknown.items():
            problem = _warning("column", f"“{text}”不是目录要素，本列未导入", "the column is no element; not imported")
            self._say(sheet, header.row, index, problem)
        nameless = set()
        rows = [row for row in sheet.rows if row.number > header.row.number]
        self._row_count += len(rows)
        if not rows:
            self._say(sheet, header.row, 0, _NO_ROWS)
        for row in rows:
            if sheet.is_even and row.width != header.row.width:
                zh = f"本行有 {row.width} 格，表头有 {header.row.width} 格，疑似错位，本行未导入"
                en = f"{row.width} cells below a header of {header.row.width}; the row was not imported"
                problem = Problem("ragged", "error", zh, en, "补齐或删去多余的逗号后重新导入。")
                self._say(sheet, row, min(row.width, header.row.width), problem)
                continue
            known = {*header.columns, *header.unknown}
            nameless |= {index for index, cell in enumerate(row.cells) if cell is not None and index not in known}
            self._read_row(sheet, header, row)
        for index in sorted(nameless):
            problem = _warning("column", "本列有内容但没有表头，未导入", "the column has no header; not imported")
            self._say(sheet, header.row, index, problem)

    def finish(self) -> WorkbookDrafts:
        found = []
        for entry in self._entries.values():
            try:
                resource = entry.to_resource()
            except ValidationError as error:
                names = "、".join(".".join(map(str, each["loc"])) for each in error.errors()[:5])
                sheet, number = entry.rows[0].sheet, entry.rows[0].row
                problem = Problem("entry", "error", f"不能形成目录：{names}", f"no entry: {names}", "改正所列要素。")
                self._findings.append(_finding(sheet, number, 0, entry.title, problem))
                continue
            found.append(Draft(resource, tuple(entry.rows), tuple(lacks(resource))))
        sheets = list(dict.fromkeys(finding.sheet for finding in self._findings))
        findings = sorted(
            self._findings, key=lambda each: (sheets.index(each.sheet), each.row, len(each.column), each.column)
        )
        return WorkbookDrafts(tuple(found), tuple(findings), self._row_count)

    def _read_row(self, sheet: Sheet, header: Header, row: Row) -> None:
        values: dict[str, Any] = {}
        place: dict[str, int] = {}
        for index, element in header.columns.items():
            place[element] = index
            for value_or_problem in _values(element, row.cells[index] if index < len(row.cells) else None):
                if isinstance(value_or_problem, Problem):
                    self._say(sheet, row, index, value_or_problem)
                else:
                    values[element] = value_or_problem
        entry = self._entry(sheet, row, values, place)
        if entry is None:
            return
        entry.rows.append(SourceRow(sheet.name, row.number))
        self._current = entry
        for element, problem in entry.add(values):
            self._say(sheet, row, place[element], problem)

    def _entry(self, sheet: Sheet, row: Row, values: dict[str, Any], place: dict[str, int]) -> Entry | None:
        """The entry a row belongs to; None, with a finding, when it does not say."""
        if "title" not in values and "provider" not in values and "item_name" in values and self._current:
            return self._current
        names = {"title": values.get("title"), "provider": values.get("provider")}
        if names["provider"] is None and self._provider is not None:
            names["provider"] = self._provider.name
        for element, value in names.items():
            if value is None:
                index = place.get(element, 0)
                zh = f"没有可用的{ELEMENTS[element][0]}，本行未导入"
                problem = Problem(
                    "missing", "error", zh, f"no usable {element}; the row was not imported", "填写后重新导入。"
                )
                self._say(sheet, row, index, problem)
                return None
        title, provider = str(names["title"]), str(names["provider"])
        code = self._provider.code if self._provider is not None and provider == self._provider.name else ""
        return self._entries.setdefault((title, provider), Entry(title, provider, code))

    def _say(self, sheet: Sheet, row: Row, index: int, problem: Problem) -> None:
        value = cells.to_text(row.cells[index]) if index < len(row.cells) else ""
        self._findings.append(_finding(sheet.name, row.number, index, value, problem))


_PARSERS: dict[str, Callable[[str], Any]] = {
    "update_cycle": cells.to_cycle,
    "share_type": cells.to_share_type,
    "share_method": cells.to_method,
    "openness": cells.to_openness,
    "industry": cells.to_industry,
    "item_type": cells.to_item_type,
    "item_length": cells.to_length,
    "keywords": cells.split,
    "related_codes": cells.split,
}


def _values(element: str, cell: Cell) -> Iterator[Any]:
    """The cell's problems, and its value unless a problem is an error."""
    if cells.is_blank(cell):
        return
    problem = cells.find_problem(cell, _MAX_CHARACTERS.get(element, 2_000), is_free=element in _FREE_WORDS)
    if problem is not None:
        yield problem
        if problem.severity == "error":
            return
    text = cells.to_text(cell)
    if element in ("published_on", "updated_on"):
        yield cells.to_date(cell)
        return
    value = _PARSERS.get(element, str)(text)
    yield value
    if isinstance(value, Problem) and value.severity == "warning":  # industry: an unlisted name is kept
        yield Category(scheme="行业分类", name=text)


def _finding(sheet: str, row: int, index: int, value: str, problem: Problem) -> CellFinding:
    return CellFinding(
        sheet=sheet,
        row=row,
        column=column_letters(index),
        value=value[:_SHOWN_CHARACTERS],
        rule=f"workbook.{problem.rule}",
        severity=problem.severity,
        problem=problem.zh,
        problem_en=problem.en,
        remedy=problem.remedy,
    )


def _warning(rule: str, zh: str, en: str) -> Problem:
    return Problem(rule, "warning", zh, en, "若应导入，按模板改正表头后重新导入。")

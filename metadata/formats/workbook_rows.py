"""Rows of sheets gathered into entries; what cannot be taken is said of its cell."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from metadata.formats.column_mapping import ColumnMapping
from metadata.formats.spreadsheet import Row, Sheet
from metadata.formats.workbook_cells import Problem
from metadata.formats.workbook_elements import ELEMENTS, OWN_SHEETS, element_label
from metadata.formats.workbook_entries import Entry, SourceRow
from metadata.formats.workbook_findings import CellFinding, cell_finding
from metadata.formats.workbook_headers import element_of
from metadata.formats.workbook_notes import note_rows
from metadata.formats.workbook_values import Values
from metadata.resource import Party, Resource

_NOTE = Problem(
    "note",
    "warning",
    "这一行像是填写要求、示例、说明或签名，不是目录，未导入",
    "a note of the table",
    "是目录的，改写名称。",
)
_NAMING = {"title", "provider", "provider_code", "same_name_number"}  # what says which entry an item is of
_FEWEST_HEADERS = 2  # names of columns in a row of data that make it a header
_NO_ROWS = Problem("no_rows", "warning", "表头下没有数据行", "no rows below the header", "在表头下填写后重新导入。")


class RowReader:
    """Collects entries and findings over the sheets of one file, by a mapping of its columns.

    ``proposed`` is the mapping with what is only likely, of which the findings on columns left out speak.
    """

    def __init__(self, provider: Party | None, mapping: ColumnMapping, proposed: ColumnMapping) -> None:
        self._provider = provider
        self._mapping = mapping
        self._proposed = proposed
        self._headers = {header.sheet: header for header in mapping.headers}
        self._values = Values()
        self._entries: dict[tuple[str, str, str], Entry] = {}
        self._by_title: dict[tuple[str, str], list[Entry]] = {}
        self._current: Entry | None = None  # which an item row without a title of its own belongs to
        self._findings: list[CellFinding] = []
        self._empty: list[tuple[Sheet, Row]] = []  # sheets with nothing below their header
        self._of_items = _sheets_of_items(mapping)
        self.row_count = 0

    def read(self, sheet: Sheet) -> None:
        """Take the rows of one sheet."""
        if not sheet.rows:
            return
        if sheet.is_hidden and sheet.name not in OWN_SHEETS:
            self._say(sheet, sheet.rows[0], 0, _hidden("本工作表", "the sheet is"))
        elements = self._mapping.of_sheet(sheet.name)
        header = self._headers.get(sheet.name)
        if header is None or "title" not in elements.values():
            if sheet.name not in OWN_SHEETS:
                self._say(sheet, sheet.rows[0], 0, _warning("sheet", "本表没有目录表头，未导入", "no header row found"))
            return
        head = next((row for row in reversed(sheet.rows) if row.number <= header.last_row), sheet.rows[0])
        known = self._say_columns(sheet, head)
        rows = [row for row in sheet.rows if row.number > header.last_row]
        rows = self._first_table(sheet, rows, elements)
        self._say_formulas(sheet, {row.number: row for row in rows}, elements)
        self._say_hidden(sheet, rows, head, elements)
        self.row_count += len(rows)
        if not rows:
            self._empty.append((sheet, head))
        self._current = None
        nameless: set[int] = set()
        notes = note_rows(rows, elements)
        for row in rows:
            if row.number in notes:
                self._say(sheet, row, 0, _NOTE)
                continue
            if sheet.is_even and (row.width < len(head.cells) or len(row.cells) > head.width):
                self._say(sheet, row, min(row.width, head.width), _ragged(row, head))
                continue
            nameless.update(index for index, cell in enumerate(row.cells) if cell is not None and index not in known)
            if any(row.cells[index] is not None for index in elements if index < len(row.cells)):
                self._read_row(sheet, elements, row)  # else it is only numbered, or beside the table
        for index in sorted(nameless):
            problem = _warning("column", "本列有内容但没有表头，未导入", "the column has no header; not imported")
            self._say(sheet, head, index, problem)

    def resources(self) -> list[tuple[Resource, tuple[SourceRow, ...]]]:
        """The records of all entries, in the order they first appear; an entry that makes no record is a finding.

        The entries are used up.
        """
        found = []
        while self._entries:
            entry = self._entries.pop(next(iter(self._entries)))  # let go of as soon as it is a record
            try:
                found.append((entry.to_resource(), tuple(entry.rows)))
            except ValidationError as error:
                names = "、".join(".".join(map(str, each["loc"])) for each in error.errors()[:5])
                problem = Problem("entry", "error", f"不能形成目录：{names}", f"no entry: {names}", "改正所列要素。")
                first = entry.rows[0]
                place = Row(first.row, (entry.title,), 1)
                self._findings.append(cell_finding(first.sheet, place, 0, problem))
        return found

    def findings(self) -> tuple[CellFinding, ...]:
        """What was said so far, by sheet, row and column. Empty sheets are spoken of where all are."""
        for sheet, head in self._empty if not self.row_count else ():
            self._say(sheet, head, 0, _NO_ROWS)
        sheets = {name: number for number, name in enumerate(dict.fromkeys(each.sheet for each in self._findings))}
        return tuple(
            sorted(self._findings, key=lambda each: (sheets[each.sheet], each.row, len(each.column), each.column))
        )

    def _first_table(self, sheet: Sheet, rows: list[Row], elements: Mapping[int, str]) -> list[Row]:
        """The rows down to the header of another table, which is said; a header that is only repeated is left out."""
        kept = []
        for place, row in enumerate(rows):
            names = {index: element_of((cell,)) for index, cell in enumerate(row.cells) if isinstance(cell, str)}
            found = {index: name for index, name in names.items() if name}
            titles = [index for index, name in found.items() if name == "title"]
            is_item = all(elements.get(index, "").startswith("item_") for index in titles)  # an item called 名称
            if len(found) < _FEWEST_HEADERS or len(found) < len(names) or is_item:
                kept.append(row)
            elif any(elements.get(index) != name for index, name in found.items()):
                self._say(sheet, row, min(found), _another_table(len(rows) - place - 1))
                break
        return kept

    def _say_hidden(self, sheet: Sheet, rows: list[Row], head: Row, elements: Mapping[int, str]) -> None:
        """Rows and columns that nobody sees are read like all others."""
        hidden = set(sheet.hidden_rows)
        unseen = [row for row in rows if row.number in hidden]
        if unseen:
            self._say(sheet, unseen[0], 0, _hidden(f"本表从这里起有 {len(unseen)} 行", f"{len(unseen)} rows are"))
        for index in sheet.hidden_columns:
            if index in elements:
                self._say(sheet, head, index, _hidden("本列", "the column is"))

    def _say_columns(self, sheet: Sheet, head: Row) -> set[int]:
        """Name the columns that are not imported; the columns that have a header."""
        known = set()
        likely = self._proposed.of_sheet(sheet.name)
        for column in self._mapping.columns:
            if column.sheet != sheet.name or not (column.header or column.element):
                continue
            known.add(column.index)
            if not column.element:
                zh = f"“{column.header}”不是目录要素，本列未导入"
                if column.index in likely:
                    zh = f"“{column.header}”可能是{element_label(likely[column.index])}，未经确认，本列未导入"
                self._say(sheet, head, column.index, _warning("column", zh, "the column was not imported"))
        return known

    def _say_formulas(self, sheet: Sheet, rows: Mapping[int, Row], elements: Mapping[int, str]) -> None:
        """A formula without a result by its cell; those whose stored result was taken once a column."""
        taken = [each for each in sheet.formulas if each.row in rows and each.column in elements]
        counts = Counter(each.column for each in taken if each.has_result)
        for each in taken:
            if not each.has_result:
                zh, en = "公式没有存下结果，取公式本身的文字", "the formula has no stored result; its text was taken"
                problem = Problem("formula_text", "warning", zh, en, "直接填写值，或用表格软件打开后重新保存。")
            elif counts[each.column]:
                zh = f"本列从这里起有 {counts.pop(each.column)} 格是公式，取存下的结果，没有重新计算"
                problem = Problem("formula_value", "warning", zh, "stored results of formulas were taken", "核对结果。")
            else:
                continue
            self._say(sheet, rows[each.row], each.column, problem)

    def _read_row(self, sheet: Sheet, elements: Mapping[int, str], row: Row) -> None:
        values: dict[str, Any] = {}
        broken: set[str] = set()
        place: dict[str, int] = {}
        for index, element in elements.items():
            place[element] = index
            cell = row.cells[index] if index < len(row.cells) else None
            if cell is None:
                continue
            value, problems = self._values.read(ELEMENTS[element], cell, sheet.day_zero)
            if value is not None:
                values[element] = value
            for problem in problems:
                self._say(sheet, row, index, problem)
                if problem.severity == "error":
                    broken.add(element)
        # Where the title is broken, why was said; that it is missing is not true.
        entry = None if "title" in broken else self._entry(sheet, row, values, place)
        if entry is None:
            self._current = None  # the items below it are no items of the entry above
            return
        entry.rows.append(SourceRow(sheet.name, row.number))
        self._current = entry
        for element, problem in entry.add(values):
            self._say(sheet, row, place[element], problem)

    def _entry(self, sheet: Sheet, row: Row, values: Mapping[str, Any], place: Mapping[str, int]) -> Entry | None:
        """The entry a row belongs to; None, with a finding, when it does not say."""
        title, provider, number = values.get("title"), values.get("provider"), values.get("same_name_number", "")
        if title is None and provider is None and "item_name" in values and self._current:
            return self._current
        if title is not None and provider is None and (self._provider is None or "provider" not in place):
            same = self._by_title.get((title, number), [])
            if len(same) == 1:  # the sheet of items names entries by their titles
                return same[0]
        if provider is None and self._provider is not None:
            provider = self._provider.name
        for element, value in {"title": title, "provider": provider}.items():
            if value is None and not (title and sheet.name in self._of_items):
                zh = f"没有可用的{element_label(element)}，本行未导入"
                en = f"no usable {element}; the row was not imported"
                self._say(sheet, row, place.get(element, 0), Problem("missing", "error", zh, en, "填写后重新导入。"))
                return None
        title, provider = str(title), str(provider)
        entry = self._entries.get((title, provider, number))
        if entry is None and sheet.name in self._of_items:
            zh, en = (
                f"没有名称是“{title[:50]}”的目录，本行信息项未导入",
                "no entry has this title; the item was not imported",
            )
            remedy = "核对名称和提供方，与目录表写得一样。"
            self._say(sheet, row, place.get("title", 0), Problem("unknown_title", "error", zh, en, remedy))
            return None
        if entry is None:
            own = self._provider if self._provider is not None and provider == self._provider.name else None
            entry = self._entries[title, provider, number] = Entry(title, own or Party(name=provider))
            self._by_title.setdefault((title, number), []).append(entry)
        return entry

    def _say(self, sheet: Sheet, row: Row, index: int, problem: Problem) -> None:
        self._findings.append(cell_finding(sheet.name, row, index, problem))


def entries_first(sheets: Sequence[Sheet], mapping: ColumnMapping) -> list[Sheet]:
    """The sheets with those last that hold nothing but the items of entries on others."""
    return sorted(sheets, key=lambda sheet: sheet.name in _sheets_of_items(mapping))


def _sheets_of_items(mapping: ColumnMapping) -> frozenset[str]:
    """The sheets whose columns only name entries and describe items, where others describe the entries."""
    elements = {header.sheet: set(mapping.of_sheet(header.sheet).values()) for header in mapping.headers}
    entries = {name: {each for each in found if not ELEMENTS[each].is_item} for name, found in elements.items()}
    only = frozenset(name for name, found in entries.items() if found <= _NAMING and elements[name] > found)
    return only if any("title" in found and name not in only for name, found in entries.items()) else frozenset()


def _ragged(row: Row, head: Row) -> Problem:
    zh = f"本行有 {row.width} 格，表头有 {head.width} 格，疑似错位，本行未导入"
    en = f"{row.width} cells below a header of {head.width}; the row was not imported"
    return Problem("ragged", "error", zh, en, "补齐或删去多余的逗号后重新导入。")


def _hidden(zh: str, en: str) -> Problem:
    zh, en = f"{zh}在原文件中是隐藏的，也读入了", f"{en} hidden in the file, and read"
    return Problem("hidden", "warning", zh, en, "不应导入的，删去后重新导入；应导入的不必改。")


def _another_table(count: int) -> Problem:
    zh = f"这一行像是另一张表的表头，它和下面 {count} 行未导入"
    en = f"the header of another table; it and the {count} rows below were not imported"
    return Problem("table", "error", zh, en, "每张工作表只放一张表：把下面这张移到另一工作表后重新导入。")


def _warning(rule: str, zh: str, en: str) -> Problem:
    return Problem(rule, "warning", zh, en, "若应导入，按模板改正表头后重新导入。")

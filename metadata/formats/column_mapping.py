"""Which column of which sheet is which element: proposed from headers and sample values, changed by a person.

``exact``: the header is a known name of the element. ``likely``: the header resembles one, or the values below it can
hardly be anything else; nothing is taken on a likelihood alone unless a person was shown it. ``none``: no element.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from metadata.errors import MetadataError
from metadata.formats.column_likeness import likely_elements
from metadata.formats.spreadsheet import Row, Sheet
from metadata.formats.workbook_cells import to_text
from metadata.formats.workbook_elements import ELEMENTS, OWN_SHEETS, element_label
from metadata.formats.workbook_headers import element_of
from metadata.record import Record

__all__ = ["ELEMENTS", "ColumnMapping", "HeaderRows", "MappedColumn", "element_label", "propose"]

Confidence = Literal["exact", "likely", "none"]

_TITLES_ABOVE = 10  # rows of headings, notes and merged titles that may stand above the header rows
_DEEPEST_HEADER = 3  # rows of one header: group, subgroup, column
_LONGEST_HEADER = 200
_SAMPLES = 3
_MOST_SHOWN, _LONGEST_SHOWN = 12, 20  # headers in a refusal, characters of one
_LOOKED_AT = 50  # rows below the header whose values are looked at


class MappedColumn(Record):
    """One column: where it is, its header (a group's before it, with ``/``), first values, and what it is taken for.

    ``index`` counts from 0, ``element`` is a key of ``ELEMENTS`` or empty.
    """

    sheet: str
    index: int
    header: str
    samples: tuple[str, ...] = ()
    element: str = ""
    confidence: Confidence = "none"


class HeaderRows(Record):
    """The rows of a sheet's header, as numbered in the sheet, both in it."""

    sheet: str
    first_row: int
    last_row: int


class ColumnMapping(Record):
    """All columns of the sheets that have a header, in their order, and where the headers stand."""

    headers: tuple[HeaderRows, ...] = ()
    columns: tuple[MappedColumn, ...] = ()

    def with_choice(self, sheet: str, index: int, element: str) -> "ColumnMapping":
        """The mapping after a person said what a column is (empty: nothing of the catalogue).

        Raises ``KeyError`` for a column or an element that is not there. Two columns of one element are kept until
        ``drafts`` refuses them.
        """
        if element and element not in ELEMENTS:
            raise KeyError(element)
        if not any((each.sheet, each.index) == (sheet, index) for each in self.columns):
            raise KeyError(f"{sheet}/{index}")
        confidence: Confidence = "exact" if element else "none"
        chosen = {"element": element, "confidence": confidence}
        columns = tuple(
            each.model_copy(update=chosen) if (each.sheet, each.index) == (sheet, index) else each
            for each in self.columns
        )
        return self.model_copy(update={"columns": columns})

    def certain(self) -> "ColumnMapping":
        """The mapping without what is only likely: what is read when nobody was asked."""
        left = {"element": "", "confidence": "none"}
        columns = tuple(each.model_copy(update=left) if each.confidence == "likely" else each for each in self.columns)
        return self.model_copy(update={"columns": columns})

    def of_sheet(self, sheet: str) -> Mapping[int, str]:
        """The elements of a sheet's columns by index, those without left out."""
        return {each.index: each.element for each in self.columns if each.sheet == sheet and each.element}

    def doubled(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """The elements that several columns of one sheet stand for: (sheet, element) -> the columns' headers."""
        found: dict[tuple[str, str], list[str]] = {}
        for each in self.columns:
            if each.element:
                found.setdefault((each.sheet, each.element), []).append(each.header)
        return {place: tuple(headers) for place, headers in found.items() if len(headers) > 1}

    def unmatched(self, name: str, missing: Sequence[str]) -> MetadataError:
        """What refuses a file called ``name`` that lacks these elements, with the headers that were read."""
        headers = [each.header[:_LONGEST_SHOWN] for each in self.columns if each.header][:_MOST_SHOWN]
        return MetadataError(
            "HEADERS_UNKNOWN",
            name=name,
            missing=list(map(element_label, missing)),
            missing_en=list(missing),
            headers=headers or "无",
            headers_en=headers or "none",
        )

    def missing(self, required: Iterable[str]) -> tuple[str, ...]:
        """The required elements that no column of any sheet stands for."""
        found = {each.element for each in self.columns}
        return tuple(element for element in required if element not in found)


def propose(sheets: Sequence[Sheet]) -> ColumnMapping:
    """The mapping a person is shown first. A sheet in which no row looks like a header has no columns in it."""
    headers: list[HeaderRows] = []
    columns: list[MappedColumn] = []
    for sheet in sheets:
        found = None if sheet.name in OWN_SHEETS else _whole_header(sheet, _find_header(sheet))
        if found is None:
            continue
        headers.append(HeaderRows(sheet=sheet.name, first_row=found[0].number, last_row=found[-1].number))
        columns += _columns(sheet, found)
    return ColumnMapping(headers=tuple(headers), columns=tuple(columns))


def _find_header(sheet: Sheet) -> tuple[Row, ...] | None:
    """The rows near the top that name most elements, the fewest and first of equals; at least two, or the title."""
    top = sheet.rows[:_TITLES_ABOVE]
    best: tuple[int, tuple[Row, ...]] | None = None
    for depth in range(1, _DEEPEST_HEADER + 1):
        for start in range(len(top) - depth + 1):
            rows = top[start : start + depth]
            elements = {element_of(path) for path in _paths(rows).values()} - {""}
            if ("title" in elements or len(elements) > 1) and (best is None or len(elements) > best[0]):
                best = len(elements), rows
    if best is not None:
        return best[1]
    return next(((row,) for row in top if _is_like_header(row)), None)


def _whole_header(sheet: Sheet, found: tuple[Row, ...] | None) -> tuple[Row, ...] | None:
    """The header with the rows below it into which its own merged cells reach: they are no data."""
    if found is None:
        return None
    first, last = found[0].number, found[-1].number
    reach = max((each.last_row for each in sheet.merged if first <= each.first_row <= last), default=last)
    rows = tuple(row for row in sheet.rows if first <= row.number <= max(reach, last))
    return rows if len(rows) <= _DEEPEST_HEADER else found


def _is_like_header(row: Row) -> bool:
    """At least three short texts, all different, and nothing else."""
    texts = [cell for cell in row.cells if cell is not None]
    return (
        len(texts) > 2
        and all(isinstance(each, str) and len(each) <= _LONGEST_HEADER // 4 for each in texts)
        and (len(set(texts)) == len(texts))
    )


def _paths(rows: Sequence[Row]) -> dict[int, tuple[str, ...]]:
    """The headers above each column, from the highest. A group's header reaches to the right as far as it is blank."""
    paths: dict[int, list[str]] = {}
    for depth, row in enumerate(rows):
        above = ""
        for index, cell in enumerate(row.cells):
            text = cell if isinstance(cell, str) else ""
            is_group = depth < len(rows) - 1
            if text:
                above = text
            elif is_group and any(_text(lower, index) for lower in rows[depth + 1 :]):
                text = above
            names = paths.setdefault(index, [])
            if text and (not names or names[-1] != text):
                names.append(text)
        if depth < len(rows) - 1:
            for index in range(len(row.cells), max(len(lower.cells) for lower in rows[depth + 1 :])):
                paths.setdefault(index, [above] if above else [])
    return {index: tuple(names) for index, names in sorted(paths.items()) if names}


def _text(row: Row, index: int) -> str:
    cell = row.cells[index] if index < len(row.cells) else None
    return cell if isinstance(cell, str) else ""


def _columns(sheet: Sheet, header: tuple[Row, ...]) -> list[MappedColumn]:
    below = [row for row in sheet.rows if row.number > header[-1].number][:_LOOKED_AT]
    values = {
        index: [to_text(row.cells[index]) for row in below if index < len(row.cells) and row.cells[index] is not None]
        for index in range(max((len(row.cells) for row in (*header, *below)), default=0))
    }
    paths = _paths(header)
    exact = {index: element for index, path in paths.items() if (element := element_of(path))}
    rest = {index: (paths.get(index, ()), found) for index, found in values.items() if index not in exact}
    likely = likely_elements(rest, taken=frozenset(exact.values()))
    columns = []
    for index, found in values.items():
        if index not in paths and not found:
            continue
        element = exact.get(index) or likely.get(index, "")
        confidence: Confidence = "exact" if index in exact else "likely" if element else "none"
        columns.append(
            MappedColumn(
                sheet=sheet.name,
                index=index,
                header="/".join(paths.get(index, ()))[:_LONGEST_HEADER],
                samples=tuple(value[:_LONGEST_HEADER] for value in dict.fromkeys(found))[:_SAMPLES],
                element=element,
                confidence=confidence,
            )
        )
    return columns

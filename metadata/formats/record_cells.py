"""A record as cells, element by element: what the readers of ``workbook_values`` make the record of again."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from metadata.formats.column_mapping import ColumnMapping, HeaderRows, MappedColumn
from metadata.formats.sheet import LIMITS, Cell, Row, Sheet
from metadata.formats.workbook_cells import BLANK_LINE
from metadata.formats.workbook_elements import ELEMENTS, Element
from metadata.formats.workbook_rows import RowReader
from metadata.formats.workbook_values import LIBRARIES, MAS_PER_DEGREE, SENSITIVITIES, to_industry
from metadata.record import Record, differing
from metadata.resource import Category, Item, Resource
from standards.codes import table
from standards.text import without_forbidden

Cells = Mapping[str, str | date]

ENTRY_SHEET: Final = "目录"
ITEM_SHEET: Final = "信息项"
ENTRY_ELEMENTS: Final = tuple(each for each in ELEMENTS.values() if not each.is_item)
ITEM_ELEMENTS: Final = tuple(each for each in ELEMENTS.values() if each.is_item)
_KEYS: Final = ("title", "provider", "same_name_number")  # what a row of an item says of its entry
ITEM_SHEET_ELEMENTS: Final = (*(ELEMENTS[key] for key in _KEYS), *ITEM_ELEMENTS)
_THEME: Final = "主题分类"
_LINE_ENDS = re.compile("\r\n?")


def numbered(resources: Sequence[Resource]) -> Iterator[tuple[str, Resource]]:
    """Each record with the number that tells it from others of its title and provider; empty where there are none."""
    counts = Counter((each.title, each.provider.name) for each in resources)
    seen: Counter[tuple[str, str]] = Counter()
    for each in resources:
        name = each.title, each.provider.name
        seen[name] += 1
        yield (str(seen[name]) if counts[name] > 1 else ""), each


def entry_cells(resource: Resource, number: str = "") -> dict[str, str | date]:
    """The cells of an entry by element, blank ones left out, without its items."""
    cells = _cells(resource, ENTRY_ELEMENTS)
    cells |= _category_cells(resource.categories) | _format_cells(resource)
    if number:
        cells["same_name_number"] = number
    return {element: value for element, cell in cells.items() if (value := _clean(cell)) != ""}


def item_cells(item: Item) -> dict[str, str | date]:
    """The cells of one item by element, blank ones left out."""
    return {element: value for element, cell in _cells(item, ITEM_ELEMENTS).items() if (value := _clean(cell)) != ""}


def not_held(resource: Resource) -> tuple[str, ...]:
    """The paths of what the cells of a record do not give back when they are read.

    Mounts and assessments, which have no columns; values that cells cannot tell from others: texts with white space at
    their ends, words that stand for nothing (无), a keyword with a separator in it, control characters, categories that
    repeat. Formats come back under the category that the guide's list gives them.
    """
    reader = RowReader(None, _MAPPING, _MAPPING)
    for sheet in _sheets(resource):
        reader.read(sheet)
    found = reader.resources()
    if len(found) != 1:
        return ("title",)
    return tuple(differing(resource, found[0][0]))


def _cells(record: Record, elements: Sequence[Element]) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for element in elements:
        if not element.path and element.key != "legal_basis":
            continue
        value: Any = record
        for name in element.path.split(".") if element.path else ("sharing", "legal_basis"):
            value = None if value is None else getattr(value, name)
        if value is not None and value != ():
            cells[element.key] = _WRITERS.get(element.key, _KINDS.get(element.kind, _same))(value)
    return cells


def _same(value: Any) -> Any:
    return value if isinstance(value, date) else str(value)


def _label(name: str) -> Callable[[str], str]:
    return lambda code: table(name).label(code) or code


def _category_cells(categories: Sequence[Category]) -> dict[str, str]:
    """Themes and one industry in their own columns where that keeps the order, else everything in 其他分类."""
    themes = [each for each in categories if each.scheme == _THEME and not each.code]
    industry = [each for each in categories if to_industry(each.name) == (each,)][:1]
    rest = [each for each in categories if each not in themes and each not in industry]
    if (*themes, *industry, *rest) != tuple(categories):
        themes, industry, rest = [], [], list(categories)
    cells = {
        "theme": "\n".join(each.name for each in themes),
        "industry": "".join(each.name for each in industry),
        "categories": "\n".join("|".join(filter(None, (each.scheme, each.name, each.code))) for each in rest),
    }
    return {element: cell for element, cell in cells.items() if cell}


def _format_cells(resource: Resource) -> dict[str, str]:
    """One line for each format, a blank of one line marked where another line follows."""
    columns = {
        "format_category": [each.category for each in resource.formats],
        "format": ["、".join(each.types) for each in resource.formats],
        "format_other": [each.other for each in resource.formats],
    }
    return {
        element: "\n".join(line or BLANK_LINE for line in lines) for element, lines in columns.items() if any(lines)
    }


def _basis(value: Any) -> str:
    return "\n".join(f"《{each.title}》{each.article}" for each in value)


def _degrees(box: tuple[int, ...]) -> str:
    return ", ".join(f"{Decimal(mas) / MAS_PER_DEGREE:.7f}" for mas in box)


_KINDS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "words": "、".join,
    "lines": "\n".join,
    "flag": lambda value: "是" if value else "否",
}
_WRITERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "box": _degrees,
    "is_microdata": lambda flag: "是" if flag else "",
    "item_sensitivity": lambda level: SENSITIVITIES[level],
    "item_type": lambda code: f"{code} {table('guide2017-item-type').label(code)}",
    "legal_basis": _basis,
    "library": lambda key: LIBRARIES.get(key, key),
    "needs_office_approval": lambda flag: "是" if flag else "",
    "openness": lambda is_open: "是" if is_open else "否",
    "scale": lambda denominator: f"1:{denominator}",
    "share_method": lambda keys: "、".join(map(_label("guide2017-method-type"), keys)),
    "share_type": _label("guide2017-share-type"),
    "update_cycle": _label("guide2017-update-cycle"),
}


def _clean(cell: str | date) -> str | date:
    """The cell as every spreadsheet can hold it: line feeds, characters of XML, not over the longest cell."""
    if isinstance(cell, date):
        return cell
    return without_forbidden(_LINE_ENDS.sub("\n", cell))[: LIMITS.cell_characters]


def item_rows(resource: Resource, number: str = "") -> Iterator[dict[str, str | date]]:
    """The cells of each item with those that name its entry."""
    cells = entry_cells(resource, number)
    entry = {key: cells[key] for key in _KEYS if key in cells}
    for item in resource.items:
        yield entry | item_cells(item)


def _sheets(resource: Resource) -> Iterator[Sheet]:
    """The sheets as a reader finds them."""
    for name, elements, rows in (
        (ENTRY_SHEET, ENTRY_ELEMENTS, [entry_cells(resource)]),
        (ITEM_SHEET, ITEM_SHEET_ELEMENTS, list(item_rows(resource))),
    ):
        lines: list[tuple[Cell, ...]] = [tuple(each.label for each in elements)]
        lines += [tuple(_as_read(cells.get(each.key)) for each in elements) for cells in rows]
        yield Sheet(name, tuple(Row(number, line, len(line)) for number, line in enumerate(lines, start=1)))


def _as_read(cell: Cell) -> Cell:
    return (cell.strip() or None) if isinstance(cell, str) else cell


def _mapping() -> ColumnMapping:
    sheets = {ENTRY_SHEET: ENTRY_ELEMENTS, ITEM_SHEET: ITEM_SHEET_ELEMENTS}
    columns = [
        MappedColumn(sheet=sheet, index=index, header=each.label, element=each.key, confidence="exact")
        for sheet, elements in sheets.items()
        for index, each in enumerate(elements)
    ]
    headers = tuple(HeaderRows(sheet=sheet, first_row=1, last_row=1) for sheet in sheets)
    return ColumnMapping(headers=headers, columns=tuple(columns))


_MAPPING: Final = _mapping()

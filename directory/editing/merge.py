"""Two people changed the same entry: what both did, field by field. Pure.

A field only one of them changed is taken from that one. Where both did, the form keeps the reader's own and shows the
other's beside it. Cells of a table are fields of their own while the other left its rows where they were; else the
table counts as one field, since rows of two hands cannot be put in one order by a program.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from directory.editing.form import WAS, Form, Row
from directory.editing.layout import FIELDS, TABLES, Field, Table
from directory.editing.widgets import Typed

_KEYS = frozenset({"field", "mount_id"})


@dataclass(frozen=True)
class Merged:
    """The form to go on with, and the other's words beside the fields that both changed."""

    form: Form
    theirs: Mapping[str, str]


def merge(base: Form, own: Form, other: Form) -> Merged:
    """``base`` is what both began with, ``own`` what the reader sent, ``other`` what stands in the entry now."""
    theirs: dict[str, str] = {}
    values = dict(other.values)
    for path, field in FIELDS.items():
        typed = own.values.get(path, () if not field.widget.is_always_sent else base.values[path])
        one, two, three = (field.widget.seen(each) for each in (base.values[path], typed, other.values[path]))
        if two in (one, three):
            continue
        values[path] = typed
        if one != three:
            theirs[path] = said(field.widget, other.values[path])
    tables = dict(other.tables)
    for path, table in TABLES.items():
        rows = own.tables.get(path, ())
        before, mine, after = (_seen(table, each) for each in (base.tables[path], rows, other.tables[path]))
        if mine in (before, after):
            continue
        by_row = _by_row(table, base.tables[path], rows, other.tables[path])
        if by_row is not None:
            tables[path], clashes = by_row
            if clashes:
                theirs[path] = "\n".join(line(table, other.tables[path][number]) for number in clashes)
            continue
        tables[path] = tuple(_rebased(table, row, other.tables[path]) for row in rows)
        if before != after:
            theirs[path] = "\n".join(line(table, row) for row in other.tables[path]) or "（空）"
    return Merged(Form(values, tables), theirs)


def said(widget: object, typed: Typed, empty: str = "（空）") -> str:
    """What a field holds, as it is read: labels for what was chosen."""
    options: Mapping[str, str] = getattr(widget, "options", {})
    words = [options.get(each, each) for each in typed if each]
    if getattr(widget, "kind", "") == "flag":
        return "是" if typed else empty and "否"
    return "、".join(words) or empty


def _by_row(
    table: Table, base: tuple[Row, ...], mine: tuple[Row, ...], after: tuple[Row, ...]
) -> tuple[tuple[Row, ...], list[int]] | None:
    """The reader's rows with what the other changed in theirs, and which of the other's rows both changed otherwise.

    None where the other added, took away or moved rows, or the rows have no name to be known by.
    """
    key = next((each for each in table.fields if each.name in _KEYS), None)
    if key is None or len(after) != len(base) or any(_differs(key, *pair) for pair in zip(base, after, strict=True)):
        return None
    rows: list[Row] = []
    kept: set[int] = set()
    clashes: set[int] = set()
    for row in mine:
        number = _position(row, len(base))
        if number is None:  # the reader's own new one
            rows.append(row)
            continue
        kept.add(number)
        cells: dict[str, Typed] = {WAS: (str(number),)}
        for each in table.fields:
            was, now = base[number].get(each.name, ()), after[number].get(each.name, ())
            typed = row.get(each.name, was if each.widget.is_always_sent else ())
            one, two, three = (each.widget.seen(value) for value in (was, typed, now))
            cells[each.name] = now if two in (one, three) else typed
            if two not in (one, three) and one != three:
                clashes.add(number)
        rows.append(cells)
    gone = (number for number in range(len(base)) if number not in kept)
    clashes |= {number for number in gone if any(_differs(each, base[number], after[number]) for each in table.fields)}
    return tuple(rows), sorted(clashes)


def _differs(field: Field, one: Row, other: Row) -> bool:
    return bool(field.widget.seen(one.get(field.name, ())) != field.widget.seen(other.get(field.name, ())))


def _position(row: Row, count: int) -> int | None:
    place = "".join(row.get(WAS, ()))
    return int(place) if place.isascii() and place.isdecimal() and len(place) < 5 and int(place) < count else None


def _seen(table: Table, rows: tuple[Row, ...]) -> list[dict[str, Typed]]:
    return [{each.name: each.widget.seen(row.get(each.name, ())) for each in table.fields} for row in rows]


def _rebased(table: Table, row: Row, rows: tuple[Row, ...]) -> Row:
    """The row, tied to the equal one of the entry as it is now, or to none."""
    (own,) = _seen(table, (row,))
    place = next((number for number, each in enumerate(_seen(table, rows)) if each == own), None)
    return {**row, WAS: ("" if place is None else str(place),)}


def line(table: Table, row: Row) -> str:
    """A row in words."""
    return " ".join(said(each.widget, row[each.name]) for each in table.columns if any(row[each.name]))

"""Two people changed the same entry: what both did, field by field. Pure.

A field only one of them changed is taken from that one. Where both did, the form keeps the reader's own and shows the
other's beside it; a table counts as one field, since rows of two hands cannot be put in one order by a program.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from directory.editing.form import WAS, Form, Row
from directory.editing.layout import FIELDS, TABLES, Table
from directory.editing.widgets import Typed


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

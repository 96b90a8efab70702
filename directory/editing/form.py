"""The form as somebody filled it in: what stands in its fields, and the record it makes. Pure.

What nobody touched stays exactly as the record has it, also where a browser could not show it (a line break in a line),
and so does what the form does not show. What cannot be read is said beside its field and shown again as it was typed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from pydantic import ValidationError

from directory.editing.layout import FIELDS, SECTIONS, TABLES, Field, Table
from directory.editing.sentences import sentence
from directory.editing.widgets import Typed, Unread
from directory.errors import DirectoryError
from metadata.resource import Resource

MOST_ROWS: Final = 1000
"""Of one table. More is a workbook's matter."""

WAS: Final = "was"
"""A row's position in the record that the form was made of, so that it is known again wherever it is moved to."""

_CELL = re.compile(r"([a-z_.]{1,60})\[([0-9]{1,4})\]\.([a-z_]{1,40})")
ROW: Final = re.compile(r"([a-z_.]{1,60})\[([0-9]{1,6})\]")
_MAINTAINER = "maintainer"

Row = Mapping[str, Typed]


@dataclass(frozen=True)
class Faults:
    """Sentences by field (``items[3].length``), in the order of the form, and refusals of the whole (RFC 9457)."""

    fields: Mapping[str, str] = field(default_factory=dict)
    general: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True)
class Form:
    """What the fields hold, by path; the rows of each table, by column."""

    values: Mapping[str, Typed]
    tables: Mapping[str, tuple[Row, ...]]

    @classmethod
    def of(cls, record: Resource) -> Self:
        """The form in which this record stands."""
        values = {path: each.widget.shown(_at(record, path)) for path, each in FIELDS.items()}
        tables = {path: tuple(_rows(table, _at(record, path))) for path, table in TABLES.items()}
        return cls(values, tables)

    @classmethod
    def sent(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """The form as a browser sent it.

        Raises ``FORM_FIELD_UNKNOWN`` for a field that no form of ours has, ``FORM_ROWS_MANY`` for too long a table.
        """
        values: dict[str, list[str]] = {}
        rows: dict[str, dict[int, dict[str, list[str]]]] = {path: {} for path in TABLES}
        for name, text in pairs:
            cell = _CELL.fullmatch(name)
            if name in FIELDS:
                values.setdefault(name, []).append(text)
            elif cell is not None and _is_cell(cell[1], cell[3]):
                rows[cell[1]].setdefault(int(cell[2]), {}).setdefault(cell[3], []).append(text)
            else:
                raise DirectoryError("FORM_FIELD_UNKNOWN", name=name[:100])
        for path, members in rows.items():
            if len(members) > MOST_ROWS:
                raise DirectoryError("FORM_ROWS_MANY", table=TABLES[path].label, table_en=path, most=MOST_ROWS)
        tables = {
            path: tuple(
                {column: tuple(typed) for column, typed in members[number].items()} for number in sorted(members)
            )
            for path, members in rows.items()
        }
        return cls({name: tuple(typed) for name, typed in values.items()}, tables)

    def with_rows(self, path: str, rows: Sequence[Row]) -> Self:
        """The same form with other rows in one table."""
        return replace(self, tables={**self.tables, path: tuple(rows)})

    def without_blanks(self) -> Self:
        """The form without the rows that were offered and not used; they are nobody's."""
        return replace(
            self,
            tables={
                path: tuple(row for row in rows if not is_blank(TABLES[path], row))
                for path, rows in self.tables.items()
            },
        )

    def read(self, base: Resource) -> Resource | Faults:
        """The record this form, ``without_blanks``, makes of ``base``, or all that keeps it from being one."""
        faults: dict[str, str] = {}
        data = base.model_dump()
        for path, each in FIELDS.items():
            front = path.rpartition(".")[0]
            if front == _MAINTAINER and base.maintainer is None:
                continue
            _put(data, path, _value(each, self.values.get(path), _at(base, path), path, faults))
        if base.maintainer is None:
            data[_MAINTAINER] = self._maintainer()
        elif self._takes_maintainer_out(base):
            data[_MAINTAINER] = None
        for path, table in TABLES.items():
            if path in self.tables:
                _put(data, path, _members(table, self.tables[path], _at(base, path), faults))
        try:
            record = Resource.model_validate(data)
        except ValidationError as error:
            return Faults(in_order(_broken(error) | faults))
        return Faults(in_order(faults)) if faults else record

    def _takes_maintainer_out(self, base: Resource) -> bool:
        """All its fields were emptied, by somebody."""
        typed = [self.values.get(path, ("",)) for path in _maintainer_paths()]
        shown = [FIELDS[path].widget.shown(_at(base, path)) for path in _maintainer_paths()]
        return not any("".join(each).strip() for each in typed) and typed != shown

    def _maintainer(self) -> Mapping[str, Any] | None:
        typed = {path: FIELDS[path].widget.read(self.values.get(path, ())) for path in _maintainer_paths()}
        return {FIELDS[path].name: value for path, value in typed.items()} if any(typed.values()) else None


def is_blank(table: Table, row: Row) -> bool:
    """Whether nobody has put anything into this row; one that was in the record is not blank but emptied."""
    if "".join(row.get(WAS, ())):
        return False
    for each in table.fields:
        new = table.new[each.name]
        if _trimmed(row.get(each.name, new if each.widget.is_always_sent else ())) != _trimmed(new):
            return False
    return True


def in_order(faults: Mapping[str, str]) -> dict[str, str]:
    """Sentences in the order in which their fields stand in the form."""
    places = {path: number for number, path in enumerate([*_paths_in_order()])}

    def place(name: str) -> tuple[int, int, int]:
        cell, row = _CELL.fullmatch(name), ROW.fullmatch(name)
        if row is not None and row[1] in TABLES:
            return places[row[1]], int(row[2]), 0
        if cell is None:
            return places.get(name, len(places)), 0, 0
        columns = [each.name for each in TABLES[cell[1]].fields]
        return places[cell[1]], int(cell[2]), columns.index(cell[3])

    return {name: faults[name] for name in sorted(faults, key=place)}


def field_of(path: str) -> str:
    """The name of the field, row or table in which a place of the record stands: its own, or the nearest above.

    ``sharing.legal_basis[0].title`` is a field; ``formats[0].types[2]`` stands in ``formats[0].types``; empty where the
    form has no field for it.
    """
    while path:
        cell = _CELL.fullmatch(path)
        row = ROW.fullmatch(path)
        if path in FIELDS or path in TABLES or (row is not None and row[1] in TABLES):
            return path
        if cell is not None and _is_cell(cell[1], cell[3]):
            return path
        path = path.rpartition("[" if path.endswith("]") else ".")[0]
    return ""


def _is_cell(table: str, column: str) -> bool:
    return table in TABLES and (column == WAS or any(each.name == column for each in TABLES[table].fields))


def _rows(table: Table, members: Sequence[Any]) -> Iterator[Row]:
    for number, member in enumerate(members):
        yield {WAS: (str(number),)} | {
            each.name: each.widget.shown(getattr(member, each.name)) for each in table.fields
        }


def _members(table: Table, rows: Sequence[Row], base: Sequence[Any], faults: dict[str, str]) -> tuple[Any, ...]:
    """The rows as values of their records; what a row does not send keeps what it was."""
    made = []
    for number, row in enumerate(rows):
        position = "".join(row.get(WAS, ()))
        was = base[int(position)] if position.isdecimal() and len(position) < 5 and int(position) < len(base) else None
        values = was.model_dump() if was is not None else {}
        for each in table.fields:
            before = getattr(was, each.name) if was is not None else None
            name = f"{table.path}[{number}].{each.name}"
            if was is not None or each.name in row or not each.widget.is_always_sent:
                values[each.name] = _value(each, row.get(each.name), before, name, faults, is_new=was is None)
        made.append(values)
    return tuple(made)


def _value(
    each: Field, typed: Typed | None, before: Any, name: str, faults: dict[str, str], *, is_new: bool = False
) -> Any:
    """What a field says; ``before`` where it was not sent or not touched, and where it cannot be read."""
    widget = each.widget
    if typed is None and widget.is_always_sent:
        return before
    typed = typed or ()
    if not is_new and before is not None and widget.seen(typed) == widget.seen(widget.shown(before)):
        return before
    value = widget.read(typed)
    if isinstance(value, Unread):
        faults[name] = value.sentence
        return before
    return value


def _broken(error: ValidationError) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in error.errors():
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in each["loc"])[1:]
        found.setdefault(field_of(path) or path, sentence(each))
    return found


def _at(record: Resource, path: str) -> Any:
    value: Any = record
    for name in path.split("."):
        value = getattr(value, name) if value is not None else ""
    return value


def _put(data: dict[str, Any], path: str, value: Any) -> None:
    *front, name = path.split(".")
    for each in front:
        data = data[each]
    data[name] = value


def _maintainer_paths() -> list[str]:
    return [path for path in FIELDS if path.startswith(f"{_MAINTAINER}.")]


def _paths_in_order() -> Iterator[str]:
    for section in SECTIONS:
        for part in section.parts:
            yield part.path


def _trimmed(typed: Typed) -> tuple[str, ...]:
    return tuple(text.strip() for text in typed if text.strip())

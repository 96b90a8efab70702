"""What the buttons beside a table do to its rows, without script: each sends the form and gets it back. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from directory.editing.form import MOST_ROWS, Form, Row
from directory.editing.layout import TABLES, Table
from directory.editing.paste import paste
from directory.errors import DirectoryError

_ACT = re.compile(r"([a-z_.]{1,60}):(add|up|down|remove|paste)(?::([0-9]{1,4}))?")
_MOST_ADDED: Final = 50


@dataclass(frozen=True)
class Turned:
    """The form after a button was pressed: where the reader goes on, and what was wrong with a pasted table."""

    form: Form
    focus: str
    note: str = ""
    refused: tuple[str, ...] = ()


def is_act(do: str) -> bool:
    """Whether this is a button of a table."""
    found = _ACT.fullmatch(do)
    return found is not None and found[1] in TABLES


def turn(form: Form, do: str, controls: Mapping[str, str]) -> Turned:
    """Press a button: ``items:up:3``, ``items:add``, ``items:paste``; ``controls`` says how many rows, what text.

    Raises ``FORM_FIELD_UNKNOWN`` for no button of ours, ``FORM_ROWS_MANY`` for too long a table.
    """
    found = _ACT.fullmatch(do)
    if found is None or found[1] not in TABLES:
        raise DirectoryError("FORM_FIELD_UNKNOWN", name=do[:100])
    table, act, rows = TABLES[found[1]], found[2], list(form.tables.get(found[1], ()))
    if act == "paste":
        return _pasted(form, table, controls)
    if act == "add":
        count = controls.get(f"more:{table.path}", "1")
        added = min(int(count), _MOST_ADDED) if count.isdecimal() and len(count) < 4 else 1
        place = len(rows)
        rows += [table.new] * added
        focus = f"{table.path}[{place}].{table.columns[0].name}"
    else:
        place = int(found[3] or len(rows))
        if not 0 <= place < len(rows):
            return Turned(form, f"{table.path}:add")
        row = rows.pop(place)
        if act == "remove":
            focus = f"{table.path}:remove:{min(place, len(rows) - 1)}" if rows else f"{table.path}:add"
        else:
            place = min(max(place + (1 if act == "down" else -1), 0), len(rows))
            rows.insert(place, row)
            focus = f"{table.path}:{act}:{place}"
    _refuse_many(table, len(rows))
    return Turned(form.with_rows(table.path, rows), focus)


def with_room(form: Form) -> Form:
    """The form with a few empty rows in tables that have none, so that there is something to type into."""
    for path, table in TABLES.items():
        if not form.tables.get(path):
            form = form.with_rows(path, [table.new] * table.room)
    return form


def _pasted(form: Form, table: Table, controls: Mapping[str, str]) -> Turned:
    pasted = paste(table, controls.get(f"paste:{table.path}", ""))
    if pasted.problems:
        return Turned(form, f"paste:{table.path}", refused=pasted.problems)
    kept: tuple[Row, ...] = () if controls.get(f"replace:{table.path}") else form.without_blanks().tables[table.path]
    _refuse_many(table, len(kept) + len(pasted.rows))
    made = form.with_rows(table.path, (*kept, *pasted.rows))
    note = (
        f"已粘贴 {len(pasted.rows)} 行{'，替换了原来的' if controls.get(f'replace:{table.path}') else ''}；保存后生效。"
    )
    return Turned(made, f"{table.path}[{len(kept)}].{table.columns[0].name}", note)


def _refuse_many(table: Table, count: int) -> None:
    if count > MOST_ROWS:
        raise DirectoryError("FORM_ROWS_MANY", table=table.label, table_en=table.path, most=MOST_ROWS)

"""Where the remarks of a return stand now: rows have been moved, taken out and put in since. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from directory.editing.form import Form
from directory.editing.layout import TABLES
from directory.editing.widgets import Typed
from directory.resources.queries import Remark

_PLACE = re.compile(r"([a-z_.]{1,60})\[([0-9]{1,6})\](.*)")
_NAMED_BY: Final = {"items": "field", "mounts": "mount_id"}


def follow(remarks: Sequence[Remark], returned: Form, now: Form) -> tuple[Remark, ...]:
    """The remarks on the form as it was returned, at the places of the form as it is now.

    A row is known again by its name (an item by its field); a remark on one that is gone stands at the table.
    """
    return tuple(_followed(remark, returned, now) for remark in remarks)


def _followed(remark: Remark, returned: Form, now: Form) -> Remark:
    found = _PLACE.fullmatch(remark.path)
    if found is None or found[1] not in TABLES:
        return remark
    table, number, rest = found[1], int(found[2]), found[3]
    old = _names(returned, table)
    if number >= len(old):
        return replace(remark, path=table)
    name = old[number]
    places = [place for place, each in enumerate(_names(now, table)) if each == name]
    before = old[:number].count(name)  # the second of one name stays the second
    return replace(remark, path=f"{table}[{places[before]}]{rest}" if len(places) > before else table)


def _names(form: Form, table: str) -> list[Typed]:
    column = _NAMED_BY.get(table, TABLES[table].columns[0].name)
    return [row.get(column, ()) for row in form.tables.get(table, ())]

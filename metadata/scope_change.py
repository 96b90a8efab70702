"""Whether a changed permission stays within the one that was given (Art. 25), and what becomes more or less. Pure.

A change is *within* when whatever the new one delivers, the old one delivered: the same source, no row and no item
besides, no later day, no more often, and for the same purpose in the same words. Whatever else it is, somebody has to
consent anew; so what cannot be proven to be less counts as more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from metadata.access import EqualsFilter, Frequency, Grant, RegionFilter, RowFilter, SinceFilter

Aspect = Literal["items", "rows", "source", "purpose", "basis", "method", "frequency", "term"]
Direction = Literal["less", "more"]
Place = tuple[str, ...]

ASPECT_NAMES: Final[Mapping[Aspect, str]] = {
    "items": "数据项",
    "rows": "行范围",
    "source": "来源",
    "purpose": "用途和范围",
    "basis": "使用依据",
    "method": "共享方式",
    "frequency": "频次",
    "term": "使用时限",
}
_OFTEN: Final[Mapping[Frequency, int]] = {"once": 0, "monthly": 1, "weekly": 2, "daily": 3}


@dataclass(frozen=True)
class Scope:
    """What a permission delivers: for each item the places it is read from, which rows, what for, how, until when.

    A place is a node, a table or path, and the column; ``items`` by field.
    """

    items: Mapping[str, frozenset[Place]]
    row_filter: RowFilter | None
    purpose: str
    basis: str
    method: str
    frequency: Frequency
    valid_until: date


@dataclass(frozen=True)
class ScopeChange:
    """One aspect that changes, and whether to more or to less; ``fields`` are the items that come or go."""

    aspect: Aspect
    direction: Direction
    fields: tuple[str, ...] = ()


def scope_of(grants: Sequence[Grant]) -> Scope:
    """What the grants of one request deliver together; they are alike in all but their tables and items."""
    items: dict[str, frozenset[Place]] = {}
    for grant in grants:
        columns = {column.field: column.column for column in grant.columns}
        for item in grant.items:
            place = (grant.provider.node_id, grant.kind, grant.schema_name, grant.table or grant.path)
            items[item.field] = items.get(item.field, frozenset()) | {(*place, columns.get(item.field, ""))}
    first = grants[0]
    return Scope(items, first.row_filter, first.purpose, first.basis, first.method, first.frequency, first.valid_until)


def scope_changes(old: Scope, new: Scope) -> tuple[ScopeChange, ...]:
    """Every aspect that changes, in the order of ``ASPECT_NAMES``; nothing where both deliver the same."""
    found: list[ScopeChange] = []
    come = tuple(field for field in new.items if field not in old.items)
    gone = tuple(field for field in old.items if field not in new.items)
    if come:
        found.append(ScopeChange("items", "more", come))
    if gone:
        found.append(ScopeChange("items", "less", gone))
    if _rows(old.row_filter) != _rows(new.row_filter):
        found.append(ScopeChange("rows", "less" if implies(new.row_filter, old.row_filter) else "more"))
    moved = tuple(field for field, places in new.items.items() if not places <= old.items.get(field, places))
    if moved:
        found.append(ScopeChange("source", "more", moved))
    words: Mapping[Aspect, tuple[str, str]] = {
        "purpose": (old.purpose, new.purpose),
        "basis": (old.basis, new.basis),
        "method": (old.method, new.method),
    }  # other words are another purpose until somebody agrees to them
    found += [ScopeChange(aspect, "more") for aspect, (before, after) in words.items() if before != after]
    if old.frequency != new.frequency:
        is_less = _OFTEN[new.frequency] < _OFTEN[old.frequency]
        found.append(ScopeChange("frequency", "less" if is_less else "more"))
    if old.valid_until != new.valid_until:
        found.append(ScopeChange("term", "less" if new.valid_until < old.valid_until else "more"))
    return tuple(found)


def is_within(changes: Sequence[ScopeChange]) -> bool:
    """Whether a change asks for nothing that was not given."""
    return all(change.direction == "less" for change in changes)


def implies(narrow: RowFilter | None, wide: RowFilter | None) -> bool:
    """Whether every row that one filter lets through, any other values being what they may, the other does too."""
    if wide is None:
        return True
    if narrow is None or narrow.field != wide.field:
        return False
    if isinstance(wide, SinceFilter):
        return isinstance(narrow, SinceFilter) and narrow.since >= wide.since
    if isinstance(narrow, SinceFilter):
        return False
    if isinstance(wide, RegionFilter):
        texts = narrow.prefixes if isinstance(narrow, RegionFilter) else narrow.values
        return all(_begins(each, wide.prefixes) for each in texts)
    return isinstance(narrow, EqualsFilter) and set(narrow.values) <= set(wide.values)


def _begins(text: str, prefixes: Iterable[str]) -> bool:
    return any(text.startswith(prefix) for prefix in prefixes)


def _rows(chosen: RowFilter | None) -> tuple[str, str, frozenset[str]] | None:
    """Equal exactly for filters that let the same rows through."""
    if chosen is None:
        return None
    if isinstance(chosen, EqualsFilter):
        return chosen.field, chosen.template, frozenset(chosen.values)
    if isinstance(chosen, SinceFilter):
        return chosen.field, chosen.template, frozenset({chosen.since.isoformat()})
    all_prefixes = set(chosen.prefixes)
    shortest = {each for each in all_prefixes if not _begins(each, all_prefixes - {each})}
    return chosen.field, chosen.template, frozenset(shortest)

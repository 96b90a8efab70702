"""Pointers (指针): which items of an entry hold which standard item of a library. Pure.

An item that names its standard item (``population/id_number``) is a declared pointer. Within an entry of the library an
item may also be recognised by its field, name, identifier of the standard or by a code list that only one standard item
has; such a pointer is inferred and says by what.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from metadata.resource import Item, Resource
from standards import catalogue


class StandardItem(Protocol):
    """What is needed of a register's item."""

    @property
    def library(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def standard_id(self) -> str: ...
    @property
    def code_list(self) -> str: ...


@dataclass(frozen=True)
class Place:
    """A column that holds the item, in a mount, at a node."""

    node: str
    mount_id: str
    kind: str
    table: str
    column: str


@dataclass(frozen=True)
class Pointer:
    """One item of one entry that holds a standard item. ``inferred_by`` is empty where the entry says so itself."""

    field: str
    resource_id: UUID
    title: str
    org_code: str
    item_field: str
    item_name: str
    is_key: bool
    sensitivity: int
    inferred_by: str
    said_lead: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Holder:
    """An entry as far as pointers need it."""

    resource_id: UUID
    org_code: str
    record: Resource


class Recogniser:
    """Finds the standard items of one library in entries."""

    def __init__(self, library: str, items: Sequence[StandardItem]) -> None:
        self._library = library
        self._by_field = {each.field: each.field for each in items}
        self._by_name = {each.name: each.field for each in items}
        self._by_standard = {each.standard_id.upper(): each.field for each in items if each.standard_id.isupper()}
        lists = Counter(_undated(each.code_list) for each in items if each.code_list)
        self._by_list = {_undated(each.code_list): each.field for each in items if lists[_undated(each.code_list)] == 1}

    def pointers(self, holder: Holder) -> Iterator[Pointer]:
        """The pointers of one entry, in the order of its items; a declared one keeps others from being inferred."""
        record = holder.record
        declared = {item.base_item for item in record.items}
        for item in record.items:
            field, inferred_by = self._recognise(item, is_of_library=record.library == self._library)
            if field is None or (inferred_by and f"{self._library}/{field}" in declared):
                continue
            yield Pointer(
                field=field,
                resource_id=holder.resource_id,
                title=record.title,
                org_code=holder.org_code,
                item_field=item.field,
                item_name=item.name,
                is_key=item.is_key,
                sensitivity=item.sensitivity,
                inferred_by=inferred_by,
                said_lead=item.lead_department,
                places=tuple(_places(record, item.field)),
            )

    def dangling(self, record: Resource) -> tuple[str, ...]:
        """What the entry's items name of this library that the register does not have."""
        named = (item.base_item for item in record.items)
        own = (each.partition("/")[2] for each in named if each.partition("/")[0] == self._library)
        return tuple(dict.fromkeys(field for field in own if field not in self._by_field))

    def _recognise(self, item: Item, *, is_of_library: bool) -> tuple[str | None, str]:
        if item.base_item:
            library, _, field = item.base_item.partition("/")
            return (field if library == self._library and field in self._by_field else None), ""
        if not is_of_library:
            return None, ""
        code_list = _standard_of(item)
        ways: tuple[tuple[str | None, str], ...] = (
            (self._by_field.get(item.field.lower()), f"字段名同为 {item.field}"),
            (self._by_name.get(item.name), f"名称同为“{item.name}”"),
            (self._by_standard.get(item.field.upper()), f"字段名是标准标识 {item.field.upper()}"),
            (self._by_list.get(code_list) if code_list else None, f"数据元或代码表同为 {code_list}"),
        )
        return next((way for way in ways if way[0] is not None), (None, ""))


def _standard_of(item: Item) -> str:
    """The standard that an item's values follow: of its data element, else of its code table."""
    if item.data_element:
        return _undated(item.data_element)
    entry = catalogue.standards().get(item.code_table) if item.code_table else None
    return _undated(item.code_table if entry is None else entry.standard)


def _undated(standard: str) -> str:
    """GB/T 3304 for GB/T 3304-1991: entries rarely say which edition."""
    return re.sub(r"-[0-9]{4}$", "", standard)


def _places(record: Resource, field: str) -> Iterator[Place]:
    for mount in record.mounts:
        for column in mount.columns:
            if column.field == field:
                table = f"{mount.schema_name}.{mount.table}" if mount.kind == "table" else mount.path or mount.url
                yield Place(mount.node, mount.mount_id, mount.kind, table, column.column)


def by_field(pointers: Sequence[Pointer]) -> Mapping[str, tuple[Pointer, ...]]:
    """Pointers by standard item, declared before inferred, then by department."""
    found: dict[str, list[Pointer]] = {}
    for each in sorted(pointers, key=lambda each: (bool(each.inferred_by), each.org_code, each.title, each.item_field)):
        found.setdefault(each.field, []).append(each)
    return {field: tuple(of) for field, of in found.items()}

"""Which mounts hold what is asked for: one table that has it all, several of one node that have it together, or files.
Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from directory.errors import DirectoryError
from metadata.access import MAX_TABLES, AccessRequest
from metadata.resource import Item, Mount, MountColumn, Resource
from metadata.row_filters import column_fault, fault


@dataclass(frozen=True)
class Part:
    """What one mount gives of a request: the items in the entry's order, and where they stand in it.

    A file or folder has no columns: it travels whole.
    """

    items: tuple[Item, ...]
    columns: tuple[MountColumn, ...]
    mount: Mount


@dataclass(frozen=True)
class Asked:
    """A request's items as the entry declares them, by mount. Several are tables of one node, granted together."""

    parts: tuple[Part, ...]

    @property
    def mount(self) -> Mount:
        """The first."""
        return self.parts[0].mount


def resolve(record: AccessRequest, resource: Resource) -> Asked:
    """Find what is asked for in the published entry: in a table that has it all, in several tables of one node that
    have it together, else in a file or folder, whole.

    Exactly the items asked for, nothing added: a key item that nobody asked for is not sent, and the batch then has no
    key. Raises ``ITEM_UNKNOWN``, ``ITEM_TWICE``, ``FILTER_ITEM_UNKNOWN``, ``FILTER_ITEM_NOT_ASKED``, ``FILTER_VALUE``,
    ``NOT_MOUNTED``;
    ``FILTER_NOT_EVERYWHERE`` where one of several tables does not have the filter's item; ``FILES_WHOLE`` and
    ``FILES_UNFILTERED`` for a part of what is there only as files.
    """
    declared = {item.field: item for item in resource.items}
    unknown = [field for field in record.items if field not in declared]
    if unknown:
        raise DirectoryError("ITEM_UNKNOWN", items=unknown, title=resource.title)
    if len(set(record.items)) != len(record.items):
        twice = sorted({field for field in record.items if record.items.count(field) > 1})
        raise DirectoryError("ITEM_TWICE", items=twice)
    _check_filter(record, declared, resource.title)
    items = tuple(item for item in resource.items if item.field in record.items)
    tables = [mount for mount in resource.mounts if mount.kind == "table" and mount.table]
    for mount in tables:
        if _fields(mount) >= {item.field for item in items}:
            _check_column(record, mount)
            return Asked((_part(items, resource, mount, frozenset(declared)),))
    together = _together({item.field for item in items}, tables)
    files = [mount for mount in resource.mounts if mount.kind in ("file", "folder") and mount.path]
    if together:
        return Asked(_several(record, items, resource, together))
    if not files:
        raise DirectoryError("NOT_MOUNTED", title=resource.title)
    return Asked((_whole(record, items, resource, files[0]),))


def _together(fields: set[str], tables: Sequence[Mount]) -> list[Mount]:
    """Tables of one node that have all these fields between them, as few as come of taking the fullest first, in the
    entry's order; empty when there are none. One node is one database: only there is there one instant.
    """
    for node in dict.fromkeys(mount.node for mount in tables):
        mine = [mount for mount in tables if mount.node == node]
        left, chosen = set(fields), list[Mount]()
        while left:
            fullest = max(mine, key=lambda mount: len(_fields(mount) & left))
            if not _fields(fullest) & left:
                break
            chosen.append(fullest)
            left -= _fields(fullest)
        if not left and len(chosen) <= MAX_TABLES:
            return [mount for mount in mine if mount in chosen]
    return []


def _several(
    record: AccessRequest, items: tuple[Item, ...], resource: Resource, mounts: Sequence[Mount]
) -> tuple[Part, ...]:
    chosen = record.row_filter
    for mount in mounts:
        _check_column(record, mount)
    without = [mount.table for mount in mounts if chosen is not None and chosen.field not in _fields(mount)]
    if chosen is not None and without:  # its rows would go unfiltered: more than anybody asked for
        raise DirectoryError("FILTER_NOT_EVERYWHERE", item=chosen.field, tables=without)
    return tuple(
        _part(tuple(item for item in items if item.field in _fields(mount)), resource, mount, _fields(mount))
        for mount in mounts
    )


def _part(items: tuple[Item, ...], resource: Resource, mount: Mount, fields: frozenset[str]) -> Part:
    """``fields`` are those whose key items identify a row of the table. Half a key would make different rows look the
    same, so without the whole key there is none.
    """
    columns = {column.field: column for column in mount.columns}
    key = {item.field for item in resource.items if item.is_key and item.field in fields}
    if not key <= {item.field for item in items}:
        items = tuple(item.model_copy(update={"is_key": False}) for item in items)
    return Part(items, tuple(columns[item.field] for item in items), mount)


def _fields(mount: Mount) -> frozenset[str]:
    return frozenset(column.field for column in mount.columns)


def _whole(record: AccessRequest, items: tuple[Item, ...], resource: Resource, mount: Mount) -> Part:
    if record.row_filter is not None:
        raise DirectoryError("FILES_UNFILTERED", title=resource.title)
    if len(items) < len(resource.items):
        missing = [item.name for item in resource.items if item not in items]
        raise DirectoryError("FILES_WHOLE", title=resource.title, missing=missing)
    return Part(items, (), mount)


def _check_column(record: AccessRequest, mount: Mount) -> None:
    """What an item says of its type is one thing, what its column is another: a day is compared with days only."""
    for column in mount.columns:
        if record.row_filter is not None and column.field == record.row_filter.field:
            why = column_fault(record.row_filter, column)
            if why:
                raise DirectoryError("FILTER_VALUE", why=why)


def _check_filter(record: AccessRequest, declared: dict[str, Item], title: str) -> None:
    if record.row_filter is None:
        return
    field = record.row_filter.field
    if field not in declared:
        raise DirectoryError("FILTER_ITEM_UNKNOWN", item=field, title=title)
    if field not in record.items:  # the receiver could not check the rows against the grant
        raise DirectoryError("FILTER_ITEM_NOT_ASKED", item=field)
    why = fault(record.row_filter, declared[field])
    if why:
        raise DirectoryError("FILTER_VALUE", why=why)

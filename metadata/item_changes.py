"""What a new version of an entry changes for somebody who uses some of its items: theirs, and nothing else. Pure."""

from collections.abc import Collection, Iterator
from typing import Final

from metadata.difference import Difference, differences
from metadata.resource import Item, Mount, Resource, Sharing
from metadata.words import SHARE_TYPES

_SAYS_NOTHING: Final = frozenset({"description", "lead_department"})
"""What of an item may change without anything arriving otherwise."""
_SAYS_WHAT_IT_IS: Final = frozenset({"name", "data_class", "sensitivity", "base_item"})
"""What is told of an item that changes, though the same values go on arriving."""


def changes_of_items(
    before: Resource, after: Resource, fields: Collection[str], mount_ids: Collection[str]
) -> tuple[Difference, ...]:
    """What differs of these items (removed, renamed, of another type …), of the columns behind them and of the share
    type; nothing where none of it does. A renamed item is followed by its Chinese name, as in ``differences``.
    """
    old = _narrowed(before, fields, fields, mount_ids)
    gone = {item.name for item in old.items} - {item.name for item in after.items if item.field in fields}
    renamed = {item.field for item in after.items if item.name in gone and not _has(before, item.field)}
    new = _narrowed(after, {*fields, *renamed}, fields, mount_ids)
    return tuple(_telling(differences(old, new)))


def alters_service(path: str, kind: str, after: str) -> bool:
    """Whether one of these changes is one of the service (Art. 27): something arrives no more, or otherwise. What is
    added, what only says better what an item is, and sharing without conditions from now on take nothing away.
    """
    name = path.rsplit(".", 1)[-1]
    is_easier = name == "share_type" and after == SHARE_TYPES["unconditional"]
    return kind != "added" and name not in _SAYS_WHAT_IT_IS and not is_easier


def _narrowed(
    resource: Resource, items: Collection[str], columns: Collection[str], mounts: Collection[str]
) -> Resource:
    return Resource(
        title="-",
        provider=resource.provider.model_copy(update={"division": "", "address": "", "name": "-", "code": ""}),
        items=tuple(_plain(item) for item in resource.items if item.field in items),
        sharing=Sharing(share_type=resource.sharing.share_type),
        mounts=tuple(_cut(mount, columns) for mount in resource.mounts if mount.mount_id in mounts),
    )


def _plain(item: Item) -> Item:
    return item.model_copy(update=dict.fromkeys(_SAYS_NOTHING, ""))


def _cut(mount: Mount, fields: Collection[str]) -> Mount:
    return mount.model_copy(update={"columns": tuple(each for each in mount.columns if each.field in fields)})


def _has(resource: Resource, field: str) -> bool:
    return any(item.field == field for item in resource.items)


def _telling(found: tuple[Difference, ...]) -> Iterator[Difference]:
    for each in found:
        is_order = each.kind == "changed" and each.path.rsplit(".", 1)[-1] in ("items", "mounts", "columns")
        if not is_order:  # in which order they stand is nobody's concern
            yield each

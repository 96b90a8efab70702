"""What a changed entry changed: which fields and items, in a few words, from the version public before to the next.

Only what its published record says by now is named: an item that is there no more is counted, not named, and of what
an entry that the reader cannot open says, nothing is told. Values are not told: they stand in the entry.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import tuple_
from sqlalchemy.orm import Session

from directory.resources.models import ResourceVersion
from metadata.difference import Difference, differences
from metadata.paths import LABELS
from metadata.resource import Resource

MOST: Final = 6
"""So many changes of an entry are told; how many more there are is a number."""
_UNTOLD: Final = frozenset({"assessments", "metadata_id", "mounts", "published_on", "updated_on"})
"""What goes on inside the department (how it stores the data, who assessed them), or follows from publishing."""


@dataclass(frozen=True)
class Changed:
    """One line of a bulletin: its entry's versions before and after, and the one that everybody sees now."""

    resource_id: UUID
    before: int
    after: int
    now: int


def changes(session: Session, asked: Collection[Changed]) -> Mapping[Changed, Sequence[str]]:
    """What each changed, all of it."""
    wanted = {(each.resource_id, version) for each in asked for version in (each.before, each.after, each.now)}
    if not wanted:
        return {}
    query = (
        ResourceVersion.__table__.select()
        .with_only_columns(ResourceVersion.resource_id, ResourceVersion.version, ResourceVersion.record)
        .where(tuple_(ResourceVersion.resource_id, ResourceVersion.version).in_(wanted))
    )
    found = {(row.resource_id, row.version): row.record for row in session.execute(query)}
    return {
        each: said(*(found[each.resource_id, version] for version in (each.before, each.after, each.now)))
        for each in asked
    }


def said(before: Resource, after: Resource, now: Resource) -> tuple[str, ...]:
    """The differences in words, each once: fields and new items as the form has them, then what else of items. Pure."""
    known = {item.field: item.name for item in now.items}
    return tuple(dict.fromkeys(_words(differences(before, after), after, known)))


def _words(found: Sequence[Difference], after: Resource, known: Mapping[str, str]) -> Iterator[str]:
    names = {item.field: item.name for item in after.items}
    of_item: dict[str, list[str]] = {}
    counts = {"added": 0, "removed": 0, "changed": 0}
    for each in found:
        root, _, rest = each.path.partition("[")
        if root.partition(".")[0] in _UNTOLD:
            continue
        if root != "items" or not rest:
            yield each.label_zh
            continue
        field, _, own = rest.rpartition("]")
        is_named = field in names and known.get(field) == names[field]
        if own:
            of_item.setdefault(field if is_named else "", []).append(LABELS[f"items{own}"])
        elif is_named and each.kind == "added":
            yield f"增加数据项“{names[field]}”"
        else:
            counts[each.kind] += 1
    for field, labels in of_item.items():
        if field:
            yield f"数据项“{names[field]}”的{'、'.join(dict.fromkeys(labels))}"
    if counts["added"]:
        yield f"增加 {counts['added']} 个后来又改的数据项"
    if counts["removed"]:
        yield f"删去 {counts['removed']} 个数据项"
    if "" in of_item:
        yield "后来又改的数据项"

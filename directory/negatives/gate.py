"""Nothing on the negative list is published as shared or open, and nothing on it is agreed to."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from directory.errors import DirectoryError
from directory.negatives.queries import NO_OPENING, NO_SHARING, Hit, held_back, hits
from directory.resources.models import ResourceEntry
from metadata.resource import Resource

_NAMED: Final = 10
_SHARED: Final = frozenset({"unconditional", "conditional"})


def refuse_listed(session: Session, entry: ResourceEntry, record: Resource, on: date) -> None:
    """Raises ``NEGATIVE_LISTED`` where the record shares or opens what an entry of the list in force holds back."""
    asked = []
    if record.sharing.share_type in _SHARED:
        asked.append(("共享", NO_SHARING))
    if record.openness.is_open:
        asked.append(("开放", NO_OPENING))
    for what, covers in asked:
        found = hits(session, entry, record.items, on, covers)
        if found:
            raise DirectoryError("NEGATIVE_LISTED", what=what, **_words(found))


def refuse_held_back(
    session: Session, entry: ResourceEntry, record: Resource, fields: Collection[str], on: date
) -> None:
    """Raises ``NEGATIVE_HELD_BACK`` where the list in force forbids to share one of these items of the entry."""
    found = held_back(session, entry, [item for item in record.items if item.field in fields], on)
    if found:
        raise DirectoryError("NEGATIVE_HELD_BACK", **_words(found))


def _words(found: Sequence[Hit]) -> dict[str, object]:
    """The items that are held back, and by which laws."""
    names = list(dict.fromkeys(name for hit in found for name in hit.names))
    laws = dict.fromkeys(f"《{hit.entry.law_title.strip('《》')}》{hit.entry.law_article}" for hit in found)
    items, items_en = "、".join(names[:_NAMED]) or "整条目录", ", ".join(names[:_NAMED]) or "the whole entry"
    if len(names) > _NAMED:
        items, items_en = f"{items} 等 {len(names)} 项", f"{items_en} and more, {len(names)} in all"
    return {"items": items, "items_en": items_en, "law": "；".join(laws)}

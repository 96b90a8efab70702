"""Nothing on the negative list is published as shared or open."""

from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from directory.errors import DirectoryError
from directory.negatives.queries import NO_OPENING, NO_SHARING, hits
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
            names = list(dict.fromkeys(name for hit in found for name in hit.names))
            items = "、".join(names[:_NAMED]) or "整条目录"
            laws = "；".join(
                dict.fromkeys(f"《{hit.entry.law_title.strip('《》')}》{hit.entry.law_article}" for hit in found)
            )
            raise DirectoryError("NEGATIVE_LISTED", what=what, items=items, law=laws)

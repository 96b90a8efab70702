"""Entries as a list shows them. What a version says is kept, since it never changes; how an entry stands is asked anew.

So nobody is shown what they may not see by now, and the records of what is often found are not read again and again.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.resources.rows import EntryState, entry_states, sees, sees_inside, version_records
from directory.search.documents import TEXTS, texts
from directory.search.filed import formats, mounts
from directory.search.folding import fold_together

_KEPT = 3000  # a few kilobytes each


@dataclass(frozen=True, slots=True)
class SearchItem:
    """One entry found. ``found_in`` names the parts that hold a word, in the users' language."""

    id: UUID
    identifier: str | None
    code: str | None
    title: str
    abstract: str
    provider: str
    provider_code: str
    library: str | None
    share_type: str | None
    status: str
    formats: tuple[str, ...]
    mount_kinds: tuple[str, ...]
    cycle: str | None
    items_count: int
    updated_on: date
    views: int
    found_in: tuple[str, ...]


class Listing(NamedTuple):
    """What one version says: the values of its ``SearchItem``, and its folded texts by part."""

    title: str
    abstract: str
    provider: str
    library: str | None
    share_type: str | None
    formats: tuple[str, ...]
    mount_kinds: tuple[str, ...]
    cycle: str | None
    items_count: int
    folded: Mapping[str, str]


class KeptListings:
    """Listings by entry and version; the least lately used go first."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._kept: OrderedDict[tuple[UUID, int], Listing] = OrderedDict()

    def of(self, session: Session, states: Iterable[EntryState]) -> Mapping[UUID, Listing]:
        """The listings of the versions shown, by entry; those not kept are read together."""
        wanted = {(each.id, each.version): each for each in states}
        with self._mutex:
            held = {key: self._kept[key] for key in wanted if key in self._kept}
            found = {key: said for key, said in held.items() if said.provider == wanted[key].org_name}
            for key in found:
                self._kept.move_to_end(key)
        missing = [key for key in wanted if key not in found]
        read = {key: _listing(wanted[key], record) for key, record in version_records(session, missing)}
        with self._mutex:
            self._kept |= read
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return {entry: listing for (entry, _), listing in (found | read).items()}


def items(
    session: Session, listings: KeptListings, actor: Actor, ids: Sequence[UUID], words: Sequence[str]
) -> list[SearchItem]:
    """The entries in the order given; what this actor may not see by now is left out."""
    states = {entry: state for entry, state in entry_states(session, ids).items() if sees(actor, state)}
    said = listings.of(session, states.values())
    return [_item(actor, states[each], said[each], words) for each in ids if each in states]


def _item(actor: Actor, state: EntryState, said: Listing, words: Sequence[str]) -> SearchItem:
    return SearchItem(
        id=state.id,
        identifier=state.identifier,
        code=state.code,
        title=said.title,
        abstract=said.abstract,
        provider=said.provider,
        provider_code=state.org_code,
        library=said.library,
        share_type=said.share_type,
        status=state.status if sees_inside(actor, state) else "published",
        formats=said.formats,
        mount_kinds=said.mount_kinds,
        cycle=said.cycle,
        items_count=said.items_count,
        updated_on=state.updated_on,
        views=state.views,
        found_in=tuple(TEXTS[name] for name, text in said.folded.items() if any(word in text for word in words)),
    )


def _listing(state: EntryState, record: Mapping[str, Any]) -> Listing:
    kinds = mounts(record)
    parts = texts(state, record)
    return Listing(
        title=record["title"],
        abstract=record["abstract"],
        provider=state.org_name,
        library=record["library"],
        share_type=record["sharing"]["share_type"],
        formats=formats(record),
        mount_kinds=() if kinds == ("none",) else kinds,
        cycle=record["update_cycle"],
        items_count=len(record["items"]),
        folded={name: fold_together(parts[name]) for name in TEXTS},
    )

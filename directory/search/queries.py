"""Search the catalogue: the index finds and counts, PostgreSQL has the last word on what is shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.libraries.names import library_labels
from directory.organisations.names import organisation_names
from directory.policy import Visible, visible_resources
from directory.resources.queries import SearchRow, is_inside, search_rows
from directory.resources.rows import EntryRow, entry_rows, sees, sees_inside
from directory.search.asking import SearchQuery
from directory.search.counts import Counts, count, count_states, total
from directory.search.cursor import PageCursor
from directory.search.documents import TEXTS, texts
from directory.search.filed import formats, mounts
from directory.search.filters import CHOICES, Clause
from directory.search.folding import fold
from directory.search.index import SearchIndex, View
from directory.search.match import levels, matching, narrowing, parts_of
from directory.search.walk import Place, Walk
from directory.search.words import SEPARATOR, pieces_of, words_of

_BUCKETS = 200
_STREAMED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Bucket:
    """One value of a facet and how many entries it would leave; counted without the facet's own choices."""

    value: str
    label: str
    count: int


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


@dataclass(frozen=True, slots=True)
class Explained:
    """How the query was read: the words looked for after folding, in which texts, and whether words were cut up.

    ``folded`` are the words that folding changed: as typed, as looked for.
    """

    words: tuple[str, ...]
    folded: tuple[tuple[str, str], ...]
    is_loosened: bool
    searched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page. ``next`` and ``previous`` are what ``after`` takes; ``first`` is the number of its first line.

    ``words`` are those looked for; ``is_loosened`` says that they are pieces of what was typed. ``is_behind``: many
    entries changed just now and are not in the index yet.
    """

    total: int
    items: tuple[SearchItem, ...]
    facets: Mapping[str, tuple[Bucket, ...]]
    next: str | None
    previous: str | None
    first: int
    words: tuple[str, ...]
    is_loosened: bool
    is_behind: bool
    explain: Explained


@dataclass(frozen=True)
class _Asked:
    """A query made ready against one state of the index."""

    view: View
    seen: Visible
    words: tuple[str, ...]
    is_loosened: bool
    walk: Walk


def search(session: Session, index: SearchIndex, actor: Actor, query: SearchQuery) -> SearchPage:
    """The entries this actor may see and that hold every word; raises ``CURSOR_INVALID`` and ``SEARCH_AWAY``.

    Where no entry holds the words as typed, the dictionary words inside them are looked for instead.
    """
    name = query.is_same_search()
    cursor = PageCursor.read(query.after, index.secret(), name) if query.after else None
    asked = _asked(session, index, actor, query)
    counts, parts = _counts(index, asked, query, name)
    walk = asked.walk._replace(parts=parts, total=counts.total)
    places, passed, has_more = _page(walk, cursor, query.size)
    items = _items(session, actor, [each.id for each in places], asked.words)
    return SearchPage(
        total=counts.total,
        items=tuple(items),
        facets=_facets(session, counts, query),
        next=PageCursor(places[-1], passed + len(places)).text(index.secret(), name) if has_more else None,
        previous=(
            PageCursor(places[0], max(0, passed - query.size), is_back=True).text(index.secret(), name)
            if passed and places
            else None
        ),
        first=passed + 1,
        words=asked.words,
        is_loosened=asked.is_loosened,
        is_behind=asked.view.is_behind,
        explain=Explained(
            asked.words,
            tuple((typed, fold(typed)) for typed in query.q.split() if fold(typed) not in {typed, ""}),
            asked.is_loosened,
            tuple(TEXTS.values()),
        ),
    )


def matching_rows(session: Session, index: SearchIndex, actor: Actor, query: SearchQuery) -> Iterator[SearchRow]:
    """Every entry found, in order and from one state of the index, with its whole record; ``after`` is not looked at.

    Entries are read some hundred at a time, so that a list of any length can be handed on while it is read.
    """
    walk = _asked(session, index, actor, query).walk
    place: Place | None = None
    while places := walk.after(place, _STREAMED_AT_ONCE):
        rows = {row.entry.id: row for row in search_rows(session, [each.id for each in places])}
        for each in places:
            row = rows.get(each.id)
            if row is not None and (row.is_public or is_inside(actor, row.entry)):
                yield row
        session.expunge_all()  # what was handed on need not be remembered
        place = places[-1]


def _asked(session: Session, index: SearchIndex, actor: Actor, query: SearchQuery) -> _Asked:
    view, seen = index.view(session), visible_resources(actor)
    words, is_loosened = words_of(query.q), False
    if words and not _found(index, view, words, seen):
        pieces = pieces_of(words)
        if pieces != words and _found(index, view, pieces, seen):
            words, is_loosened = pieces, True
    by_relevance = words and query.sort == "relevance"
    stages: Sequence[Sequence[Clause]] = levels(words, query.q) if by_relevance else [matching(words)]
    order = "by_relevance" if by_relevance else f"by_{'updated' if query.sort == 'relevance' else query.sort}"
    walk = Walk(view.searcher, parts_of(seen), stages, narrowing(query.chosen(), seen), order)
    return _Asked(view, seen, words, is_loosened, walk)


def _found(index: SearchIndex, view: View, words: tuple[str, ...], seen: Visible) -> int:
    key = ("found", words, seen)
    found: int = index.counts.get(view.stamp, key, lambda: total(view.searcher, matching(words), seen))
    return found


def _page(walk: Walk, cursor: PageCursor | None, size: int) -> tuple[list[Place], int, bool]:
    """The page's hits, how many stood before it, and whether more come after it."""
    if cursor is not None and cursor.is_back:
        found = walk.before(cursor.place, size)
        passed = cursor.passed if len(found) == size else 0
        return found, passed, bool(found)
    found = walk.after(cursor.place if cursor else None, size + 1)
    return found[:size], cursor.passed if cursor else 0, len(found) > size


def _counts(
    index: SearchIndex, asked: _Asked, query: SearchQuery, name: bytes
) -> tuple[Counts, list[Sequence[Clause]]]:
    """The sum over the parts of the view, and the parts in which there is something.

    Everybody's part is counted once for all readers.
    """
    parts = []
    chosen, found = query.chosen(), matching(asked.words)
    reader = asked.seen if "status" in chosen else None
    together, counted = 0, {choice: dict[str, int]() for choice in CHOICES}
    for number, part in enumerate(parts_of(asked.seen)):
        whose = "all" if asked.seen.is_everything else f"own {asked.seen.org_code}" if number else "public"
        counting = partial(count, asked.view.searcher, found, part, chosen, asked.seen)
        one: Counts = index.counts.get(asked.view.stamp, (whose, reader, asked.words, name), counting)
        together += one.total
        parts += [part] if one.total else []
        for choice, values in one.facets.items():
            for value, times in values.items():
                counted[choice][value] = counted[choice].get(value, 0) + times
    if not asked.seen.is_everything:
        counting_states = partial(count_states, asked.view.searcher, found, chosen, asked.seen)
        key = ("states", asked.seen, asked.words, name)
        counted["status"] = index.counts.get(asked.view.stamp, key, counting_states)
    return Counts(together, counted), parts


def _facets(session: Session, counts: Counts, query: SearchQuery) -> Mapping[str, tuple[Bucket, ...]]:
    """The most frequent values first; those chosen are always listed, also with 0, so that they can be taken off."""
    names = {**organisation_names(session, frozenset(counts.facets["provider"])), **library_labels(session)}
    facets = {}
    for name, choice in CHOICES.items():
        found, chosen = counts.facets[name], getattr(query, name)
        ordered = sorted(found.items(), key=lambda each: (-each[1], each[0]))[:_BUCKETS]
        ordered += [(value, found.get(value, 0)) for value in chosen if value not in dict(ordered)]
        facets[name] = tuple(Bucket(value, choice.label(value, names), times) for value, times in ordered)
    return facets


def _items(session: Session, actor: Actor, ids: Sequence[UUID], words: Sequence[str]) -> list[SearchItem]:
    """The entries in the order found; what this actor may not see by now is left out."""
    rows = {row.id: row for row in entry_rows(session, ids)} if ids else {}
    found = (rows[each] for each in ids if each in rows)
    return [_item(actor, row, words) for row in found if sees(actor, row)]


def _item(actor: Actor, row: EntryRow, words: Sequence[str]) -> SearchItem:
    record: Mapping[str, Any] = row.record
    kinds = mounts(row)
    return SearchItem(
        id=row.id,
        identifier=row.identifier,
        code=row.code,
        title=record["title"],
        abstract=record["abstract"],
        provider=record["provider"]["name"],
        provider_code=row.org_code,
        library=record["library"],
        share_type=record["sharing"]["share_type"],
        status=row.status if sees_inside(actor, row) else "published",
        formats=formats(record),
        mount_kinds=() if kinds == ("none",) else kinds,
        cycle=record["update_cycle"],
        items_count=len(record["items"]),
        updated_on=row.updated_on,
        views=row.views,
        found_in=_found_in(row, words),
    )


def _found_in(row: EntryRow, words: Sequence[str]) -> tuple[str, ...]:
    if not words:
        return ()
    parts = {name: SEPARATOR.join(map(fold, values)) for name, values in texts(row).items()}
    return tuple(name_zh for name, name_zh in TEXTS.items() if any(word in parts[name] for word in words))

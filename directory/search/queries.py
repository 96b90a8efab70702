"""Search the catalogue: the index finds and counts, PostgreSQL has the last word on what is shown."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, partial
from typing import Any

import orjson
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.libraries.names import library_labels
from directory.organisations.names import organisation_names
from directory.policy import Visible, visible_resources
from directory.resources.queries import SearchRow, is_inside, search_rows
from directory.search.asking import SearchQuery
from directory.search.counts import COUNTS, NUMBER, Counts, count, count_states, total
from directory.search.cursor import PageCursor
from directory.search.documents import TEXTS
from directory.search.filters import CHOICES, PUBLISHED, Clause, Names
from directory.search.folding import fold
from directory.search.index import SearchIndex, View
from directory.search.listing import SearchItem, items
from directory.search.match import finds_most, levels, matching, narrowing, parts_of
from directory.search.shared import Form
from directory.search.walk import Place, Walk
from directory.search.words import pieces_of, words_of

_BUCKETS = 100
_STREAMED_AT_ONCE = 500
_KEPT_SIZE = 20  # hits of a page that is kept: larger ones are a program's, which asks for each once


@dataclass(frozen=True, slots=True)
class Bucket:
    """One value of a facet and how many entries it would leave; counted without the facet's own choices."""

    value: str
    label: str
    count: int


class Facets(dict[str, tuple[Bucket, ...]]):
    """Buckets by filter; written as JSON once, however often they are sent."""

    @cached_property
    def written(self) -> bytes:
        return orjson.dumps(dict(self))


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
    """A query made ready against one state of the index; ``name`` is the search's, whatever the page."""

    view: View
    seen: Visible
    words: tuple[str, ...]
    is_loosened: bool
    counts: Counts
    query: SearchQuery
    parts: Sequence[Sequence[Clause]]
    name: bytes

    @cached_property
    def walk(self) -> Walk:
        """The way through what is found; not needed for a page that is kept."""
        words, sort = self.words, self.query.sort
        by_relevance = words and sort == "relevance"
        stages: Sequence[Sequence[Clause]] = levels(words, self.query.q) if by_relevance else [matching(words)]
        order = "by_relevance" if by_relevance else f"by_{'updated' if sort == 'relevance' else sort}"
        narrowed = narrowing(self.query.chosen(), self.seen)
        return Walk(self.view.searcher, self.parts, stages, narrowed, order, self.counts.total)


def search(session: Session, index: SearchIndex, actor: Actor, query: SearchQuery) -> SearchPage:
    """The entries this actor may see and that hold every word; raises ``CURSOR_INVALID`` and ``SEARCH_AWAY``.

    Where no entry holds the words as typed, the dictionary words inside them are looked for instead.
    """
    secret, name = index.secret(), query.is_same_search()
    cursor = PageCursor.read(query.after, secret, name) if query.after else None
    asked = _asked(session, index, actor, query, name)
    if query.size <= _KEPT_SIZE:
        key = ("page", asked.seen, asked.words, name, query.after, query.size)
        page = index.counts.get(asked.view.stamp, key, lambda: _page(asked.walk, cursor, query.size), _PAGE)
    else:
        page = _page(asked.walk, cursor, query.size)
    places, passed, has_more = page
    is_later = bool(passed and places)
    return SearchPage(
        total=asked.counts.total,
        items=tuple(items(session, index.listings, actor, [each.id for each in places], asked.words)),
        facets=_facets(session, index, asked, query),
        next=PageCursor(places[-1], passed + len(places)).text(secret, name) if has_more else None,
        previous=PageCursor(places[0], max(0, passed - query.size), True).text(secret, name) if is_later else None,
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


def written(page: SearchPage) -> bytes:
    """The page as JSON."""
    values = {each.name: getattr(page, each.name) for each in fields(page)}
    if isinstance(page.facets, Facets):
        values["facets"] = orjson.Fragment(page.facets.written)
    return orjson.dumps(values)


def matching_rows(session: Session, index: SearchIndex, actor: Actor, query: SearchQuery) -> Iterator[SearchRow]:
    """Every entry found, in order and from one state of the index, with its whole record; ``after`` is not looked at.

    Entries are read some hundred at a time, so that a list of any length can be handed on while it is read.
    """
    walk = _asked(session, index, actor, query, query.is_same_search()).walk
    place: Place | None = None
    while places := walk.after(place, _STREAMED_AT_ONCE):
        rows = {row.entry.id: row for row in search_rows(session, [each.id for each in places])}
        for each in places:
            row = rows.get(each.id)
            if row is not None and (row.is_public or is_inside(actor, row.entry)):
                yield row
        session.expunge_all()  # what was handed on need not be remembered
        place = places[-1]


def _asked(session: Session, index: SearchIndex, actor: Actor, query: SearchQuery, name: bytes) -> _Asked:
    view, seen = index.view(session), visible_resources(actor)
    words, is_loosened = words_of(query.q), False
    counts, parts = _counts(index, view, seen, words, query, name)
    if words and not counts.total and not _found(index, view, words, seen):
        pieces = pieces_of(words)
        if pieces != words and _found(index, view, pieces, seen):
            words, is_loosened = pieces, True
            counts, parts = _counts(index, view, seen, words, query, name)
    return _Asked(view, seen, words, is_loosened, counts, query, parts, name)


def _found(index: SearchIndex, view: View, words: tuple[str, ...], seen: Visible) -> int:
    """How many entries hold the words, whatever else is asked."""
    key = ("found", words, seen)
    found: int = index.counts.get(view.stamp, key, lambda: total(view.searcher, matching(words), seen), NUMBER)
    return found


def _read_page(told: Sequence[Any]) -> tuple[list[Place], int, bool]:
    places, passed, has_more = told
    return [Place.read(each) for each in places], int(passed), bool(has_more)


_PAGE = Form(lay_out=lambda page: [[tuple(each) for each in page[0]], *page[1:]], read=_read_page)


def _page(walk: Walk, cursor: PageCursor | None, size: int) -> tuple[list[Place], int, bool]:
    """The page's hits, how many stood before it, and whether more come after it."""
    if cursor is not None and cursor.is_back:
        found = walk.before(cursor.place, size)
        passed = cursor.passed if len(found) == size else 0
        return found, passed, bool(found)
    found = walk.after(cursor.place if cursor else None, size + 1)
    return found[:size], cursor.passed if cursor else 0, len(found) > size


def _counts(
    index: SearchIndex, view: View, seen: Visible, words: tuple[str, ...], query: SearchQuery, name: bytes
) -> tuple[Counts, list[Sequence[Clause]]]:
    """What this reader would find, and the parts of the view in which there is something."""
    summed: tuple[Counts, list[Sequence[Clause]]] = index.counts.get(
        view.stamp, ("sum", seen, words, name), lambda: _summed(index, view, seen, words, query, name)
    )
    return summed


def _summed(
    index: SearchIndex, view: View, seen: Visible, words: tuple[str, ...], query: SearchQuery, name: bytes
) -> tuple[Counts, list[Sequence[Clause]]]:
    """The sum over the parts of the view; everybody's part is counted once for all readers."""
    parts, counts, chosen, found = [], list[Counts](), query.chosen(), matching(words)
    reader = seen if "status" in chosen else None
    together, counted = 0, dict[str, Mapping[str, int]]()
    is_most = finds_most(view.searcher, words)
    for number, part in enumerate(parts_of(seen)):
        whose = "all" if seen.is_everything else f"own {seen.org_code}" if number else "public"
        kept = partial(index.counts.get, view.stamp)
        all_chosen = partial(count, view.searcher, (), part, chosen, seen)
        whole = partial(kept, (whose, reader, orjson.dumps(chosen)), all_chosen, COUNTS) if is_most else None
        one: Counts = kept(
            (whose, reader, words, name), partial(count, view.searcher, found, part, chosen, seen, whole), COUNTS
        )
        counts.append(one)
        together += one.total
        parts += [part] if one.total else []
        for choice, values in one.facets.items():
            counted[choice] = (
                Counter(counted[choice]) + Counter(values)
                if counted.get(choice) and values
                else (values or counted.get(choice, {}))
            )
    if not seen.is_everything:
        states = _states(counts, seen)
        if states is None:
            states = count_states(view.searcher, found, chosen, seen, together)
        counted["status"] = states
    return Counts(together, counted, None), parts


def _states(counts: Sequence[Counts], seen: Visible) -> dict[str, int] | None:
    """The department's own by state, all others' as published; None where the counts do not tell."""
    states = Counter[str]()
    for part in counts:
        if part.inside is None:
            return None
        states.update(part.inside.get(seen.org_code, {}))
    others = sum(part.total for part in counts) - states.total()
    return dict(states + Counter({PUBLISHED: others}))


def _facets(session: Session, index: SearchIndex, asked: _Asked, query: SearchQuery) -> Facets:
    """The most frequent values first; those chosen are always listed, also with 0, so that they can be taken off."""
    departments = organisation_names(session, frozenset(asked.counts.facets["provider"]))
    libraries = library_labels(session)
    key = ("facets", asked.seen, asked.words, asked.name, id(departments), id(libraries))
    named: tuple[Facets, object, object] = index.counts.get(  # the names are kept too, so that no others get their ids
        asked.view.stamp,
        key,
        lambda: (_named(asked.counts, query, {**departments, **libraries}), departments, libraries),
    )
    return named[0]


def _named(counts: Counts, query: SearchQuery, names: Names) -> Facets:
    facets = Facets()
    for name, choice in CHOICES.items():
        found, chosen = counts.facets[name], getattr(query, name)
        ordered = sorted(found.items(), key=lambda each: (-each[1], each[0]))[:_BUCKETS]
        ordered += [(value, found.get(value, 0)) for value in chosen if value not in dict(ordered)]
        facets[name] = tuple(Bucket(value, choice.label(value, names), times) for value, times in ordered)
    return facets

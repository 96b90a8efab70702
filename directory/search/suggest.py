"""What somebody may be about to type: titles by their beginning or any part, also in pinyin, and departments."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sqlalchemy.orm import Session
from tantivy import Occur, Query

from directory.actors import Actor
from directory.organisations.names import organisation_names
from directory.policy import visible_resources
from directory.search.counts import total
from directory.search.documents import characters_of, schema
from directory.search.filters import Clause, one_of
from directory.search.folding import fold
from directory.search.index import SearchIndex
from directory.search.listing import items
from directory.search.match import parts_of, phrase
from directory.search.pinyin import initials, read_folded, syllables, syllables_of
from directory.search.walk import Walk
from directory.search.words import START, pairs_of_word

_MIXED = re.compile("(.*[^a-z0-9'])([a-z']+)")  # 婚姻d: the characters already chosen, and what is being typed
_TITLES = 8
_PROVIDERS = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text to search for, and for a title its entry's identifier or id, for a department its code."""

    text: str
    kind: Literal["title", "provider"]
    ref: str


def suggest(session: Session, index: SearchIndex, actor: Actor, typed: str) -> list[Suggestion]:
    """Departments, then titles that begin with what was typed, then those that hold it; nothing for nothing typed.

    Only of entries that this actor may see. Raises ``SEARCH_AWAY``.
    """
    folded = fold(typed)
    if not folded:
        return []
    view, seen = index.view(session), visible_resources(actor)
    starts, holds = (_spelled_so(folded, is_start=is_start) for is_start in (True, False))
    begins, within = Query.boolean_query(starts), Query.boolean_query(holds)
    later = [(Occur.Must, within), (Occur.MustNot, begins)]
    walk = Walk(view.searcher, parts_of(seen), [[(Occur.Must, begins)], later], (), "by_relevance")
    ids = [place.id for place in walk.after(None, _TITLES * 2)]
    titles: dict[str, Suggestion] = {}
    for item in items(session, index.listings, actor, ids, ()):
        titles.setdefault(fold(item.title), Suggestion(item.title, "title", item.identifier or str(item.id)))
    providers = [
        Suggestion(name, "provider", code)
        for code, name in _departments(session, folded)
        if total(view.searcher, [(Occur.Must, one_of(schema(), "in_provider", [code]))], seen)
    ]
    return [*providers[:_PROVIDERS], *list(titles.values())[:_TITLES]]


def _spelled_so(folded: str, *, is_start: bool) -> list[Clause]:
    """Titles written so, or spelled so in pinyin, or begun in characters and gone on in pinyin; any of these."""
    found = [*_written_so(folded, is_start=is_start), *_read_so(folded, is_start=is_start)]
    mixed = _MIXED.fullmatch(folded)
    if mixed is not None:
        read = read_folded(mixed[1])
        ways = [
            each
            for said in ("".join(one[0] for one in read), "".join(read))
            for each in _read_so(said + mixed[2], is_start=is_start)
        ]
        both = [*_written_so(mixed[1], is_start=is_start), _any(ways)] if ways else []
        found += [Query.boolean_query([(Occur.Must, each) for each in both])] if both else []
    return [(Occur.Should, each) for each in found]


def _any(queries: Sequence[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, each) for each in queries])


def _written_so(folded: str, *, is_start: bool) -> list[Query]:
    title = pairs_of_word(folded)
    if is_start:
        title = [f"{START}{folded[0]}", *(title if len(folded) > 1 else ())]
    return [phrase("title" if len(title) > 1 or len(title[0]) > 1 else characters_of("title"), title)]


def _read_so(folded: str, *, is_start: bool) -> list[Query]:
    short = initials(folded, is_start=is_start)
    found = [phrase("spelled", short)] if short else []
    return found + [_unfinished(each) for each in syllables(folded, is_start=is_start)]


def _unfinished(tokens: Sequence[str]) -> Query:
    """A phrase whose last token may go on."""
    return Query.phrase_prefix_query(schema(), "spelled", list(tokens))


def _departments(session: Session, folded: str) -> list[tuple[str, str]]:
    """Departments whose name begins with what was typed or holds it, in characters or pinyin."""
    found = []
    for code, name in organisation_names(session).items():
        written, letters, sounds = _written(name)
        if folded in written or folded in letters or sounds.startswith(folded):
            found.append((not written.startswith(folded), len(written), code, name))
    return [(code, name) for *_, code, name in sorted(found)][: _PROVIDERS * 2]


@lru_cache(maxsize=1 << 12)
def _written(name: str) -> tuple[str, str, str]:
    """A name folded, by its initials, and in syllables."""
    read = syllables_of(name)
    return fold(name), "".join(each[0] for each in read), "".join(read)

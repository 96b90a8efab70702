"""A search as tantivy queries: what must be found, at which level, in whose view, narrowed to what."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tantivy import Occur, Query, Searcher

from directory.policy import Visible
from directory.search.documents import LEVELS, PUBLIC, characters_of, schema
from directory.search.filters import FILTERS, Clause
from directory.search.folding import fold
from directory.search.words import pairs_of_word


def matching(words: Sequence[str], level: str = "text") -> list[Clause]:
    """All words, each somewhere in this level."""
    return [(Occur.Must, _anywhere(LEVELS[level], word)) for word in words]


def levels(words: Sequence[str], typed: str) -> list[list[Clause]]:
    """The levels of a search, nearest first and without what is in a nearer one: together they are ``matching(words)``.

    First what was typed whole (title, identifier or code), then all words in the title, in title, codes, keywords,
    items and provider, and in the abstract too. Every word has to be found, so it is the place that tells hits apart.
    """
    whole = Query.term_query(schema(), "whole", fold(typed), "basic")
    title, head, text = (Query.boolean_query(matching(words, level)) for level in LEVELS)
    return [
        [(Occur.Must, whole)],
        [(Occur.Must, title), (Occur.MustNot, whole)],
        [(Occur.Must, head), (Occur.MustNot, title), (Occur.MustNot, whole)],
        [(Occur.Must, text), (Occur.MustNot, head)],  # what is found whole is found in the head
    ]


def parts_of(seen: Visible) -> tuple[Sequence[Clause], ...]:
    """What this reader may find, as parts without overlap: everybody's, and their own department's unpublished."""
    if seen.is_everything:
        return ((),)
    return tuple(((Occur.Must, _seen_by(reader)),) for reader in (PUBLIC, seen.org_code))


def narrowing(asked: Mapping[str, Any], seen: Visible, but: str = "") -> list[Clause]:
    """What was chosen: any value of one filter, all filters together; ``but`` leaves one out, for counting it."""
    return [
        clause
        for each in FILTERS
        if each.name in asked and each.name != but
        for clause in each.clauses(schema(), asked[each.name], seen)
    ]


def all_of(*clauses: Iterable[Clause]) -> Query:
    """One query of these clauses; everything where there is none."""
    together = [clause for each in clauses for clause in each]
    if all(occur == Occur.MustNot for occur, _ in together):
        together.append((Occur.Must, Query.all_query()))
    return together[0][1] if len(together) == 1 else Query.boolean_query(together)


def phrase(name: str, tokens: Sequence[str]) -> Query:
    """Entries with these tokens in a row."""
    return _in_places(name, tokens, range(len(tokens)))


def written(name: str, word: str) -> Query:
    """Entries with this word: every other of its overlapping pairs is enough to hold each character in its place."""
    pairs = pairs_of_word(word)
    return _in_places(name, pairs, sorted({*range(0, len(pairs), 2), len(pairs) - 1}))


def _in_places(name: str, tokens: Sequence[str], places: Sequence[int]) -> Query:
    if len(tokens) == 1:  # tantivy has no phrase of one
        return Query.term_query(schema(), name, tokens[0], "basic")
    return Query.phrase_query(schema(), name, [(place, tokens[place]) for place in places])


def finds_most(searcher: Searcher, words: Sequence[str]) -> bool:
    """Whether these words may be in most entries, as far as the rarest pair of characters of each tells."""
    return bool(words) and all(
        2 * sum(min(_held(searcher, name, token) for token in pairs_of_word(word)) for name in LEVELS["text"])
        > searcher.num_docs
        for word in words
    )


def _held(searcher: Searcher, name: str, token: str) -> int:
    return searcher.doc_freq(characters_of(name) if len(token) == 1 else name, token)


def _anywhere(fields: Sequence[str], word: str) -> Query:
    if len(word) == 1:
        found = [phrase(characters_of(name), [word]) for name in fields]
    else:
        found = [written(name, word) for name in fields]
    return found[0] if len(found) == 1 else Query.boolean_query([(Occur.Should, each) for each in found])


def _seen_by(reader: str) -> Query:
    return Query.const_score_query(Query.term_query(schema(), "seen_by", reader, "basic"), 0.0)

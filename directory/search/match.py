"""A search as tantivy queries: what must be found, what comes first, who may see it, what it is narrowed to."""

from collections.abc import Mapping, Sequence

import tantivy
from tantivy import Occur, Query

from directory.policy import Visible
from directory.search.documents import FACETS, PUBLIC, TEXTS, facet_field, schema
from directory.search.words import fold, pairs_of_word

_WHOLE_WEIGHT = 1000.0  # above any sum of the weights of ``TEXTS``: what was typed whole comes first

Clause = tuple[Occur, Query]


def matching(words: Sequence[str], typed: str) -> list[Clause]:
    """All words, each in any part; an entry whose title, identifier or code is exactly what was typed comes first."""
    fields = schema()
    if not words:
        return [(Occur.Must, Query.const_score_query(Query.all_query(), 0.0))]
    clauses: list[Clause] = [(Occur.Must, _anywhere(fields, word)) for word in words]
    whole = Query.const_score_query(Query.term_query(fields, "whole", fold(typed)), _WHOLE_WEIGHT)
    return [*clauses, (Occur.Should, whole)]


def visible(seen: Visible) -> list[Clause]:
    """What this reader may find."""
    if seen.is_everything:
        return []
    return [_one_of("seen_by", [PUBLIC, seen.org_code])]


def narrowing(chosen: Mapping[str, Sequence[str]], but: str = "") -> list[Clause]:
    """The chosen values: any of one facet, all facets together; ``but`` leaves one facet out, for counting it."""
    return [_one_of(facet_field(name), chosen[name]) for name in FACETS if name != but and chosen[name]]


def _anywhere(fields: tantivy.Schema, word: str) -> Query:
    if len(word) == 1:
        return Query.const_score_query(Query.term_query(fields, "characters", word), 1.0)
    found = (Query.boost_query(_phrase(fields, part, word), text.weight) for part, text in TEXTS.items())
    return Query.boolean_query([(Occur.Should, each) for each in found])


def _phrase(fields: tantivy.Schema, part: str, word: str) -> Query:
    pairs = pairs_of_word(word)
    if len(pairs) == 1:  # tantivy has no phrase of one
        return Query.term_query(fields, part, pairs[0])
    return Query.phrase_query(fields, part, list(pairs))


def _one_of(field: str, values: Sequence[str]) -> Clause:
    return Occur.Must, Query.const_score_query(Query.term_set_query(schema(), field, list(values)), 0.0)

"""Text as the index reads it. Pure: cutting folded text into tokens, cutting a query into words.

A word of two or more characters is found wherever it stands inside a text, as SQL's LIKE would find it: the text is
kept as its overlapping pairs of characters in order, and a word is the phrase of its own pairs.
"""

import sys
from array import array
from collections.abc import Iterable

import rjieba

from directory.search.folding import PARTED, fold

START = "\x02"  # stands before the first character of a title, for finding titles by how they begin; folding removes it
_UTF_32 = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"  # the machine's own, and without a mark
_SPACE = " ".encode(_UTF_32)
_FOUR_BYTES = "I"


def tokens(folded: str, lead: str = "") -> tuple[str, str]:
    """The overlapping pairs of a folded text after ``lead``; and every different character. Parted by spaces.

    Of several values, ``PARTED`` stands between two, so that no word is found across them.
    """
    return _pairs(lead + folded), " ".join(set(folded))


def _pairs(text: str) -> str:
    """“abc” is “ab bc”. Laid out as numbers, four bytes a character: most of an index's making would go into it."""
    characters = array(_FOUR_BYTES, text.encode(_UTF_32))
    count = len(characters) - 1
    if count < 1:
        return ""
    laid_out = array(_FOUR_BYTES, _SPACE * (3 * count))
    laid_out[0::3], laid_out[1::3] = characters[:-1], characters[1:]
    return laid_out.tobytes().decode(_UTF_32)[:-1]


def words_of(query: str) -> tuple[str, ...]:
    """What has to be found, all of it: the query's parts between spaces, folded, each once."""
    return tuple(dict.fromkeys(word for word in map(fold, query.replace(PARTED, " ").split()) if word))


def pieces_of(words: Iterable[str]) -> tuple[str, ...]:
    """The dictionary words of two or more characters inside each word, for when the words themselves find nothing.

    A word that does not hold at least two stays itself: what was asked for is loosened, not mostly dropped.
    """
    return tuple(dict.fromkeys(piece for word in words for piece in _cut(word)))


def pairs_of_word(word: str) -> list[str]:
    """The tokens of an already folded word, in order: its pairs, or itself where it is one character."""
    return [word[at : at + 2] for at in range(len(word) - 1)] or [word]


def _cut(word: str) -> list[str]:
    pieces = [piece for piece in rjieba.cut(word) if len(piece) > 1]
    return pieces if len(pieces) > 1 else [word]

"""Text as the index reads it. Pure: folding, cutting into tokens, cutting a query into words.

A word of two or more characters is found wherever it stands inside a text, as SQL's LIKE would find it: the text is
kept as its overlapping pairs of characters in order, and a word is the phrase of its own pairs.
"""

import unicodedata
from collections.abc import Iterable

import rjieba

SEPARATOR = "\x1e"  # stands between two values of one field, so that no word is found across them; folding removes it
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})


def fold(text: str) -> str:
    """The text without what a reader does not see as a difference: width, case, spaces, invisible characters.

    NFKC_Casefold (Unicode 15, §5.18.4) over the text, then every space and control character removed: “Ａ 级” is “a级”.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    seen = "".join(each for each in folded if unicodedata.category(each) not in _UNSEEN)
    return unicodedata.normalize("NFC", seen)  # what a removed space kept apart may compose now


def pairs(values: Iterable[str]) -> str:
    """The overlapping character pairs of each folded value, values parted; tokens are separated by spaces."""
    return f" {SEPARATOR} ".join(" ".join(_pairs_of(fold(value))) for value in values)


def characters(values: Iterable[str]) -> str:
    """Every different character of the folded values, for words of one character."""
    return " ".join(sorted({each for value in values for each in fold(value)}))


def words_of(query: str) -> tuple[str, ...]:
    """What has to be found, all of it: the query's parts between spaces, folded, each once."""
    return tuple(dict.fromkeys(word for word in map(fold, query.split()) if word))


def pieces_of(words: Iterable[str]) -> tuple[str, ...]:
    """The dictionary words of two or more characters inside each word, for when the words themselves find nothing.

    A word that does not hold at least two stays itself: what was asked for is loosened, not mostly dropped.
    """
    return tuple(dict.fromkeys(piece for word in words for piece in _cut(word)))


def pairs_of_word(word: str) -> list[str]:
    """The pairs of an already folded word of two or more characters."""
    return _pairs_of(word)


def _cut(word: str) -> list[str]:
    pieces = [piece for piece in rjieba.cut(word) if len(piece) > 1]
    return pieces if len(pieces) > 1 else [word]


def _pairs_of(folded: str) -> list[str]:
    return [folded[at : at + 2] for at in range(len(folded) - 1)]

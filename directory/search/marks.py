"""Show where a text holds the words looked for. Pure; marks only, so a rare composition missed here costs nothing."""

from collections.abc import Sequence
from typing import NamedTuple

from directory.search.folding import fold

_BEFORE = 20


class Part(NamedTuple):
    """A stretch of text, and whether it is a word looked for."""

    text: str
    is_hit: bool


def marked(text: str, words: Sequence[str]) -> list[Part]:
    """The whole text in order, parted at the hits."""
    hits = _hits(text, words)
    parts: list[Part] = []
    for at, character in enumerate(text):
        if parts and parts[-1].is_hit == hits[at]:
            parts[-1] = Part(parts[-1].text + character, hits[at])
        else:
            parts.append(Part(character, hits[at]))
    return parts


def excerpt(text: str, words: Sequence[str], length: int) -> list[Part]:
    """At most ``length`` characters from a little before the first hit, with ellipses for what is left out."""
    first = next((at for at, is_hit in enumerate(_hits(text, words)) if is_hit), 0)
    start = max(0, min(first - _BEFORE, len(text) - length))
    shown = marked(text[start : start + length], words)
    before = [Part("…", False)] if start else []
    after = [Part("…", False)] if start + length < len(text) else []
    return [*before, *shown, *after]


def _hits(text: str, words: Sequence[str]) -> list[bool]:
    """For each character whether it belongs to a hit; folding is done by character, keeping where each came from."""
    folded = [(each, at) for at, character in enumerate(text) for each in fold(character)]
    plain = "".join(each for each, _ in folded)
    hits = [False] * len(text)
    for word in words:
        found = plain.find(word)
        while word and found >= 0:
            first, last = folded[found][1], folded[found + len(word) - 1][1]
            hits[first : last + 1] = [True] * (last + 1 - first)
            found = plain.find(word, found + 1)
    return hits

"""Chinese on a terminal: 80 columns, in which a wide character takes two."""

import unicodedata
from collections.abc import Iterator

COLUMNS = 80


def wrapped(text: str, first: str, rest: str) -> Iterator[str]:
    """Lines of at most 80 columns; the first begins with ``first``, the others with ``rest``."""
    line, used = first, width(first)
    for word in _words(text):
        left = word
        if used + width(left) > COLUMNS and line not in (first, rest):
            yield line.rstrip()
            line, used, left = rest, width(rest), left.lstrip()
        while used + width(left) > COLUMNS:  # one word longer than a line
            head, left = _split(left, COLUMNS - used)
            yield line + head
            line, used = rest, width(rest)
        line, used = line + left, used + width(left)
    yield line.rstrip()


def width(text: str) -> int:
    """Columns on a terminal."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _words(text: str) -> Iterator[str]:
    """Pieces between which a line may break: single wide characters with the marks that follow, and runs of others."""
    piece = ""
    for character in text:
        is_wide = unicodedata.east_asian_width(character) in "WF"
        is_mark = character in "，。；：、？！）》”"
        if piece and not is_mark and (is_wide or piece[-1] == " " or unicodedata.east_asian_width(piece[-1]) in "WF"):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _split(word: str, columns: int) -> tuple[str, str]:
    count = 0
    for place, character in enumerate(word):
        count += width(character)
        if count > columns:
            return word[:place], word[place:]
    return word, ""

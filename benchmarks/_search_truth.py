"""The right answers, by looking at every entry: no index, no tokens, only the folding that both sides are held to."""

from collections.abc import Sequence

from benchmarks._search_entries import MAS, Asked, Entry
from directory.search.folding import fold

_PARTED = "\x00"  # stands between values, so that no word is found across two of them; folded text never holds it


class Truth:
    """The folded texts of all entries."""

    def __init__(self, made: Sequence[Entry]) -> None:
        self._made = made
        self._texts = [_PARTED.join(fold(text) for text in entry.texts()) for entry in made]

    def hits(self, asked: Asked) -> set[str]:
        """The ids of the entries that hold every word and meet the box."""
        words = [word for word in map(fold, asked.words.split()) if word]
        return {
            entry.id
            for entry, text in zip(self._made, self._texts, strict=True)
            if all(word in text for word in words) and (asked.box is None or _meets(entry, asked.box))
        }


def _meets(entry: Entry, box: tuple[float, float, float, float]) -> bool:
    if entry.box is None:
        return False
    west, south, east, north = (round(value * MAS) for value in box)
    return entry.box[0] <= east and entry.box[2] >= west and entry.box[1] <= north and entry.box[3] >= south

"""What a reader does not see as a difference between two texts. Pure.

Folding is done character by character, so that a part of a text folds to a part of the folded text: whatever is typed
out of a title is found in it. That is why traditional characters are folded by a table of single characters, derived
from OpenCC's, and not by OpenCC's conversion of phrases, which writes the same character differently in other company.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import opencc

from standards.crypto import digest_hex

PARTED = "\ue000"  # for private use: joins texts to fold them at once, folds to itself and composes with nothing
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
_ACCENTS: Final = re.compile("[\u0300-\u036f]+")  # by themselves too, so that parts of a text still fold to parts
_IDEOGRAPHS = ((0x2E80, 0x2FE0), (0x3400, 0xA000), (0xF900, 0xFB00), (0x20000, 0x32000))
# Characters that fold by themselves whatever stands beside them: ASCII, punctuation, numbers in circles, letters for
# units, ideographs, full width. None of them combines with a neighbour.
_PLAIN = (
    (0x20, 0x7F),
    (0xB7, 0xB8),
    (0x2010, 0x2070),
    (0x2100, 0x2190),
    (0x2460, 0x2500),
    (0x3000, 0x3012),
    (0x3300, 0x3400),
    (0x4E00, 0xA000),
    (0xE000, 0xE001),
    (0xFF01, 0xFF5F),
)


def fold(text: str) -> str:
    """The text without differences of width, case, accents, spaces, unseen characters, or simplified writing.

    NFKC_Casefold (Unicode 15, §5.18.4), each traditional character as its simplified one, accents, spaces and control
    characters removed: “Ａ 级 Café 資料” is “a级cafe资料”. Folding what is folded changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text.lower().replace(" ", "")
    return text.translate(_PLAIN_TABLE) if _IS_PLAIN(text) else _fold(text)


def fold_together(values: Iterable[str]) -> str:
    """The values folded, with ``PARTED`` between two."""
    return fold(PARTED.join(values))


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(_SIMPLIFIED)
    parted = _ACCENTS.sub("", unicodedata.normalize("NFD", folded))
    seen = "".join(each for each in parted if unicodedata.category(each) not in _UNSEEN)
    return unicodedata.normalize("NFC", seen)  # what a removed space kept apart may compose now


def _characters(ranges: tuple[tuple[int, int], ...]) -> Iterator[str]:
    return (chr(code) for first, end in ranges for code in range(first, end))


def _simplified() -> Mapping[int, str]:
    """Each traditional ideograph's simplified one, followed to its end; asked in one text, a line per character."""
    characters = [each for each in _characters(_IDEOGRAPHS) if unicodedata.category(each) == "Lo"]
    lines = "\n".join(characters)
    step = {
        one: other
        for one, other in zip(characters, opencc.OpenCC("t2s").convert(lines).split("\n"), strict=True)
        if one != other and len(other) == 1
    }
    found = {}
    for character, to in step.items():
        passed = {character}
        while to in step and to not in passed:
            passed.add(to)
            to = step[to]  # noqa: PLW2901
        found[ord(character)] = to
    return found


_SIMPLIFIED: Final = _simplified()
_PLAIN_FOLDED: Final = {ord(each): folded for each in _characters(_PLAIN) if (folded := _fold(each)) != each}
_IS_PLAIN: Final = re.compile(
    "[" + "".join(f"{re.escape(chr(first))}-{re.escape(chr(end - 1))}" for first, end in _PLAIN) + "]*"
).fullmatch
# Every plain character, those that stay themselves too: looking up what is not there takes three times as long.
_PLAIN_TABLE: Final = {code: _PLAIN_FOLDED.get(code, code) for code in map(ord, _characters(_PLAIN))}

# Names the table in an index's format: an index folded by another release of OpenCC is made anew.
TABLE_DIGEST: Final = digest_hex(repr(sorted(_SIMPLIFIED.items())).encode())[:8]

"""How Chinese text is read: syllables without their tones (ISO 7098, ü as v), word by word where a word decides.

The readings are pypinyin's, and so is what this finds (``tests/standards/test_pinyin.py``). Its own tables take 75 MiB
of a process, these a fifth: phrases that read as their characters do are only known to be phrases.
"""

import importlib.util
import json
import re
import unicodedata
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

_TONES = {"\u0300", "\u0301", "\u0304", "\u030c"}  # grave, acute, macron, caron
_SYLLABLE = re.compile(r"[a-z]{1,6}")


class _Readings(NamedTuple):
    """By a character's number the place of its first reading among ``said``, of which the first is none; a phrase's
    syllables, parted by spaces, or nothing where its characters say them.
    """

    said: Sequence[str]
    places: Sequence[int]
    phrases: Mapping[str, str]
    longest: int
    every: frozenset[str]

    def of(self, character: str) -> str:
        """Its first reading, or nothing."""
        number = ord(character)
        return self.said[self.places[number]] if number < len(self.places) else ""


def syllables(text: str) -> list[str]:
    """Of each character that is read its syllable; what stands between such characters whole, as it is."""
    read: list[str] = []
    is_open = False  # the last one is a run of what is not read
    for each, is_syllable in _read(text):
        if is_open and not is_syllable:
            read[-1] += each
        else:
            read.append(each)
        is_open = not is_syllable
    return read


def every_syllable() -> frozenset[str]:
    """Every syllable that some character has."""
    return _readings().every


def _read(text: str) -> Iterator[tuple[str, bool]]:
    """The longest phrase that begins here, then on behind it."""
    known = _readings()
    place = 0
    while place < len(text):
        for end in range(min(place + known.longest, len(text)), place + 1, -1):
            if (phrase := text[place:end]) in known.phrases:
                said = known.phrases[phrase]
                yield from ((each, True) for each in (said.split() if said else map(known.of, phrase)))
                place = end
                break
        else:
            character = text[place]
            said = known.of(character)
            yield said or character, bool(said)
            place += 1


@cache
def _readings() -> _Readings:
    plain = lru_cache(maxsize=None)(_plain)
    known, places, every = {"": 0}, array("H"), set[str]()
    for code, listed in _entries("pinyin_dict"):
        read = [plain(each) for each in listed.split(",")]
        places.extend([0] * (int(code) + 1 - len(places)))
        places[int(code)] = known.setdefault(read[0], len(known))
        every.update(read)
    found = _Readings(tuple(known), places, {}, 0, frozenset(filter(_SYLLABLE.fullmatch, every)))
    phrases = dict[str, str]()
    for phrase, listed in _entries("phrases_dict"):
        alone = [found.of(each) for each in phrase]
        if len(listed) == len(phrase) and all(alone):
            read = [plain(each[0]) for each in listed]
            phrases[phrase] = "" if read == alone else " ".join(read)
    return found._replace(phrases=phrases, longest=max(map(len, phrases)))


def _entries(name: str) -> Iterator[tuple[str, Any]]:
    """One of pypinyin's tables, which its modules would keep whole: entry by entry, since all at once leave the memory
    in pieces.
    """
    spec = importlib.util.find_spec("pypinyin")
    if spec is None or spec.origin is None:
        raise ImportError("pypinyin is not installed")
    text = Path(spec.origin).with_name(f"{name}.json").read_text(encoding="utf-8")
    decode = json.JSONDecoder().raw_decode
    place = text.index("{")
    while text[place] != "}":
        key, place = decode(text, text.index('"', place))
        value, place = decode(text, _past_space(text, text.index(":", place) + 1))
        yield key, value
        place = _past_space(text, place)


def _past_space(text: str, place: int) -> int:
    while text[place].isspace():
        place += 1
    return place


def _plain(reading: str) -> str:
    parted = unicodedata.normalize("NFD", reading)
    return unicodedata.normalize("NFC", "".join(each for each in parted if each not in _TONES)).replace("ü", "v")

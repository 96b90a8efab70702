"""Titles as they are typed with a Latin keyboard: initials (qydj) and whole syllables (qiyedengji). Pure.

A title is kept as the pairs of its initials and the pairs of its syllables, each led by ``START``; the last syllable
is paired with nothing. What is typed is cut into syllables in every way there is (xian is 先 and 西安), the last one
perhaps unfinished.
"""

import itertools
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from operator import add
from typing import NamedTuple

import rjieba

from directory.search.folding import PARTED, fold
from directory.search.words import START
from standards.pinyin import every_syllable
from standards.pinyin import syllables as read_out

_TYPED = re.compile(r"[a-z0-9']+")
_MOST = 12  # ways to cut what was typed that are looked for
_BETWEEN = "'"
_RUN = re.compile("[a-z]+|[0-9]+")


class _Spelled(NamedTuple):
    """A word's initials, and its syllables as they stand in a row of pairs: “yin yin'hang hang”."""

    initials: str
    pairs: str


def spelled(folded: str) -> str:
    """The tokens of a folded title; what is written in Latin letters or digits stands for itself."""
    read = [each for word in rjieba.cut(folded, False) if (each := _spelled_word(word)).pairs]
    if not read:
        return ""
    letters = START + "".join([each.initials for each in read])
    pairs = _BETWEEN.join((START, *[each.pairs for each in read], ""))
    return f"{' '.join(map(add, letters, letters[1:]))} {PARTED} {pairs}"


def initials(typed: str, *, is_start: bool) -> list[str]:
    """The phrase of tokens of what was typed as initials, at a title's beginning or anywhere; [] if it is none."""
    letters = (START if is_start else "") + typed
    return [letters[at : at + 2] for at in range(len(letters) - 1)] if is_latin(typed) else []


def syllables(typed: str, *, is_start: bool) -> list[list[str]]:
    """The phrases of tokens, any of which answers what was typed as syllables; their last token may go on."""
    if not is_latin(typed):
        return []
    found = []
    for cut in itertools.islice(_cuts(typed.replace(_BETWEEN, "")), _MOST):
        led = [START, *cut] if is_start else cut
        found.append([led[0]] if len(led) == 1 else [f"{one}{_BETWEEN}{two}" for one, two in itertools.pairwise(led)])
    return found


def is_latin(typed: str) -> bool:
    """Whether folded text can be pinyin."""
    return _TYPED.fullmatch(typed) is not None


def _cuts(letters: str) -> Iterator[tuple[str, ...]]:
    """Every way to cut letters into syllables, of which the last may be only begun; longer syllables first."""
    if letters in _beginnings():
        yield (letters,)
    for end in range(min(6, len(letters) - 1), 0, -1):
        if letters[:end] in every_syllable():
            for rest in _cuts(letters[end:]):
                yield (letters[:end], *rest)


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(each[:end] for each in every_syllable() for end in range(1, len(each) + 1))


def syllables_of(title: str) -> list[str]:
    """The folded title's syllables, read word by word (银行 is yin hang); runs of letters and digits as they are."""
    return read_folded(fold(title))


def read_folded(folded: str) -> list[str]:
    """The same of a title that is folded."""
    return [each for word in rjieba.cut(folded, False) for each in _read(word)]


@lru_cache(maxsize=1 << 15)
def _spelled_word(word: str) -> _Spelled:
    read = _read(word)
    letters = "".join([each if each.isdecimal() else each[0] for each in read])
    return _Spelled(letters, _BETWEEN.join([f"{each} {each}" for each in read]))


@lru_cache(maxsize=1 << 15)
def _read(word: str) -> tuple[str, ...]:
    return tuple(_RUN.findall(" ".join(read_out(word))))

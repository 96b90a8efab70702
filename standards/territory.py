"""Which 行政区划代码 (GB/T 2260) lie in a territory as it is on a day: rows keep the codes of their time.

A code that was abolished stands for what followed it (``regions``), step by step. Where one was divided among several,
its rows are a territory's only if all that followed lies in it: of a part nobody can say by the code which rows are
whose. What followed a code is from memory and not complete: a code without known successors lies where it is written.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Final

from standards.regions import COUNTRY, every, region

_DIGITS: Final = "0123456789"
_COUNTY: Final = 6
_LEVELS: Final = {0: "nation", 2: "province", 4: "city", 6: "county", 9: "township", 12: "village"}


def prefix_of(code: str) -> str:
    """The digits that all codes in a territory begin with, by shape: 440000 -> 44, 440300 -> 4403, 440305 -> 440305;
    of the whole country none.
    """
    if len(code) > _COUNTY:
        return code[:9] if code[9:] in ("", "000") else code
    return "" if code == COUNTRY else code[:2] if code[2:] == "0000" else code[:4] if code[4:] == "00" else code


def level_of(code: str) -> str:
    """``nation``, ``province``, ``city``, ``county``, ``township`` or ``village``, by shape."""
    return _LEVELS[len(prefix_of(code))]


def is_below(lower: str, upper: str) -> bool:
    """Whether the first territory lies in the second and is not the same, by shape."""
    inner, outer = prefix_of(lower), prefix_of(upper)
    return inner != outer and inner.startswith(outer)


def present(code: str, day: date) -> tuple[str, ...]:
    """What holds on that day for what a code meant: itself, or what followed it; sorted. Below the county the county
    decides.
    """
    county, rest = code[:_COUNTY], code[_COUNTY:]
    found = _present(county, day)
    return tuple(each + rest for each in found) if found == (county,) else found


def belongs(code: str, territory: str, day: date) -> bool:
    """Whether rows of this code are the territory's on that day."""
    prefix = prefix_of(territory)
    return all(each.startswith(prefix) for each in present(code, day))


@lru_cache(maxsize=4096)
def prefixes(territory: str, day: date) -> tuple[str, ...]:
    """The fewest beginnings of codes that a territory's codes have and no others, of the known ones; sorted.

    Its own, without what went elsewhere, and the codes of what came to it. An unknown code lies where it is written.
    """
    own = prefix_of(territory)
    known = [each.code for each in every()]
    gone = [code for code in known if code.startswith(own) and not belongs(code, territory, day)]
    come = [code for code in known if not code.startswith(own) and belongs(code, territory, day)]
    return _shortest([*_without(own, gone), *come])


def divided(territory: str, day: date) -> tuple[str, ...]:
    """Abolished codes of which only a part came to this territory: their rows are left out; sorted."""
    prefix = prefix_of(territory)
    inside = {each.code: [code.startswith(prefix) for code in present(each.code, day)] for each in every()}
    return tuple(code for code, parts in inside.items() if any(parts) and not all(parts))


@lru_cache(maxsize=65_536)
def _present(code: str, day: date) -> tuple[str, ...]:
    """Follows the successors until each is valid; a code that is valid again, unknown or without successors stays."""
    done: set[str] = set()
    seen: set[str] = set()
    waiting = [code]
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        found = region(each)
        if found is None or found.on(day) is not None or not found.successors:
            done.add(each)
        else:
            waiting.extend(found.successors)
    return tuple(sorted(done or {code}))


def _without(prefix: str, gone: Iterable[str]) -> list[str]:
    """Beginnings that together are all codes with this one but these."""
    left = [code for code in gone if code.startswith(prefix)]
    if not left:
        return [prefix]
    if prefix in left:
        return []
    return [each for digit in _DIGITS for each in _without(prefix + digit, left)]


def _shortest(found: Iterable[str]) -> tuple[str, ...]:
    """Sorted, none that begins as another."""
    kept: list[str] = []
    for each in sorted(found):
        if not kept or not each.startswith(kept[-1]):
            kept.append(each)
    return tuple(kept)

"""Entries of different departments that look like the same data: by title and by the names of their items. Pure.

Exact, without comparing every pair: of two sets with a Jaccard similarity of at least t, the rarest members of either
(the first ``n - ceil(t·n) + 1`` in one order) share at least one (prefix filtering, Bayardo et al. 2007).
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from uuid import UUID

from directory.item_match.compare import pairs_of

TITLES_ALIKE = 0.8
TITLES_RELATED = 0.5
ITEMS_ALIKE = 0.8
ITEMS_RELATED = 0.5
ITEMS_LEAST = 4
"""Fewer items in common than this say nothing: half of all entries hold a name and a code."""

_FILLERS = re.compile(r"(基本)?(信息|数据|情况|资料|目录|明细)(表|清单|库)?$|表$")


@dataclass(frozen=True)
class Described:
    """An entry as it is compared."""

    resource_id: UUID
    title: str
    org_code: str
    items: frozenset[str]


@dataclass(frozen=True)
class Alike:
    """Two entries of different departments, how alike (0–1) their titles and items are."""

    one: Described
    other: Described
    titles: float
    items: float

    @property
    def shared(self) -> tuple[str, ...]:
        """The items both have, by name."""
        return tuple(sorted(self.one.items & self.other.items))


def near_duplicates(entries: Sequence[Described], words: Iterable[str] = ()) -> list[Alike]:
    """Pairs that are alike, the most alike first. ``words`` (departments' names) are left out of titles.

    Alike are titles of at least ``TITLES_ALIKE`` with related items (or no items on one side to say otherwise), and
    items of at least ``ITEMS_ALIKE`` with related titles or ``ITEMS_LEAST`` of them in common.
    """
    left_out = sorted({fold(word) for word in words if word}, key=len, reverse=True)
    titles = [pairs_of(core(each.title, left_out)) for each in entries]
    items = [frozenset(fold(name) for name in each.items) for each in entries]
    orgs = [each.org_code for each in entries]
    found = []
    for first, second in {*_alike(titles, orgs, TITLES_ALIKE), *_alike(items, orgs, ITEMS_ALIKE)}:
        one, other = entries[first], entries[second]
        by_title, by_items = jaccard(titles[first], titles[second]), jaccard(items[first], items[second])
        has_items = bool(items[first] and items[second])
        by_name = by_title >= TITLES_ALIKE and (by_items >= ITEMS_RELATED or not has_items)
        by_content = by_items >= ITEMS_ALIKE and (
            by_title >= TITLES_RELATED or len(items[first] & items[second]) >= ITEMS_LEAST
        )
        if by_name or by_content:
            found.append(Alike(one, other, by_title, by_items))
    return sorted(found, key=lambda each: (-each.titles - each.items, each.one.title, each.other.title))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Members in common over members in all; 0 where both are empty."""
    return len(one & other) / len(one | other) if one or other else 0.0


def fold(text: str) -> str:
    """Half width, lower case, letters, digits and characters only."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def core(title: str, left_out: Sequence[str] = ()) -> str:
    """The folded title without departments' names and the words that every other title ends in."""
    folded = fold(title)
    for word in left_out:
        if folded.startswith(word) and len(folded) > len(word):
            folded = folded.removeprefix(word)
            break
    return _FILLERS.sub("", folded) or folded


def _alike(sets: Sequence[frozenset[str]], orgs: Sequence[str], least: float) -> Iterator[tuple[int, int]]:
    """Every pair of sets of different departments with at least this similarity, once, in order."""
    frequency = Counter(member for each in sets for member in each)
    holders: Mapping[str, list[int]] = defaultdict(list)
    sizes = [len(each) for each in sets]
    for number, members in enumerate(sets):
        if not members:
            continue
        size, org = sizes[number], orgs[number]
        ordered = sorted(members, key=lambda member: (frequency[member], member))
        prefix = ordered[: size - ceil(least * size) + 1]
        smallest, largest = least * size, size / least
        for before in set().union(*(holders[member] for member in prefix)):
            if smallest <= sizes[before] <= largest and orgs[before] != org:
                common = len(members & sets[before])
                if common >= least * (size + sizes[before] - common):
                    yield before, number
        for member in prefix:
            holders[member].append(number)

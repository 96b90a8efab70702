"""Exact counts of a search and of its facets, kept for as long as the index stands still.

What is kept is keyed by the part of the view that was counted, so that nobody gets a count of what others see.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from sys import intern
from typing import Any

import tantivy
from tantivy import Occur

from directory.policy import Visible
from directory.search.documents import schema
from directory.search.filters import CHOICES, Clause, one_of
from directory.search.match import all_of, narrowing, parts_of

_BUCKETS = 2000
_KEPT = 1500  # about five to a query, some ten kilobytes each
_TOTAL = "total"
_INSIDE = "status"  # counted apart: others than the department see every state as published


@dataclass(frozen=True)
class Counts:
    """How many entries are found, and by facet and value how many a choice would leave, without its own choices."""

    total: int
    facets: Mapping[str, Mapping[str, int]]


class KeptCounts:
    """Counts of one index by what was asked; the least lately used go first, all go when the index changes."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._stamp = ""
        self._kept: OrderedDict[object, Any] = OrderedDict()

    def get(self, stamp: str, key: object, count: Callable[[], Any]) -> Any:
        """What was counted under this key while the index had this stamp, or is counted now."""
        with self._mutex:
            if stamp != self._stamp:
                self._stamp = stamp
                self._kept.clear()
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        counted = count()
        with self._mutex:
            if stamp == self._stamp:
                self._kept[key] = counted
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return counted


def total(searcher: tantivy.Searcher, asked: Sequence[Clause], seen: Visible) -> int:
    """How many entries are found."""
    found: list[Any] = [searcher.search(all_of(asked, part), 1) for part in parts_of(seen)]
    return sum(each.count for each in found)  # the type stub does not know the count


def count(
    searcher: tantivy.Searcher,
    asked: Sequence[Clause],
    part: Sequence[Clause],
    chosen: Mapping[str, Any],
    seen: Visible,
) -> Counts:
    """The counts within one part of the view; all facets without a choice of their own take one pass together."""
    facets = {}
    free = [name for name in CHOICES if name not in chosen and (name != _INSIDE or seen.is_everything)]
    narrowed = all_of(asked, part, narrowing(chosen, seen))
    buckets = searcher.aggregate(narrowed, {name: _terms(name) for name in free} | {_TOTAL: _ALL})
    for name in free:
        facets[name] = _exact(searcher, narrowed, name, buckets[name])
    for name in CHOICES:
        if name in chosen and (name != _INSIDE or seen.is_everything):
            without = all_of(asked, part, narrowing(chosen, seen, but=name))
            facets[name] = _exact(searcher, without, name, searcher.aggregate(without, {name: _terms(name)})[name])
    return Counts(int(buckets[_TOTAL]["value"]), facets)


def count_states(
    searcher: tantivy.Searcher, asked: Sequence[Clause], chosen: Mapping[str, Any], seen: Visible, found: int
) -> dict[str, int]:
    """The states of a department's own entries; all others' are published to its people. ``found`` are all together."""
    without = narrowing(chosen, seen, but=_INSIDE)
    own = all_of(asked, without, [(Occur.Must, one_of(schema(), "in_provider", [seen.org_code]))])
    states = _exact(searcher, own, _INSIDE, searcher.aggregate(own, {_INSIDE: _terms(_INSIDE)})[_INSIDE])
    whole = total(searcher, [*asked, *without], seen) if _INSIDE in chosen else found
    others = whole - sum(states.values())
    return states | {"published": states.get("published", 0) + others} if others else states


def _terms(name: str) -> dict[str, Any]:
    return {"terms": {"field": f"all_{name}", "size": _BUCKETS}}


_ALL = {"value_count": {"field": "step_seq"}}


def _exact(searcher: tantivy.Searcher, asked: tantivy.Query, name: str, found: Mapping[str, Any]) -> dict[str, int]:
    """Entries by value. Where there are more joined values than were listed, the values are counted one by one."""
    choice = CHOICES[name]
    counts = choice.counted({intern(each["key"]): each["doc_count"] for each in found["buckets"]})
    if found.get("sum_other_doc_count"):
        for value in counts:
            named = all_of([(Occur.Must, asked), (Occur.Must, one_of(schema(), f"in_{name}", [value]))])
            result: Any = searcher.search(named, 1)
            counts[value] = result.count
    return counts

"""Exact counts of a search and of its facets, kept for as long as the index stands still.

What is kept is keyed by the part of the view that was counted, so that nobody gets a count of what others see.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from sys import intern
from typing import Any

import tantivy
from tantivy import Occur

from directory.policy import Visible
from directory.search.documents import schema
from directory.search.filters import CHOICES, INSIDE, JOINER, Clause, one_of
from directory.search.match import all_of, narrowing, parts_of
from directory.search.shared import Form, SharedCounts

_BUCKETS = 2000
_KEPT = 1500  # about five to a query, some ten kilobytes each
_TOTAL = "total"
_STATUS = "status"  # others than the department see every state as published


@dataclass(frozen=True)
class Counts:
    """How many entries are found, and by facet and value how many a choice would leave, without its own choices.

    ``inside``: by department, the entries that are not simply published, by their state; None where there are too
    many to list or a state was chosen.
    """

    total: int
    facets: Mapping[str, Mapping[str, int]]
    inside: Mapping[str, Mapping[str, int]] | None

    def __sub__(self, other: "Counts") -> "Counts":
        """What is counted here and not there, where all that is counted there is counted here too."""
        left = {name: _less(values, other.facets[name]) for name, values in self.facets.items()}
        if self.inside is None or other.inside is None:
            return Counts(self.total - other.total, left, None)
        inside = {name: _less(values, other.inside.get(name, {})) for name, values in self.inside.items()}
        return Counts(self.total - other.total, left, inside)

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Counts":
        """From what ``shared`` lays out; the names are those of a few hundred values, held once in a process."""
        facets = {intern(name): _interned(values) for name, values in told["facets"].items()}
        inside = told["inside"]
        if inside is not None:
            inside = {intern(name): _interned(values) for name, values in inside.items()}
        return cls(int(told["total"]), facets, inside)


COUNTS = Form[Counts](lay_out=asdict, read=Counts.read)
NUMBER = Form[int](lay_out=int, read=int)


def _interned(values: Mapping[str, int]) -> dict[str, int]:
    return {intern(value): int(times) for value, times in values.items()}


def _less(values: Mapping[str, int], others: Mapping[str, int]) -> dict[str, int]:
    return {value: more for value, times in values.items() if (more := times - others.get(value, 0))}


class KeptCounts:
    """Counts of one index by what was asked; the least lately used go first, all go when the index changes."""

    def __init__(self, shared: SharedCounts) -> None:
        self._shared = shared
        self._mutex = threading.Lock()
        self._stamp = ""
        self._kept: OrderedDict[object, Any] = OrderedDict()

    def get(self, stamp: str, key: object, count: Callable[[], Any], form: Form[Any] | None = None) -> Any:
        """What was counted under this key while the index had this stamp, or is counted now.

        With a ``form`` it may have been counted by another process of this machine.
        """
        with self._mutex:
            if stamp != self._stamp:
                self._stamp = stamp
                self._kept.clear()
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        counted = count() if form is None else self._shared.get(stamp, key, count, form)
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
    whole: Callable[[], Counts] | None = None,
) -> Counts:
    """The counts within one part of the view; all facets without a choice of their own take one pass together.

    ``whole``, where most is likely to be found: the counts of everything in this part that was chosen, kept since the
    index changed. Then it is what is not found that is counted.
    """
    if whole is not None:
        return whole() - count(searcher, [(Occur.MustNot, all_of(asked))], part, chosen, seen)
    facets = {}
    free = [name for name in CHOICES if name not in chosen and (name != _STATUS or seen.is_everything)]
    narrowed = all_of(asked, part, narrowing(chosen, seen))
    terms = {name: _terms(f"all_{name}") for name in free}
    buckets = searcher.aggregate(narrowed, terms | {_TOTAL: _ALL, INSIDE: _terms(INSIDE)})
    for name in free:
        facets[name] = _exact(searcher, narrowed, name, buckets[name])
    for name in CHOICES:
        if name in chosen and (name != _STATUS or seen.is_everything):
            without = all_of(asked, part, narrowing(chosen, seen, but=name))
            found = searcher.aggregate(without, {name: _terms(f"all_{name}")})[name]
            facets[name] = _exact(searcher, without, name, found)
    inside = None if _STATUS in chosen else _by_department(buckets[INSIDE])
    return Counts(int(buckets[_TOTAL]["value"]), facets, inside)


def count_states(
    searcher: tantivy.Searcher, asked: Sequence[Clause], chosen: Mapping[str, Any], seen: Visible, found: int
) -> dict[str, int]:
    """The states of a department's own entries, counted by themselves; all others' are published to its people.

    ``found`` are all together.
    """
    without = narrowing(chosen, seen, but=_STATUS)
    own = all_of(asked, without, [(Occur.Must, one_of(schema(), "in_provider", [seen.org_code]))])
    states = _exact(searcher, own, _STATUS, searcher.aggregate(own, {_STATUS: _terms(f"all_{_STATUS}")})[_STATUS])
    whole = total(searcher, [*asked, *without], seen) if _STATUS in chosen else found
    others = whole - sum(states.values())
    return states | {"published": states.get("published", 0) + others} if others else states


def _terms(field: str) -> dict[str, Any]:
    return {"terms": {"field": field, "size": _BUCKETS}}


def _by_department(found: Mapping[str, Any]) -> dict[str, dict[str, int]] | None:
    if found.get("sum_other_doc_count"):
        return None
    states: dict[str, dict[str, int]] = {}
    for each in found["buckets"]:
        department, state = each["key"].split(JOINER)
        states.setdefault(intern(department), {})[intern(state)] = each["doc_count"]
    return states


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

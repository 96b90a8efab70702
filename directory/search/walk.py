"""Walk through hits in their order from any place, forwards or back, in time that does not grow with the distance.

Hits stand by level, then by their number in the order, the larger first, then by id. A place is such a triple; what
comes after it is a range of numbers, so a page needs no counting of what came before, and an entry that did not move
itself is neither passed over nor shown twice, whatever happened to others meanwhile.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import tantivy
from tantivy import FieldType, Occur, Order, Query

from directory.search.documents import schema
from directory.search.filters import Clause
from directory.search.match import all_of

_MORE = 8  # hits asked for beyond the page, so that a few of one number need no second look


class Place(NamedTuple):
    """Where a hit stands."""

    level: int
    number: int
    id: UUID

    @classmethod
    def read(cls, told: Sequence[Any]) -> "Place":
        """From its three values as JSON holds them."""
        level, number, entry = told
        return cls(int(level), int(number), UUID(entry))


class Walk(NamedTuple):
    """What is walked through: the view's parts, the levels, what else narrows, and the field of the order."""

    searcher: tantivy.Searcher
    parts: Sequence[Sequence[Clause]]
    levels: Sequence[Sequence[Clause]]
    narrowed: Sequence[Clause]
    order: str
    total: int | None = None  # how many hits there are, where that is known: nobody looks for more

    def after(self, place: Place | None, count: int) -> list[Place]:
        """At most ``count`` hits after a place, or from the first."""
        found: list[Place] = []
        if self.total is not None and place is None:
            count = min(count, self.total)
        for level in range(place.level if place else 0, len(self.levels)):
            if len(found) < count:
                start = place if place and place.level == level else None
                found += self._of_level(level, start, count - len(found), is_back=False)
        return found

    def before(self, place: Place, count: int) -> list[Place]:
        """At most ``count`` hits before a place, in the order of the list."""
        found: list[Place] = []
        for level in range(place.level, -1, -1):
            if len(found) < count:
                start = place if place.level == level else None
                found += self._of_level(level, start, count - len(found), is_back=True)
        return found[::-1]

    def _of_level(self, level: int, start: Place | None, count: int, *, is_back: bool) -> list[Place]:
        found = [each for part in self.parts for each in self._of_part(part, level, start, count, is_back)]
        return sorted(found, key=_way(is_back))[:count]

    def _of_part(
        self, part: Sequence[Clause], level: int, start: Place | None, count: int, is_back: bool
    ) -> list[Place]:
        """Asks for more until the page is full and no hit beyond what was asked for can belong in it."""
        way = _way(is_back)
        asked = all_of(self.levels[level], part, self.narrowed, self._from(start, is_back))
        order = Order.Asc if is_back else Order.Desc
        limit = count + _MORE
        while True:
            hits = self.searcher.search(asked, limit, count=False, order_by_field=self.order, order=order).hits
            places = self._places(level, hits)
            kept = [each for each in places if start is None or way(each) > way(start)]
            is_cut = len(hits) == limit and len(kept) > count and kept[count - 1].number == places[-1].number
            if len(hits) < limit or (len(kept) >= count and not is_cut):
                return sorted(kept, key=way)[:count]
            limit *= 4

    def _from(self, start: Place | None, is_back: bool) -> list[Clause]:
        if start is None:
            return []
        lower, upper = (start.number, None) if is_back else (None, start.number)
        return [(Occur.Must, Query.range_query(schema(), self.order, FieldType.Integer, lower, upper))]

    def _places(self, level: int, hits: Sequence[tuple[int, tantivy.DocAddress]]) -> list[Place]:
        entries = ids(self.searcher, [address for _, address in hits])
        return [Place(level, number, each) for (number, _), each in zip(hits, entries, strict=True)]


def ids(searcher: tantivy.Searcher, addresses: list[tantivy.DocAddress]) -> list[UUID]:
    """The entries of these hits, from two columns: the store of whole documents would have to be unpacked."""
    if not addresses:
        return []
    high: list[Any] = searcher.fast_field_values("id_high", addresses)
    low: list[Any] = searcher.fast_field_values("id_low", addresses)
    return [UUID(int=(one + (1 << 63) << 64) + (1 << 63) + two) for one, two in zip(high, low, strict=True)]


def _way(is_back: bool) -> Callable[[Place], tuple[int, int]]:
    sign = -1 if is_back else 1
    return lambda each: (-sign * each.number, sign * each.id.int)

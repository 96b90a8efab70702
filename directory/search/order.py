"""The orders of a list, each one whole number per entry, so that any page is found by where the last one ended.

A number has 63 bits: fields, the weightiest first, and then bits of the id, which make it as good as unique; where two
are the same all the same, the id decides (``walk``). The larger number comes first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from directory.resources.rows import EntryRow
from directory.search.bounds import day_number

_LONGEST = 511


@dataclass(frozen=True)
class Order:
    """An order: its name for people, and an entry's place in it, from its row and the length of its folded title."""

    name_zh: str
    place: Callable[[EntryRow, int], int]


def _by_relevance(row: EntryRow, title_length: int) -> int:
    """Within one level of hits: often viewed, then short titles (the words are more of them), then lately updated."""
    weight, brevity = min(row.views.bit_length() // 2, 15), max(0, _LONGEST - title_length)
    return (weight << 9 | brevity) << 50 | _day(row) << 33 | _few_bits(row, 33)


def _by_date(row: EntryRow, title_length: int) -> int:
    return _day(row) << 46 | _few_bits(row, 46)


def _by_views(row: EntryRow, title_length: int) -> int:
    return min(row.views, (1 << 28) - 1) << 35 | _day(row) << 18 | _few_bits(row, 18)


def _day(row: EntryRow) -> int:
    """17 bits, enough until 2328; a day before 1970 counts as 1970."""
    return min(max(day_number(row.updated_on), 0), (1 << 17) - 1)


def _few_bits(row: EntryRow, count: int) -> int:
    """So many bits of the id, from both its halves."""
    return (row.id.int ^ row.id.int >> 64) & ((1 << count) - 1)


ORDERS: Mapping[str, Order] = {
    "by_relevance": Order("最相关", _by_relevance),
    "by_updated": Order("最近更新", _by_date),
    "by_popularity": Order("查看最多", _by_views),
}

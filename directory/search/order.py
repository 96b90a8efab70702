"""The orders of a list, each one whole number per entry, so that any page is found by where the last one ended.

A number is made of fields, the weightiest first, and ends in bits of the id, which make it as good as unique; where two
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
    return _packed(
        row, (row.views.bit_length() // 2, 4), (max(0, _LONGEST - title_length), 9), (day_number(row.updated_on), 17)
    )


def _by_date(row: EntryRow, title_length: int) -> int:
    return _packed(row, (day_number(row.updated_on), 17))


def _by_views(row: EntryRow, title_length: int) -> int:
    return _packed(row, (row.views, 28), (day_number(row.updated_on), 17))


def _packed(row: EntryRow, *fields: tuple[int, int]) -> int:
    """Fields of (value, bits), each kept within its bits, and bits of the id in the rest of 63."""
    number, left = 0, 63
    for value, bits in fields:
        number = number << bits | min(max(value, 0), (1 << bits) - 1)
        left -= bits
    return number << left | (row.id.int ^ row.id.int >> 64) & ((1 << left) - 1)


ORDERS: Mapping[str, Order] = {
    "by_relevance": Order("最相关", _by_relevance),
    "by_updated": Order("最近更新", _by_date),
    "by_popularity": Order("查看最多", _by_views),
}

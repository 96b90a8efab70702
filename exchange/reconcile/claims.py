"""Whether what the other end says of its rows adds up to the sums it gave before. Pure.

Sums and digests are under the session's key, which both ends have: an end that has once said its branches can name no
other leaves, leave none out, and list no other rows than those that make them up.
"""

from collections import defaultdict
from collections.abc import Sequence

from exchange.errors import ExchangeError
from exchange.reconcile import tree
from exchange.reconcile.classify import Entry
from exchange.reconcile.tree import Leaves, Sums


def require(
    branches: Sequence[Sums], ours: Leaves, differing: Sequence[tuple[int, Sums]], examined: Sequence[int]
) -> None:
    """Their differing leaves, with our sums for all others, make up each of their branches; the first are examined.

    Raises ``RECONCILE_SUMS_BAD``.
    """
    theirs = dict(ours)
    numbers = [number for number, _ in differing]
    if numbers != sorted(set(numbers)) or list(examined) != numbers[: len(examined)] or bool(numbers) != bool(examined):
        raise ExchangeError("RECONCILE_SUMS_BAD", what="leaves")
    for number, sums in differing:
        if sums == ours.get(number, tree.NONE):
            raise ExchangeError("RECONCILE_SUMS_BAD", what="leaves")
        theirs[number] = sums
    if tree.branches(theirs) != list(branches):
        raise ExchangeError("RECONCILE_SUMS_BAD", what="branches")


def require_rows(differing: Sequence[tuple[int, Sums]], examined: Sequence[int], rows: Sequence[Entry]) -> None:
    """The rows listed, each once, are those of the examined leaves. Raises ``RECONCILE_SUMS_BAD``."""
    parts: defaultdict[int, list[Sums]] = defaultdict(list)
    for entry in rows:
        parts[leaf_of(entry)].append(sums_of(entry))
    said = dict(differing)
    is_each_once = len({(entry.key, entry.image) for entry in rows}) == len(rows)
    is_counted = all(entry.rows > 0 and (entry.touched or 0) <= entry.rows for entry in rows)
    if not (is_each_once and is_counted and set(parts) <= set(examined)):
        raise ExchangeError("RECONCILE_SUMS_BAD", what="rows")
    if any(tree.total(parts[number]) != said[number] for number in examined):
        raise ExchangeError("RECONCILE_SUMS_BAD", what="rows")


def leaf_of(entry: Entry) -> int:
    """The leaf in which a row is counted: the first twelve bits of its key digest."""
    return int(entry.key[:3], 16)


def sums_of(entry: Entry) -> Sums:
    """What equal rows add to their leaf: ``digests.leaves`` sums the same two lanes of eight bytes of the image."""
    return tree.reduced(entry.rows, entry.rows * int(entry.image[:16], 16), entry.rows * int(entry.image[16:], 16))

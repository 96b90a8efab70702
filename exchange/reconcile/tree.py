"""The bucket tree of one end: 4,096 leaves, 256 branches of 16 leaves each, one root; counts and sums. Pure.

A leaf holds how many rows fell into it and two sums of 64 bits of their keyed digests: a digest of the multiset, which
does not depend on order and counts duplicates. Sums of leaves are the sums of their branch.
"""

from collections.abc import Mapping, Sequence

from standards.crypto import digest_hex

LEAVES, FAN = 4096, 16
BRANCHES = LEAVES // FAN
_MODULUS = 2**64

Sums = tuple[int, int, int]
"""Rows, and the two sums modulo 2^64."""
Leaves = Mapping[int, Sums]
"""By number, 0 to 4095; those without rows are left out."""

NONE: Sums = (0, 0, 0)


def reduced(rows: int, first: int, second: int) -> Sums:
    """Sums as a database gives them."""
    return rows, first % _MODULUS, second % _MODULUS


def total(parts: Sequence[Sums]) -> Sums:
    """The sums of several parts together."""
    return reduced(sum(part[0] for part in parts), sum(part[1] for part in parts), sum(part[2] for part in parts))


def root(leaves: Leaves) -> Sums:
    return total(list(leaves.values()))


def branches(leaves: Leaves) -> list[Sums]:
    """All 256, in order."""
    return [total([leaves.get(leaf, NONE) for leaf in leaves_of(number)]) for number in range(BRANCHES)]


def leaves_of(branch: int) -> range:
    """The leaves of a branch."""
    return range(branch * FAN, (branch + 1) * FAN)


def differing(ours: Sequence[Sums], theirs: Sequence[Sums]) -> list[int]:
    """The places at which two lists of equal length are not equal."""
    return [number for number, (one, other) in enumerate(zip(ours, theirs, strict=True)) if one != other]


def bounded(leaves: Sequence[int], ours: Leaves, theirs: Leaves, rows: int) -> list[int]:
    """The first leaves that hold, taken together, at most ``rows`` rows at either end; at least one."""
    chosen: list[int] = []
    held = 0
    for leaf in leaves:
        held += max(ours.get(leaf, NONE)[0], theirs.get(leaf, NONE)[0])
        if chosen and held > rows:
            break
        chosen.append(leaf)
    return chosen


def digest_of(session_key: bytes, sums: Sums) -> str:
    """A total as it may be shown to others: it tells nothing to who does not have the session's key."""
    return digest_hex(session_key + b"%d %d %d" % sums)

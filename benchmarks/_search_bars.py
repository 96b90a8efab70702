"""What the search benchmark has to reach, and whether it did: every bar with its value."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MIB = 1024 * 1024
_BULK_FROM = 100_000  # below, what a process takes to start is most of the time


@dataclass(frozen=True)
class Measured:
    """One side at one size with so many clients: seconds by class and over all, answers per second, memory."""

    side: str
    entries: int
    clients: int
    median: float
    p99: float
    per_second: float
    by_kind: dict[str, tuple[float, float]]
    memory_bytes: int


@dataclass(frozen=True)
class Filled:
    """How a size was filled, how large the index is, and how many answers were compared with brute force."""

    entries: int
    checksum: str
    copy_seconds: float
    index_seconds: float
    index_bytes: int
    answers_checked: int
    ids_checked: int

    @property
    def per_second(self) -> float:
        """Entries a second into database and index together."""
        return self.entries / (self.copy_seconds + self.index_seconds)


@dataclass(frozen=True)
class Bar:
    """One bar: what it is of, the value reached, the limit, and which side of the limit is right."""

    entries: int
    what: str
    value: float
    limit: float
    is_least: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the value is on the right side, or right on the limit."""
        return self.value >= self.limit if self.is_least else self.value <= self.limit

    def __str__(self) -> str:
        sign = "at least" if self.is_least else "at most"
        said = "PASS" if self.is_met else "FAIL"
        return f"{said} {self.entries:,} entries: {self.what} {self.value:,.1f}, {sign} {self.limit:,.0f}"


def bars(filled: Sequence[Filled], measured: Sequence[Measured]) -> list[Bar]:
    """Every bar that applies to what was measured."""
    found = [bar for each in measured if each.side == "hutong" for bar in _of_serving(each)]
    ours = {(each.entries, each.clients): each for each in measured if each.side == "hutong"}
    found += [
        Bar(
            each.entries,
            f"times the median of pycsw, {each.clients} clients,",
            each.median / ours[each.entries, each.clients].median,
            50,
            is_least=True,
        )
        for each in measured
        if each.side == "pycsw" and each.entries == 100_000
    ]
    for one in filled:
        found.append(Bar(one.entries, "index in MiB", one.index_bytes / MIB, 1024))
        if one.entries >= _BULK_FROM:
            found.append(Bar(one.entries, "a second into database and index", one.per_second, 3000, is_least=True))
    return found


def _of_serving(each: Measured) -> Iterator[Bar]:
    if (each.entries, each.clients) == (100_000, 1):
        yield Bar(each.entries, "one client's median in ms", each.median * 1e3, 4)
    if (each.entries, each.clients) == (100_000, 4):
        yield Bar(each.entries, "four clients' p99 in ms", each.p99 * 1e3, 30)
    if (each.entries, each.clients) == (1_000_000, 4):
        yield Bar(each.entries, "four clients' p99 in ms", each.p99 * 1e3, 50)
    yield Bar(each.entries, f"server in MiB after {each.clients} clients", each.memory_bytes / MIB, 700)

"""What the benchmark of imports has to reach, and whether it did."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

MIB = 1024 * 1024
_SECONDS, _MEMORY = 20.0, 500.0
_ROWS = 10_000


@dataclass(frozen=True)
class Imported:
    """One workbook through the whole import: seconds by stage of both sides, the most memory each process held.

    ``processor_seconds`` are the product's own, without the database's, and mean the same on a busy machine.
    """

    shape: str
    rows: int
    file_bytes: int
    seconds: Mapping[str, float]
    bare_seconds: Mapping[str, float]
    processor_seconds: Mapping[str, float]
    peak_bytes: int
    bare_peak_bytes: int

    @property
    def whole(self) -> float:
        """Seconds from the upload to the drafts: read, diagnosed, compared, taken."""
        return sum(seconds for stage, seconds in self.seconds.items() if stage not in self.repairing)

    @property
    def repairing(self) -> tuple[str, ...]:
        """The stages of a round of repairs, which somebody may ask for in between: put in, and all checked again."""
        return tuple(stage for stage in self.seconds if stage == "repair" or stage.endswith(" again"))

    @property
    def bare(self) -> float:
        """Seconds of what nobody can do without: every cell read, as many rows stored."""
        return sum(self.bare_seconds.values())


@dataclass(frozen=True)
class Bar:
    """One bar: what it is of, the value reached, the most it may be."""

    what: str
    value: float
    limit: float

    @property
    def is_met(self) -> bool:
        """Whether the value is below the limit, or right on it."""
        return self.value <= self.limit

    def __str__(self) -> str:
        return f"{'PASS' if self.is_met else 'FAIL'} {self.what} {self.value:,.1f}, at most {self.limit:,.0f}"


def bars(found: Sequence[Imported]) -> Iterator[Bar]:
    """The bars hold for ten thousand rows and fewer."""
    for each in found:
        if each.rows <= _ROWS:
            yield Bar(f"{each.rows:,} rows, {each.shape}: seconds of the whole import", each.whole, _SECONDS)
            yield Bar(f"{each.rows:,} rows, {each.shape}: MiB at the most", each.peak_bytes / MIB, _MEMORY)

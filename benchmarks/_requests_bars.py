"""What the requests benchmark has to reach, and whether it did: every bar with its value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_FULL = 100_000


@dataclass(frozen=True)
class Result:
    """One run: seconds of each kind of page, of all lights and reminders, decisions and bare decisions a second.

    ``listed_per_second``: of decisions taken in lists, by their length. ``record_per_second``: of the bare application
    where it writes the rows of an acceptance. ``behind_seconds``: until the log held the last of them.
    """

    requests: int
    pages: Mapping[str, Sequence[float]]
    lights_seconds: float
    decisions_per_second: float
    listed_per_second: Mapping[int, float]
    bare_per_second: float
    record_per_second: float
    audited: int
    decided: int
    behind_seconds: float


@dataclass(frozen=True)
class Bar:
    """One bar: what it is of, the value reached, the limit, and which side of the limit is right."""

    what: str
    value: float
    limit: float
    is_least: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the value is on the right side, or right on the limit."""
        return self.value >= self.limit if self.is_least else self.value <= self.limit

    def __str__(self) -> str:
        said, sign = "PASS" if self.is_met else "FAIL", "at least" if self.is_least else "at most"
        return f"{said} {self.what} {self.value:,.2f}, {sign} {self.limit:,.2f}"


def percentile(values: Sequence[float], part: float) -> float:
    """The value that this part of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def bars(result: Result) -> list[Bar]:
    """Every bar; of fewer requests than a hundred thousand they are told all the same."""
    every = [seconds for each in result.pages.values() for seconds in each]
    size = "" if result.requests >= _FULL else f" (of {result.requests:,} requests only)"
    length, rate = min(result.listed_per_second.items())
    return [
        Bar(f"pages' p99 in ms{size}", percentile(every, 0.99) * 1e3, 100),
        Bar(f"every light and reminder in s{size}", result.lights_seconds, 5),
        Bar(f"decisions a second, one by one{size}", result.decisions_per_second, 30, is_least=True),
        Bar(f"of the bare application's rate, in lists of {length}", rate / result.bare_per_second, 0.4, is_least=True),
        Bar("audit entries of a decision", result.audited / result.decided, 1, is_least=True),
    ]

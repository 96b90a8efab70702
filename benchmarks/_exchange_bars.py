"""What was measured of one path, and the bars that it is held to."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MIB = 1024 * 1024
MEMORY_BAR_BYTES = 256 * MIB
FLAT_BYTES = 16 * MIB  # two runs of one size differ by as much
BATCHES_A_MINUTE = 30


@dataclass(frozen=True)
class Measured:
    """One path over one size of table: medians of the rounds; memory is the highest of them, None where not told."""

    path: str
    rows: int
    seconds: float
    rows_per_second: int
    times_text_pipe: float | None = None
    times_binary_pipe: float | None = None
    peak_bytes: int | None = None
    carried_bytes: int | None = None
    problem: str = ""


def findings(measured: list[Measured]) -> list[str]:
    """The bars that are not met; empty when all are. What was not measured is not judged."""
    largest = {row.path: row for row in sorted(measured, key=lambda row: row.rows)}
    return [*_slower_than_pipes(largest), *_slower_than_others(largest), *_memory(measured), *_many(measured)]


def _slower_than_pipes(largest: Mapping[str, Measured]) -> Iterator[str]:
    for bars, pipe in ((_TEXT, "text"), (_BINARY, "binary")):
        for path, row in largest.items():
            bar = bars.get(_OF_SO_MANY.sub("", path))
            ratio = getattr(row, f"times_{pipe}_pipe")
            if bar is not None and ratio is not None and ratio < bar:
                yield f"{path}: {ratio:.2f} of the {pipe} pipe, bar {bar}"


def _slower_than_others(largest: Mapping[str, Measured]) -> Iterator[str]:
    for path, peer, bar in _PEERS:
        ours, theirs = largest.get(path), largest.get(peer)
        if ours and theirs and not theirs.problem and theirs.seconds / ours.seconds < bar:
            yield f"{path}: {theirs.seconds / ours.seconds:.2f} of {peer}, bar {bar}"
    for path, other, bar in _SLOWER:
        slow, fast = largest.get(path), largest.get(other)
        if slow and fast and slow.seconds / fast.seconds > bar:
            yield f"{path}: {slow.seconds / fast.seconds:.2f} times as long as {other}, bar {bar}"


def _memory(measured: list[Measured]) -> Iterator[str]:
    for row in measured:
        is_ours = row.path.startswith(("seal", "open", "first", "refresh")) and "checks" not in row.path
        if is_ours and row.peak_bytes is not None and row.peak_bytes > MEMORY_BAR_BYTES:
            yield f"{row.path}, {row.rows:,} rows: {row.peak_bytes / MIB:.0f} MiB, bar {MEMORY_BAR_BYTES // MIB}"
    for path in ("seal", "open and load"):
        peaks = [row.peak_bytes or 0 for row in measured if row.path == path]
        if peaks and max(peaks) - min(peaks) > FLAT_BYTES:
            yield f"{path}: memory grows by {(max(peaks) - min(peaks)) / MIB:.0f} MiB with the rows"


def _many(measured: list[Measured]) -> Iterator[str]:
    for row in measured:
        if row.path.endswith(" routes"):
            a_minute = row.rows / 1000 / row.seconds * 60
            if a_minute < BATCHES_A_MINUTE:
                yield f"{row.path}: {a_minute:.0f} batches a minute, bar {BATCHES_A_MINUTE}"


_OF_SO_MANY = re.compile(r", [0-9,]+ rows$")  # a path at another size has the same bar
_TEXT = {"seal": 1.5, "open and load": 1.0}
_BINARY = {"first load": 0.5, "refresh, a tenth changed": 0.3, "first load, with both checks": 0.3}
_PEERS = (("first load, with both checks", "sling", 1.5), ("first load, with both checks", "dlt, connectorx", 2.0))
_SLOWER = (("first load, suite 0x02", "first load", 1.5),)

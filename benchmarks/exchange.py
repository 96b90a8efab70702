"""The exchange against psql's own pipe and against others that move tables: seconds, memory, and where the time goes.

    hutong bench exchange
    python -m benchmarks.exchange [--rows N] [--rounds N] [--large N [--only-large]] [--routes N] [--no-peers]
                                    [--json]

It starts a PostgreSQL of its own through the product's launcher, in a temporary folder; source, target, ledgers and
relay are databases in it. What is measured and how is in benchmarks/README.md.
"""

import argparse
import contextlib
import json
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table

from benchmarks import _exchange_table as table
from benchmarks._exchange_bars import MIB, Measured, findings
from benchmarks._exchange_cluster import Scratch
from benchmarks._exchange_many import exchange_many
from benchmarks._exchange_peers import Peers
from benchmarks._exchange_pipes import Pipes, Run
from benchmarks._exchange_route import Exchanged, Street, street
from tests.sim.town import Route

ROWS = 2_000_000
FIRST, REFRESH = "first load", "refresh, a tenth changed"


@dataclass
class Results:
    """All that was measured; of each whole exchange also its stages, and the memory in bytes of each end's process."""

    measured: list[Measured] = field(default_factory=list)
    stages: dict[str, dict[str, float]] = field(default_factory=dict)
    peaks: dict[str, dict[str, int]] = field(default_factory=dict)
    reference: dict[str, float] = field(default_factory=dict)

    def add(self, path: str, rows: int, runs: list[Run], *, is_compared: bool = True, problem: str = "") -> None:
        """The median of the runs; ratios to the pipes of the same number of rows."""
        seconds = statistics.median(run.seconds for run in runs)
        text, binary = (self.reference.get(form) if is_compared else None for form in ("text", "binary"))
        self.measured.append(
            Measured(
                path=path,
                rows=rows,
                seconds=round(seconds, 2),
                rows_per_second=round(rows / seconds),
                times_text_pipe=round(text / seconds, 2) if text else None,
                times_binary_pipe=round(binary / seconds, 2) if binary else None,
                peak_bytes=max((run.peak_bytes for run in runs if run.peak_bytes), default=None),
                carried_bytes=runs[0].carried_bytes,
                problem=problem,
            )
        )

    def add_exchanges(self, path: str, rows: int, found: list[Exchanged], *, is_compared: bool = True) -> None:
        """Whole exchanges, with the stages of the median one."""
        self.add(
            path, rows, [Run(one.seconds, one.peak_bytes, one.sealed_bytes) for one in found], is_compared=is_compared
        )
        self.stages[path] = sorted(found, key=lambda one: one.seconds)[len(found) // 2].stages
        self.peaks[path] = {end: max(one.peaks[end] for one in found) for end in found[0].peaks}


def run(scratch: Scratch, given: argparse.Namespace, tell: Callable[[str], None]) -> Results:
    """Everything in one run, in turn, so that whatever else the machine does meets all of it."""
    results = Results()
    with tempfile.TemporaryDirectory(prefix="hutong-bench-") as name:
        folder = Path(name)
        if given.only_large:
            _large(results, scratch, folder, given.large, tell)
            return results
        _stages(results, scratch, folder, given, tell)
        with street(folder / "town", scratch.new_database) as along:
            _routes(results, along, given, tell)
        if given.routes:
            tell(f"{given.routes} routes of 1,000 rows")
            with street(folder / "many", scratch.new_database) as along:
                seconds = exchange_many(along, given.routes)
            results.add(f"{given.routes} routes", given.routes * 1000, [Run(seconds)], is_compared=False)
        if not given.no_peers:
            _peers(results, scratch, folder, given, tell)
        if given.large:
            _large(results, scratch, folder, given.large, tell)
    return results


def _stages(
    results: Results, scratch: Scratch, folder: Path, given: argparse.Namespace, tell: Callable[[str], None]
) -> None:
    pipes = Pipes(scratch.new_url(), str(scratch.psql), folder)
    with contextlib.closing(pipes.connection):
        tell(f"psql's pipes, seal, open and load: {given.rows:,} rows")
        table.make(pipes.connection, "large", given.rows)
        table.make(pipes.connection, "small", given.rows // 10)
        lesser = {"seal": [pipes.seal("small")], "open and load": [pipes.load()]}
        runs: dict[str, list[Run]] = {
            "psql pipe, text": [],
            "psql pipe, binary": [],
            "seal": [],
            "open and load": [],
        }
        for _ in range(given.rounds):
            runs["psql pipe, text"].append(pipes.pipe("large", "text"))
            runs["psql pipe, binary"].append(pipes.pipe("large", "binary"))
            runs["seal"].append(pipes.seal("large"))
            runs["open and load"].append(pipes.load())
        pipes.compare("large")
    for form in ("text", "binary"):
        results.reference[form] = statistics.median(each.seconds for each in runs[f"psql pipe, {form}"])
    for path, found in runs.items():
        results.add(path, given.rows, found)
    for path, found in lesser.items():
        results.add(path, given.rows // 10, found, is_compared=False)


def _routes(results: Results, along: Street, given: argparse.Namespace, tell: Callable[[str], None]) -> None:
    """First loads and a refresh, whole: extract, seal, relay, fetch, verify, stage, apply, receipts."""
    along.fill("company", given.rows)
    plain: list[Exchanged] = []
    in_sm: list[Exchanged] = []
    checked: list[Exchanged] = []
    for number in range(given.rounds):
        tell(f"whole exchanges, first loads, round {number + 1}")
        route = along.route("company", mark=f"_a{number}")
        plain.append(along.exchange(route))
        _require_equal(along, route)
        if number < given.rounds - 1:
            along.drop_target(route)
        for suite, is_checked, kept in ((2, False, in_sm), (1, True, checked)):
            other = along.route("company", suite=suite, mark=f"_{'c' if is_checked else 's'}{number}")
            kept.append(along.exchange(other, checks=is_checked))
            _require_equal(along, other)
            along.drop_target(other)
    results.add_exchanges(FIRST, given.rows, plain)
    results.add_exchanges(f"{FIRST}, suite 0x02", given.rows, in_sm)
    results.add_exchanges(f"{FIRST}, with both checks", given.rows, checked)
    refreshed: list[Exchanged] = []
    for number in range(given.rounds):
        tell(f"whole exchanges, refreshes, round {number + 1}")
        along.change_a_tenth("company")
        refreshed.append(along.exchange(route))
        _require_equal(along, route)
    results.add_exchanges(REFRESH, given.rows, refreshed)
    along.drop_target(route)


def _peers(
    results: Results, scratch: Scratch, folder: Path, given: argparse.Namespace, tell: Callable[[str], None]
) -> None:
    with scratch.reachable_by_tcp() as (source, target):
        table.make_at(source, "company", given.rows)
        peers = Peers(source, target, scratch.psql, folder)
        for name, once in peers.commands("company").items():
            tell(f"peer: {name}")
            scratch.empty(target)
            told = once()
            results.add(name, given.rows, [Run(told.seconds, told.peak_bytes)], problem=told.problem)


def _large(results: Results, scratch: Scratch, folder: Path, rows: int, tell: Callable[[str], None]) -> None:
    """Ten times the rows: the binary pipe and one first load, for the ratio and the memory."""
    tell(f"{rows:,} rows: the binary pipe")
    pipes = Pipes(scratch.new_url(), str(scratch.psql), folder)
    with contextlib.closing(pipes.connection):
        table.make(pipes.connection, "large", rows)
        alone = pipes.pipe("large", "binary")
    scratch.drop_all()
    results.reference = {"binary": alone.seconds}
    results.add("psql pipe, binary", rows, [alone])
    with street(folder / "large", scratch.new_database) as along:
        tell(f"{rows:,} rows: a first load")
        along.fill("company", rows)
        route = along.route("company")
        results.add_exchanges(f"{FIRST}, {rows:,} rows", rows, [along.exchange(route)])
        _require_equal(along, route)


def _require_equal(along: Street, route: Route) -> None:
    if along.differing(route):
        raise SystemExit(f"{route.route_id}: source and target differ")


def _show(results: Results) -> None:
    numbers = ("rows", "seconds", "rows/s", "x text", "x binary", "peak MiB", "carried MB")
    shown = Table(Column("path", no_wrap=True), *(Column(name, justify="right") for name in numbers), box=None)

    def cell(value: float | None, form: str, unit: int = 1) -> str:
        return "" if value is None else format(value / unit, form)

    for row in results.measured:
        shown.add_row(
            row.path + (f" ({row.problem})" if row.problem else ""),
            f"{row.rows:,}",
            f"{row.seconds:.2f}",
            f"{row.rows_per_second:,}",
            cell(row.times_text_pipe, ".2f"),
            cell(row.times_binary_pipe, ".2f"),
            cell(row.peak_bytes, ".0f", MIB),
            cell(row.carried_bytes, ".1f", 1_000_000),
        )
    console = Console(width=140)
    console.print(shown)
    for path, stages in results.stages.items():
        console.print(f"{path}: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in stages.items()))
        console.print(
            "  peak: " + ", ".join(f"{end} {peak / MIB:.0f} MiB" for end, peak in results.peaks[path].items())
        )
    missed = findings(results.measured)
    console.print("all bars met" if not missed else "bars not met: " + "; ".join(missed))


def main() -> None:
    parser = argparse.ArgumentParser(prog="hutong bench exchange")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=3, help="the medians of so many are told")
    parser.add_argument("--large", type=int, default=0, metavar="ROWS", help="and one first load of so many (20000000)")
    parser.add_argument("--only-large", action="store_true", help="leave out everything but --large")
    parser.add_argument("--routes", type=int, default=200, help="how many small routes at once")
    parser.add_argument("--no-peers", action="store_true", help="leave out what others do")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    given = parser.parse_args()
    if given.only_large and not given.large:
        parser.error("--only-large needs --large ROWS")
    progress = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="hutong-bench-") as folder, Scratch.started(Path(folder)) as scratch:
        results = run(scratch, given, lambda what: progress.print(f"… {what}"))
    if given.json:
        told = {"paths": [asdict(row) for row in results.measured], "stages": results.stages, "peaks": results.peaks}
        print(json.dumps(told | {"missed": findings(results.measured)}))
    else:
        _show(results)


if __name__ == "__main__":
    main()

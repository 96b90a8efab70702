"""Sealing and loading against psql's own pipe: 2,000,000 rows of 12 columns, seconds and memory.

    hutong bench exchange
    python -m benchmarks.exchange [--rows N] [--rounds N] [--cluster URL] [--json]

Without ``--cluster`` (a superuser's address) it starts a PostgreSQL of its own through the product's launcher, in a
temporary folder. What is measured and how is in benchmarks/README.md.
"""

import argparse
import contextlib
import json
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql
from rich.console import Console
from rich.table import Column, Table
from sqlalchemy.engine import URL, make_url

from benchmarks import _exchange_table as table
from hutong.embedded.binaries import find_binaries
from hutong.home import open_home
from hutong.postgres import Cluster
from standards.crypto import DecryptionKey, SigningKey

ROWS = 2_000_000
MEMORY_BAR_BYTES = 256 * 1024 * 1024
FLAT_BYTES = 16 * 1024 * 1024  # two runs of one size differ by as much
MIB = 1024 * 1024


@dataclass(frozen=True)
class Measured:
    """One path over one size of table: medians of the rounds; memory is the highest of them, None where not told."""

    path: str
    rows: int
    seconds: float
    rows_per_second: int
    times_text_pipe: float | None
    peak_bytes: int | None
    carried_bytes: int | None


@dataclass(frozen=True)
class Run:
    """One run of one path."""

    seconds: float
    peak_bytes: int | None = None
    carried_bytes: int | None = None


class Bench:
    """A scratch database with the table in it, and the four ways to move it."""

    def __init__(self, url: URL, psql: str, folder: Path) -> None:
        self._url = url.set(drivername="postgresql")
        self._psql = psql
        self._folder = folder
        self.connection = psycopg2.connect(self._dsn)
        (folder / "signer.pem").write_bytes(SigningKey.generate().to_pem())
        (folder / "reader.pem").write_bytes(DecryptionKey.generate().to_pem())

    @property
    def _dsn(self) -> str:
        return self._url.render_as_string(hide_password=False)

    def pipe(self, source: str, form: str) -> Run:
        """``psql COPY … TO STDOUT | psql COPY … FROM STDIN`` in the given format, into an empty table."""
        table.make_target(self.connection, "target")
        environment = {"PGPASSWORD": self._url.password or "", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        address = self._url._replace(password=None).render_as_string()  # the password stays out of sight
        command = [self._psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={address}", "--command"]
        began = time.perf_counter()
        with (
            subprocess.Popen(
                [*command, f"COPY {source} TO STDOUT (FORMAT {form})"], stdout=subprocess.PIPE, env=environment
            ) as out,
            subprocess.Popen(
                [*command, f"COPY target FROM STDIN (FORMAT {form})"], stdin=out.stdout, env=environment
            ) as into,
        ):
            if out.stdout is not None:
                out.stdout.close()
            statuses = into.wait(), out.wait()
        seconds = time.perf_counter() - began
        if any(statuses):
            raise SystemExit(f"psql ended with {statuses}")
        return Run(seconds)

    def seal(self, source: str) -> Run:
        """COPY out into a sealed file."""
        with self.connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
        return self._stage("seal", source)

    def load(self) -> Run:
        """Verify and open the sealed file and COPY it into an empty table."""
        table.make_target(self.connection, "target")
        return self._stage("load", "target")

    def compare(self, source: str) -> None:
        """Stop unless the last load gave exactly the source's rows."""
        differing = table.differing(self.connection, source, "target")
        if differing:
            raise SystemExit(f"{differing} rows differ after sealing and loading")

    def _stage(self, stage: str, name: str) -> Run:
        command: list[str | Path] = [sys.executable, "-m", "benchmarks._exchange_stage", stage, name, self._folder]
        root = Path(__file__).parents[1]
        done = subprocess.run(command, input=self._dsn, cwd=root, stdout=subprocess.PIPE, text=True, check=True)
        told = json.loads(done.stdout)
        return Run(told["seconds"], told["peak_bytes"], told["sealed_bytes"])


def run(cluster_url: str, rows: int = ROWS, rounds: int = 3) -> list[Measured]:
    """Measure in a scratch database of this cluster (a superuser's address), which is dropped again."""
    url = make_url(cluster_url)
    psql = Path(find_binaries(open_home(), None).path("psql"))
    if not psql.exists():
        raise SystemExit(
            f"there is no psql beside the PostgreSQL in {psql.parent}; set HUTONG_PG_BIN to a folder with one"
        )
    small = rows // 10
    with _scratch(url) as scratch, tempfile.TemporaryDirectory(prefix="hutong-bench-") as folder:
        bench = Bench(scratch, str(psql), Path(folder))
        with contextlib.closing(bench.connection):
            table.make(bench.connection, "large", rows)
            table.make(bench.connection, "small", small)
            lesser = {"seal": [bench.seal("small")], "open and load": [bench.load()]}
            runs: dict[str, list[Run]] = {
                "psql pipe, text": [],
                "psql pipe, binary": [],
                "seal": [],
                "open and load": [],
            }
            for _ in range(rounds):  # in turn, so that whatever else the machine does meets all of them
                runs["psql pipe, text"].append(bench.pipe("large", "text"))
                runs["psql pipe, binary"].append(bench.pipe("large", "binary"))
                runs["seal"].append(bench.seal("large"))
                runs["open and load"].append(bench.load())
            bench.compare("large")
    reference = statistics.median(run.seconds for run in runs["psql pipe, text"])
    return [
        *(_measured(path, rows, found, reference) for path, found in runs.items()),
        *(_measured(path, small, found, None) for path, found in lesser.items()),
    ]


def findings(measured: list[Measured]) -> list[str]:
    """The bars that are not met; empty when all are."""
    missed = []
    stages = [row for row in measured if row.peak_bytes is not None]
    for row in stages:
        if row.times_text_pipe is not None and row.times_text_pipe < 1:
            missed.append(f"{row.path}: {row.times_text_pipe:.2f} of the text pipe, bar 1.0")
        if row.peak_bytes is not None and row.peak_bytes > MEMORY_BAR_BYTES:
            missed.append(f"{row.path}: {row.peak_bytes / MIB:.0f} MiB, bar {MEMORY_BAR_BYTES // MIB}")
    for path in {row.path for row in stages}:
        peaks = [row.peak_bytes or 0 for row in stages if row.path == path]
        if max(peaks) - min(peaks) > FLAT_BYTES:
            missed.append(f"{path}: memory grows by {(max(peaks) - min(peaks)) / MIB:.0f} MiB with the rows")
    return missed


def _measured(path: str, rows: int, runs: list[Run], reference: float | None) -> Measured:
    seconds = statistics.median(run.seconds for run in runs)
    return Measured(
        path=path,
        rows=rows,
        seconds=round(seconds, 2),
        rows_per_second=round(rows / seconds),
        times_text_pipe=round(reference / seconds, 2) if reference else None,
        peak_bytes=max((run.peak_bytes for run in runs if run.peak_bytes), default=None),
        carried_bytes=runs[0].carried_bytes,
    )


@contextlib.contextmanager
def _scratch(url: URL) -> Iterator[URL]:
    name = f"bench_{secrets.token_hex(4)}"

    def execute(statement: str) -> None:
        connection = psycopg2.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(sql.Identifier(name)))

    execute("CREATE DATABASE {} TEMPLATE template0")
    try:
        yield url.set(database=name)
    finally:
        execute("DROP DATABASE {} WITH (FORCE)")


def _show(measured: list[Measured]) -> None:
    numbers = ("rows", "seconds", "rows/s", "× text pipe", "peak MiB", "sealed MB")
    columns = [Column(name, justify="right") for name in numbers]
    shown = Table(Column("path", no_wrap=True), *columns, box=None)

    def cell(value: Any, form: str, unit: int = 1) -> str:
        return "" if value is None else format(value / unit, form)

    for row in measured:
        shown.add_row(
            row.path,
            f"{row.rows:,}",
            f"{row.seconds:.2f}",
            f"{row.rows_per_second:,}",
            cell(row.times_text_pipe, ".2f"),
            cell(row.peak_bytes, ".0f", MIB),
            cell(row.carried_bytes, ".1f", 1_000_000),
        )
    console = Console()
    console.print(shown)
    missed = findings(measured)
    console.print("all bars met" if not missed else "bars not met: " + "; ".join(missed))


def main() -> None:
    parser = argparse.ArgumentParser(prog="hutong bench exchange")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=3, help="the medians of so many are told")
    parser.add_argument("--cluster", default="", help="superuser's address of a running PostgreSQL")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        url = given.cluster
        if not url:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="hutong-bench-"))
            url = stack.enter_context(Cluster(Path(folder)).running()).superuser_url()
        measured = run(url, given.rows, given.rounds)
    if given.json:
        print(json.dumps({"paths": [asdict(row) for row in measured], "missed": findings(measured)}))
    else:
        _show(measured)


if __name__ == "__main__":
    main()

"""One side of the catalogue import benchmark in a process of its own; prints seconds and peak memory as JSON."""

import argparse
import gc
import io
import json
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import psycopg2
from psycopg2 import sql
from sqlalchemy.engine import make_url
from sqlalchemy.orm import sessionmaker

from directory.accounts.queries import actor_named
from directory.actors import Actor
from directory.db import make_engine
from directory.imports.check import advance
from directory.imports.repairs import apply
from directory.imports.run import carry_out
from directory.imports.upload import upload
from directory.settings import DirectorySettings
from hutong.cli import ALLOCATIONS
from metadata.formats.doctor.fault import FAULTS

REVIEWER = "shen"


class Product:
    """The import as page and API do it: each verb in a transaction, checked in stages, repaired, taken as drafts."""

    def __init__(self, file: Path, url: str, home: Path) -> None:
        self._file, self._settings = file, DirectorySettings(home=home, database_url=url)
        self._sessions = sessionmaker(make_engine(url))
        self._seconds: dict[str, float] = {}
        self._processor: dict[str, float] = {}

    def run(self) -> dict[str, Any]:
        """Every stage; what became of the entries is said, so that nothing is measured that did nothing."""
        data = self._file.read_bytes()
        row = self._do("upload", lambda s, a, n: upload(s, a, data, self._file.name, "", n).id)
        self._check(row, "")
        repaired = self._do("repair", lambda s, a, n: apply(s, a, row, tuple(FAULTS), n).revision)
        self._check(row, " again")
        done = self._do(
            "take as drafts", lambda s, a, n: carry_out(s, a, row, self._settings.classes, n, only_good=True)
        )
        return {
            "seconds": self._seconds,
            "processor_seconds": self._processor,
            "added": done.added,
            "refused": [f"{each.place}: {each.zh}" for each in done.refused[:3]],
            "refused_count": len(done.refused),
            "repaired": repaired,
        }

    def _check(self, row: UUID, which: str) -> None:
        """The three stages, each a transaction of its own."""
        for stage in ("read", "diagnose", "compare"):
            self._do(f"{stage}{which}", lambda s, a, n: advance(s, a, row, n))

    def _do(self, what: str, verb: Callable[[Any, Actor, datetime], Any]) -> Any:
        began, spent = time.perf_counter(), time.process_time()
        with self._sessions.begin() as session:
            actor = actor_named(session, REVIEWER)
            answer = verb(session, actor, datetime.now(UTC))
        self._seconds[what] = time.perf_counter() - began
        self._processor[what] = time.process_time() - spent
        return answer


def bare(file: Path, url: str) -> dict[str, Any]:
    """openpyxl reading every cell, and one COPY of as many rows of text into a table without index."""
    began = time.perf_counter()
    book = openpyxl.load_workbook(file, read_only=True)
    rows = [["" if cell is None else str(cell) for cell in row] for row in book["目录"].iter_rows(values_only=True)]
    read = time.perf_counter() - began
    began = time.perf_counter()
    text = io.StringIO("".join("\t".join(row) + "\n" for row in rows))
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        columns = sql.SQL(", ").join(sql.SQL("c{} text").format(sql.SQL(str(each))) for each in range(len(rows[0])))
        cursor.execute(sql.SQL("CREATE TABLE bare ({})").format(columns))
        cursor.copy_expert("COPY bare FROM STDIN", text)
    return {"seconds": {"openpyxl": read, "COPY": time.perf_counter() - began}}


def peak_bytes() -> int:
    """The most memory this process has held (VmHWM), and the most of any process it waited for."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=["product", "bare"])
    parser.add_argument("file", type=Path)
    parser.add_argument("url")
    parser.add_argument("home", type=Path)
    given = parser.parse_args()
    if given.side == "product":
        gc.set_threshold(ALLOCATIONS)  # as every process of the product has it
    done = bare(given.file, given.url) if given.side == "bare" else Product(given.file, given.url, given.home).run()
    print(json.dumps(done | {"peak_bytes": peak_bytes()}))


if __name__ == "__main__":
    main()

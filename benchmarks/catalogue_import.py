"""A workbook of 10,000 rows and 30 columns through the whole import, beside openpyxl reading it and a bare COPY.

    hutong bench catalogue_import
    python -m benchmarks.catalogue_import [--rows N] [--cluster URL] [--json]

Without ``--cluster`` (a superuser's address) it starts a PostgreSQL of its own. What is measured and how is in
benchmarks/README.md.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql
from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import sessionmaker

from benchmarks._catalogue_bars import MIB, Imported, bars
from benchmarks._catalogue_stage import REVIEWER
from benchmarks._catalogue_workbook import DEPARTMENTS, department, workbook
from directory.accounts.register import add_account
from directory.db import make_engine
from directory.migrate import migrate
from directory.organisations.register import add_organisation
from directory.roles import Role
from directory.settings import DirectorySettings
from hutong.postgres import Cluster

SHAPES = {"a row an entry": 1, "20 rows an entry": 20}
_PASSWORD = "benchmark-2026-密码"


def run(superuser: URL, folder: Path, rows: int, shape: str) -> Imported:
    """One workbook through both sides, each in its own process; raises ``SystemExit`` where entries are missing."""
    per_entry = SHAPES[shape]
    file = folder / f"目录-{per_entry}.xlsx"
    file.write_bytes(workbook(rows, per_entry))
    name = f"hutong_bench_import_{per_entry}"
    try:
        home, url = _directory(superuser, folder, name)
        bare, product = (_side(side, file, url, home) for side in ("bare", "product"))
    finally:
        _administer(superuser, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    wanted = -(-rows // per_entry)
    if product["added"] != wanted:
        raise SystemExit(f"{shape}: {product['added']} of {wanted} entries came; {product['refused']}")
    return Imported(
        shape=shape,
        rows=rows,
        file_bytes=file.stat().st_size,
        seconds=product["seconds"],
        bare_seconds=bare["seconds"],
        processor_seconds=product["processor_seconds"],
        peak_bytes=product["peak_bytes"],
        bare_peak_bytes=bare["peak_bytes"],
    )


def _side(side: str, file: Path, url: str, home: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks._catalogue_stage", side, str(file), url, str(home)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _directory(superuser: URL, folder: Path, name: str) -> tuple[Path, str]:
    """A migrated directory with the workbook's departments and a reviewer of the office."""
    _administer(superuser, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = superuser.set(database=name).render_as_string(hide_password=False)
    home = folder / name
    home.mkdir()
    migrate(DirectorySettings(home=home, database_url=url))
    engine = make_engine(url)
    with sessionmaker(engine).begin() as session:
        for number in range(DEPARTMENTS):
            named, code = department(number)
            add_organisation(session, code=code, name=named, prefix=f"{33100 + number}")
        named, code = department(DEPARTMENTS)
        add_organisation(session, code=code, name=named, prefix="33099", is_office=True)
        add_account(
            session,
            username=REVIEWER,
            display_name=REVIEWER,
            org_code=code,
            password=_PASSWORD,
            roles=(Role.OFFICE_REVIEWER,),
        )
    engine.dispose()
    return home, url


def _administer(superuser: URL, statement: sql.Composed) -> None:
    admin = psycopg2.connect(superuser.set(drivername="postgresql").render_as_string(hide_password=False))
    admin.autocommit = True
    with contextlib.closing(admin), admin.cursor() as cursor:
        cursor.execute(statement)


def _show(found: list[Imported]) -> None:
    console = Console()
    for each in found:
        title = f"{each.rows:,} rows, {each.shape}, {each.file_bytes:,} bytes"
        table = Table("stage", "seconds", "x bare", "own processor s", title=title)
        for stage, seconds in each.bare_seconds.items():
            table.add_row(f"bare: {stage}", f"{seconds:.2f}", f"{seconds / each.bare:.2f}", "")
        for stage, seconds in each.seconds.items():
            table.add_row(stage, f"{seconds:.2f}", f"{seconds / each.bare:.2f}", f"{each.processor_seconds[stage]:.2f}")
        repairing = sum(each.seconds[stage] for stage in each.repairing)
        spent = sum(each.processor_seconds[stage] for stage in each.seconds if stage not in each.repairing)
        table.add_row("round of repairs", f"{repairing:.2f}", f"{repairing / each.bare:.2f}")
        table.add_row("import without it", f"{each.whole:.2f}", f"{each.whole / each.bare:.2f}", f"{spent:.2f}")
        console.print(table)
        console.print(f"peak {each.peak_bytes / MIB:.0f} MiB; bare {each.bare_peak_bytes / MIB:.0f} MiB")
    for bar in bars(found):
        console.print(str(bar))


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.catalogue_import", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--cluster", default="", help="superuser's address of a running PostgreSQL")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hutong-bench-")))
        url = make_url(given.cluster) if given.cluster else None
        if url is None:
            url = make_url(stack.enter_context(Cluster(folder / "cluster").running()).superuser_url())
        found = [run(url, folder, given.rows, shape) for shape in SHAPES]
    if given.json:
        held = [asdict(each) | {"is_met": each.is_met} for each in bars(found)]
        print(json.dumps({"imports": [asdict(each) for each in found], "bars": held}, ensure_ascii=False))
    else:
        _show(found)


if __name__ == "__main__":
    main()

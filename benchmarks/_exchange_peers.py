"""What else moves a table from one PostgreSQL to another: each peer's own command, timed whole, its memory polled.

The Python ones are installed by hash from ``peers/rows.lock`` into an environment of their own; ``pg_dump`` and
``pg_restore`` stand beside psql, ``pgcopydb`` is Debian's. None of them checks or seals; their targets have no key.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL

LOCK = Path(__file__).parent / "peers" / "rows.lock"
_POLL_SECONDS = 0.1
_DLT = """
import sys
import dlt
from dlt.sources.sql_database import sql_table
source, target, table = sys.argv[1:4]
rows = sql_table(source, table=table, schema="public", backend="connectorx", reflection_level="full_with_precision")
pipeline = dlt.pipeline("bench", destination=dlt.destinations.postgres(target), dataset_name="dlt_target",
    pipelines_dir=sys.argv[4])
pipeline.run(rows, write_disposition="replace", table_name=table)
"""


@dataclass(frozen=True)
class PeerRun:
    """One run: seconds of the peer's process, its start included; ``problem`` when it did not get through."""

    seconds: float
    peak_bytes: int
    problem: str = ""


class Peers:
    """The peers that this machine has, over two databases given by their TCP addresses (superuser, with password)."""

    def __init__(self, source: URL, target: URL, psql: Path, folder: Path) -> None:
        self._source = source.set(drivername="postgresql").render_as_string(hide_password=False)
        self._target = target.set(drivername="postgresql").render_as_string(hide_password=False)
        self._psql = psql
        self._folder = folder
        self._environment = folder / "peers"

    def commands(self, table: str) -> dict[str, Callable[[], PeerRun]]:
        """Name to one run over a table of the source; in the target nothing of that peer's stands yet."""
        self._install()
        binaries = self._environment / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
        sling = binaries / "site-packages" / "sling_linux_amd64" / "bin" / "sling-linux-amd64"
        dump, restore = self._psql.with_name("pg_dump"), self._psql.with_name("pg_restore")
        piped = f'"{dump}" -Fc -Z0 -t public.{table} -d "$SOURCE" | "{restore}" --no-owner -d "$TARGET"'
        found: dict[str, Callable[[], PeerRun]] = {}
        if dump.exists() and restore.exists():
            found["pg_dump | pg_restore"] = lambda: self._run(["/bin/bash", "-o", "pipefail", "-c", piped])
        if (pgcopydb := shutil.which("pgcopydb")) is not None:
            found["pgcopydb clone"] = lambda: self._pgcopydb(pgcopydb)
        plain = "?sslmode=disable"
        # fmt: off
        found["sling"] = lambda: self._run([
            str(sling), "run", "--src-conn", self._source + plain, "--src-stream", f"public.{table}",
            "--tgt-conn", self._target + plain, "--tgt-object", f"public.sling_{table}", "--mode", "full-refresh",
        ])
        found["ingestr"] = lambda: self._run([
            self._program("ingestr"), "ingest", "--source-uri", self._source, "--source-table", f"public.{table}",
            "--dest-uri", self._target, "--dest-table", f"public.ingestr_{table}", "--yes", "--full-refresh",
            "--progress", "log",
        ])
        # fmt: on
        found["dlt, connectorx"] = lambda: self._dlt(table)
        return found

    def _pgcopydb(self, program: str) -> PeerRun:
        with tempfile.TemporaryDirectory(dir=self._folder) as work:
            command = [program, "clone", "--source", self._source, "--target", self._target, "--dir", f"{work}/d"]
            return self._run([*command, "--drop-if-exists", "--no-owner", "--no-acl", "--table-jobs", "2"])

    def _dlt(self, table: str) -> PeerRun:
        with tempfile.TemporaryDirectory(dir=self._folder) as work:
            source = self._source.replace("postgresql://", "postgresql+psycopg2://", 1)
            return self._run([self._program("python"), "-c", _DLT, source, self._target, table, work])

    def _run(self, command: list[str]) -> PeerRun:
        environment = os.environ | {
            "SOURCE": self._source,
            "TARGET": self._target,
            "HOME": str(self._folder),
            "PATH": f"{self._psql.parent}:{os.environ['PATH']}",  # the clients of this server's version
            "PGSSLMODE": "disable",
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "SLING_DISABLE_TELEMETRY": "true",
            "DISABLE_TELEMETRY": "true",
        }
        with tempfile.TemporaryFile() as output:
            began = time.perf_counter()
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
            watch = _Watch(process.pid)
            status = process.wait()
            seconds = time.perf_counter() - began
            peak = watch.end()
            output.seek(0)
            said = output.read().decode(errors="replace").strip().splitlines()
        return PeerRun(seconds, peak, "" if status == 0 else (said or ["no output"])[-1][:200])

    def _install(self) -> None:
        if (self._environment / "bin" / "ingestr").exists():
            return
        subprocess.run([sys.executable, "-m", "venv", str(self._environment)], check=True)
        command = [self._program("pip"), "install", "--quiet", "--require-hashes", "-r", str(LOCK)]
        subprocess.run(command, check=True)

    def _program(self, name: str) -> str:
        return str(self._environment / "bin" / name)


class _Watch:
    """The memory of a session's processes together, polled; what they share counts once (PSS)."""

    def __init__(self, session: int) -> None:
        self._session = session
        self._peak = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._thread.start()

    def end(self) -> int:
        self._is_over.set()
        self._thread.join()
        return self._peak

    def _poll(self) -> None:
        while not self._is_over.wait(_POLL_SECONDS):
            self._peak = max(self._peak, sum(map(_pss_bytes, self._members())))

    def _members(self) -> list[Path]:
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            try:
                if os.getsid(int(place.name)) == self._session:
                    found.append(place)
            except OSError:
                continue
        return found


def _pss_bytes(place: Path) -> int:
    try:
        lines = (place / "smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended meanwhile
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)

"""The bare limit, and our two stages alone: psql's own pipes, sealing into a file, opening and loading it."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from sqlalchemy.engine import URL

from benchmarks import _exchange_table as table
from standards.crypto import DecryptionKey, SigningKey


@dataclass(frozen=True)
class Run:
    """One run of one path."""

    seconds: float
    peak_bytes: int | None = None
    carried_bytes: int | None = None


class Pipes:
    """A scratch database with the table in it, and the plain ways to move it."""

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

"""Our side of the search benchmark: entries into PostgreSQL and the index, and the service with its workers."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psycopg2
from psycopg2 import sql
from sqlalchemy.engine import URL
from sqlalchemy.orm import sessionmaker

from benchmarks._search_copy import copy_all, organisation_code
from benchmarks._search_entries import ORGANISATIONS, Asked, Entry, organisation_name
from directory.accounts.register import add_account
from directory.db import make_engine
from directory.migrate import migrate
from directory.organisations.register import add_organisation
from directory.roles import Role
from directory.search.index import SearchIndex
from directory.settings import DirectorySettings

_PASSWORD = "benchmark-2026-密码"


@dataclass(frozen=True)
class Loaded:
    """How long entries took into PostgreSQL and into the index, and how large the index is."""

    copy_seconds: float
    index_seconds: float
    index_bytes: int


class Ours:
    """A database with the departments and a reader, filled by ``load`` and served by ``serving``."""

    def __init__(self, superuser: URL, folder: Path, name: str) -> None:
        self._dsn = superuser.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
        admin = psycopg2.connect(superuser.set(drivername="postgresql").render_as_string(hide_password=False))
        admin.autocommit = True
        with contextlib.closing(admin), admin.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        url = superuser.set(database=name).render_as_string(hide_password=False)
        folder.mkdir(parents=True, exist_ok=True)
        self.settings = DirectorySettings(home=folder, database_url=url)
        migrate(self.settings)
        engine = make_engine(url)
        self._sessions = sessionmaker(engine)
        with self._sessions.begin() as session:
            for number in range(ORGANISATIONS):
                add_organisation(session, code=organisation_code(number), name=organisation_name(number))
            self._people = [
                str(
                    add_account(
                        session,
                        username=username,
                        display_name=username,
                        org_code=organisation_code(number),
                        password=_PASSWORD,
                        roles=(Role.EDITOR,),
                    ).id
                )
                for number, username in enumerate(("author", "reader"))
            ]

    def load(self, made: Iterable[Entry], processes: int) -> Loaded:
        """Everything by COPY, in pieces, by so many processes; then the index anew."""
        began = time.perf_counter()
        copy_all(self._dsn, self._people, made, processes)
        with contextlib.closing(psycopg2.connect(self._dsn)) as connection:
            connection.autocommit = True
            connection.cursor().execute("ANALYZE")
        copied = time.perf_counter()
        index = SearchIndex(self.settings.home / "directory" / "search", self._sessions)
        index.rebuild()
        done = time.perf_counter()
        size = sum(path.stat().st_size for path in index.folder.rglob("*") if path.is_file())
        return Loaded(copied - began, done - copied, size)

    @contextlib.contextmanager
    def serving(self, port: int, workers: int) -> Iterator["Served"]:
        """The service as it is served, in processes of its own."""
        program = (
            "from directory.process.serve import serve; from directory.settings import DirectorySettings, default_home;"
            f" serve(DirectorySettings.model_validate({{'home': default_home()}}), '127.0.0.1', {port}, {workers})"
        )
        environment = os.environ | {
            "HUTONG_HOME": str(self.settings.home),
            "HUTONG_DATABASE_URL": self.settings.database_url,
        }
        log = self.settings.home / "serve.log"
        with log.open("wb") as output:
            command = [sys.executable, "-c", program]
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
            try:
                wait_for(port, "/healthz", process, log)
                yield Served(port, process.pid)
            finally:
                process.terminate()
                process.wait(timeout=60)


@dataclass(frozen=True)
class Served:
    """A running service."""

    port: int
    pid: int

    def headers(self) -> dict[str, str]:
        """Signed in as the reader."""
        body = json.dumps({"username": "reader", "password": _PASSWORD}).encode()
        address = f"http://127.0.0.1:{self.port}/api/v1/session"
        asked = urllib.request.Request(address, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked) as answer:
            return {"Authorization": f"Bearer {json.load(answer)['token']}"}


def path_of(asked: Asked, *, size: int = 10, after: str = "") -> str:
    """The query as our API takes it, with facets, as it always gives them."""
    parameters: dict[str, str | int] = {"size": size}
    if asked.words:
        parameters["q"] = asked.words
    if asked.box:
        parameters["bbox"] = ",".join(map(str, asked.box))
    if after:
        parameters["after"] = after
    return f"/api/v1/resources?{urlencode(parameters)}"


def wait_for(port: int, path: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until the service answers; says its log when it ends instead."""
    while True:
        if process.poll() is not None:
            raise SystemExit(f"the service ended: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60):
                return
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{path} answers {error.code}: {log.read_text()[-2000:]}") from error
        except OSError:
            time.sleep(0.1)


def memory_of(pid: int) -> int:
    """The resident bytes of a process and all below it, what they share counted once (PSS), as they stand now."""
    total = 0
    waiting = [pid]
    while waiting:
        each = waiting.pop()
        shares = Path(f"/proc/{each}/smaps_rollup").read_text()
        total += int(shares.partition("\nPss:")[2].split()[0]) * 1024
        for task in Path(f"/proc/{each}/task").iterdir():
            waiting += [int(child) for child in (task / "children").read_text().split()]
    return total

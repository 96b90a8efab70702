"""Our side of the search benchmark: entries into PostgreSQL and the index, and the service with its workers."""

import contextlib
import io
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

import psycopg2
from psycopg2 import sql
from sqlalchemy.engine import URL
from sqlalchemy.orm import sessionmaker

from benchmarks._search_entries import ORGANISATIONS, Asked, Entry, organisation_name
from directory.accounts.register import add_account
from directory.db import make_engine
from directory.migrate import migrate
from directory.organisations.register import add_organisation
from directory.policy import Role
from directory.search.index import SearchIndex
from directory.settings import DirectorySettings
from metadata.record import canonical_bytes
from metadata.resource import Category, Extent, Format, Item, Party, Resource, Sharing
from standards.check_digits import org_check_character, uscc_check_character

_PASSWORD = "benchmark-2026-密码"
_AT_ONCE = 20_000
_MOMENT = "2026-11-01 00:00:00+00"
_COLUMNS = {
    "resource": "id,identifier,code,org_code,title,status,step_seq,round,current_version,published_version,"
    "published_on,library,share_type,updated_on",
    "resource_version": "resource_id,version,record,created_by,created_at",
    "resource_step": "resource_id,seq,step,status,version,round,authored_by,decided_by,decided_at",
}


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
                add_organisation(session, code=_code(number), name=organisation_name(number))
            self._people = [
                str(
                    add_account(
                        session,
                        username=username,
                        display_name=username,
                        org_code=_code(number),
                        password=_PASSWORD,
                        roles=(Role.EDITOR,),
                    ).id
                )
                for number, username in enumerate(("author", "reader"))
            ]

    def load(self, made: Iterable[Entry]) -> Loaded:
        """Everything by COPY, in pieces, then the index anew."""
        began = time.perf_counter()
        entries = iter(made)
        with contextlib.closing(psycopg2.connect(self._dsn)) as connection:
            while piece := list(islice(entries, _AT_ONCE)):
                self._copy(connection, piece)
            connection.autocommit = True
            connection.cursor().execute("ANALYZE")
        copied = time.perf_counter()
        index = SearchIndex(self.settings.home / "directory" / "search", self._sessions)
        index.rebuild()
        done = time.perf_counter()
        size = sum(path.stat().st_size for path in index.folder.rglob("*") if path.is_file())
        return Loaded(copied - began, done - copied, size)

    def _copy(self, connection: "psycopg2.extensions.connection", piece: list[Entry]) -> None:
        files = {table: io.StringIO() for table in _COLUMNS}
        author, approver = self._people
        for entry in piece:
            day = entry.updated_on.isoformat()
            code, library = _code(entry.organisation), entry.library or "\\N"
            title, record = _escaped(entry.title), _escaped(_record(entry))
            own = (entry.id, entry.identifier, entry.code, code, title, "published", "1", "1", "1", "1", day, library)
            files["resource"].write("\t".join((*own, entry.share_type, day)) + "\n")
            files["resource_version"].write("\t".join((entry.id, "1", record, author, _MOMENT)) + "\n")
            step = (entry.id, "1", "publish", "published", "1", "1", author, approver, _MOMENT)
            files["resource_step"].write("\t".join(step) + "\n")
        with connection.cursor() as cursor:
            for table, file in files.items():
                file.seek(0)
                cursor.copy_expert(f"COPY {table} ({_COLUMNS[table]}) FROM STDIN", file)
        connection.commit()

    @contextlib.contextmanager
    def serving(self, port: int, workers: int) -> Iterator["Served"]:
        """The service as it is served, in processes of its own."""
        program = (
            "from directory.serve import serve; from directory.settings import DirectorySettings, default_home;"
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


def _record(entry: Entry) -> str:
    made = Resource(
        title=entry.title,
        identifier=entry.identifier,
        code=entry.code,
        class_code="307001",
        metadata_id=entry.id,
        abstract=entry.abstract,
        provider=Party(name=organisation_name(entry.organisation), code=_code(entry.organisation)),
        keywords=entry.keywords,
        categories=(Category(name=entry.theme),),
        library=entry.library,
        formats=(Format(category="电子表格", types=entry.formats),),
        items=tuple(Item(name=name, field=f"f{place}") for place, name in enumerate(entry.items)),
        sharing=Sharing.model_validate({"share_type": entry.share_type}),
        update_cycle=entry.cycle,  # type: ignore[arg-type]  # one of the record's own
        extent=Extent(region_code=entry.region, box_mas=entry.box, crs="EPSG:4490"),
        updated_on=entry.updated_on,
        published_on=entry.updated_on,
    )
    return canonical_bytes(made.model_dump(mode="json")).decode()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", " ").replace("\n", " ").replace("\r", " ")


def _code(number: int) -> str:
    inner = f"MB{number:06d}"
    body = "11330100" + inner + org_check_character(inner)
    return body + uscc_check_character(body)

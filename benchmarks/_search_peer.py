"""The peer: pycsw 3 (``geonode-pycsw``) in an environment of its own, over SQLite with all its indexes, by gunicorn.

SQLite is its faster store for these queries; facets are left out on its side. Records go straight into its table, as
its own loading takes a hundred a second: what it stores of each is what its loader would (title, abstract, keywords,
publisher, ``anytext`` of everything searched, the box as WKT, a Dublin Core document).
"""

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from benchmarks._search_entries import MAS, Asked, Entry, organisation_name
from benchmarks._search_ours import Served, wait_for

LOCK = Path(__file__).parent / "peers" / "pycsw.lock"
_CONFIG = """
server: {{url: "http://127.0.0.1:{port}", mimetype: "application/xml; charset=UTF-8", encoding: UTF-8, language: zh-CN,
  maxrecords: 100, timeout: 300, pretty_print: false}}
logging: {{level: ERROR}}
manager: {{transactions: false, allowed_ips: [127.0.0.1]}}
profiles: []
repository: {{database: "sqlite:///{database}", table: records, facets: []}}
metadata:
  identification: {{title: t, description: d, keywords: [a], keywords_type: theme, fees: None, accessconstraints: None}}
  provider: {{name: p, url: "http://127.0.0.1"}}
  contact: {{name: n, position: p, address: a, city: c, stateorprovince: s, postalcode: 1, country: c, phone: 1, fax: 1,
    email: e, url: "http://127.0.0.1", hours: h, instructions: i, role: pointOfContact}}
"""
_INSERT = (
    "INSERT INTO records (identifier, typename, schema, mdsource, insert_date, xml, anytext, metadata, metadata_type,"
    " type, title, abstract, keywords, publisher, date, format, wkt_geometry)"
    " VALUES (?, 'csw:Record', 'http://www.opengis.net/cat/csw/2.0.2', 'local', '2026-11-01', ?, ?, ?,"
    " 'application/xml', 'dataset', ?, ?, ?, ?, ?, ?, ?)"
)


class Peer:
    """pycsw with the entries."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self._port = folder, port
        folder.mkdir(parents=True, exist_ok=True)
        self._environment = folder.parent / "pycsw"
        if not (self._environment / "bin" / "gunicorn").exists():
            _run(sys.executable, "-m", "venv", str(self._environment))
            pip = str(self._environment / "bin" / "pip")
            _run(pip, "install", "--quiet", "--require-hashes", "-r", str(LOCK))
        self._database = folder / "records.db"
        self._config = folder / "pycsw.yml"
        self._config.write_text(_CONFIG.format(port=port, database=self._database))
        self._database.unlink(missing_ok=True)
        _run(self._program("python"), self._program("pycsw-admin.py"), "setup-repository", "-c", str(self._config))

    def load(self, made: Iterable[Entry]) -> float:
        """Every entry as a record; returns the seconds."""
        began = time.perf_counter()
        with contextlib.closing(sqlite3.connect(self._database)) as connection:
            connection.executemany(_INSERT, map(_record, made))
            connection.commit()
            connection.execute("ANALYZE")
            connection.commit()
        return time.perf_counter() - began

    @contextlib.contextmanager
    def serving(self, workers: int) -> Iterator[Served]:
        """Served by gunicorn with so many workers."""
        log = self._folder / "serve.log"
        command = [self._program("gunicorn"), "-w", str(workers), "-b", f"127.0.0.1:{self._port}", "--timeout", "600"]
        command += ["--no-control-socket", "pycsw.wsgi_flask:APP"]
        with log.open("wb") as output:
            environment = os.environ | {"PYCSW_CONFIG": str(self._config)}
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
            try:
                wait_for(self._port, "/collections/metadata:main/items?f=json&limit=1", process, log)
                yield Served(self._port, process.pid)
            finally:
                process.terminate()
                process.wait(timeout=60)

    def _program(self, name: str) -> str:
        return str(self._environment / "bin" / name)


def peer_path_of(asked: Asked) -> str:
    """The query as OGC API Records takes it: all words as one text, which is how it is typed."""
    parameters: dict[str, str | int] = {"f": "json", "limit": 10}
    if asked.words:
        parameters["q"] = asked.words
    if asked.box:
        parameters["bbox"] = ",".join(map(str, asked.box))
    if asked.offset:
        parameters["offset"] = asked.offset
    return f"/collections/metadata:main/items?{urlencode(parameters)}"


def _record(entry: Entry) -> tuple[str | None, ...]:
    publisher = organisation_name(entry.organisation)
    text = " ".join(entry.texts())
    document = (
        '<csw:Record xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f' xmlns:dct="http://purl.org/dc/terms/"><dc:identifier>{entry.identifier}</dc:identifier><dc:title>'
        f"{escape(entry.title)}</dc:title><dct:abstract>{escape(entry.abstract)}</dct:abstract></csw:Record>"
    )
    words, formats = ",".join((*entry.keywords, entry.theme)), ",".join(entry.formats)
    box = None
    if entry.box is not None:
        west, south, east, north = (value / MAS for value in entry.box)
        box = f"POLYGON(({west} {south}, {west} {north}, {east} {north}, {east} {south}, {west} {south}))"
    said = (document, text, document, entry.title, entry.abstract, words, publisher)
    return (entry.id, *said, entry.updated_on.isoformat(), formats, box)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr[-2000:]}")

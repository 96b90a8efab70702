"""Files that are not what they say: refused by name at both doors, and nothing half imported.

A home and an embedded cluster of this module's own; the command line as processes, the API through ``hutong serve``.
"""

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import psycopg2
import pytest
from psycopg2 import sql

from hutong.home import open_home
from hutong.postgres import Cluster
from metadata.formats import core_metadata_xml
from metadata.resource import Party, Resource
from tests.sim import forked

BAD_INPUT = Path(__file__).parents[3] / "shared/data/bad_input"
OFFICE = "11330100MB0000262E"
HEADER = "资源名称,来源部门,信息资源代码\n"
ENTITIES = '<!DOCTYPE a [<!ENTITY b "哈"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
CORE = '<Metadata xmlns="urn:hutong:gbt21063-3:1">'


@dataclass
class Place:
    """The installation under attack: its home, its API with a reviewer signed in."""

    home: Path
    api: httpx.Client

    def hutong(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return hutong(self.home, *arguments)

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """How many rows each table has, and the counters themselves; without sessions and the order of the log."""
        url = Cluster(open_home({"HUTONG_HOME": str(self.home)})).superuser_url("directory")
        connection = psycopg2.connect(url.replace("+psycopg2", "", 1))
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
                names = [name for (name,) in cursor.fetchall() if not name.startswith(("audit_", "login_"))]
                found = {}
                for name in names:
                    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name)))
                    found[name] = cursor.fetchall()
                cursor.execute("SELECT * FROM minted ORDER BY 1")
                found["minted"] = cursor.fetchall()
                cursor.execute("SELECT (SELECT count(*) FROM audit_out) + (SELECT count(*) FROM audit_log)")
                found["entries"] = cursor.fetchall()
                return found
        finally:
            connection.close()


def hutong(home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return forked.hutong(*map(str, arguments), environment={**os.environ, "HUTONG_HOME": str(home)})


def assert_refused(done: subprocess.CompletedProcess[str], code: str) -> None:
    """A stable code, a Chinese sentence, what it is about where that is several things, what to do; no trace of the
    program's inside.
    """
    assert done.returncode == 1, done.stdout + done.stderr
    said = [line for line in done.stderr.strip().splitlines() if not line.startswith("  ")]
    assert said[-2].startswith(f"错误 {code}："), done.stderr
    assert said[-1].startswith("下一步："), done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    home = Path(tempfile.mkdtemp(prefix="hutong-hostile-", dir="/tmp"))
    server = None
    try:
        assert hutong(home, "db", "start").returncode == 0
        assert hutong(home, "org", "add", OFFICE, "示例市数据局", "--prefix", "33001", "--office").returncode == 0
        secret = home / "shenhe.password"
        added = hutong(
            home, "user", "add", "shenhe", "--org", OFFICE, "--role", "office_reviewer", "--password-file", secret
        )
        assert added.returncode == 0, added.stderr
        assert hutong(home, "catalogue", "search", "水文").returncode == 0  # makes the command line's own account
        port = free_port()
        with (home / "serve.log").open("wb") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "hutong", "serve", "--port", str(port)],
                env={**os.environ, "HUTONG_HOME": str(home)},
                stdout=log,
                stderr=log,
            )
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120, trust_env=False) as api:
            wait_ready(api, server)
            login = {"username": "shenhe", "password": secret.read_text().strip()}
            api.headers["Authorization"] = f"Bearer {api.post('/api/v1/session', json=login).json()['token']}"
            yield Place(home, api)
    finally:
        if server is not None:
            server.terminate()
            server.wait(60)
        hutong(home, "db", "stop")
        shutil.rmtree(home)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_ready(api: httpx.Client, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert server.poll() is None
        try:
            if api.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)  # between two questions to a server that is not there yet
    raise AssertionError("the directory did not become ready")


def packed(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["资源名称", "来源部门"])
    sheet.append(["水文站点", "示例市水利局"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    """A workbook like any other with 400 MiB of blanks in its sheet, some hundred KiB as a file."""
    sheet, plain, out = "xl/worksheets/sheet1.xml", io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as whole, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in whole.namelist():
            if name != sheet:
                archive.writestr(name, whole.read(name))
        with archive.open(sheet, "w", force_zip64=True) as member:
            for _ in range(400):
                member.write(b" " * (1 << 20))
    return out.getvalue()


def entry() -> bytes:
    return core_metadata_xml.write(Resource(title="水文站点", provider=Party(name="示例市水利局")))


MADE: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "entities": ("a.xml", "XML_FORBIDDEN", ENTITIES.encode),
    "entities in utf-16": ("a.xml", "XML_FORBIDDEN", lambda: ENTITIES.encode("utf-16")),
    "type declaration": ("a.xml", "XML_FORBIDDEN", lambda: b"<!DOCTYPE Metadata>" + entry()),
    "a file of the server's": (
        "a.xml",
        "XML_FORBIDDEN",
        f'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>{CORE}&x;</Metadata>'.encode,
    ),
    "undeclared entity": ("a.xml", "XML_MALFORMED", f"{CORE}&x;</Metadata>".encode),
    "deep": ("a.xml", "XML_MALFORMED", lambda: b"<a>" * 50_000 + b"</a>" * 50_000),
    "deeper than any record": ("a.xml", "XML_TOO_LARGE", lambda: b"<a>" * 100 + b"</a>" * 100),
    "huge": ("a.xml", "XML_TOO_LARGE", lambda: b"<a>" + b"x" * 9_000_000 + b"</a>"),
    "many elements": ("a.xml", "XML_TOO_LARGE", lambda: b"<a>" + b"<b/>" * 300_000 + b"</a>"),
    "half an entry": ("a.xml", "XML_MALFORMED", lambda: entry()[: len(entry()) // 2]),
    "an element too many": ("a.xml", "XML_INVALID", lambda: entry().replace(b"</Metadata>", b"<x/></Metadata>")),
    "another root": ("a.xml", "XML_NOT_METADATA", lambda: b"<html/>"),
    "nothing.xml": ("a.xml", "FILE_EMPTY", bytes),
    "text.xlsx": ("a.xlsx", "FILE_NOT_WORKBOOK", "这不是工作簿".encode),
    "half a workbook": ("a.xlsx", "FILE_NOT_WORKBOOK", lambda: workbook()[:2500]),
    "any archive": ("a.xlsx", "FILE_NOT_WORKBOOK", lambda: packed(readme=b"x")),
    "doctype in a workbook": (
        "a.xlsx",
        "FILE_NOT_WORKBOOK",
        lambda: packed(xl__workbook=ENTITIES.encode()),
    ),
    "old xls": ("a.xls", "FILE_NOT_WORKBOOK", lambda: b"\xd0\xcf\x11\xe0" + bytes(600)),
    "password": ("a.xlsx", "FILE_NOT_WORKBOOK", lambda: b"\xd0\xcf\x11\xe0" + bytes(600)),
    "bomb": ("a.xlsx", "FILE_TOO_LARGE", bomb),
    "nothing.xlsx": ("a.xlsx", "FILE_EMPTY", bytes),
    "nothing.csv": ("a.csv", "FILE_EMPTY", bytes),
    "blanks.csv": ("a.csv", "FILE_EMPTY", lambda: b"\n \r\n"),
    "nul": ("a.csv", "FILE_NUL_BYTES", (HEADER + "水文\0站点,示例市水利局,\n").encode),
    "unclosed quote": ("a.csv", "FILE_UNCLOSED_QUOTE", (HEADER + '"水文站点,示例市水利局,\n').encode),
    "header only": ("a.csv", "IMPORT_EMPTY", HEADER.encode),
    "other headers": ("a.csv", "HEADERS_UNKNOWN", lambda: b"a,b\n1,2\n"),
    "5000 columns": ("a.csv", "FILE_TOO_LARGE", (",".join(f"列{n}" for n in range(5000)) + "\n").encode),
    "a cell of 200,000": ("a.csv", "FILE_TOO_LARGE", (HEADER + "水" * 200_000 + ",局,\n").encode),
    "two encodings": (
        "a.csv",
        "FILE_ENCODING_UNKNOWN",
        lambda: HEADER.encode() + "水文站点,示例市水利局,\n".encode("gb18030") + "雨量站,示例市水利局,\n".encode(),
    ),
    "the second of two": (
        "a.csv",
        "IMPORT_REFUSED",
        (HEADER + "水文站点,甲局,303021070100/000001\n雨量站,甲局,303021070100/000001\n").encode,
    ),
    "zip": ("a.zip", "FORMAT_UNKNOWN", lambda: packed(a=b"x")),
}
GIVEN = {
    "xml_cyclic.xml": "XML_FORBIDDEN",
    "xml_dtd.xml": "XML_FORBIDDEN",
    "xml_external.xml": "XML_FORBIDDEN",
    "xml_external_file.xml": "XML_FORBIDDEN",
    "xml_quadratic.xml": "XML_FORBIDDEN",
    "xml_simple.xml": "XML_NOT_METADATA",
    "xml_xmlbomb.xml": "XML_FORBIDDEN",
    "xml_xmlbomb2.xml": "XML_FORBIDDEN",
    "csv_5000_columns.csv": "FILE_TOO_LARGE",
    "csv_dup_and_blank_headers.csv": "HEADERS_UNKNOWN",
    "csv_header_only.csv": "IMPORT_EMPTY",
    "csv_nul_bytes.csv": "FILE_NUL_BYTES",
    "csv_unclosed_quote.csv": "FILE_UNCLOSED_QUOTE",
    "empty.csv": "FILE_EMPTY",
    "enc_mixed_utf8_gbk_lines.csv": "FILE_ENCODING_UNKNOWN",
    "xlsx_is_really_text.xlsx": "FILE_NOT_WORKBOOK",
    "xlsx_truncated.xlsx": "FILE_NOT_WORKBOOK",
    "zip_path_traversal.zip": "FORMAT_UNKNOWN",
    "zip_ratio_10mb.zip": "FORMAT_UNKNOWN",
}
READABLE = {"IMPORT_EMPTY", "IMPORT_REFUSED"}  # the file could be read: a dry run says what would come of it


def assert_kept_out(place: Place, file: Path, code: str, *, is_also_typed: bool = True) -> None:
    """By the API for real and on trial, and by the command line; what the directory holds stays as it was."""
    before = place.content()
    if is_also_typed:
        assert_refused(place.hutong("catalogue", "import", file), code)
    for is_trial in ("false", "true"):
        with file.open("rb") as data:
            answer = place.api.post(
                "/api/v1/resources/import", files={"file": (file.name, data)}, data={"dry_run": is_trial}
            )
        if is_trial == "true" and code in READABLE:
            assert (answer.status_code, answer.json()["added"] < 2) == (200, True)
            continue
        assert 400 <= answer.status_code < 500
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert (problem["code"], bool(problem["next_step"])) == (code, True)
        assert any("一" <= letter <= "鿿" for letter in problem["detail"])
    assert place.content() == before


@pytest.mark.parametrize("case", MADE)
def test_made_files(place: Place, tmp_path: Path, case: str) -> None:
    name, code, make = MADE[case]
    (tmp_path / name).write_bytes(make())
    assert_kept_out(place, tmp_path / name, code)


@pytest.mark.parametrize("name", GIVEN)
def test_given_files(place: Place, name: str) -> None:
    if not BAD_INPUT.exists():
        pytest.skip(f"{BAD_INPUT} is not here; the files made in this module stand for it")
    assert_kept_out(place, BAD_INPUT / name, GIVEN[name], is_also_typed=False)


def test_an_outside_declaration_is_never_fetched(place: Place, tmp_path: Path) -> None:
    with socket.socket() as outside:
        outside.bind(("127.0.0.1", 0))
        outside.listen()
        outside.setblocking(False)
        url = f"http://127.0.0.1:{outside.getsockname()[1]}/x.dtd"
        (tmp_path / "a.xml").write_text(f'<!DOCTYPE Metadata SYSTEM "{url}">{CORE}</Metadata>')
        assert_kept_out(place, tmp_path / "a.xml", "XML_FORBIDDEN")
        with pytest.raises(BlockingIOError):
            outside.accept()


def test_a_dry_run_succeeds_for_whatever_could_be_read(place: Place, tmp_path: Path) -> None:
    before = place.content()
    for number, text in enumerate((HEADER, MADE["the second of two"][2]().decode())):
        (tmp_path / f"{number}.csv").write_text(text)
        done = place.hutong("catalogue", "import", "--dry-run", "--json", tmp_path / f"{number}.csv")
        assert (done.returncode, json.loads(done.stdout)["is_dry_run"]) == (0, True)
    assert_refused(place.hutong("catalogue", "import", "--dry-run", tmp_path / "missing.csv"), "FILE_UNREADABLE")
    assert place.content() == before


def test_a_report_that_cannot_be_written_stops_the_import(place: Place, tmp_path: Path) -> None:
    before = place.content()
    file = tmp_path / "目录.xlsx"
    data = workbook()
    file.write_bytes(data)
    for report, code in ((tmp_path / "missing" / "report", "FILE_UNWRITABLE"), (tmp_path / "目录", "FILE_IS_INPUT")):
        assert_refused(place.hutong("catalogue", "import", file, "--report", report), code)
    assert file.read_bytes() == data
    assert place.content() == before


def test_an_upload_without_end_is_cut_off(place: Place) -> None:
    before = place.content()
    answer = place.api.post("/api/v1/resources/import", files={"file": ("a.csv", io.BytesIO(bytes(70 << 20)))})
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
    assert place.content() == before

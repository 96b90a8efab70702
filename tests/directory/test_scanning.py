"""Files are scanned before they are kept, where a scanner is set: refused when infected, and when nobody answers."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from directory.errors import DirectoryError
from directory.roles import Role
from directory.scanning import Scanner, scanning_sessions
from directory.settings import DirectorySettings
from tests.sim.clamd import EICAR, Clamd, Manner, clamd

PDF = b"%PDF-1.7\n"
FIELDS = {"kind": "secrecy", "conclusion": "可以共享", "assessed_on": "2026-01-05"}
SHEET = "信息资源名称,信息资源提供方,信息资源摘要\n企业名录,{name},企业的名录\n".encode()


@pytest.fixture(scope="module")
def scanner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clamd]:
    with clamd(tmp_path_factory.mktemp("clamd") / "clamd.ctl", most_bytes=1_000_000) as running:
        yield running


@pytest.fixture
def scanned(directory_app: Any, scanner: Clamd) -> Iterator[Clamd]:
    """The application with this scanner set, as ``create_app`` sets it."""
    ours = directory_app.state.sessions
    directory_app.state.sessions = scanning_sessions(directory_app.state.engine, f"unix:{scanner.server_address}")
    scanner.scanned.clear()
    try:
        yield scanner
    finally:
        directory_app.state.sessions = ours
        scanner.manner = "well"


def test_every_byte_is_scanned_and_only_a_plain_ok_lets_a_file_in(scanner: Clamd) -> None:
    asked = Scanner(f"unix:{scanner.server_address}", seconds=5)
    scanner.scanned.clear()
    for data in (b"", b"x", bytes(range(256)) * 1000, b"a" * 65_536, b"a" * 65_537):
        asked.scan(data)
        assert scanner.scanned.pop() == data
    for data in (EICAR, b"x" * 65_530 + EICAR, PDF + EICAR + bytes(200_000)):
        with pytest.raises(DirectoryError) as refused:
            asked.scan(data)
        assert refused.value.code == "FILE_INFECTED"


@pytest.mark.parametrize("manner", ["silent", "cut", "error", "odd", "endless", "gone"])
def test_whoever_does_not_say_that_it_is_clean_has_not_said_so(scanner: Clamd, manner: Manner) -> None:
    scanner.manner = manner
    began = time.monotonic()
    try:
        with pytest.raises(DirectoryError) as refused:
            Scanner(f"unix:{scanner.server_address}", seconds=0.5).scan(PDF)
    finally:
        scanner.manner = "well"
    assert refused.value.code == "SCANNER_AWAY"
    assert time.monotonic() - began < 5


def test_larger_than_the_scanner_takes_or_nobody_there_is_refused(scanner: Clamd, tmp_path: Path) -> None:
    for address, data in (
        (f"unix:{scanner.server_address}", bytes(4_000_000)),
        (f"unix:{tmp_path}/nobody", PDF),
        (f"unix:/{'x' * 300}", PDF),
        ("tcp:127.0.0.1:1", PDF),
    ):
        with pytest.raises(DirectoryError) as refused:
            Scanner(address, seconds=2).scan(data)
        assert refused.value.code == "SCANNER_AWAY"


@pytest.mark.parametrize("address", ["clamd", "unix:clamd.ctl", "tcp:3310", "tcp:host:0", "tcp::3310", "http://x", " "])
def test_a_setting_that_is_no_scanner_stops_the_start(address: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="HUTONG_SCANNER"):
        DirectorySettings(home=tmp_path, database_url="x", scanner=address)


def test_an_infected_file_leaves_nothing_and_says_what_to_do(scanned: Clamd, city: Any) -> None:
    """Of an assessment and of an import; without the scanner's word nothing is kept either."""
    person = city.person(city.organisation(), Role.EDITOR)
    client, provider = person.client, {"name": person.actor.org_name, "code": person.actor.org_code}
    entry = client.post("/api/v1/resources", json={"title": "企业名录", "provider": provider}).json()["id"]
    assessments = f"/api/v1/resources/{entry}/assessments"
    sheet = SHEET.replace(b"{name}", person.actor.org_name.encode())
    for path, listed, fields, name, clean in (
        (f"{assessments}/files", assessments, FIELDS, "审查.pdf", PDF),
        ("/api/v1/imports", "/api/v1/imports", {}, "目录.csv", sheet),
    ):
        empty = client.get(listed).json()
        answer = client.post(path, data=fields, files={"file": (name, clean + EICAR)})
        assert (answer.status_code, answer.json()["code"]) == (422, "FILE_INFECTED"), answer.text
        assert "换一份文件" in answer.json()["next_step"]
        scanned.manner = "gone"
        answer = client.post(path, data=fields, files={"file": (name, clean)})
        assert (answer.status_code, answer.json()["code"]) == (503, "SCANNER_AWAY"), answer.text
        assert client.get(listed).json() == empty
        scanned.manner = "well"
        answer = client.post(path, data=fields, files={"file": (name, clean)})
        assert answer.status_code == 201, answer.text
        assert scanned.scanned[-1] == clean
        assert client.get(listed).json() != empty


def test_a_file_imported_in_one_go_is_scanned_before_it_is_kept(scanned: Clamd, city: Any) -> None:
    person = city.person(city.organisation(), Role.EDITOR)
    client, path = person.client, "/api/v1/resources/import"
    sheet = SHEET.replace(b"{name}", person.actor.org_name.encode())
    infected = sheet.replace("企业的名录".encode(), EICAR)
    tried = client.post(path, data={"dry_run": "true"}, files={"file": ("目录.csv", infected)})
    assert (tried.status_code, tried.json()["added"], scanned.scanned) == (200, 1, []), "a trial keeps nothing"
    answer = client.post(path, files={"file": ("目录.csv", infected)})
    assert (answer.status_code, answer.json()["code"]) == (422, "FILE_INFECTED"), answer.text
    scanned.manner = "gone"
    answer = client.post(path, files={"file": ("目录.csv", sheet)})
    assert (answer.status_code, answer.json()["code"]) == (503, "SCANNER_AWAY"), answer.text
    assert client.get("/api/v1/imports").json() == []
    scanned.manner = "well"
    answer = client.post(path, files={"file": ("目录.csv", sheet)})
    assert (answer.status_code, answer.json()["added"]) == (200, 1), answer.text
    assert scanned.scanned[-1] == sheet
    assert len(client.get("/api/v1/imports").json()) == 1


def test_the_application_and_the_commands_scan_by_the_setting() -> None:
    for module in ("directory/app.py", "hutong/directory_access.py"):
        assert "scanning_sessions(engine, settings.scanner)" in Path(module).read_text("utf-8")
    for module in (
        "access/comments.py",
        "imports/run.py",
        "imports/upload.py",
        "matters/papers.py",
        "resources/assessment_files.py",
    ):
        text = (Path("directory") / module).read_text("utf-8")
        assert re.search(r"require_clean\(session, (?:document\.)?data\)", text), module

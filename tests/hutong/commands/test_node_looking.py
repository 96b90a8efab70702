"""``hutong node scan``, ``probe``, ``doctor`` with a real directory: from a table to a confirmed, probed entry."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import psycopg2
import pytest
import structlog

from directory.accounts.queries import actor_named
from directory.accounts.register import add_account
from directory.app import create_app
from directory.nodes.enrol import create_token
from directory.organisations.register import add_organisation
from directory.probes.queries import latest_probes
from directory.roles import Role
from directory.settings import DirectorySettings
from exchange.department import libpq_url
from exchange.keys import enrol
from exchange.migrate import newest
from exchange.settings import NodeSettings
from hutong.cli import main
from hutong.demo.persons import residents
from hutong.screens import COLUMNS, width
from tests.sim.serving import served

ORG = "11330100MB0000262E"
PASSWORD = "正确的密码-2026-correct"
SECRET = "机密备注-7f3a9c"


@dataclass(frozen=True)
class Office:
    """A served directory, a home with one enrolled node, and the department's database."""

    app: Any
    url: str
    home: Path
    department: str

    def run(self, statement: str) -> None:
        self.run_in(self.department, statement)

    def run_in(self, url: str, statement: str) -> None:
        connection = psycopg2.connect(libpq_url(url))
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("HUTONG_HOME", str(office.home))

    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["node", *(str(each) for each in arguments)])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return call


@pytest.fixture(scope="module")
def office(
    new_database: Callable[[], str],
    new_directory_database: Callable[[], tuple[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Office]:
    settings = DirectorySettings(home=tmp_path_factory.mktemp("directory"), database_url=new_directory_database()[1])
    app = create_app(settings)
    home, department = tmp_path_factory.mktemp("home"), new_database()
    with app.state.sessions.begin() as session:
        add_organisation(session, code=ORG, name="示例市公安局", prefix="33001", is_office=False)
        account = {"org_code": ORG, "password": PASSWORD}
        add_account(session, username="editor", display_name="编目员", roles=(Role.EDITOR,), **account)
        add_account(session, username="admin", display_name="管理员", roles=(Role.SYSTEM_ADMIN,), **account)
    with app.state.sessions.begin() as session:
        actor = actor_named(session, "admin")
        assert actor is not None
        token = create_token(session, actor, org_code=ORG, name="gongan", kind="node", now=datetime.now(UTC))
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # its log would mix with the commands' output
    with served(app) as url:
        key = app.state.directory_key.verifying.key_id
        enrol.init(home / "nodes" / "gongan", "gongan", url, key, token, new_database(), department, url)
        yield Office(app, url, home, department)
    structlog.reset_defaults()
    app.state.engine.dispose()


def test_from_a_table_to_a_probed_entry(office: Office, run: Run, tmp_path: Path) -> None:
    connection = psycopg2.connect(libpq_url(office.department))
    with connection, connection.cursor() as cursor:
        residents(200).create(cursor, seed=1)
        cursor.execute("CREATE TABLE note (bz text)")
        cursor.execute("INSERT INTO note VALUES (%s)", (SECRET,))
    connection.close()

    book, whole = tmp_path / "draft.xlsx", tmp_path / "draft.json"
    code, listed, quiet = run("scan", "gongan", "--out", book)
    assert (code, quiet) == (0, "")
    assert "常住人口登记" in listed
    cells = [str(cell) for sheet in openpyxl.load_workbook(book).worksheets for row in sheet.values for cell in row]
    assert "公民身份号码" in cells
    code, posted, said = run("scan", "gongan", "--out", whole, "--post", "--json")
    told = json.loads(posted)
    assert (code, told["accepted"], {each["table"] for each in told["tables"]}) == (0, 2, {"resident", "note"})
    assert json.loads(run("scan", "gongan", "--post", "--json")[1])["accepted"] == 0
    for text in (listed, posted, said, whole.read_text("utf-8"), *cells):
        assert SECRET not in text

    with httpx.Client(base_url=office.url, trust_env=False) as client:
        token = client.post("/api/v1/session", json={"username": "editor", "password": PASSWORD}).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        waiting = {line["table"]: line for line in client.get("/api/v1/proposals").json()["items"]}
        choice = {"title": "常住人口", "library": "population", "share_type": "conditional"}
        made = client.post(f"/api/v1/proposals/{waiting['resident']['id']}/confirm", json=choice)
        assert made.status_code == 201, made.text

    code, probed, _ = run("probe", "gongan", "--json")
    (probe,) = json.loads(probed)["probes"]
    assert (code, probe["is_reachable"], probe["is_matching"]) == (0, True, True)
    assert [(each["kind"], each["column"]) for each in probe["mismatches"]] == []
    office.run("ALTER TABLE resident DROP COLUMN phone")
    code, changed, _ = run("probe", "gongan")
    assert code == 1
    assert "不一致\t缺少“phone”" in changed
    with office.app.state.sessions() as session:
        (row,) = latest_probes(session).values()
    assert (row.is_reachable, row.is_matching) == (True, False)
    assert datetime.now(UTC) - row.probed_at < timedelta(minutes=2)


def test_what_is_refused(run: Run, tmp_path: Path) -> None:
    for arguments, code in [
        (("scan", "gongan", "--schema", "没有"), "SCHEMA_UNKNOWN"),
        (("scan", "gongan", "--out", str(tmp_path / "x.pdf")), "SCAN_FORMAT_UNKNOWN"),
        (("scan", "gongan", "--out", str(tmp_path / "no" / "x.json")), "FILE_UNWRITABLE"),
        (("scan", "shuiwu"), "NODE_MISSING"),
        (("probe", "shuiwu"), "NODE_MISSING"),
    ]:
        status, out, err = run(*arguments)
        assert (status, out) == (1, ""), err
        assert f"错误 {code}：" in err
        assert "Traceback" not in err


def test_doctor(office: Office, run: Run) -> None:
    code, said, quiet = run("doctor", "gongan")
    assert (code, quiet) == (1, "")  # no feed has been pulled yet
    assert "✗ 目录登记：还没有取到过\n  → 恢复与目录的连接，运行 hutong node run --once。\n" in said
    assert "✓ 部门库编码：UTF8\n" in said
    assert re.search(r"^✓ [0-9]+ 项正常，! [0-9]+ 项要留意，✗ 1 项须处理$", said, re.MULTILINE)
    assert max(width(line) for line in said.splitlines()) <= COLUMNS
    office.run("UPDATE hutong.hutong_version SET version_num = 'target_0001'")
    assert "✗ 部门库结构：是 target_0001，程序需要 target_" in run("doctor", "gongan")[1]
    office.run(f"UPDATE hutong.hutong_version SET version_num = '{newest('target')}'")
    assert run("migrate")[0] == 0
    code, told, _ = run("doctor", "gongan", "--json")
    answer = json.loads(told)
    assert (code, answer["node"], answer["counts"]["bad"]) == (1, "gongan", 1)
    (bad,) = [line for line in answer["lines"] if line["light"] == "bad"]
    assert bad["name"] == "目录登记"


def test_tables_of_an_earlier_version_are_told_without_a_traceback(office: Office, run: Run) -> None:
    ledger = NodeSettings.read(office.home / "nodes" / "gongan" / "node.toml").database_url
    office.run_in(ledger, "ALTER TABLE feed_entry RENAME TO feed_entry_of_later")
    try:
        code, _, told = run("grants")
    finally:
        office.run_in(ledger, "ALTER TABLE feed_entry_of_later RENAME TO feed_entry")
    assert (code, "DATABASE_BEHIND" in told, "hutong node migrate" in told) == (1, True, True)

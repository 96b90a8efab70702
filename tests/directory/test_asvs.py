"""``docs/security/asvs.csv``: each control of OWASP ASVS 5.0 that is tracked, and the test that shows it or why none.

Below the table's own check stand those controls for which no other test was the place.
"""

import ast
import csv
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import text

from directory.app import create_app
from directory.settings import DirectorySettings
from metadata.audit import AuditEntry
from tests.directory.conftest import PASSWORD, City
from tests.directory.test_law import named_in

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "security" / "asvs.csv"
ROWS = list(csv.DictReader(TABLE.read_text("utf-8").splitlines()))
TRACKED = 83
SECRETS = {"password", "token", "current", "new", "one_time_password", "secret", "csrf_token"}


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_every_row_names_a_test_that_exists_or_says_why_not(row: dict[str, str]) -> None:
    assert bool(row["test"]) != bool(row["reason"]), "one of the two"
    if row["test"]:
        file, _, name = row["test"].partition("::")
        assert name in named_in(file)


def test_every_tracked_control_has_its_row() -> None:
    ids = [row["id"] for row in ROWS]
    assert len(set(ids)) == len(ids) == TRACKED


def test_over_https_cookies_are_secure_and_the_browser_stays_there(directory_settings: DirectorySettings) -> None:
    app = create_app(directory_settings.model_copy(update={"public_url": "https://hutong.example"}))
    try:
        client = City(app).client()
        page = client.get("/login")
        assert page.headers["strict-transport-security"] == "max-age=31536000"
        assert "Secure" in page.headers["set-cookie"]
    finally:
        app.state.engine.dispose()


def test_no_page_is_shown_inside_anothers(city: Any) -> None:
    policy = city.client().get("/login").headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy


def test_a_forwarded_address_is_not_believed(city: Any) -> None:
    """Whoever names another address for each attempt is paused all the same."""
    person = city.person(city.organisation())
    body = {"username": person.actor.username, "password": "wrong-password"}
    for number in range(6):
        headers = {"X-Forwarded-For": f"10.0.0.{number}", "Forwarded": f"for=10.0.0.{number}", "X-Real-IP": "1.2.3.4"}
        answer = city.client().post("/api/v1/session", json=body, headers=headers)
    assert answer.json()["code"] == "LOGIN_LOCKED"


def test_an_entry_of_the_log_is_one_line(city: Any) -> None:
    """What somebody types as a name stands in no entry, and a line end in an entry is spelled out."""
    city.client().post("/api/v1/session", json={"username": "x\nforged entry", "password": PASSWORD})
    with city.app.state.sessions() as session:
        entries = session.scalars(text("SELECT bytes FROM audit_out")).all()
    assert not any(b"forged" in bytes(entry) for entry in entries)
    values = {"event_id": "e", "at": "2026-01-01T00:00:00Z", "producer": "directory", "actor": "a\nb"}
    entry = AuditEntry.model_validate(values | {"action": "x:y", "subject": "s\r\n", "outcome": "done"})
    assert b"\n" not in entry.to_bytes()
    assert b"\r" not in entry.to_bytes()


def test_no_secret_travels_in_an_address(directory_app: FastAPI) -> None:
    for route in directory_app.routes:
        if isinstance(route, APIRoute):
            named = {each.name for each in (*route.dependant.query_params, *route.dependant.path_params)}
            assert not named & SECRETS, route.path


def test_there_is_no_account_until_somebody_makes_one(new_directory_database: Any, tmp_path: Path) -> None:
    app_url, owner_url = new_directory_database()
    settings = DirectorySettings(home=tmp_path, database_url=app_url, migration_url=owner_url)
    app = create_app(settings)
    try:
        with app.state.sessions() as session:
            assert session.scalar(text("SELECT count(*) FROM account WHERE password_hash IS NOT NULL")) == 0
    finally:
        app.state.engine.dispose()


def test_the_directory_starts_no_command_of_an_operating_system() -> None:
    """But for reading a legacy workbook in a process of its own, whose words are fixed."""
    for path in (ROOT / "directory").rglob("*.py"):
        source = path.read_text("utf-8")
        assert "os.system" not in source, path
        assert "shell=True" not in source, path


def test_templates_are_files_of_ours() -> None:
    for path in (ROOT / "directory").rglob("*.py"):
        assert "from_string" not in path.read_text("utf-8"), path


def test_nothing_is_deserialised_into_objects_of_the_senders_choice() -> None:
    for package in ("directory", "metadata", "standards", "exchange"):
        for path in (ROOT / package).rglob("*.py"):
            tree = ast.parse(path.read_text("utf-8"))
            names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
            names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
            assert not names & {"pickle", "marshal", "shelve", "dill"}, path
            called = {
                node.func.id
                for node in ast.walk(tree)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            }
            assert not called & {"eval", "exec"}, path

"""Proposals on the command line: listed, read with their reasons, confirmed, declined."""

import json
from pathlib import Path

import pytest

from tests.directory.conftest import Command
from tests.directory.proposals.conftest import Desk


@pytest.fixture
def run(desk: Desk, command: Command) -> Command:
    """Commands as the department's editor."""
    return lambda *arguments: command(desk.editor.actor.username, *arguments)


def test_confirmed_as_it_is_drafted(desk: Desk, run: Command) -> None:
    number = desk.proposed()
    assert number in run("proposal", "list")[1]
    code, out, _ = run("proposal", "show", number)
    assert (code, "gmsfhm" in out, "猜测" in out) == (0, True, True)
    assert "ARGUMENT_BAD" in run("proposal", "confirm", number)[2]  # the share type is never drafted
    made = json.loads(run("proposal", "confirm", number, "--share", "conditional", "--json")[1])
    shown = desk.editor.client.get(f"/api/v1/resources/{made['id']}").json()
    assert (shown["status"], shown["record"]["sharing"]["share_type"]) == ("draft", "conditional")
    assert shown["record"]["mounts"][0]["table"] == desk.table
    again = run("proposal", "confirm", number, "--share", "conditional")
    assert (again[0], "PROPOSAL_DECIDED" in again[2]) == (1, True), again


def test_confirmed_item_by_item_and_declined(desk: Desk, run: Command, tmp_path: Path) -> None:
    number, file = desk.proposed(), tmp_path / "选.json"
    left = {"field": "bz", "is_included": False, "name": "备注", "type_code": "C", "sensitivity": 1}
    choice = {"title": "常住人口", "library": "population", "share_type": "conditional", "items": [left]}
    file.write_text(json.dumps({**choice, "title": " "}), "utf-8")
    code, _, err = run("proposal", "confirm", number, "--choice", file)
    assert (code, "PROPOSAL_CHOICE_BAD" in err, "请填写资源名称" in err) == (1, True, True)
    file.write_text(json.dumps(choice), "utf-8")
    made = json.loads(run("proposal", "confirm", number, "--choice", file, "--json")[1])
    record = desk.editor.client.get(f"/api/v1/resources/{made['id']}").json()["record"]
    assert (record["title"], "bz" in [each["field"] for each in record["items"]]) == ("常住人口", False)


def test_declined(desk: Desk, run: Command) -> None:
    number = desk.proposed()
    assert "PROPOSAL_REASON_MISSING" in run("proposal", "decline", number, "-m", " ")[2]
    assert run("proposal", "decline", number, "-m", "临时表")[0] == 0
    listed = json.loads(run("proposal", "list", "--status", "declined", "--json")[1])["items"]
    assert [each["reason"] for each in listed if each["id"] == number] == ["临时表"]
    assert "PROPOSAL_NOT_FOUND" in run("proposal", "show", "00000000-0000-4000-8000-000000000000")[2]

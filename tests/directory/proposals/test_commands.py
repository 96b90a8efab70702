"""Proposals on the command line: listed, read with their reasons, confirmed, declined."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from directory.settings import DirectorySettings
from hutong.cli import main
from tests.directory.conftest import PASSWORD
from tests.directory.proposals.conftest import Desk

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    desk: Desk, directory_settings: DirectorySettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Commands as the department's editor."""
    secret = tmp_path / "password"
    secret.write_text(PASSWORD, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUTONG_HOME", str(directory_settings.home))
        patch.setenv("HUTONG_DATABASE_URL", directory_settings.database_url)
        patch.setenv("HUTONG_AS", desk.editor.actor.username)
        patch.setenv("HUTONG_PASSWORD_FILE", str(secret))

        def call(*arguments: object) -> tuple[int, str, str]:
            with pytest.raises(SystemExit) as ended:
                main([str(each) for each in arguments])
            out, err = capsys.readouterr()
            return int(ended.value.code or 0), out, err

        yield call


def test_confirmed_as_it_is_drafted(desk: Desk, run: Run) -> None:
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


def test_confirmed_item_by_item_and_declined(desk: Desk, run: Run, tmp_path: Path) -> None:
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


def test_declined(desk: Desk, run: Run) -> None:
    number = desk.proposed()
    assert "PROPOSAL_REASON_MISSING" in run("proposal", "decline", number, "-m", " ")[2]
    assert run("proposal", "decline", number, "-m", "临时表")[0] == 0
    listed = json.loads(run("proposal", "list", "--status", "declined", "--json")[1])["items"]
    assert [each["reason"] for each in listed if each["id"] == number] == ["临时表"]
    assert "PROPOSAL_NOT_FOUND" in run("proposal", "show", "00000000-0000-4000-8000-000000000000")[2]

"""Accounts, roles, delegations and tokens on the command line, each by the person whose hand it is."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from directory.clock.deadlines import day_of
from hutong.acting import NEW_PASSWORD_FILE
from tests.hutong.commands.conftest import Run

OFFICE = "11330100MB0000262E"


@pytest.fixture
def office(run: Run, add_people: Callable[..., None]) -> str:
    run("org", "add", OFFICE, "示例市数据管理局", "--office")
    add_people(OFFICE, xitong=["system_admin"], anquan=["security_admin"], lin=["office_approver"], qian=["editor"])
    return OFFICE


def test_two_hands_and_ones_own_password(
    office: str, person: Callable[..., Run], passwords: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, security = person("xitong"), person("anquan")
    opened = system("user", "open", "xin", "--org", office, "--name", "新人", "--password-file", passwords / "xin")
    assert opened[0] == 0, opened
    assert "PASSWORD_ONE_TIME" in person("xin")("token", "list")[2]
    (passwords / "next").write_text("一个更长的新密码-2027\n", "utf-8")
    monkeypatch.setenv(NEW_PASSWORD_FILE, str(passwords / "next"))
    changed = person("xin")("user", "password")
    assert changed[:2] == (0, "密码已修改\n"), changed
    assert "LOGIN_FAILED" in person("xin")("token", "list")[2], "the one that was given is worth nothing now"
    (passwords / "xin").chmod(0o600)
    (passwords / "xin").write_text("一个更长的新密码-2027\n", "utf-8")
    assert "FORBIDDEN" in system("user", "give-role", "xin", "editor")[2]
    given = json.loads(security("user", "give-role", "xin", "editor", "--json")[1])
    assert given["roles"] == ["editor"]
    assert security("user", "take-role", "xin", "editor")[0] == 0
    assert security("user", "unlock", "xin")[0] == 0
    assert "已停用" in system("user", "close", "xin")[1]
    again = system("user", "reopen", "xin", "--password-file", passwords / "xin-2")
    assert again[0] == 0, again
    assert system("user", "reset-password", "xin", "--password-file", passwords / "xin-3")[0] == 0


def test_a_delegation_and_a_token(office: str, person: Callable[..., Run], tmp_path: Path) -> None:
    lin = person("lin")
    today = day_of(datetime.now(UTC))
    span = ("--from", today.isoformat(), "--until", (today + timedelta(days=2)).isoformat())
    given = lin("delegation", "give", "office_approver", "--to", "qian", *span, "-m", "出差", "--json")
    assert given[0] == 0, given
    made = json.loads(given[1])
    assert (made["state"], made["delegate"]) == ("running", "qian")
    assert "代理中" in person("qian")("delegation", "list")[1]
    assert "已收回" in lin("delegation", "revoke", made["id"])[1]
    kept = tmp_path / "token"
    token = json.loads(lin("token", "make", "门户", "--token-file", kept, "--json")[1])
    assert kept.read_text("utf-8").startswith("hutong_")
    assert oct(kept.stat().st_mode & 0o777) == "0o600"
    assert "有效" in lin("token", "list")[1]
    assert lin("token", "revoke", token["made"]["id"])[0] == 0
    assert "TOKEN_INVALID" in lin("token", "make", "x", "--scope", "role:grant", "--token-file", tmp_path / "x")[2]


def test_whoever_asks_sees_the_people_that_are_theirs_to_see(
    office: str, run: Run, add_people: Callable[..., None], person: Callable[..., Run]
) -> None:
    run("org", "add", "11330100MB0000609L", "示例市财政局")
    add_people("11330100MB0000609L", tou=["sharing_lead"], cai=["requester"])

    def listed(who: Run) -> set[str]:
        return {each["username"] for each in json.loads(who("user", "list", "--json")[1])["users"]}

    assert listed(person("tou")) == {"tou", "cai"}
    assert {"tou", "xitong", "lin"} <= listed(person("xitong")) == listed(run)
    assert "tou\ttou\t示例市财政局\t共享工作机构负责人" in person("tou")("user", "list")[1]
    assert "FORBIDDEN" in person("cai")("user", "list")[2]

"""What waits for whoever keeps the service running: counted on their desk, each number leading to just those rows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from directory.nodes.lines import SILENT_AFTER
from directory.roles import Role
from directory.worklist.upkeep import upkeep
from tests.directory.conftest import Command
from tests.directory.people.test_people import hands, opened

__all__ = ["hands"]

NOW = datetime.now(UTC)


def counted(app: Any, person: Any, now: datetime = NOW) -> dict[str, int]:
    with app.state.sessions() as session:
        return {each.name: each.count for each in upkeep(session, person.actor, now)}


def listed(hands: dict[str, Any], standing: str) -> list[str]:
    found = hands["auditor"].client.get("/api/v1/people", params={"standing": standing}).json()
    assert found["total"] == len(found["items"])
    return [each["username"] for each in found["items"]]


def test_an_account_waits_for_the_second_administrator(directory_app: Any, hands: dict[str, Any]) -> None:
    opened(hands, "maliu")
    assert counted(directory_app, hands["security"])["账号没有角色"] == 1
    assert "账号没有角色" not in counted(directory_app, hands["system"]), "that one cannot give roles"
    assert listed(hands, "no_role") == ["maliu"]
    hands["security"].client.post("/api/v1/people/maliu/roles", json={"role": "editor"})
    assert counted(directory_app, hands["security"])["账号没有角色"] == 0
    assert listed(hands, "no_role") == []
    later = NOW + timedelta(days=8)
    assert counted(directory_app, hands["system"])["一次性密码已过期"] == 0
    assert counted(directory_app, hands["system"], later)["一次性密码已过期"] == 1
    hands["system"].client.post("/api/v1/people/maliu/closing")
    assert counted(directory_app, hands["system"], later)["一次性密码已过期"] == 0
    assert listed(hands, "closed") == ["maliu"]


def test_a_locked_account_waits_for_the_security_administrator(
    city: Any, directory_app: Any, hands: dict[str, Any]
) -> None:
    username = hands["lead"].actor.username
    for _ in range(5):
        city.client().post("/api/v1/session", json={"username": username, "password": "不是这个密码-2026"})
    assert counted(directory_app, hands["security"])["登录已锁定"] == 1
    assert listed(hands, "locked") == [username]
    hands["security"].client.post(f"/api/v1/people/{username}/unlocking")
    assert counted(directory_app, hands["security"])["登录已锁定"] == 0


def test_nodes_wait_for_who_compares_and_are_missed(directory_app: Any, hands: dict[str, Any], new_node: Any) -> None:
    node = new_node("weihu", is_confirmed=False)
    assert counted(directory_app, hands["system"])["节点指纹待核对"] == 1
    late = datetime.now(UTC) + SILENT_AFTER + timedelta(minutes=1)
    assert counted(directory_app, hands["system"], late)["节点久无联络"] == 0, "nobody knows it yet"
    heard = {"fingerprint": node.identity.key_id}
    hands["system"].client.post("/api/v1/nodes/weihu/confirmation", json=heard)
    assert counted(directory_app, hands["system"])["节点指纹待核对"] == 0
    assert counted(directory_app, hands["system"])["节点久无联络"] == 0
    assert counted(directory_app, hands["system"], late)["节点久无联络"] == 1


@pytest.mark.parametrize("role", [Role.REQUESTER, Role.SHARING_LEAD, Role.OFFICE_APPROVER])
def test_who_keeps_nothing_has_nothing_to_keep(
    city: Any, directory_app: Any, hands: dict[str, Any], role: Role
) -> None:
    in_office = role is Role.OFFICE_APPROVER
    person = city.person(hands["system" if in_office else "lead"].actor.org_code, role)
    assert counted(directory_app, person) == {}


def test_it_stands_on_their_desk(city: Any, directory_app: Any, hands: dict[str, Any], command: Command) -> None:
    opened(hands, "zhaoqi")
    waiting = hands["security"].client.get("/api/v1/worklist").json()
    lines = {each["name"]: each["count"] for each in waiting["upkeep"]}
    assert lines == counted(directory_app, hands["security"], datetime.now(UTC))
    assert waiting["upkeep_total"] == sum(lines.values()) >= 1
    assert hands["lead"].client.get("/api/v1/worklist").json()["upkeep"] == []
    assert hands["security"].client.get("/api/v1/worklist", params={"tab": "done"}).json()["upkeep"] == []
    browser = city.browser(hands["security"].actor.username)
    text = browser.get("/").text
    link = '<a href="/people?standing=no_role">账号没有角色</a>'
    assert link in text
    approvals = browser.get("/approvals").text
    assert link in approvals
    assert f'管理事项 <span class="count">{waiting["upkeep_total"]}</span>' in approvals
    total = waiting["counts"]["todo"] + waiting["upkeep_total"]
    assert "没有等您办的申请，其他事项在下面" in approvals, "nothing says that nothing waits"
    assert "没有等您办的事" not in text
    assert f"<b>{total}<small>件</small></b><span>待办</span>" in text
    done = browser.get("/approvals?tab=done").text
    assert 'id="upkeep"' not in done
    for page in (approvals, done):
        assert f'待办 <span class="count">{total}</span></a>' in page, "the tab counts what is listed under it"
    told = command(hands["security"].actor.username, "request", "todo")[1]
    assert f"账号没有角色\t{lines['账号没有角色']} 件" in told
    assert "zhaoqi" in browser.get("/people?standing=no_role").text
    assert "zhaoqi" not in browser.get("/people?standing=locked").text
    assert 'id="upkeep"' not in city.browser(hands["lead"].actor.username).get("/").text

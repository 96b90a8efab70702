"""What a department entrusts: entered by one person, approved by another, supervised, ended; and who sees it."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from directory.clock.deadlines import day_of
from directory.entrustments.queries import STATUS_NAMES, status_of
from directory.roles import Role
from directory.worklist.tasks import waiting_tasks
from tests.directory.access.conftest import Town, refused, town
from tests.directory.access.test_commands import run
from tests.directory.conftest import Command

__all__ = ["run", "town"]

TODAY = day_of(datetime.now(UTC))
WHAT = {
    "contractor": "示例数据有限公司",
    "work": "运行、维护业务系统",
    "covers": "业务系统的数据库，没有前置节点的账号",
    "basis": "运维合同 2026-17，附保密协议",
    "since": TODAY.isoformat(),
    "until": (TODAY + timedelta(days=300)).isoformat(),
}
AT = "/api/v1/entrustments"


@pytest.fixture(scope="module")
def people(town: Town) -> dict[str, Any]:
    """The provider's lead, its head, a second who is both, and who supervises."""
    provider = town.orgs["provider"]
    town.people["both"] = town.city.person(provider, Role.SHARING_LEAD, Role.DEPARTMENT_HEAD)
    return {name: each.client for name, each in town.people.items()}


def _enter(client: Any, **changes: str) -> Any:
    return client.post(AT, json=WHAT | changes)


def _say(client: Any, entrustment: str, act: str, words: str = "") -> Any:
    return client.post(f"{AT}/{entrustment}/steps", json={"act": act, "words": words})


def test_approved_by_somebody_else_supervised_and_ended(town: Town, people: dict[str, Any]) -> None:
    made = _enter(people["both"])
    assert made.status_code == 201, made.text
    one = made.json()["id"]
    assert (made.json()["status"], made.json()["acts"]) == ("entered", ["ended"])
    assert refused(_say(people["both"], one, "approved"), 403, "SELF_APPROVAL")
    assert refused(_say(people["lead"], one, "approved"), 403, "FORBIDDEN")
    assert refused(_say(people["lead"], one, "supervised", "看过"), 409, "ENTRUSTMENT_STATE")
    assert refused(_say(people["head"], one, "refused", " "), 409, "COMMENT_REQUIRED")
    waits = {"head": True, "both": False, "lead": False, "approver": False}
    for who, is_awaited in waits.items():
        tasks = people[who].get("/api/v1/worklist").json()["tasks"]
        assert ([each["act"] for each in tasks if each["id"] == one] == ["decide"]) is is_awaited, who
    told = people["head"].get("/api/v1/notices").json()["items"]
    assert f"/entrustments/{one}" in [each["link"] for each in told]

    approved = _say(people["head"], one, "approved").json()
    assert (approved["status"], approved["acts"]) == ("approved", ["supervised", "ended"])
    assert "已批准" in people["both"].get("/api/v1/notices").json()["items"][0]["zh"]
    assert refused(_say(people["head"], one, "refused", "再想想"), 409, "ENTRUSTMENT_STATE")
    for found in ("第三季度检查，没有违反约定", "第四季度检查，收回两个账号"):
        assert _say(people["lead"], one, "supervised", found).json()["status"] == "approved"
    ended = _say(people["lead"], one, "ended", "账号已停用，备份已销毁，有证明").json()
    assert [step["act"] for step in ended["steps"]] == ["approved", "supervised", "supervised", "ended"]
    assert (ended["status"], ended["acts"]) == ("ended", [])
    assert refused(_say(people["lead"], one, "supervised", "又看过"), 409, "ENTRUSTMENT_STATE")
    for who, tab in (("both", "mine"), ("head", "done"), ("lead", "done")):
        page = town.city.browser(town.people[who].actor.username).get(f"/approvals?tab={tab}").text
        assert f'href="/entrustments/{one}"' in page, who


def test_one_that_is_over_waits_until_somebody_ends_it(town: Town, people: dict[str, Any]) -> None:
    one = _enter(people["lead"], until=TODAY.isoformat()).json()["id"]

    def waits(who: str, today: date) -> list[tuple[str, date | None, str | None]]:
        with town.city.app.state.sessions() as session:
            _, found = waiting_tasks(session, town.people[who].actor, today)
        return [(each.act, each.due_on, each.light) for each in found if str(each.id) == one]

    tomorrow = TODAY + timedelta(days=1)
    assert not waits("lead", tomorrow), "what is not approved is not to be ended"
    assert _say(people["head"], one, "approved").status_code == 200
    assert not waits("lead", TODAY), "the last day is still in it"
    for who in ("lead", "head"):
        assert waits(who, tomorrow) == [("end", TODAY, "red")]
    for who in ("own_lead", "reviewer", "auditor", "editor"):
        assert not waits(who, tomorrow), who
    assert _say(people["lead"], one, "ended", "账号已停用，备份已销毁").status_code == 200
    assert not waits("head", tomorrow)


def test_another_department_does_not_know_of_it(town: Town, people: dict[str, Any]) -> None:
    one = _enter(people["lead"]).json()["id"]
    for who in ("lead", "head", "reviewer", "auditor"):
        assert one in [each["id"] for each in people[who].get(AT).json()], who
    assert one not in [each["id"] for each in people["own_lead"].get(AT).json()]
    for path, call in ((f"{AT}/{one}", people["own_lead"].get), (f"{AT}/{uuid4()}", people["lead"].get)):
        assert refused(call(path), 404, "ENTRUSTMENT_NOT_FOUND")
    assert refused(_say(people["own_lead"], one, "ended", "不要了"), 404, "ENTRUSTMENT_NOT_FOUND")
    assert refused(_say(people["reviewer"], one, "ended", "不要了"), 403, "FORBIDDEN")
    assert refused(people["clerk"].get(AT), 403, "FORBIDDEN")
    assert refused(_enter(people["editor"]), 403, "FORBIDDEN")
    assert _say(people["lead"], one, "ended", "不再委托").json()["status"] == "ended", "taken back before approval"


@pytest.mark.parametrize(
    "changes",
    [
        {"contractor": " "},
        {"covers": ""},
        {"contractor_code": "911101080000000000"},
        {"until": (TODAY - timedelta(days=1)).isoformat(), "since": (TODAY - timedelta(days=9)).isoformat()},
        {"since": (TODAY + timedelta(days=301)).isoformat()},
    ],
)
def test_what_is_not_said_or_cannot_be_is_refused(people: dict[str, Any], changes: dict[str, str]) -> None:
    assert refused(_enter(people["lead"], **changes), 422, "ENTRUSTMENT_UNFIT")


def test_how_far_it_is_follows_from_what_was_said() -> None:
    day = timedelta(days=1)
    assert status_of([], TODAY - day, TODAY) == "entered"
    assert status_of(["approved", "supervised"], TODAY, TODAY) == "approved"
    assert status_of(["approved"], TODAY - day, TODAY) == "over"
    assert status_of(["refused"], TODAY, TODAY) == "refused"
    assert status_of(["approved", "ended"], TODAY, TODAY) == "ended"
    assert set(STATUS_NAMES) == {"entered", "approved", "over", "refused", "ended"}


def test_sql_cannot_approve_ones_own_nor_alter_what_was_said(town: Town, people: dict[str, Any]) -> None:
    one, me = _enter(people["both"]).json()["id"], town.people["both"].actor.account_id
    sessions = town.city.app.state.sessions
    own = text(
        "INSERT INTO entrustment_step (entrustment_id, seq, entered_by, act, words, said_by, said_by_name, said_at)"
        " VALUES (:id, 1, :me, 'approved', '', :me, 'x', now())"
    )
    with pytest.raises(IntegrityError, match="no_self_approval"), sessions.begin() as session:
        session.execute(own, {"id": one, "me": me})
    for altering in ("UPDATE entrustment SET work = 'x'", "DELETE FROM entrustment_step"):
        with pytest.raises(ProgrammingError, match="permission denied"), sessions.begin() as session:
            session.execute(text(altering))


def test_pages_and_commands(town: Town, people: dict[str, Any], run: Command) -> None:
    lead, head = (town.city.browser(town.people[who].actor.username) for who in ("lead", "head"))
    assert "登记委托" in lead.get("/entrustments").text
    bad = lead.send("/entrustments/new", "/entrustments/new", **WHAT | {"until": ""})
    assert bad.status_code == 422
    assert "没有写明结束的日子" in bad.text
    assert WHAT["contractor"] in bad.text, "what was typed stays"
    unread = lead.send("/entrustments/new", "/entrustments/new", **WHAT | {"until": "明天"})
    assert unread.status_code == 422
    assert "“明天”不是日期" in unread.text
    sent = lead.send("/entrustments/new", "/entrustments/new", **WHAT)
    at = sent.headers["location"]
    assert "等部门负责人批准" in lead.get(at).text
    assert "DECISION_MISSING" in head.send(at, at, act="", words="").text
    assert head.send(at, at, act="approved", words="").status_code == 303
    refusal = lead.send(at, at, act="supervised", words="")
    assert "COMMENT_REQUIRED" in refusal.text
    assert "已批准" in lead.get("/entrustments").text

    given = ("--work", "存储", "--covers", "备份库", "--basis", "合同", "--until", WHAT["until"], "--json")
    status, out, err = run("lead", "entrustment", "enter", "另一家公司", *given)
    assert status == 0, err
    one = json.loads(out)["id"]
    assert run("head", "entrustment", "move", "approved", one)[0] == 0
    assert "另一家公司" in run("auditor", "entrustment", "list")[1]
    assert "批准" in run("lead", "entrustment", "show", one)[1]
    assert "ENTRUSTMENT_STATE" in run("head", "entrustment", "move", "approved", one)[2]

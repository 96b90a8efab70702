"""Who decides: the law's rule, the office's from their day on, and what no rule can say."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from directory.clock.deadlines import day_of
from directory.deciders.rules import LAW, Case, Hand, Rule, who_decides
from directory.roles import Role
from metadata.resource import Party
from tests.directory.access.conftest import TO_ACCEPTED, TO_SUBMITTED, Town, conditional, resource, shown, town
from tests.directory.access.test_commands import run

__all__ = ["conditional", "resource", "run", "town"]

BODY: dict[str, Any] = {"deciders": ["provider", "office"], "basis": "示例市〔2026〕8 号"}
ORDERS = (("provider",), ("provider", "office"), ("office", "provider"))
SHARE_TYPES, KINDS = ("unconditional", "conditional"), ("table", "file", "folder")
DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 9))
RULES = st.builds(
    Rule,
    deciders=st.sampled_from([tuple(map(Hand, each)) for each in ORDERS]),
    basis=st.just("文"),
    effective_on=DAYS,
    provider_org=st.sampled_from([None, "甲", "乙"]),
    share_type=st.sampled_from(["", *SHARE_TYPES]),
    mount_kind=st.sampled_from(["", *KINDS]),
    min_sensitivity=st.integers(1, 4),
)
CASES = st.builds(
    Case,
    provider_org=st.sampled_from(["甲", "乙", "丙"]),
    share_type=st.sampled_from(SHARE_TYPES),
    mount_kind=st.sampled_from(KINDS),
    sensitivity=st.integers(1, 4),
    is_published=st.booleans(),
)


def today() -> date:
    return day_of(datetime.now(UTC))


@settings(max_examples=200)
@given(CASES, st.lists(RULES, max_size=6), DAYS)
def test_the_provider_decides_whatever_the_rules_say(case: Case, rules: list[Rule], day: date) -> None:
    found = who_decides(case, rules, day)
    assert found.deciders.count(Hand.PROVIDER) == 1
    assert len(set(found.deciders)) == len(found.deciders)
    assert found.needs_office or not case.is_published  # what was announced stays
    assert found.rule is LAW or (found.rule.fits(case) and found.rule.effective_on <= day)
    better = [each for each in rules if each.fits(case) and each.effective_on <= day and each.rank > found.rule.rank]
    assert found.rule is not LAW or not [each for each in rules if each.fits(case) and each.effective_on <= day]
    assert found.rule is LAW or not better


def enter(town: Town, who: str = "approver", **changes: Any) -> Any:
    body = BODY | {"effective_on": today().isoformat()} | changes
    return town.people[who].client.post("/api/v1/decider-rules", json=body)


def told(town: Town, who: str, request_id: str) -> list[str]:
    """What this person was told of a request, by kind."""
    items = town.people[who].client.get("/api/v1/notices").json()["items"]
    return [each["kind"].removeprefix("request:") for each in items if request_id in each["link"]]


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_what_no_rule_can_say(town: Town) -> None:
    yesterday = (today() - timedelta(days=1)).isoformat()
    for changes, status, code in (
        ({"deciders": ["office"]}, 422, "DECIDERS_PROVIDER"),
        ({"deciders": ["provider", "provider"]}, 422, "DECIDERS_TWICE"),
        ({"deciders": ["provider", "mayor"]}, 422, "DECIDERS_UNKNOWN"),
        ({"deciders": []}, 422, "INPUT_MALFORMED"),
        ({"effective_on": yesterday}, 422, "DECIDERS_PAST"),
        ({"basis": "  "}, 409, "COMMENT_REQUIRED"),
        ({"provider_org": "没有这个部门"}, 422, "DECIDERS_ORG"),
        ({"min_sensitivity": 5}, 422, "INPUT_MALFORMED"),
        ({"share_type": "none"}, 422, "INPUT_MALFORMED"),
        ({"skips": True}, 422, "INPUT_MALFORMED"),
    ):
        answer = enter(town, **changes)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    for who in ("lead", "reviewer", "clerk", "auditor"):
        assert refusal(enter(town, who)) == (403, "FORBIDDEN")
    assert [each["id"] for each in town.people["clerk"].client.get("/api/v1/decider-rules").json()] == [None]


def test_a_rule_is_written_once_also_by_sql(town: Town) -> None:
    later = (today() + timedelta(days=30)).isoformat()
    assert enter(town, mount_kind="folder", effective_on=later).status_code == 201
    assert refusal(enter(town, mount_kind="folder", effective_on=later)) == (409, "DECIDERS_TAKEN")
    sessions = town.city.app.state.sessions
    with pytest.raises(ProgrammingError, match="permission denied"), sessions.begin() as session:
        session.execute(text("UPDATE decider_rule SET deciders = 'provider'"))
    copied = "provider_org, share_type, 'file', min_sensitivity, 'office', basis, entered_by, entered_at"
    taken = f"INSERT INTO decider_rule SELECT gen_random_uuid(), effective_on, {copied} FROM decider_rule"
    with pytest.raises(IntegrityError, match="deciders"), sessions.begin() as session:
        session.execute(text(taken))


def test_a_case_keeps_what_stood_when_it_was_submitted(town: Town, resource: str) -> None:
    before = town.bring_to(resource, *TO_SUBMITTED)
    answer = enter(town, provider_org=town.orgs["provider"], min_sensitivity=3)
    assert answer.status_code == 201, answer.text
    after = town.bring_to(resource, *TO_SUBMITTED)
    plain = town.bring_to(resource, *TO_SUBMITTED, items=["xm", "xzqhdm"])  # nothing so sensitive
    said = [shown(town, each)["needs_office_approval"] for each in (before, after, plain)]
    assert said == [False, True, False]
    for request_id, state in ((before, "agreed"), (after, "submitted"), (plain, "agreed")):
        assert town.act("reviewer", request_id, "accepted").status_code == 200
        assert town.act("lead", request_id, "agreed").json()["state"] == state
    assert town.act("approver", after, "agreed").json()["state"] == "agreed"
    counted = shown(town, after)["reply_due_on"], shown(town, before)["reply_due_on"]
    assert counted[0] == counted[1]  # the office takes none of the provider's days, and adds none


def test_the_office_can_come_first(town: Town, conditional: Callable[..., Any]) -> None:
    entry = town.publish("人口变动记录", conditional(conditions="只给市级部门"))
    assert enter(town, deciders=["office", "provider"], share_type="conditional", mount_kind="table").status_code == 201
    request_id = town.bring_to(entry, *TO_ACCEPTED, items=["xm", "xzqhdm"])
    assert (shown(town, request_id)["stage"], shown(town, request_id)["office_first"]) == ("office", True)
    assert refusal(town.act("lead", request_id, "agreed"))[1] == "FORBIDDEN"
    assert told(town, "lead", request_id) == []
    assert town.act("approver", request_id, "agreed").json()["stage"] == "provider"
    assert [told(town, who, request_id) for who in ("approver", "lead")] == [["to_approve_first"], ["to_answer"]]
    refused = town.act("lead", request_id, "refused", reason="涉及正在侦查的案件")
    assert refused.json()["state"] == "refused"
    assert town.act("own_lead", request_id, "disputed", comment="请复核").status_code == 200
    assert town.act("lead", request_id, "reconsidered", comment="重新办理").json()["stage"] == "office"
    assert town.act("approver", request_id, "agreed").json()["stage"] == "provider"
    assert town.act("lead", request_id, "agreed").json()["state"] == "agreed"


def test_two_who_decide_are_two_people(town: Town, conditional: Callable[..., Any]) -> None:
    """The office is a department too: whoever leads both its sharing and its approvals has one hand, not two."""
    office = town.orgs["office"]
    own = {"editor": Role.EDITOR, "head": Role.DEPARTMENT_HEAD}
    staff = {name: town.city.person(office, role) for name, role in own.items()}
    theirs = replace(town, orgs=town.orgs | {"provider": office}, people=town.people | staff)
    named = Party(name=town.people["approver"].actor.org_name, code=office)
    both = town.city.person(office, Role.SHARING_LEAD, Role.OFFICE_APPROVER)
    entry = theirs.publish("信息化项目", conditional(needs_office_approval=True), provider=named)
    request_id = town.bring_to(entry, *TO_ACCEPTED)
    path = f"/api/v1/requests/{request_id}/transitions"
    assert both.client.post(path, json={"to": "agreed"}).status_code == 200
    assert refusal(both.client.post(path, json={"to": "agreed"})) == (409, "TWO_HANDS")
    assert "agreed" not in both.client.get(f"/api/v1/requests/{request_id}").json()["acts"]


def test_on_the_command_line(town: Town, run: Callable[..., Any], tmp_path: Path) -> None:
    new = tmp_path / "rule.json"
    day = (today() + timedelta(days=40)).isoformat()
    new.write_text(json.dumps(BODY | {"effective_on": day, "mount_kind": "file"}), "utf-8")
    code, out, _ = run("approver", "deciders", "enter", new)
    assert code == 0
    assert f"{day}\t即将执行" in out
    code, _, err = run("lead", "deciders", "enter", new)
    assert (code != 0, "FORBIDDEN" in err) == (True, True)
    new.write_text(json.dumps(BODY | {"effective_on": day, "deciders": ["office"]}), "utf-8")
    assert "DECIDERS_PROVIDER" in run("approver", "deciders", "enter", new)[2]
    code, out, _ = run("clerk", "deciders", "list", "--json")
    assert json.loads(out)["rules"][-1]["basis"].startswith("《政务数据共享条例》")


def test_the_page_says_it_and_takes_a_rule(town: Town) -> None:
    office = town.city.browser(town.people["approver"].actor.username)
    page = office.get("/deciders").text
    assert "法定" in page
    assert "提供部门共享工作机构负责人" in page
    sent = {"deciders": "office", "effective_on": today().isoformat(), "basis": "文件", "min_sensitivity": "1"}
    refused = office.send("/deciders", "/deciders", **sent)
    assert refused.status_code == 422
    assert "不能由规定取消" in refused.text
    refused = office.send("/deciders", "/deciders", **sent | {"effective_on": "明天"})
    assert refused.status_code == 422
    assert "明天" in refused.text
    sent |= {"deciders": "provider", "share_type": "unconditional", "mount_kind": "file"}
    assert office.send("/deciders", "/deciders", **sent).status_code == 303
    clerk = town.city.browser(town.people["clerk"].actor.username)
    assert "只用于从执行之日起" not in clerk.get("/deciders").text

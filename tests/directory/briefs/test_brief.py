"""The approver's brief: what it says, to whom, and that it decides nothing by itself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from directory.briefs.law import articles, cite, numeral
from directory.briefs.minimum import Agreed, suggestions
from directory.clock.deadlines import day_of
from metadata.access import AccessRequest
from metadata.resource import Item
from tests.directory.access.conftest import (
    TO_ACCEPTED,
    TO_AGREED,
    TO_SUBMITTED,
    Town,
    conditional,
    conditional_sharing,
    resource,
    shown,
    town,
)
from tests.directory.access.test_commands import run

__all__ = ["conditional", "resource", "run", "town"]

REASON = "涉及正在侦查的案件"
PURPOSE = {"scenario": "养老保险待遇资格核验", "scope": "本部门待遇核发系统，不向第三方提供"}


def brief_of(town: Town, request_id: str, who: str = "lead") -> dict[str, Any]:
    answer = town.people[who].client.get(f"/api/v1/requests/{request_id}/brief")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_articles_are_those_of_the_table() -> None:
    assert [numeral(number) for number in (1, 9, 10, 15, 20, 21, 44)] == [
        "一",
        "九",
        "十",
        "十五",
        "二十",
        "二十一",
        "四十四",
    ]
    assert cite(21, 28) == "（条例第二十一条、第二十八条）"
    assert 30 not in articles()  # the table has no row for it
    with pytest.raises(KeyError):
        cite(30)


def asked(**changes: Any) -> AccessRequest:
    day = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    text = {"resource": "abc", "items": ["xm"], "basis": "《社会保险法》", "valid_until": day, "statement": True}
    return AccessRequest.model_validate(text | PURPOSE | changes)


def test_what_somebody_may_not_need() -> None:
    name, phone, area = (
        Item(name="姓名", field="xm", sensitivity=2),
        Item(name="手机号码", field="sjhm", sensitivity=4),
        Item(name="行政区划", field="xzqh"),
    )
    items, same = [name, phone, area], " ".join(PURPOSE.values())
    assert [each.item for each in suggestions(asked(), items, [])] == ["sjhm"]
    assert not suggestions(asked(scenario="凭手机号码通知领取人"), items, [])  # named: judged by a person, not doubted
    before = [Agreed(frozenset({"xm", "sjhm"}), same), Agreed(frozenset({"xm"}), same, (("sjhm", REASON),))]
    found = {each.item: each.reasons for each in suggestions(asked(), items, before)}
    assert found.keys() == {"sjhm", "xzqh"}
    assert any(REASON in why for why in found["sjhm"])
    assert "2 份" in found["xzqh"][0]
    other = [Agreed(frozenset({"xm"}), "道路交通事故处理")]
    assert [each.item for each in suggestions(asked(), items, other)] == ["sjhm"]  # another purpose says nothing


def test_the_brief_says_it_all(town: Town, conditional: Callable[..., Any]) -> None:
    entry = town.publish("失业登记", conditional())
    earlier = town.bring_to(entry, *TO_ACCEPTED, items=["xm", "xzqhdm"])
    left_out = [{"item": "xzqhdm", "reason": REASON}]
    assert town.act("lead", earlier, "agreed", refused_items=left_out).status_code == 200
    refused = town.bring_to(entry, *TO_ACCEPTED, items=["djrq"], scenario="车辆违法告知", scope="交管系统")
    assert town.act("lead", refused, "refused", reason=REASON).status_code == 200
    request_id = town.bring_to(entry, *TO_ACCEPTED)
    found = brief_of(town, request_id)
    assert [each["field"] for each in found["items"]] == ["sfzhm", "xm", "xzqhdm", "djrq"]
    doubts = {each["field"]: " ".join(each["doubts"]) for each in found["items"]}
    assert "没有提到" in doubts["sfzhm"]
    assert not doubts["xm"]
    assert REASON in doubts["xzqhdm"]
    assert "都没有用到" in doubts["djrq"]
    before = {each["id"]: each for each in found["earlier"]}
    assert (before[earlier]["outcome"], before[earlier]["reason"]) == ("partly", REASON)
    assert {"同一需求部门", "同一目录", "用途相近"} <= set(before[earlier]["resembles"])
    assert (before[refused]["outcome"], before[refused]["reason"]) == ("refused", REASON)
    assert "用途相近" not in before[refused]["resembles"]
    assert found["term"]["light"] == shown(town, request_id)["light"]
    assert found["term"]["due_on"] == shown(town, request_id)["due_on"]
    assert found["deciders"]["names"] == ["提供部门共享工作机构负责人"]
    assert found["conditions"]["refusal_reasons"] == [REASON]
    laws = [each["name"] for each in found["laws"]]
    assert {"政务数据共享条例第十五条", "《政务数据共享条例》第二十一条"} <= set(laws)
    assert shown(town, request_id)["state"] == "submitted"  # it only says


def test_a_draft_reply_is_taken_over_from_the_page(town: Town, conditional: Callable[..., Any]) -> None:
    entry = town.publish("就业登记", conditional())
    request_id = town.bring_to(entry, *TO_ACCEPTED)
    kinds = {each["kind"]: each for each in brief_of(town, request_id)["drafts"]}
    assert kinds.keys() == {"agree", "partly", "refuse"}
    assert kinds["refuse"]["reason"] == REASON  # the entry's own before the law's
    assert "第二十二条" in kinds["agree"]["comment"]
    assert kinds["partly"]["left_out"] == ["sfzhm"]
    lead = town.city.browser(town.people["lead"].actor.username)
    at = f"/requests/{request_id}"
    page = unescape(lead.get(f"{at}/brief").text)
    assert kinds["agree"]["comment"] in page
    assert f"{at}/brief" in lead.get(at).text
    changed = kinds["partly"]["comment"] + "（改过）"
    refused = [f"sfzhm|{REASON}"]
    sent = lead.send(f"{at}/brief", at, to="agreed", comment=changed, refused=refused)
    assert sent.status_code == 303, sent.text
    after = shown(town, request_id)
    assert (after["state"], after["refused_items"]) == ("agreed", [{"item": "sfzhm", "reason": REASON}])
    assert after["steps"][-1]["comment"] == changed
    assert "拟答复" not in lead.get(f"{at}/brief").text


def test_only_who_decides_reads_it(town: Town, resource: str) -> None:
    draft = str(town.create(resource)["id"])
    request_id = town.bring_to(resource, *TO_SUBMITTED)
    for who, ref, status in (
        ("lead", request_id, 200),
        ("reviewer", request_id, 200),
        ("approver", request_id, 200),
        ("clerk", request_id, 403),  # who asks decides on nothing
        ("auditor", request_id, 403),
        ("own_lead", request_id, 404),
        ("outside_lead", request_id, 404),
        ("lead", draft, 404),
        ("approver", draft, 404),
        ("lead", str(uuid4()), 404),
    ):
        for address in (f"/api/v1/requests/{ref}/brief", f"/requests/{ref}/brief"):
            client = town.people[who].client if address.startswith("/api") else None
            answer = client.get(address) if client else town.city.browser(town.people[who].actor.username).get(address)
            assert answer.status_code == status, (who, address, answer.text[:300])
    for who, is_linked in (("lead", True), ("own_lead", False)):
        page = town.city.browser(town.people[who].actor.username).get(f"/requests/{request_id}").text
        assert (f"/requests/{request_id}/brief" in page) is is_linked


def test_earlier_decisions_of_others_stay_with_others(town: Town, conditional: Callable[..., Any]) -> None:
    """A provider's lead learns nothing of what other departments decided; the office does."""
    entry = town.publish("户籍迁移", conditional())
    mine = town.bring_to(entry, *TO_AGREED)
    request_id = town.bring_to(entry, *TO_ACCEPTED)
    for who in ("lead", "reviewer"):
        found = [each["id"] for each in brief_of(town, request_id, who)["earlier"]]
        assert mine in found
        seen = {each["id"] for each in town.people[who].client.get("/api/v1/requests").json()["items"]}
        assert set(found) <= seen


def test_what_the_negative_list_holds_back(town: Town, conditional: Callable[..., Any]) -> None:
    entry = town.publish("重点人员", conditional())
    today = day_of(datetime.now(UTC))
    body = {
        "title": "重点人员身份号码",
        "covers": "share",
        "law_title": "《示例法》",
        "law_article": "第九条",
        "since": today.isoformat(),
        "until": (today + timedelta(days=90)).isoformat(),
        "resource": entry,
        "items": ["sfzhm"],
        "reason": "法律规定",
    }
    made = town.people["approver"].client
    proposed = town.people["reviewer"].client.post("/api/v1/negative-list", json=body)
    assert proposed.status_code == 201, proposed.text
    listed = made.post(f"/api/v1/negative-list/{proposed.json()['id']}/decision", json={"is_listed": True})
    assert listed.status_code == 200, listed.text
    request_id = town.bring_to(entry, *TO_ACCEPTED)
    found = brief_of(town, request_id)
    assert [each["law"] for each in found["negatives"]] == ["《示例法》第九条"]
    held = {each["field"]: each["held_back_by"] for each in found["items"]}
    assert held == {"sfzhm": ["《示例法》第九条"], "xm": [], "xzqhdm": [], "djrq": []}
    *others, refuse = found["drafts"]
    assert [each["kind"] for each in others] == ["partly"]  # no draft gives what the list holds back
    assert "sfzhm" in others[0]["left_out"]
    assert not others[0]["comment"].split("其余")[0].count("公民身份号码")
    assert refuse["reason"] == "法律、行政法规或者国务院决定规定不予共享"
    assert "《示例法》第九条" in refuse["comment"]


def test_on_the_command_line(town: Town, resource: str, run: Callable[..., Any], tmp_path: Path) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    code, out, _ = run("lead", "request", "brief", request_id)
    assert code == 0
    assert "拟答复 同意" in out
    code, _, err = run("clerk", "request", "brief", request_id)
    assert code != 0
    assert "FORBIDDEN" in err


def test_a_conditional_entry_that_declares_little(town: Town) -> None:
    entry = town.publish("临时登记", conditional_sharing(refusal_reasons=(), conditions="", legal_basis=()))
    found = brief_of(town, town.bring_to(entry, *TO_ACCEPTED))
    assert found["drafts"][-1]["reason"] == found["reasons"][0]

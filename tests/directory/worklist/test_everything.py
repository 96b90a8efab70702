"""Every kind of thing that waits, was dealt with or was begun, for every person: as many lines as the numbers say,
each with a link that leads somewhere, in the service and on the pages.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from directory.access.models import RequestRow
from directory.roles import Role
from directory.services.models import ItemChange
from tests.directory.access.conftest import (
    REASON,
    TO_ACCEPTED,
    TODAY,
    Town,
    first_rows,
    in_use,
    receipt,
    resource,
    town,
)
from tests.directory.web.conftest import read

__all__ = ["first_rows", "in_use", "read", "receipt", "resource", "town"]

SOON, LATER = ((TODAY + timedelta(days=days)).isoformat() for days in (30, 60))
LAW = {"law_title": "《社会保险法》", "law_article": "第七十四条"}
LISTED = ("items", "duties", "entries", "uses", "matters", "rectifications", "tasks", "others")


def _made(town: Town, who: str, path: str, **body: Any) -> str:
    answer = town.people[who].client.post(f"/api/v1{path}", json=body)
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json().get("id", ""))


@pytest.fixture(scope="module")
def busy(town: Town, resource: str, in_use: Callable[..., str]) -> Town:
    """The town after a busy day: something of every kind waits, and something of every kind is over."""
    town.people["second_reviewer"] = town.city.person(town.orgs["office"], Role.OFFICE_REVIEWER)
    provider = town.orgs["provider"]
    town.register("草稿", _sharing(town, resource))
    for words in ("第一件", "第二件"):
        _made(town, "clerk", "/corrections", resource=resource, items=["xm"], words=words)
    answered = _made(town, "own_lead", "/corrections", resource=resource, items=["xm"], words="第三件")
    _made(town, "lead", f"/corrections/{answered}/transitions", to="not_wrong", comment="核对过原件")
    _made(town, "clerk", "/objections", topic="catalogue", resource=resource, words="不认可", wish="改正")
    _made(town, "head", "/complaints", topic="other", words="有人拖延")
    demand = {"service": "待遇核发", "purpose": "核验", "needed_by": SOON, **LAW}
    one = _made(town, "clerk", "/demands", title="住房", items=[{"name": "房屋套数"}, {"name": "楼层"}], **demand)
    found = _made(town, "own_lead", "/demands", title="户籍", items=[{"name": "姓名"}], **demand)
    chosen = {"resource": resource, "field": "xm"}
    assert town.people["own_lead"].client.put(f"/api/v1/demands/{found}/items/1/choice", json=chosen).is_success
    owed = {"org_code": provider, "basis": "三定规定", "due_on": SOON}
    _made(town, "reviewer", "/responsibilities", demand_id=one, demand_number=1, **owed)
    for name, act in (("婚姻", "refused"), ("殡葬", "accepted")):
        made = _made(town, "reviewer", "/responsibilities", name=name, **owed)
        _made(town, "lead", f"/responsibilities/{made}/steps", act=act, reason="三定规定没有")
    negative = {"covers": "both", "since": TODAY.isoformat(), "until": LATER, "items": ["登记日期"], **LAW}
    _made(town, "editor", "/negative-list", title="待定", org_code=provider, **negative)
    decided = _made(town, "editor", "/negative-list", title="已定", org_code=provider, **negative)
    _made(town, "approver", f"/negative-list/{decided}/decision", is_listed=False, words="依据不足")
    _made(town, "editor", "/duty-changes", kind="law", title="《条例》", changed_on=TODAY.isoformat(), refs=[resource])
    use, other = in_use(resource), in_use(resource, items=["xm"])
    told = {"resource": resource, "kind": "change", "words": "换系统", "answer_by": SOON, "takes_effect_on": LATER}
    notice = _made(town, "lead", "/services", **told)
    _made(town, "own_lead", f"/services/{notice}/answers", request_id=other, is_agreed=False, words="来不及改接口")
    town.bring_to(resource, *TO_ACCEPTED)
    refused = town.bring_to(resource, *TO_ACCEPTED)
    assert town.act("lead", refused, "refused", reason=REASON, comment="见依据").status_code == 200
    assert town.act("own_lead", refused, "disputed", comment="不认可").status_code == 200
    with town.city.app.state.sessions.begin() as session:
        row = session.scalar(select(RequestRow).where(RequestRow.id == use))
        for version in (2, 3):
            told_at = datetime.now(UTC)
            session.add(ItemChange(request_id=row.id, version=version, from_version=1, lines=[], told_at=told_at))
    return town


def _sharing(town: Town, resource: str) -> Any:
    answer = town.people["editor"].client.get(f"/api/v1/resources/{resource}")
    return answer.json()["record"]["sharing"]


def _pages(town: Town, who: str, tab: str, size: int) -> Iterator[dict[str, Any]]:
    """The lists whole: requests to their end, then what else there is to its end."""
    places = [{"after": ""}]
    while places:
        asked = {"tab": tab, "size": size, **places.pop()}
        page = town.people[who].client.get("/api/v1/worklist", params=asked).json()
        if "others_after" in asked:
            page["items"] = []
        elif asked["after"]:
            page["others"] = []
        yield page
        if "others_after" not in asked and page["next"]:
            places.append({"after": page["next"]})
        if not asked.get("after") and page["others_next"]:
            places.append({"others_after": page["others_next"]})


@pytest.mark.parametrize("tab", ["todo", "done", "mine"])
def test_the_numbers_are_the_lines(busy: Town, tab: str) -> None:
    kinds: Counter[str] = Counter()
    for who in busy.people:
        lines: list[Any] = []
        for page in _pages(busy, who, tab, 2):
            each = [
                (name, line.get("id") or line.get("request_id"), line.get("act"))
                for name in LISTED
                for line in page[name]
            ]
            kinds.update(line["kind"] for name in ("tasks", "others") for line in page[name])
            lines += each
        assert len(lines) == len(set(lines)) == page["counts"][tab], (who, tab)
        assert page["counts"] == busy.people[who].client.get("/api/v1/worklist").json()["counts"]
    expected = {
        "todo": {"demand", "item_change", "negative", "responsibility", "service"},
        "done": {"correction", "entry", "negative", "responsibility", "service"},
        "mine": {
            "complaint",
            "correction",
            "demand",
            "dispute",
            "duty",
            "entry",
            "negative",
            "objection",
            "responsibility",
            "service",
        },
    }
    assert set(kinds) == expected[tab]


def test_who_is_awaited(busy: Town) -> None:
    awaited = {
        who: Counter(
            (line["kind"], line["act"]) for line in busy.people[who].client.get("/api/v1/worklist").json()["tasks"]
        )
        for who in busy.people
    }
    assert awaited["lead"] == {
        ("responsibility", "answer"): 1,
        ("responsibility", "catalogue"): 1,
        ("service", "reply"): 1,
    }
    assert awaited["editor"] == {("responsibility", "catalogue"): 1}
    assert awaited["own_lead"] == {("demand", "ask"): 1, ("item_change", "note"): 1, ("service", "answer"): 1}
    assert awaited["clerk"] == {("demand", "ask"): 1, ("item_change", "note"): 1}
    assert awaited["approver"] == {("negative", "decide"): 1, ("responsibility", "decide"): 1}
    assert awaited["reviewer"] == awaited["second_reviewer"] == {("demand", "assign"): 1}
    assert awaited["outside_lead"] == awaited["auditor"] == Counter()


def test_the_pages_list_what_the_tabs_say(busy: Town, read: Any) -> None:
    seen = set()
    for who in ("clerk", "own_lead", "lead", "reviewer", "editor"):
        browser = busy.city.browser(busy.people[who].actor.username)
        links = set()
        for tab in ("todo", "done", "mine"):
            text = browser.get(f"/approvals?tab={tab}").text
            said = re.search(r'aria-current="page">[^<]+ <span class="count">([\d,]+)</span>', text)
            rows = sum(part.count("<tr") for part in re.findall(r"<tbody>(.*?)</tbody>", text, re.DOTALL))
            assert said, (who, tab)
            assert int(said[1].replace(",", "")) == rows, (who, tab)
            links |= {href for href in read(text).links() if href.startswith(("/requests/", "/lists/", "/services/"))}
            links |= {href for href in read(text).links() if href.startswith(("/corrections/", "/complaints/"))}
        home = browser.get("/").text
        counted = busy.people[who].client.get("/api/v1/worklist").json()["counts"]["todo"]
        assert f"<b>{counted}<small>件</small></b><span>待办" in home
        for link in sorted(links - seen):
            assert browser.get(link.partition("#")[0]).status_code == 200, (who, link)
        seen |= links


def test_a_place_that_is_none(busy: Town) -> None:
    for place in ("x", "2026-01-01~entry~x", "2026-01-01~nothing~00000000-0000-0000-0000-000000000000", "9~~"):
        asked = {"tab": "mine", "others_after": place}
        answer = busy.people["clerk"].client.get("/api/v1/worklist", params=asked)
        assert answer.json()["code"] == "CURSOR_INVALID"

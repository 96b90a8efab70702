"""The pages of the lists, the check and the statistics: a demand raised, matched, assigned and answered by hand."""

import re
from collections.abc import Callable
from typing import Any

from tests.directory.access.conftest import Town
from tests.directory.lists.conftest import SOON

DEMAND = {
    "title": "住房保障核验",
    "service": "公租房申请",
    "purpose": "核验申请人",
    "law_title": "《公共租赁住房管理办法》",
    "law_article": "",
    "needed_by": SOON,
    "items": "身份证号\n车辆数：登记在名下的",
}


def at(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_demand_is_raised_matched_and_assigned_on_pages(
    town: Town, people: dict[str, Any], resource: str, city: Any, read: Callable[[str], Any]
) -> None:
    clerk, reviewer, lead = (city.browser(people[who].actor.username) for who in ("clerk", "reviewer", "lead"))
    bad = clerk.send("/lists/demands/new", "/lists/demands/new", **DEMAND | {"needed_by": "明天", "law_title": ""})
    assert bad.status_code == 422
    assert "住房保障核验" in bad.text
    assert {"needed_by-error", "law_title-error"} <= {each.get("id") for _, each in read(bad.text).tags}
    address = at(clerk.send("/lists/demands/new", "/lists/demands/new", **DEMAND))
    page = clerk.get(address)
    assert f'value="{resource}|sfzhm"' in page.text
    assert "已发布的目录里没有找到“车辆数”" in page.text

    refused = clerk.send(address, address, act="choose", number="1", choice="")
    assert (refused.status_code, "没有选数据项" in refused.text) == (400, True)
    assert at(clerk.send(address, address, act="choose", number="1", choice=f"{resource}|sfzhm")).endswith("#item-1")
    chosen = clerk.get(address).text
    assert f'href="/requests/new?resource={resource}"' in chosen

    form = re.search(r'href="(/lists/responsibilities/new\?demand=[^"]+number=2)"', reviewer.get(address).text)
    assert form
    new = form[1].replace("&amp;", "&")
    demand, number = re.findall(r"demand=([^&]+)&number=(\d+)", new)[0]
    sent = {"demand": demand, "number": number, "org": town.orgs["provider"], "name": "", "due_on": SOON}
    bad = reviewer.send(new, "/lists/responsibilities/new", **sent, basis="")
    assert (bad.status_code, "请写职责依据" in bad.text) == (422, True)
    owed = at(reviewer.send(new, "/lists/responsibilities/new", **sent, basis="车管职责"))
    refused = lead.send(owed, owed, act="refused", why="")
    assert (refused.status_code, "须写明理由" in refused.text) == (409, True)
    assert at(lead.send(owed, owed, act="accepted", why="")) == owed
    assert "责任部门已接受" in lead.get("/lists/responsibilities").text
    assert "已列入责任清单" in clerk.get(address).text
    assert clerk.send(owed, owed, act="nonsense").status_code == 400


def test_a_negative_entry_is_proposed_and_listed_on_pages(town: Town, people: dict[str, Any], city: Any) -> None:
    editor, approver, clerk = (city.browser(people[who].actor.username) for who in ("editor", "approver", "clerk"))
    typed = {
        "title": "侦查线索",
        "covers": "both",
        "items": "线索来源、线索内容",
        "since": "2026-01-01",
        "until": "2027-01-01",
    }
    bad = editor.send("/lists/negatives/new", "/lists/negatives/new", **typed)
    assert (bad.status_code, "第十四条" in bad.text, "线索来源、线索内容" in bad.text) == (422, True, True)
    made = at(
        editor.send(
            "/lists/negatives/new",
            "/lists/negatives/new",
            **typed,
            law_title="《刑事诉讼法》",
            law_article="第五十四条",
        )
    )
    assert clerk.get(made).status_code == 404
    assert at(approver.send(made, made, act="list", why="同意")) == made
    assert "侦查线索" in clerk.get("/lists/negatives").text


def test_files_are_imported_on_pages_and_what_is_wrong_is_said(people: dict[str, Any], city: Any) -> None:
    clerk = city.browser(people["clerk"].actor.username)
    token = re.search(r'name="csrf_token" value="([0-9a-f]+)"', clerk.get("/lists/demands").text)
    assert token
    head = "需求名称,用于的服务或业务,用途,法律依据,需要日期,数据项\n"
    for row, status in ((f"甲,乙,丙,丁,{SOON},戊\n", 303), ("甲,乙,丙,丁,某日,戊\n", 400)):
        answer = clerk.client.post(
            "/lists/demands",
            data={"csrf_token": token[1]},
            files={"file": ("需求.csv", (head + row).encode())},
            headers={"accept": "text/html"},
        )
        assert answer.status_code == status, answer.text
    assert "第 2 行不成立" in answer.text
    answer = clerk.client.post(
        "/lists/demands",
        data={"csrf_token": token[1]},
        files={"file": ("需求.csv", f"{head}甲,乙,丙,丁,某日,戊\n庚,乙,丙,丁,{SOON},\n".encode())},
        headers={"accept": "text/html"},
    )
    said = ["另有 1 处", "“某日”不是日期", "没有列出所需数据项"]
    assert [word in answer.text for word in said] == [True] * 3
    assert answer.text.count('<code class="small">第 3 行') == 1


def test_a_form_is_checked_on_a_page(town: Town, people: dict[str, Any], resource: str, city: Any) -> None:
    clerk = city.browser(people["clerk"].actor.username)
    bad = clerk.send("/collection-checks", "/collection-checks", title="<b>调查表</b>", fields=" ")
    assert (bad.status_code, "&lt;b&gt;调查表" in bad.text, "没有读到采集项" in bad.text) == (400, True, True)
    report = clerk.get(
        at(clerk.send("/collection-checks", "/collection-checks", title="调查表", fields="姓名\n月收入"))
    )
    assert "向示例市公安局取得" in report.text
    assert "没有找到" in report.text


def test_statistics_show_ones_own_department_and_to_the_office_all(
    town: Town, people: dict[str, Any], resource: str, city: Any
) -> None:
    clerk, reviewer = (city.browser(people[who].actor.username) for who in ("clerk", "reviewer"))
    own, all_ = clerk.get("/statistics").text, reviewer.get("/statistics").text
    assert "示例市公安局" not in own
    assert "示例市公安局" in all_
    assert '<svg class="chart' in all_
    month = re.search(r'href="(/statistics\?period=\d{4}-\d{2})"', all_)
    assert month
    assert "尚未结束" in reviewer.get(month[1]).text
    assert clerk.get(f"/statistics?org={town.orgs['provider']}").status_code == 404
    for period in ("1999", "2026-13", "<b>", "9999-12", "0000"):
        assert clerk.get(f"/statistics?period={period}").status_code == 400, period
    for who in (clerk, reviewer):
        page = who.get("/lists")
        assert (page.status_code, "/lists/demands" in page.text) == (200, True)

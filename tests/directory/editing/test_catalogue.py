"""本部门编目: each number counts the rows behind it, and one step for many says of each what became of it."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from directory.roles import Role


@pytest.fixture
def shelf(department: Any, office: Any, move: Callable[..., Any]) -> dict[str, str]:
    """One entry in every list that a draft can reach without publication."""
    made = {name: department.register(title=f"目录{name}")["id"] for name in ("甲", "乙", "丙", "丁", "戊")}
    for name in "乙丙丁戊":
        department.assess(made[name])
    for name in "丙丁戊":
        move(department.head, made[name], "head_approved")
    for name in "丁戊":
        move(department.editor, made[name], "submitted")
    move(office.reviewer, made["戊"], "draft", "摘要太短<b>")
    return made


def counts(page: str) -> dict[str, int]:
    tabs = re.findall(r'<a href="(/catalogue[^"]*)"[^>]*>(\S+) <span class="count">([0-9,]+)</span>', page)
    assert tabs
    return {name: int(number) for _, name, number in tabs}


def rows(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/resources/[^"]+">([^<]+)</a>', page)


def test_every_number_leads_to_as_many_rows(department: Any, shelf: dict[str, str], browser: Any) -> None:
    editor = browser(department.editor)
    page = unescape(editor.get("/catalogue").text)
    expected = {"草稿": ["目录甲"], "待部门审": ["目录乙"], "待提交": ["目录丙"], "已提交": ["目录丁"]}
    expected |= {"退回待改": ["目录戊"], "已审核": [], "已发布": [], "已暂停": [], "已撤销": []}
    assert counts(page) == {name: len(titles) for name, titles in expected.items()}
    links = re.findall(r'<a href="(/catalogue\?tab=[^"]*)"[^>]*>(\S+) <span class="count">', page)
    for href, name in links:
        assert rows(unescape(editor.get(href).text)) == expected[name], name
    returned = unescape(editor.get("/catalogue?tab=returned").text)
    assert "退回：摘要太短<b>" in returned
    assert "缺 2 项" in page, "what keeps the draft from publication: the two assessments"
    found = unescape(editor.get("/catalogue?tab=draft&q=甲").text)
    assert rows(found) == ["目录甲"]
    assert counts(unescape(editor.get("/catalogue?tab=draft&q=%25").text))["草稿"] == 0


def test_one_step_for_many_says_of_each_what_became_of_it(
    department: Any, shelf: dict[str, str], browser: Any, city: Any
) -> None:
    both = city.person(department.code, Role.EDITOR, Role.DEPARTMENT_HEAD)
    own = both.client.post("/api/v1/resources", json=department.draft(title="自编自审")).json()["id"]
    reader = browser(both)
    answer = reader.send(
        "/catalogue?tab=draft", "/catalogue", ref=[shelf["乙"], own, "nobody"], to="head_approved", tab="draft"
    )
    shown = unescape(answer.text)
    assert answer.status_code == 200
    assert "办成 1 条，没办成 2 条" in shown
    assert "SELF_APPROVAL" in shown
    assert "RESOURCE_NOT_FOUND" in shown
    assert counts(unescape(reader.get("/catalogue").text))["待提交"] == 2


def test_what_a_step_needs_is_asked_before_anything_is_done(
    department: Any, office: Any, shelf: dict[str, str], browser: Any
) -> None:
    reviewer = browser(office.reviewer)
    nothing = reviewer.send("/catalogue", "/catalogue", to="reviewed", tab="submitted")
    assert nothing.status_code == 422
    assert "请先勾选" in nothing.text
    silent = reviewer.send("/catalogue", "/catalogue", ref=[shelf["丁"]], to="draft", tab="submitted", comment=" ")
    assert silent.status_code == 422
    assert "退回修改须写明理由" in silent.text
    assert re.search(rf'value="{shelf["丁"]}"[^>]* checked', silent.text)
    done = reviewer.send("/catalogue", "/catalogue", ref=[shelf["丁"]], to="draft", tab="submitted", comment="缺说明")
    assert "办成 1 条" in done.text
    assert counts(unescape(browser(department.editor).get("/catalogue").text))["退回待改"] == 2


def test_buttons_are_those_of_the_role(department: Any, office: Any, shelf: dict[str, str], browser: Any) -> None:
    def offered(person: Any, tab: str) -> set[str]:
        page = browser(person).get(f"/catalogue?tab={tab}").text
        return set(re.findall(r'name="to" value="([a-z_]+)"', page))

    assert "head_approved" in offered(department.head, "ready")
    assert "head_approved" not in offered(department.editor, "ready")
    assert offered(department.editor, "head_approved") == {"submitted", "draft"}
    assert offered(office.reviewer, "submitted") == {"reviewed", "draft"}
    assert "published" in offered(office.approver, "submitted") or "draft" in offered(office.approver, "submitted")


def test_the_office_sees_all_departments_and_can_choose_one(
    department: Any, office: Any, shelf: dict[str, str], browser: Any
) -> None:
    reviewer = browser(office.reviewer)
    everything = unescape(reviewer.get("/catalogue").text)
    assert "全部部门的编目" in everything
    assert "目录丁" in rows(everything)
    one = unescape(reviewer.get(f"/catalogue?tab=submitted&org={department.code}").text)
    assert rows(one) == ["目录丁"]
    assert counts(one)["退回待改"] == 1
    others = browser(department.editor).get(f"/catalogue?org={office.code}")
    assert counts(unescape(others.text))["草稿"] == 1, "a department sees its own, whatever it asks for"


def test_a_page_ends_where_the_next_begins(city: Any, department: Any, browser: Any) -> None:
    for number in range(53):
        department.register(title=f"第{number:02d}条")
    editor = browser(department.editor)
    first = unescape(editor.get("/catalogue?tab=draft").text)
    second = unescape(editor.get("/catalogue?tab=draft&page=2").text)
    assert (len(rows(first)), len(rows(second))) == (50, 3)
    assert len({*rows(first), *rows(second)}) == 53
    assert "第 51–53 条，共 53 条" in second
    assert rows(unescape(editor.get("/catalogue?tab=draft&page=999").text)) == rows(second)
    assert editor.get("/catalogue?page=0").status_code == 422
    assert unescape(editor.get("/catalogue?tab=draft&all=yes").text).count(" checked") == 50

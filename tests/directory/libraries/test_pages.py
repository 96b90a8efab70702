"""Pages of the libraries: gaps are said, numbers lead to their rows, the office's forms keep what was typed."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from directory.roles import Role

ITEMS = [
    {"name": "公民身份号码", "field": "id_number", "is_key": True, "data_element": "GB 11643", "sensitivity": 4},
    {"name": "姓名", "field": "xm", "base_item": "population/name", "sensitivity": 3},
    {"name": "低保金额", "field": "amount", "type_code": "N"},
    {"name": "户籍地址", "field": "address"},
    {"name": "写错的", "field": "wrong", "base_item": "population/nothing"},
]


@pytest.fixture
def doubled(city: Any, publish: Any, department: Any) -> Any:
    """Two departments that publish the same register of persons."""
    code = city.organisation()
    other = type(department)(
        code,
        editor=city.person(code, Role.EDITOR),
        colleague=city.person(code, Role.EDITOR),
        head=city.person(code, Role.DEPARTMENT_HEAD),
    )
    for each, title in ((department, "低保对象信息"), (other, "低保对象基本信息表")):
        publish(each, each.register(title=title, library="population", items=ITEMS)["id"])
    return department, other


def test_every_number_leads_to_its_rows(city: Any, doubled: Any, read: Callable[[str], Any]) -> None:
    browser = city.browser(doubled[0].editor.actor.username)
    overview = browser.get("/libraries").text
    links = [each for each in read(overview).links() if each.startswith("/libraries/population?show=")]
    assert len(links) == 4
    for link in links:
        number = re.search(re.escape(f'<a href="{link}">') + r"(\d+)</a>", overview)
        page = browser.get(link).text
        rows = len(re.findall(r'<th scope="row"><a href="/libraries/population/items/', page))
        assert number
        assert int(number[1]) == rows
    gaps = browser.get("/libraries/population?show=gaps").text
    assert "无部门提供" in gaps
    assert "婚姻状况" in gaps
    assert "population/nothing" in gaps, "what is named wrongly is said"
    assert 'method="post" action="/libraries/population' not in gaps, "only the office changes registers"


def test_one_number_one_source(city: Any, doubled: Any, office: Any) -> None:
    department, other = doubled
    browser = city.browser(office.reviewer.actor.username)
    page = browser.get("/libraries/duplicates").text
    assert "信息办尚未确定数源部门" in page
    assert page.count("低保对象基本信息表") >= 1
    item = "/libraries/population/items/name"
    refused = browser.send(item, item, do="lead", lead_department="nobody", basis="会议纪要")
    assert refused.status_code == 404
    assert 'value="会议纪要"' in refused.text
    taken = browser.send(item, item, do="lead", lead_department=department.code, basis="会议纪要")
    assert (taken.status_code, taken.headers["location"]) == (303, item)
    shown = browser.get(item).text
    assert "会议纪要" in shown
    after = browser.get("/libraries/duplicates").text
    assert "应改为共享它的数据" in after
    assert other.editor.actor.org_name in after
    browser.send(item, item, do="lead", lead_department="", basis="")


def test_several_items_get_their_lead_in_one_step(city: Any, office: Any, department: Any) -> None:
    browser = city.browser(office.reviewer.actor.username)
    at = "/libraries/statistics"
    none = browser.send(at, at, do="lead", lead_department=department.code, basis="会议纪要三")
    assert (none.status_code, "还没有选择标准项" in none.text, "会议纪要三" in none.text) == (422, True, True)
    wrong = browser.send(at, at, do="lead", lead_department=department.code, fields=["unit", "nothing"])
    assert wrong.status_code == 404
    assert 'value="unit" aria-label="选择 计量单位" checked' in wrong.text
    taken = browser.send(at, at, do="lead", lead_department=department.code, fields=["unit", "value"], basis="纪要")
    assert taken.status_code == 303
    items = office.reviewer.client.get(f"/api/v1{at}/items").json()
    assert {each["field"] for each in items if each["lead_department"]} == {"unit", "value"}


def test_a_refused_form_keeps_what_was_typed(city: Any, office: Any) -> None:
    browser = city.browser(office.reviewer.actor.username)
    answer = browser.send("/libraries", "/libraries", label="电子证照", name="Bad Name", class_code="105001")
    assert answer.status_code == 422
    assert 'value="电子证照"' in answer.text
    assert 'value="Bad Name"' in answer.text
    long = browser.send("/libraries", "/libraries", label="长" * 51, name="licence")
    assert (long.status_code, "中文名称" in long.text) == (422, True)
    made = browser.send("/libraries", "/libraries", label="电子证照", name="licence", class_code="")
    assert (made.status_code, made.headers["location"]) == (303, "/libraries/licence")
    at = "/libraries/licence"
    bad = browser.send(at, at, do="add", name="证照名称", field="9", representation="a..100")
    assert (bad.status_code, 'value="证照名称"' in bad.text) == (422, True)
    assert browser.send(at, at, do="add", name="证照名称", field="licence_name").status_code == 303
    item = f"{at}/items/licence_name"
    assert browser.send(item, item, do="edit", name="证照名称", rule="不为空", is_retired="yes").status_code == 303
    assert "已停用" in browser.get(item).text
    assert browser.send(at, at, do="edit", label="人口").status_code == 409
    assert browser.send(at, at, do="edit", label="电子证照库").status_code == 303
    assert "电子证照库" in browser.get("/libraries").text
    assert browser.get("/libraries/nothing").status_code == 404
    assert browser.get("/libraries/licence/items/nothing").status_code == 404

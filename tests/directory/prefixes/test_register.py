"""The register of prefixes: allotted top-down, one open per department, never to anybody else; and the class codes."""

from collections.abc import Callable
from typing import Any

import pytest

from directory.roles import Role

GUIDE = "101"


@pytest.fixture(scope="module")
def office(city: Any) -> Any:
    code = city.organisation("前段码测试信息办", is_office=True)
    return city.person(code, Role.OFFICE_APPROVER, Role.OFFICE_REVIEWER, username="prefix-office")


@pytest.fixture
def lead(city: Any) -> Callable[[], Any]:
    """A department without a prefix and its 共享工作机构负责人."""

    def make() -> Any:
        return city.person(city.organisation(has_prefix=False), Role.SHARING_LEAD)

    return make


def allot(person: Any, code: str, org_code: str, path: str = "") -> Any:
    return person.client.post(f"/api/v1/prefixes{path}", json={"code": code, "org_code": org_code})


def line(person: Any, code: str) -> dict[str, Any]:
    found = person.client.get("/api/v1/prefixes").json()["prefixes"]
    return next(each for each in found if each["code"] == code)


def test_a_prefix_is_one_departments_for_ever(city: Any, office: Any) -> None:
    first, second = city.organisation(has_prefix=False), city.organisation(has_prefix=False)
    assert allot(office, "PX001", first).status_code == 201
    assert allot(office, "PX001", second).json()["code"] == "PREFIX_TAKEN"
    assert allot(office, "PX002", first).status_code == 201
    assert line(office, "PX001")["closed_at"] is not None
    assert allot(office, "PX001", second).json()["code"] == "PREFIX_TAKEN"
    assert allot(office, "PX001", first).status_code == 201
    assert (line(office, "PX001")["closed_at"], line(office, "PX002")["closed_at"] is None) == (None, False)


def test_a_new_prefix_is_minted_under_at_once_and_a_closed_one_no_more(city: Any, office: Any) -> None:
    editor = city.person(city.organisation(has_prefix=False), Role.EDITOR)

    def registered(title: str) -> str | None:
        body = {"title": title, "provider": {"name": editor.actor.org_name}}
        return editor.client.post("/api/v1/resources", json=body).json()["identifier"]

    assert registered("没有前段码") is None
    allot(office, "PX010", editor.actor.org_code)
    assert registered("有了前段码") == "PX010/00000000001"
    allot(office, "PX0116", editor.actor.org_code)
    assert registered("换了六位的") == "PX0116/00000000001"
    assert office.client.post("/api/v1/prefixes/PX0116/closing").status_code == 200
    assert registered("又没有了") is None
    assert line(office, "PX010")["minted"] == 1


def test_nobody_brings_an_identifier_under_a_closed_prefix(city: Any, office: Any) -> None:
    editor = city.person(city.organisation(has_prefix=False), Role.EDITOR)
    allot(office, "PX020", editor.actor.org_code)
    office.client.post("/api/v1/prefixes/PX020/closing")
    body = {"title": "冒领", "identifier": "PX020/00000000009", "provider": {"name": editor.actor.org_name}}
    assert editor.client.post("/api/v1/resources", json=body).json()["code"] == "IDENTIFIER_RESERVED"


def test_the_holder_of_a_stem_allots_below_it_and_nobody_else_does(city: Any, office: Any, lead: Any) -> None:
    district, town = lead(), lead()
    target = city.organisation(has_prefix=False)
    assert allot(district, "QA001", target).json()["code"] == "FORBIDDEN"
    assert allot(office, "QA", district.actor.org_code, "/delegations").status_code == 201
    assert allot(district, "QA001", target).status_code == 201
    assert allot(office, "QA002", target).json()["code"] == "PREFIX_NOT_YOURS"
    assert allot(district, "QB001", target).json()["code"] == "FORBIDDEN"
    assert allot(district, "QAT", town.actor.org_code, "/delegations").status_code == 201
    assert allot(district, "QAT01", target).json()["code"] == "PREFIX_NOT_YOURS"
    assert allot(town, "QAT01", target).status_code == 201
    assert allot(town, "QA003", target).json()["code"] == "PREFIX_NOT_YOURS"
    assert allot(office, "QA", town.actor.org_code, "/delegations").json()["code"] == "PREFIX_TAKEN"


@pytest.mark.parametrize("code", ["", "AB", "abcde", "ABCDEFG", "AB CD", "甲乙丙丁戊", "ＡＢＣＤＥ"])
def test_what_is_no_prefix_is_refused_by_name(city: Any, office: Any, code: str) -> None:
    answer = allot(office, code, city.organisation(has_prefix=False))
    assert answer.status_code == 422
    assert answer.json()["code"] in {"PREFIX_INVALID", "INPUT_MALFORMED"}


def test_an_unknown_prefix_cannot_be_closed(office: Any) -> None:
    assert office.client.post("/api/v1/prefixes/ZZZZZ/closing").json()["code"] == "PREFIX_UNKNOWN"


def test_only_the_office_closes_what_it_allots(city: Any, office: Any, lead: Any) -> None:
    person = lead()
    allot(office, "PX030", person.actor.org_code)
    assert person.client.post("/api/v1/prefixes/PX030/closing").json()["code"] == "FORBIDDEN"
    editor = city.person(person.actor.org_code, Role.EDITOR)
    assert editor.client.get("/api/v1/prefixes").status_code == 200
    assert allot(editor, "PX031", person.actor.org_code).status_code == 403


def test_classes_are_the_guides_until_the_office_adds_its_own(city: Any, office: Any) -> None:
    editor = city.person(city.organisation(), Role.EDITOR)

    def registered(class_code: str) -> Any:
        body = {"title": f"类目 {class_code}", "class_code": class_code, "provider": {"name": editor.actor.org_name}}
        return editor.client.post("/api/v1/resources", json=body)

    def add(code: str, name: str) -> Any:
        return office.client.post("/api/v1/class-codes", json={"code": code, "name": name})

    assert registered("399001").json()["code"] == "CLASS_CODE_UNLISTED"
    assert registered("304001").json()["code"] == "304001/000001"
    assert add("399", "本地增设的项").status_code == 201
    assert registered("399001").json()["code"] == "399001/000001"
    assert add("399007", "第七目").status_code == 201
    assert registered("399001").json()["code"] == "CLASS_CODE_UNLISTED"
    assert registered("39900712").json()["code"] == "39900712/000001"
    assert add("39900734", "三十四细目").status_code == 201
    assert registered("39900712").json()["code"] == "CLASS_CODE_UNLISTED"
    assert registered("39900734").json()["code"] == "39900734/000001"
    assert office.client.post("/api/v1/class-codes/399/retirement").status_code == 200
    assert registered("39900734").json()["code"] == "CLASS_CODE_UNLISTED"
    assert add("399", "重新启用").status_code == 201


@pytest.mark.parametrize(("code", "name"), [("4", "无此类"), ("388001", "没有上级"), (GUIDE, "已有"), ("10", "不齐")])
def test_a_class_that_cannot_be_listed_is_refused(office: Any, code: str, name: str) -> None:
    answer = office.client.post("/api/v1/class-codes", json={"code": code, "name": name})
    assert answer.json()["code"] == "CLASS_CODE_INVALID"


def test_the_page_keeps_what_was_typed_and_says_why(city: Any, office: Any) -> None:
    target = city.organisation("页面测试局", has_prefix=False)
    browser = city.browser(office.actor.username)
    refused = browser.send("/prefixes", "/prefixes", do="allot", code="坏码", org_code=target)
    assert refused.status_code == 422
    assert 'value="坏码"' in refused.text
    assert f'value="{target}" selected' in refused.text
    assert browser.send("/prefixes", "/prefixes", do="allot", code="PG001", org_code=target).status_code == 303
    assert browser.send("/prefixes", "/prefixes/classes", do="add", code="398", name="页面项").status_code == 303
    shown = browser.get("/prefixes").text
    assert "PG001" in shown
    assert "页面项" in shown
    assert browser.send("/prefixes", "/prefixes", do="delegate", code="PG", org_code=target).status_code == 303
    assert browser.send("/prefixes", "/prefixes", do="close", code="PG001").status_code == 403  # handed down by now
    assert browser.send("/prefixes", "/prefixes/classes", do="retire", code="398").status_code == 303
    assert browser.send("/prefixes", "/prefixes", do="something else").status_code == 200


def test_who_may_not_allot_sees_no_forms(city: Any) -> None:
    editor = city.person(city.organisation(), Role.EDITOR, username="prefix-reader")
    shown = city.browser(editor.actor.username).get("/prefixes")
    assert shown.status_code == 200
    assert "分配前段码" not in shown.text

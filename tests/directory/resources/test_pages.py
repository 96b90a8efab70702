"""The page of an entry in a browser without script: what it shows to whom, and the steps that can be taken there."""

from collections.abc import Callable
from typing import Any

import pytest

from directory.roles import Role


@pytest.fixture
def browser(city: Any) -> Callable[[Any], Any]:
    return lambda person: city.browser(person.actor.username)


def test_a_draft_says_what_it_lacks_and_offers_only_what_its_reader_may_do(
    department: Any, browser: Callable[[Any], Any]
) -> None:
    made = department.register(title="排污许可", mounts=[])
    address = f"/resources/{made['id']}"
    own = browser(department.editor).get(address).text
    assert "还缺什么" in own
    assert all(each["zh"] in own for each in made["lacks"])
    assert 'value="head_approved"' not in own
    head = browser(department.head).get(address).text
    assert 'name="to" value="head_approved" required checked' in head
    assert "编写人不能审批自己编写的目录" in head


def test_an_entry_is_taken_to_publication_on_pages(
    department: Any, office: Any, browser: Callable[[Any], Any], city: Any
) -> None:
    ref = department.register(title="企业基本信息")["id"]
    department.assess(ref)
    address = f"/resources/{ref}"
    for who, to in (
        (department.head, "head_approved"),
        (department.editor, "submitted"),
        (office.reviewer, "reviewed"),
        (office.approver, "published"),
    ):
        answer = browser(who).send(address, address, to=to, comment="内部意见甲")
        assert answer.status_code == 303, answer.text
    clerk = city.person(city.organisation(), Role.REQUESTER)
    page = browser(clerk).get(address).text
    assert "已发布" in page
    assert "申请资源" in page
    assert 'id="steps"' not in page
    assert "内部意见甲" not in page
    assert "内部意见甲" in browser(department.editor).get(address).text


def test_a_refusal_stands_beside_the_form_with_what_was_typed(
    department: Any, office: Any, move: Any, browser: Callable[[Any], Any]
) -> None:
    ref = department.register(title="不完整的目录", keywords=[], abstract="")["id"]
    address = f"/resources/{ref}"
    move(department.head, ref, "head_approved")
    move(department.editor, ref, "submitted")
    reviewer = browser(office.reviewer)
    answer = reviewer.send(address, address, to="draft", comment="  ")
    assert answer.status_code == 409
    assert "此操作须写明理由" in answer.text
    assert 'value="draft" required checked' in answer.text
    move(office.reviewer, ref, "reviewed")
    answer = browser(office.approver).send(address, address, to="published", comment="请发布<b>")
    assert answer.status_code == 409
    assert "缺少信息资源摘要" in answer.text
    assert ">请发布&lt;b&gt;</textarea>" in answer.text
    assert "已审核" in reviewer.get(address).text


def test_nobody_approves_their_own_writing_on_the_page_either(
    city: Any, department: Any, browser: Callable[[Any], Any]
) -> None:
    both = city.person(department.code, Role.EDITOR, Role.DEPARTMENT_HEAD)
    made = both.client.post("/api/v1/resources", json=department.draft(title="自编自审"))
    address = f"/resources/{made.json()['id']}"
    page = browser(both)
    assert 'value="head_approved"' not in page.get(address).text
    answer = page.send(address, address, to="head_approved")
    assert answer.status_code == 403
    assert "SELF_APPROVAL" in answer.text


def test_a_form_from_elsewhere_is_refused(department: Any, browser: Callable[[Any], Any]) -> None:
    ref = department.register(title="伪造的表单")["id"]
    head = browser(department.head)
    answer = head.client.post(
        f"/resources/{ref}",
        data={"to": "head_approved"},
        headers={"accept": "text/html", "origin": "http://evil.example"},
    )
    assert answer.status_code == 403
    assert "CSRF_REFUSED" in answer.text


def test_an_unpublished_entry_does_not_exist_for_others(
    city: Any, department: Any, browser: Callable[[Any], Any]
) -> None:
    ref = department.register(title="外部不可见")["id"]
    answer = browser(city.person(city.organisation(), Role.REQUESTER)).get(f"/resources/{ref}")
    assert answer.status_code == 404
    assert "外部不可见" not in answer.text
    assert "RESOURCE_NOT_FOUND" in answer.text

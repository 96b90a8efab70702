"""Versions compared, an old one brought back, an entry copied: nothing is overwritten, nothing leaks."""

from typing import Any

import pytest

from directory.roles import Role


def put(person: Any, ref: str, version: int, **changes: Any) -> dict[str, Any]:
    shown = person.client.get(f"/api/v1/resources/{ref}").json()["record"] | changes
    answer = person.client.put(f"/api/v1/resources/{ref}", json=shown, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def restore(person: Any, ref: str, version: int, expected: int | None) -> Any:
    headers = {} if expected is None else {"If-Match": f'"{expected}"'}
    return person.client.post(f"/api/v1/resources/{ref}/restore", json={"version": version}, headers=headers)


def test_any_two_versions_are_compared(department: Any, publish: Any, city: Any) -> None:
    ref = department.register()["id"]
    publish(department, ref)  # version 3, after both assessments
    client = department.editor.client
    items = client.get(f"/api/v1/resources/{ref}").json()["record"]["items"]
    items[1]["length"] = 100
    put(department.editor, ref, 3, abstract="改了", items=items)
    by_default = client.get(f"/api/v1/resources/{ref}/diff").json()
    assert (by_default["from_version"], by_default["to_version"]) == (3, 4)
    found = {each["path"]: each for each in by_default["differences"]}
    assert set(found) == {"abstract", "items[name].length"}
    length = found["items[name].length"]
    assert (length["label_zh"], length["before"], length["after"]) == ("数据项“企业名称”的长度", "200", "100")
    back = client.get(f"/api/v1/resources/{ref}/diff?from=4&to=1").json()["differences"]
    assert [each["kind"] for each in back if each["path"] == "assessments"] == ["removed", "removed"]
    assert client.get(f"/api/v1/resources/{ref}/diff?from=4&to=4").json()["differences"] == []
    assert client.get(f"/api/v1/resources/{ref}/diff?from=5").json()["code"] == "RESOURCE_NOT_FOUND"
    assert client.get(f"/api/v1/resources/{ref}/diff?from=0").status_code == 422
    stranger = city.person(city.organisation(), Role.REQUESTER).client
    assert stranger.get(f"/api/v1/resources/{ref}/diff").json()["differences"] == []
    assert stranger.get(f"/api/v1/resources/{ref}/diff?from=3&to=4").status_code == 404


def test_an_old_version_comes_back_as_a_new_draft(department: Any, publish: Any, move: Any) -> None:
    made = department.register()
    ref = made["id"]
    publish(department, ref)
    client = department.editor.client
    before = client.get(f"/api/v1/resources/{ref}").json()["record"]
    put(department.colleague, ref, 3, abstract="写坏了", items=[], title="写坏了")
    assert restore(department.editor, ref, 3, 3).json()["code"] == "VERSION_CHANGED"
    assert restore(department.editor, ref, 3, None).json()["code"] == "VERSION_REQUIRED"
    assert restore(department.editor, ref, 9, 4).status_code == 404
    assert restore(department.head, ref, 3, 4).status_code == 403
    saved = restore(department.editor, ref, 3, 4).json()
    assert (saved["version"], saved["status"]) == (5, "draft")
    assert (saved["identifier"], saved["code"]) == (made["identifier"], made["code"])
    assert [each for each in saved["lacks"] if each["severity"] == "error"] == []  # what was assessed is back
    after = client.get(f"/api/v1/resources/{ref}").json()["record"]
    assert {name for name in after if after[name] != before[name]} <= {"updated_on", "published_on"}
    assert restore(department.editor, ref, 5, 5).json()["version"] == 5  # nothing to bring back
    move(department.head, ref, "head_approved")
    assert restore(department.editor, ref, 3, 5).json()["code"] == "STATUS_FORBIDS"


def test_a_version_from_before_the_identifier_comes_back_with_it(city: Any, department: Any) -> None:
    ref = department.register(abstract="")["id"]
    put(department.editor, ref, 1, abstract="写了")
    saved = restore(department.editor, ref, 1, 2).json()
    assert saved["identifier"]
    assert department.editor.client.get(f"/api/v1/resources/{ref}").json()["record"]["abstract"] == ""


def test_the_history_says_which_version_came_back(department: Any, city: Any) -> None:
    ref = department.register()["id"]
    put(department.editor, ref, 1, abstract="改了")
    assert restore(department.editor, ref, 1, 2).json()["version"] == 3
    page = city.browser(department.editor.actor.username).get(f"/resources/{ref}").text
    assert "恢复第 1 版的内容" in page


def test_a_copy_is_a_new_entry(department: Any, publish: Any, city: Any) -> None:
    mount = {"mount_id": "m1", "node": "gs", "table": "qy", "columns": []}
    made = department.register(mounts=[mount], volumes={"stored_gb": "2"})
    publish(department, made["id"])
    answer = department.editor.client.post(f"/api/v1/resources/{made['id']}/copies")
    assert answer.status_code == 201, answer.text
    copied = answer.json()
    assert (copied["status"], copied["version"]) == ("draft", 1)
    assert copied["identifier"] not in {None, made["identifier"]}
    assert copied["code"].split("/")[0] == made["code"].split("/")[0]
    assert copied["code"] != made["code"]
    record = department.editor.client.get(f"/api/v1/resources/{copied['id']}").json()["record"]
    assert record["title"] == "企业基本信息（副本）"
    assert (record["assessments"], record["mounts"], record["published_on"]) == ([], [], None)
    assert record["volumes"]["stored_gb"] == ""
    assert record["items"] == department.editor.client.get(f"/api/v1/resources/{made['id']}").json()["record"]["items"]


def test_another_departments_entry_is_copied_into_ones_own(department: Any, publish: Any, city: Any) -> None:
    made = department.register(source_system="企业登记系统", maintainer={"name": "登记中心"})
    other = city.person(city.organisation(), Role.EDITOR)
    assert other.client.post(f"/api/v1/resources/{made['id']}/copies").status_code == 404  # not published yet
    publish(department, made["id"])
    copied = other.client.post(f"/api/v1/resources/{made['id']}/copies").json()
    shown = other.client.get(f"/api/v1/resources/{copied['id']}").json()
    assert shown["org_code"] == other.actor.org_code
    assert shown["record"]["provider"]["name"] == other.actor.org_name
    assert (shown["record"]["maintainer"], shown["record"]["source_system"]) == (None, "")
    assert copied["identifier"].split("/")[0] != made["identifier"].split("/")[0]
    reader = city.person(city.organisation(), Role.REQUESTER)
    assert reader.client.post(f"/api/v1/resources/{made['id']}/copies").json()["code"] == "FORBIDDEN"


def test_the_copy_of_a_long_title_still_fits(department: Any) -> None:
    ref = department.register(title="长" * 500)["id"]
    copied = department.editor.client.post(f"/api/v1/resources/{ref}/copies").json()
    title = department.editor.client.get(f"/api/v1/resources/{copied['id']}").json()["record"]["title"]
    assert (len(title), title[-4:]) == (500, "（副本）")


def test_the_division_inside_the_department_is_kept(department: Any) -> None:
    provider = {"name": department.editor.actor.org_name, "code": department.code, "division": "登记处"}
    ref = department.register(provider=provider)["id"]
    record = department.editor.client.get(f"/api/v1/resources/{ref}").json()["record"]
    assert record["provider"]["division"] == "登记处"


@pytest.mark.parametrize("body", [{}, {"version": 0}, {"version": "x"}, {"version": 1, "more": 1}])
def test_a_malformed_restoration_is_refused(department: Any, body: dict[str, Any]) -> None:
    ref = department.register()["id"]
    answer = department.editor.client.post(f"/api/v1/resources/{ref}/restore", json=body, headers={"If-Match": '"1"'})
    assert answer.json()["code"] == "INPUT_MALFORMED"

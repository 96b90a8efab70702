"""Templates: built in, made by the office, of an entry; nobody else, and never with what is one entry's own."""

from typing import Any

import pytest

from directory.roles import Role
from metadata.resource import UNTITLED, Resource


def template(person: Any, library: str) -> Any:
    return person.client.get(f"/api/v1/templates/{library}")


def test_a_new_entry_begins_with_its_librarys_items(department: Any) -> None:
    begun = template(department.editor, "population").json()
    assert begun["title"] == UNTITLED
    assert begun["provider"] == {
        "name": department.editor.actor.org_name,
        "code": department.code,
        "division": "",
        "address": "",
    }
    assert begun["items"][0]["base_item"] == "population/id_number"
    assert begun["sharing"]["share_type"] is None
    made = department.editor.client.post("/api/v1/resources", json=begun | {"title": "常住人口"})
    assert made.status_code == 201, made.text
    untitled = department.editor.client.post("/api/v1/resources", json=begun).json()
    assert "title" in {each["path"] for each in untitled["lacks"] if each["severity"] == "error"}


def test_an_unknown_library_begins_empty(department: Any) -> None:
    begun = template(department.editor, "social_credit").json()
    assert (begun["items"], begun["library"]) == ([], "social_credit")
    assert template(department.editor, "坏").json()["code"] == "INPUT_MALFORMED"


def test_the_office_makes_a_template_of_an_entry(department: Any, office: Any, city: Any) -> None:
    mount = {"mount_id": "m1", "node": "gs", "table": "qy", "columns": []}
    ref = department.register(library="geospatial", title="地名", mounts=[mount])["id"]
    answer = office.reviewer.client.post("/api/v1/templates/geospatial", json={"from": ref})
    assert answer.status_code == 200, answer.text
    begun = Resource.model_validate(template(department.colleague, "geospatial").json())
    assert [item.field for item in begun.items] == ["uscc", "name"]
    assert (begun.title, begun.mounts, begun.identifier, begun.sharing.share_type) == (UNTITLED, (), "", None)
    assert begun.data_grade == "一般数据2级"
    elsewhere = city.person(city.organisation(), Role.EDITOR)
    assert template(elsewhere, "geospatial").json()["provider"]["name"] == elsewhere.actor.org_name
    changed = begun.model_dump(mode="json") | {"items": [], "title": "不会留下"}
    assert office.reviewer.client.put("/api/v1/templates/geospatial", json=changed).status_code == 200
    assert template(department.editor, "geospatial").json() | {"title": ""} == changed | {
        "title": "",
        "provider": template(department.editor, "geospatial").json()["provider"],
    }


@pytest.mark.parametrize("verb", ["put", "post"])
def test_only_the_office_edits_templates(department: Any, office: Any, verb: str) -> None:
    ref = department.register()["id"]
    body = {"from": ref} if verb == "post" else department.draft()
    for person in (department.editor, department.head, office.approver):
        answer = getattr(person.client, verb)("/api/v1/templates/legal_person", json=body)
        assert answer.json()["code"] == "FORBIDDEN"


def test_a_template_is_checked_as_an_entry_is(department: Any, office: Any) -> None:
    client = office.reviewer.client
    twice = department.draft(items=[{"name": "甲", "field": "a"}, {"name": "乙", "field": "a"}])
    assert client.put("/api/v1/templates/population", json=twice).json()["code"] == "RESOURCE_REFUSED"
    assert client.post("/api/v1/templates/population", json={"from": "nowhere"}).json()["code"] == "RESOURCE_NOT_FOUND"
    ref = department.register()["id"]
    assert client.post("/api/v1/templates/nobodys", json={"from": ref}).json()["code"] == "LIBRARY_UNKNOWN"


def test_the_page_of_templates(department: Any, office: Any, city: Any) -> None:
    made = department.register(library="statistics", title="统计")
    reader = city.browser(department.editor.actor.username).get("/templates").text
    assert "指标代码" in reader
    assert "/resources/new?library=statistics" in reader
    assert "从目录制作模板" not in reader
    reviewer = city.browser(office.reviewer.actor.username)
    answer = reviewer.send("/templates", "/templates", library="statistics", ref="33999/00000000009")
    assert answer.status_code == 404
    assert 'value="33999/00000000009"' in answer.text  # what was typed is kept
    answer = reviewer.send("/templates", "/templates", library="statistics", ref=f" {made['identifier']} ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/templates#statistics")
    assert f"{office.reviewer.actor.display_name} 今天" in reviewer.get("/templates").text

"""The life of an entry through HTTP: registered, edited, approved by others, published, returned, withdrawn."""

from typing import Any

import pytest

from directory.roles import Role


def test_register_mints_both_identifiers(department: Any) -> None:
    made = department.register()
    assert made["identifier"].endswith("/00000000001")
    assert made["code"].startswith("102001/")
    assert made["status"] == "draft"
    assert made["version"] == 1
    assert {each["path"] for each in made["lacks"] if each["severity"] == "error"} == {
        "assessments.secrecy",
        "assessments.personal_information",
    }


def test_statistics_stand_in_class_2(department: Any) -> None:
    assert department.register(library="statistics")["code"].startswith("213001/")


def test_published_by_three_people_and_seen_by_others(department: Any, publish: Any, city: Any) -> None:
    made = department.register()
    ref = made["identifier"].replace("/", "~")
    stranger = city.person(city.organisation(), Role.REQUESTER)
    assert stranger.client.get(f"/api/v1/resources/{ref}").status_code == 404
    publish(department, ref)
    shown = stranger.client.get(f"/api/v1/resources/{ref}").json()
    assert shown["status"] == "published"
    assert shown["record"]["published_on"]
    assert shown["record"]["abstract"] == department.draft()["abstract"]
    answer = stranger.client.get(f"/id/{made['identifier']}", headers={"Accept": "application/xml"})
    assert answer.headers["content-type"].startswith("application/xml")
    assert "企业基本信息" in answer.text
    page = stranger.client.get(f"/code/{made['code']}", headers={"Accept": "text/html"})
    assert page.headers["location"] == f"/resources/{ref}"
    assert stranger.client.get(f"/code/{made['code']}").json()["identifier"] == made["identifier"]


def test_publication_waits_for_what_is_missing(department: Any, office: Any, move: Any) -> None:
    ref = department.register(abstract="", data_grade="")["id"]
    move(department.head, ref, "head_approved")
    move(department.editor, ref, "submitted")
    move(office.reviewer, ref, "reviewed")
    problem = move(office.approver, ref, "published", expect=409)
    assert problem["code"] == "RESOURCE_INCOMPLETE"
    missing = {each["path"] for each in problem["findings"] if each["severity"] == "error"}
    assert missing == {"abstract", "data_grade", "assessments.secrecy", "assessments.personal_information"}


def test_edit_makes_a_version_and_voids_assessments(department: Any) -> None:
    made = department.register()
    department.assess(made["id"])
    client = department.colleague.client
    shown = client.get(f"/api/v1/resources/{made['id']}")
    assert shown.headers["ETag"] == '"3"'
    record = shown.json()["record"]
    record["items"].append({"name": "住所", "field": "address"})
    stale = client.put(f"/api/v1/resources/{made['id']}", json=record, headers={"If-Match": '"2"'})
    assert stale.json()["code"] == "VERSION_CHANGED"
    assert client.put(f"/api/v1/resources/{made['id']}", json=record).json()["code"] == "VERSION_REQUIRED"
    saved = client.put(f"/api/v1/resources/{made['id']}", json=record, headers={"If-Match": '"3"'}).json()
    assert saved["version"] == 4
    assert {each["path"] for each in saved["lacks"] if each["severity"] == "error"} == {
        "assessments.secrecy",
        "assessments.personal_information",
    }
    again = client.get(f"/api/v1/resources/{made['id']}").json()["record"]
    same = client.put(f"/api/v1/resources/{made['id']}", json=again, headers={"If-Match": '"4"'}).json()
    assert same["version"] == 4
    listed = client.get(f"/api/v1/resources/{made['id']}/versions").json()
    assert [each["version"] for each in listed] == [4, 3, 2, 1]
    first = client.get(f"/api/v1/resources/{made['id']}/versions/1").json()
    assert len(first["items"]) == 2


def test_published_version_stays_while_its_successor_is_edited(department: Any, publish: Any, city: Any) -> None:
    ref = department.register()["id"]
    publish(department, ref)
    record = department.editor.client.get(f"/api/v1/resources/{ref}").json()["record"]
    record["title"] = "企业基本信息（新）"
    edited = department.editor.client.put(f"/api/v1/resources/{ref}", json=record, headers={"If-Match": '"3"'}).json()
    assert (edited.get("status"), edited.get("version")) == ("draft", 4), edited
    stranger = city.person(city.organisation(), Role.REQUESTER).client
    assert stranger.get(f"/api/v1/resources/{ref}").json()["record"]["title"] == "企业基本信息"
    assert [each["version"] for each in stranger.get(f"/api/v1/resources/{ref}/versions").json()] == [3]
    assert stranger.get(f"/api/v1/resources/{ref}/versions/4").status_code == 404


def test_a_condition_added_later_is_a_new_version_that_the_office_reviews(
    department: Any, office: Any, publish: Any, move: Any, city: Any
) -> None:
    """Art. 15: no department adds conditions by itself; until the office has published them the old ones hold."""
    ref = department.register()["id"]
    publish(department, ref)
    client = department.editor.client
    record = client.get(f"/api/v1/resources/{ref}").json()["record"]
    harder = {"share_type": "conditional", "conditions": "须签协议", "scope": "税务机关", "purposes": ["核验"]}
    record["sharing"] |= harder
    edited = client.put(f"/api/v1/resources/{ref}", json=record, headers={"If-Match": '"3"'}).json()
    assert (edited["version"], edited["status"]) == (4, "draft")
    assert {each["path"] for each in edited["lacks"] if each["severity"] == "error"} == {
        "assessments.secrecy",  # what was assessed was shared otherwise
        "assessments.personal_information",
    }
    stranger = city.person(city.organisation(), Role.REQUESTER).client

    def shared_to_others() -> str:
        return str(stranger.get(f"/api/v1/resources/{ref}").json()["record"]["sharing"]["share_type"])

    assert move(department.head, ref, "published", expect=409)["code"] == "STATUS_FORBIDS"
    department.assess(ref)
    move(department.head, ref, "head_approved")
    move(department.editor, ref, "submitted")
    assert shared_to_others() == "unconditional"
    move(office.reviewer, ref, "reviewed")
    move(office.approver, ref, "published")
    assert shared_to_others() == "conditional"


def test_return_needs_a_reason_and_recall_does_not(department: Any, office: Any, move: Any) -> None:
    ref = department.register()["id"]
    move(department.head, ref, "head_approved")
    move(department.editor, ref, "submitted")
    assert move(office.reviewer, ref, "draft", expect=409)["code"] == "COMMENT_REQUIRED"
    assert move(office.reviewer, ref, "draft", "摘要过于简略")["status"] == "draft"
    move(department.head, ref, "head_approved")
    assert move(department.editor, ref, "draft")["status"] == "draft"


def test_steps_only_along_the_table(department: Any, office: Any, move: Any) -> None:
    ref = department.register()["id"]
    assert move(office.approver, ref, "published", expect=409)["code"] == "STATUS_FORBIDS"
    assert move(department.editor, ref, "head_approved", expect=403)["code"] == "FORBIDDEN"
    assert move(department.editor, ref, "nowhere", expect=409)["code"] == "STATUS_FORBIDS"
    move(department.head, ref, "head_approved")
    record = department.draft()
    answer = department.editor.client.put(f"/api/v1/resources/{ref}", json=record, headers={"If-Match": '"1"'})
    assert answer.json()["code"] == "STATUS_FORBIDS"


def test_suspended_and_withdrawn_leave_a_trace(
    department: Any, office: Any, publish: Any, move: Any, city: Any
) -> None:
    made = department.register()
    ref = made["id"]
    publish(department, ref)
    stranger = city.person(city.organisation(), Role.REQUESTER).client
    move(office.approver, ref, "suspended", "数据源检修")
    assert stranger.get(f"/api/v1/resources/{ref}").json()["code"] == "RESOURCE_SUSPENDED"
    assert move(office.approver, ref, "published")["status"] == "published"
    assert stranger.get(f"/api/v1/resources/{ref}").status_code == 200
    move(office.approver, ref, "withdrawn", "职能调整")
    gone = stranger.get(f"/id/{made['identifier']}")
    assert gone.status_code == 410
    assert gone.headers["content-type"] == "application/problem+json"
    assert department.editor.client.get(f"/api/v1/resources/{ref}").json()["status"] == "withdrawn"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secrecy": "国家秘密"}, "RESOURCE_REFUSED"),
        ({"secrecy": "工作秘密"}, "RESOURCE_REFUSED"),
        ({"identifier": "99999/0001", "code": "213001/000001"}, None),
        ({"assessments": [{"kind": "secrecy", "conclusion": "可", "assessor": "我", "assessed_on": "2026-01-01",
                           "subject_digest": "0"}]}, "ASSESSMENT_SEPARATE"),
        ({"title": "坏\x00字"}, "RESOURCE_REFUSED"),
        ({"class_code": "9"}, "CLASS_CODE_UNLISTED"),
        ({"unknown": 1}, "INPUT_MALFORMED"),
        ({"provider": {"name": "别的局", "code": "11330100000000001X"}}, "ORGANISATION_UNKNOWN"),
    ],
)  # fmt: skip
def test_refused_by_name(department: Any, changes: dict[str, Any], code: str | None) -> None:
    department.register(library="statistics")  # so that 213001 is a class this directory mints in
    answer = department.editor.client.post("/api/v1/resources", json=department.draft(**changes))
    assert answer.json()["code"] == (code or "IDENTIFIER_RESERVED"), answer.text
    assert answer.headers["content-type"] == "application/problem+json"

"""Complaints: taken from anybody, kept apart from who complained, answered by the office (Art. 37)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from directory.audit.models import AuditOut
from directory.clock.deadlines import day_of
from directory.roles import Role
from metadata.audit import AuditEntry
from tests.directory.access.conftest import refused
from tests.directory.conftest import City, Person

TODAY = day_of(datetime.now(UTC))
PDF = b"%PDF-1.7 evidence"
SECRET = "本人就是局里的王小明"


@pytest.fixture(scope="module")
def people(city: City) -> dict[str, Person]:
    office = city.organisation("示例市数据局", is_office=True)
    own, other = city.organisation(), city.organisation()
    return {
        "complainant": city.person(own, Role.EDITOR, username="user_wang_complains"),
        "colleague": city.person(own, Role.SHARING_LEAD),
        "reviewer": city.person(office, Role.OFFICE_REVIEWER),
        "approver": city.person(office, Role.OFFICE_APPROVER),
        "lead": city.person(other, Role.SHARING_LEAD),
        "auditor": city.person(office, Role.AUDITOR),
    }


def complain(people: dict[str, Person], who: str = "complainant", **changes: Any) -> dict[str, Any]:
    body = {"topic": "misuse", "words": SECRET} | changes
    answer = people[who].client.post("/api/v1/complaints", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def step(people: dict[str, Person], who: str, complaint_id: str, to: str, **said: Any) -> Any:
    return people[who].client.post(f"/api/v1/complaints/{complaint_id}/transitions", json={"to": to, **said})


def shown(people: dict[str, Person], who: str, complaint_id: str) -> dict[str, Any]:
    return dict(people[who].client.get(f"/api/v1/complaints/{complaint_id}").json())


def test_taken_looked_into_and_answered_without_a_name(people: dict[str, Person], city: City) -> None:
    complainant, lead = people["complainant"].actor, people["lead"].actor
    made = complain(people, about_org=lead.org_code)
    ref = made["id"]
    assert (made["number"][:3], made["state"], made["from_org"]) == ("TS-", "received", "")
    kept = people["complainant"].client.post(
        f"/api/v1/complaints/{ref}/files", files={"file": ("证据.pdf", PDF, "application/pdf")}
    )
    assert kept.status_code == 201
    for who in ("colleague", "lead", "auditor"):
        assert refused(people[who].client.get(f"/api/v1/complaints/{ref}"), 404, "MATTER_NOT_FOUND")
        assert people[who].client.get("/api/v1/complaints").json() == []
    assert step(people, "reviewer", ref, "accepted").json()["state"] == "handling"
    assert complainant.display_name in shown(people, "reviewer", ref)["raised_by"]
    assert refused(step(people, "approver", ref, "assigned", comment="请查"), 422, "COMPLAINT_ASSIGN")
    brief = {"comment": "请核查下载日志", "to_org": lead.org_code}
    assert step(people, "approver", ref, "assigned", **brief).json()["state"] == "assigned"
    seen = shown(people, "lead", ref)
    assert (seen["brief"], seen["words"], seen["raised_by"], seen["files"]) == ("请核查下载日志", "", "", [])
    for secret in (SECRET, complainant.display_name, complainant.username, complainant.org_code, complainant.org_name):
        assert secret not in str(seen)
        assert secret not in people["lead"].client.get("/api/v1/complaints").text
        assert secret not in people["lead"].client.get("/api/v1/notices").text
    file_at = f"/api/v1/complaints/{ref}/files/{kept.json()['id']}"
    assert refused(people["lead"].client.get(file_at), 404, "PAPER_NOT_FOUND")
    assert people["reviewer"].client.get(file_at).content == PDF
    assert refused(step(people, "lead", ref, "answered", comment="x"), 403, "FORBIDDEN")
    assert step(people, "lead", ref, "reported", comment="日志里的内部情况").json()["state"] == "reported"
    mine = shown(people, "complainant", ref)
    assert "内部情况" not in str(mine)
    assert "请核查" not in str(mine)
    assert step(people, "reviewer", ref, "answered", comment="已查实并处理").json()["is_done"]
    mine = shown(people, "complainant", ref)
    assert mine["steps"][-1]["comment"] == "已查实并处理"
    assert people["reviewer"].actor.display_name not in str(mine["steps"])
    with city.app.state.sessions.begin() as session:
        kept_entries = [AuditEntry.from_bytes(row.bytes) for row in session.query(AuditOut)]
    about = [each for each in kept_entries if each.subject == ref]
    assert about[0].action == "complaint:raised"
    assert {each.actor for each in about if each.action in ("complaint:raised", "complaint:attach")} == {"complainant"}
    for secret in (SECRET, complainant.username, complainant.org_code):
        assert not [each for each in about if secret in each.to_bytes().decode()]


def test_on_paper_is_entered_by_one_and_handled_by_another(people: dict[str, Person]) -> None:
    body = {
        "topic": "personal_information",
        "words": "来信反映",
        "name": "李某",
        "contact": "138 0000 0000",
        "received_on": TODAY.isoformat(),
    }
    made = people["reviewer"].client.post("/api/v1/complaints/paper", json=body)
    assert made.status_code == 201, made.text
    ref = made.json()["id"]
    assert refused(step(people, "reviewer", ref, "accepted"), 403, "SELF_APPROVAL")
    assert shown(people, "approver", ref)["contact"] == "138 0000 0000"
    declined = step(people, "approver", ref, "declined", comment="请向法院反映")
    assert (declined.json()["state"], declined.json()["acts"]) == ("declined", [])
    assert refused(step(people, "approver", ref, "accepted"), 409, "MATTER_MOVE_ILLEGAL")
    late = body | {"received_on": (TODAY + timedelta(days=1)).isoformat()}
    assert refused(people["reviewer"].client.post("/api/v1/complaints/paper", json=late), 422, "COMPLAINT_DAY")
    assert refused(people["lead"].client.post("/api/v1/complaints/paper", json=body), 403, "FORBIDDEN")


def test_the_office_complains_too_and_does_not_handle_it(people: dict[str, Person]) -> None:
    ref = complain(people, "reviewer")["id"]
    assert refused(step(people, "reviewer", ref, "accepted"), 403, "SELF_APPROVAL")
    assert step(people, "approver", ref, "accepted").status_code == 200
    assert step(people, "reviewer", ref, "withdrawn", comment="误报").json()["state"] == "withdrawn"


def test_the_next_department_does_not_read_what_the_first_was_told(people: dict[str, Person]) -> None:
    ref = complain(people)["id"]
    step(people, "reviewer", ref, "accepted")
    step(people, "reviewer", ref, "assigned", comment="第一家的事", to_org=people["lead"].actor.org_code)
    step(people, "lead", ref, "reported", comment="第一家的回报")
    again = step(people, "reviewer", ref, "assigned", comment="第二家的事", to_org=people["colleague"].actor.org_code)
    assert again.status_code == 200, again.text
    seen = shown(people, "colleague", ref)
    assert "第一家" not in str(seen)
    assert seen["brief"] == "第二家的事"
    assert refused(people["lead"].client.get(f"/api/v1/complaints/{ref}"), 404, "MATTER_NOT_FOUND")


def test_counted_without_names(people: dict[str, Person]) -> None:
    complain(people, topic="duplicate")
    counted = people["approver"].client.get("/api/v1/complaints/statistics").json()
    assert counted["total"] == sum(each["number"] for each in counted["topics"])
    assert counted["total"] == sum(each["number"] for each in counted["states"])
    assert "duplicate" in {each["code"] for each in counted["topics"]}
    assert people["complainant"].actor.display_name not in str(counted)
    assert refused(people["lead"].client.get("/api/v1/complaints/statistics"), 403, "FORBIDDEN")
    before = people["approver"].client.get("/api/v1/complaints/statistics", params={"year": 2020}).json()
    assert before["total"] == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"words": " "}, "MATTER_WORDS_EMPTY"),
        ({"words": ""}, "INPUT_MALFORMED"),
        ({"topic": "weather"}, "INPUT_MALFORMED"),
        ({"about_org": "nowhere"}, "ORGANISATION_UNKNOWN"),
        ({"name": "x"}, "INPUT_MALFORMED"),
    ],
)
def test_what_is_refused_by_name(people: dict[str, Person], changes: dict[str, Any], code: str) -> None:
    body = {"topic": "other", "words": "反映"} | changes
    assert people["complainant"].client.post("/api/v1/complaints", json=body).json()["code"] == code

"""Reporting over HTTP: who may, what is refused by name, who sees it, and where it waits."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from directory.clock.deadlines import day_of
from directory.duties.report import decide_extension
from directory.errors import DirectoryError
from directory.roles import Role

TODAY = day_of(datetime.now(UTC))


def report(person: Any, *refs: str, **changes: Any) -> Any:
    body = {"kind": "law", "title": "《户口登记条例》", "article": "第七条", "changed_on": TODAY.isoformat()}
    return person.client.post("/api/v1/duty-changes", json=body | {"refs": list(refs)} | changes)


def test_a_change_is_reported_extended_and_waits_for_the_right_people(
    department: Any, office: Any, publish: Any, city: Any
) -> None:
    ref = department.register()["id"]
    publish(department, ref)
    answer = report(department.editor, ref, description="补一项")
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["state"], made["entry_count"], made["acts"]) == ("department", 1, ["ask_extension"])
    assert made["entries"][0]["waits_for"] == ["编目员"]
    address = f"/api/v1/duty-changes/{made['id']}"
    waiting = department.editor.client.get("/api/v1/worklist").json()["duties"]
    assert made["id"] in [line["id"] for line in waiting]
    assert department.head.client.get("/api/v1/worklist").json()["duties"] == []
    more = department.editor.client.post(f"{address}/extension", json={"days": 5, "reason": "改接口"})
    assert more.status_code == 201, more.text
    assert made["id"] in [line["id"] for line in office.approver.client.get("/api/v1/worklist").json()["duties"]]
    decision = {"is_granted": True, "comment": "同意"}
    done = office.approver.client.post(f"{address}/extension/decision", json=decision).json()
    assert (done["limit_days"], done["extension"]["decided_by"]) == (15, office.approver.actor.display_name)
    assert office.reviewer.client.get(address).json()["extension"]["reason"] == "改接口"
    for person in (department.editor, office.reviewer):
        assert made["id"] in [line["id"] for line in person.client.get("/api/v1/duty-changes?is_open=true").json()]
        assert made["id"] not in [line["id"] for line in person.client.get("/api/v1/duty-changes?is_open=false").json()]
    stranger = city.person(city.organisation(), Role.EDITOR)
    assert stranger.client.get(address).json()["code"] == "DUTY_CHANGE_NOT_FOUND"
    assert stranger.client.get("/api/v1/duty-changes").json() == []
    refused = stranger.client.post(f"{address}/extension", json={"days": 5, "reason": "x"})
    assert refused.json()["code"] == "DUTY_CHANGE_NOT_FOUND"


def test_a_term_that_ended_is_not_made_longer(department: Any, office: Any, publish: Any, city: Any) -> None:
    """What was asked in time and left undecided can still be refused."""
    ref = department.register()["id"]
    publish(department, ref)
    change_id = report(department.editor, ref).json()["id"]
    more = department.editor.client.post(
        f"/api/v1/duty-changes/{change_id}/extension", json={"days": 5, "reason": "改"}
    )
    assert more.status_code == 201, more.text
    decided: dict[str, Any] = {"comment": "期限已过", "now": datetime.now(UTC) + timedelta(days=60)}
    with city.app.state.sessions.begin() as session:
        with pytest.raises(DirectoryError, match="EXTENSION_CLOSED"):
            decide_extension(session, office.approver.actor, UUID(change_id), is_granted=True, **decided)
        decide_extension(session, office.approver.actor, UUID(change_id), is_granted=False, **decided)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"changed_on": (TODAY + timedelta(days=400)).isoformat()}, "DUTY_DAY_INVALID"),
        ({"changed_on": "0001-01-01"}, "DUTY_DAY_INVALID"),
        ({"changed_on": "9999-12-31"}, "DUTY_DAY_INVALID"),
        ({"refs": ["nowhere"]}, "RESOURCE_NOT_FOUND"),
        ({"refs": []}, "INPUT_MALFORMED"),
        ({"kind": "weather"}, "INPUT_MALFORMED"),
        ({"title": " "}, "INPUT_MALFORMED"),
        ({"title": "坏\x00字"}, "TEXT_NOT_STORABLE"),
    ],
)
def test_refused_by_name(department: Any, changes: dict[str, Any], code: str) -> None:
    ref = department.register()["id"]
    assert report(department.editor, ref, **changes).json()["code"] == code


def test_one_report_is_of_one_department_and_of_living_entries(
    department: Any, office: Any, publish: Any, move: Any, city: Any
) -> None:
    other = city.person(city.organisation(), Role.EDITOR)
    made = department.register()
    publish(department, made["id"])
    theirs = other.client.post(
        "/api/v1/resources", json=department.draft(provider={"name": other.actor.org_name})
    ).json()["id"]
    mixed = report(office.reviewer, made["id"], theirs).json()
    assert (mixed["code"], "同一部门" in mixed["detail"]) == ("DUTY_ENTRIES_INVALID", True)
    twice = report(office.reviewer, made["id"], made["identifier"].replace("/", "~"))
    assert twice.json()["entry_count"] == 1
    assert report(other, made["id"]).json()["code"] == "FORBIDDEN"
    assert report(department.head, made["id"]).json()["code"] == "FORBIDDEN"
    move(office.approver, made["id"], "withdrawn", "划走")
    assert report(department.editor, made["id"]).json()["code"] == "DUTY_ENTRIES_INVALID"


def test_nobody_consents_to_their_own_extension(department: Any, publish: Any, city: Any, directory_app: Any) -> None:
    ref = department.register()["id"]
    publish(department, ref)
    both = city.person(city.organisation(is_office=True), Role.OFFICE_REVIEWER, Role.OFFICE_APPROVER)
    made = report(both, ref).json()["id"]
    address = f"/api/v1/duty-changes/{made}/extension"
    undecided = both.client.post(f"{address}/decision", json={"is_granted": True})
    assert undecided.json()["code"] == "EXTENSION_DECIDED"
    both.client.post(address, json={"days": 2, "reason": "代报"})
    assert both.client.post(f"{address}/decision", json={"is_granted": True}).json()["code"] == "SELF_APPROVAL"
    itself = text(
        "UPDATE duty_extension SET is_granted = true, decided_by = requested_by, decided_at = now()"
        " WHERE change_id = :id"
    )
    with directory_app.state.sessions() as session, pytest.raises(IntegrityError, match="no_self_approval"):
        session.execute(itself, {"id": made})
    backdated = text("UPDATE duty_change SET changed_on = current_date WHERE id = :id")
    with directory_app.state.sessions() as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(backdated, {"id": made})


def test_it_is_reported_and_extended_on_pages(
    department: Any, office: Any, publish: Any, browser: Any, city: Any
) -> None:
    ref = department.register(title="户籍登记信息")["id"]
    publish(department, ref)
    editor = browser(department.editor)
    assert "户籍登记信息" in editor.get(f"/duties/new?ref={ref}").text
    typed = {"kind": "duty", "title": "户籍迁移划入", "changed_on": "哪天", "refs": ref}
    refused = editor.send("/duties/new", "/duties/new", **typed)
    assert refused.status_code == 422
    assert "请填写施行或变化之日" in refused.text
    assert 'value="户籍迁移划入"' in refused.text
    assert "checked" in refused.text
    early = editor.send("/duties/new", "/duties/new", **typed | {"changed_on": "1999-01-01"})
    assert "不在可计时的范围" in early.text
    sent = editor.send("/duties/new", "/duties/new", **typed | {"changed_on": TODAY.isoformat()})
    assert sent.status_code == 303, sent.text
    address = sent.headers["location"]
    shown = editor.get(address).text
    assert shown.count('<li class="') >= 11  # ten working days and the first one after
    assert "户籍登记信息" in shown
    assert "户籍迁移划入" in editor.get("/").text
    assert "户籍迁移划入" in editor.get("/approvals").text
    assert "户籍迁移划入" in editor.get("/duties").text
    assert "户籍迁移划入变了，这条目录要跟着改" in editor.get(f"/resources/{ref}").text
    no_reason = editor.send(address, address, act="ask", days="5", words="")
    assert no_reason.status_code == 409
    assert "COMMENT_REQUIRED" in no_reason.text
    nonsense = editor.send(address, address, act="ask", days="²", words="改接口")
    assert "EXTENSION_CLOSED" in nonsense.text
    assert "改接口" in nonsense.text
    assert editor.send(address, address, act="ask", days="5", words="改接口").status_code == 303
    approver = browser(office.approver)
    assert "户籍迁移划入" in approver.get("/").text
    assert "同意延期" in approver.get(address).text
    assert approver.send(address, address, act="refuse", words="").status_code == 409
    assert approver.send(address, address, act="grant", words="").status_code == 303
    assert "含经同意的延期" in editor.get(address).text
    reviewer = browser(office.reviewer)
    assert "请选择" in reviewer.get("/duties/new").text
    assert "户籍登记信息" in reviewer.get(f"/duties/new?org={department.code}").text


def test_what_is_late_is_named_with_its_situation_on_the_page(department: Any, publish: Any, city: Any) -> None:
    ref = department.register()["id"]
    publish(department, ref)
    made = report(department.editor, ref, changed_on=(TODAY - timedelta(days=60)).isoformat()).json()
    page = city.browser(department.editor.actor.username).get(f"/duties/{made['id']}").text
    assert "情形 P1 未按照要求编制或者更新政务数据目录（条例第三十九条）" in page

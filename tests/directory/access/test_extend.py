"""More time to reply: asked for once by the provider, decided by another at the office, seen by the requester."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from directory.access.permitted import legal_acts, permitted
from directory.access.queries import request_row
from directory.access.states import Act
from directory.clock.deadlines import due
from directory.clock.queries import calendar
from directory.errors import DirectoryError
from directory.roles import Role
from tests.directory.access.conftest import TO_ACCEPTED, Town, shown

ASKED = {"days": 5, "comment": "历史数据须先脱敏"}


def act(town: Town, who: str, request_id: str, to: str, **words: Any) -> Any:
    return town.people[who].client.post(f"/api/v1/requests/{request_id}/transitions", json={"to": to, **words})


def waiting(town: Town, who: str) -> list[str]:
    items = town.people[who].client.get("/api/v1/worklist").json()["items"]
    return [each["id"] for each in items]


def test_granted_it_moves_the_reply_and_the_requester_knows(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    before = shown(town, request_id)
    assert before["extension"] is None
    assert request_id not in waiting(town, "approver")
    asked = act(town, "lead", request_id, "extension_asked", **ASKED)
    assert asked.status_code == 200, asked.text
    assert (asked.json()["due_on"], asked.json()["state"]) == (before["due_on"], "submitted")
    assert "信息办负责人" in asked.json()["waits_for"]
    assert asked.json()["state_name"].endswith("；延期申请待信息办决定"), "the office reads why it is on its desk"
    assert request_id in waiting(town, "approver")
    assert request_id in waiting(town, "lead")  # the reply is still the provider's to give

    granted = act(town, "approver", request_id, "extended")
    assert granted.status_code == 200, granted.text
    after = shown(town, request_id)
    with town.city.app.state.sessions() as session:
        days = calendar(session)
    [term] = town.people["clerk"].client.get(f"/api/v1/requests/{request_id}/terms").json()["terms"]
    expected = due(date.fromisoformat(term["received_on"]), 15, days).due_on.isoformat()
    assert (after["due_on"], after["reply_due_on"], term["due_on"]) == (expected, expected, expected)
    assert (term["limit_days"], term["extension_days"]) == (15, 5)
    assert after["extension"]["is_granted"] is True
    assert after["extension"]["notified_at"] is not None
    assert [step["act"] for step in after["steps"]][-2:] == ["extension_asked", "extended"]
    assert request_id not in waiting(town, "approver")
    again = act(town, "lead", request_id, "extension_asked", **ASKED)
    assert (again.status_code, again.json()["code"]) == (409, "MOVE_ILLEGAL")
    assert act(town, "lead", request_id, "agreed").status_code == 200


def test_refused_the_term_stays(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    before = shown(town, request_id)
    assert act(town, "lead", request_id, "extension_asked", **ASKED).status_code == 200
    silent = act(town, "approver", request_id, "extension_refused")
    assert (silent.status_code, silent.json()["code"]) == (409, "COMMENT_REQUIRED")
    assert act(town, "approver", request_id, "extension_refused", comment="时间充裕").status_code == 200
    after = shown(town, request_id)
    assert (after["due_on"], after["extension"]["is_granted"]) == (before["due_on"], False)
    assert after["extension"]["notified_at"] is None
    again = act(town, "lead", request_id, "extension_asked", **ASKED)
    assert again.json()["code"] == "MOVE_ILLEGAL"


@pytest.mark.parametrize("days", [None, 11, 100])
def test_days_within_the_law(town: Town, resource: str, days: int | None) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    words = {"comment": "理由"} | ({} if days is None else {"days": days})
    refused = act(town, "lead", request_id, "extension_asked", **words)
    assert (refused.status_code, refused.json()["code"]) == (422, "EXTENSION_DAYS")
    assert shown(town, request_id)["extension"] is None


@pytest.mark.parametrize("comment", ["", " ", "\u200b\u200d", "——"])
def test_a_reason_can_be_read(town: Town, resource: str, comment: str) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    refused = act(town, "lead", request_id, "extension_asked", comment=comment, days=3)
    assert (refused.status_code, refused.json()["code"]) == (409, "COMMENT_REQUIRED")


@pytest.mark.parametrize("days", [0, -1, "x", "5", 1.5, True])
def test_days_that_are_none(town: Town, resource: str, days: Any) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    assert act(town, "lead", request_id, "extension_asked", comment="理由", days=days).status_code == 422


@pytest.mark.parametrize("who", ["clerk", "own_lead", "reviewer", "approver", "editor"])
def test_only_the_provider_asks(town: Town, resource: str, who: str) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    refused = act(town, who, request_id, "extension_asked", **ASKED)
    assert refused.status_code in {403, 404}


def test_nobody_consents_to_what_they_asked_for(town: Town, resource: str) -> None:
    both = town.city.person(town.orgs["provider"], Role.SHARING_LEAD)
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    transitions = f"/api/v1/requests/{request_id}/transitions"
    assert both.client.post(transitions, json={"to": "extension_asked", **ASKED}).status_code == 200
    decided = (
        "UPDATE request_extension"
        " SET is_granted = true, decided_by = requested_by, decided_at = now(), notified_at = now()"
        " WHERE request_id = :request"
    )
    with pytest.raises(IntegrityError, match="no_self_approval"), town.city.app.state.sessions.begin() as session:
        session.execute(text(decided), {"request": request_id})


def test_on_the_page(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    at = f"/requests/{request_id}"
    lead = town.city.browser(town.people["lead"].actor.username)
    refused = lead.send(at, at, to="extension_asked", days="三天", comment="历史数据须先脱敏")
    assert refused.status_code == 422
    assert "延期为 1 至 10 个工作日" in refused.text
    assert "三天" in refused.text
    assert "历史数据须先脱敏" in refused.text
    assert lead.send(at, at, to="extension_asked", days="3", comment="历史数据须先脱敏").status_code == 303
    office = town.city.browser(town.people["approver"].actor.username)
    assert "待信息办决定" in office.get(at).text
    assert at in office.get("/approvals").text
    assert office.send(at, at, to="extended").status_code == 303
    clerk = town.city.browser(town.people["clerk"].actor.username).get(at).text
    assert "同意延长 3 个工作日" in clerk


def overdue(town: Town, resource: str) -> str:
    """A request whose extension was asked for in time, and whose day of reply passed undecided."""
    then = datetime.now(UTC) - timedelta(days=60)
    request_id = town.endorsed_on(then, resource)
    with town.city.app.state.sessions.begin() as session:
        for number, (who, step) in enumerate((("clerk", Act.SUBMITTED), ("reviewer", Act.ACCEPTED)), start=1):
            town.decide(session, who, UUID(request_id), step, then + timedelta(hours=number))
        town.decide(session, "lead", UUID(request_id), Act.EXTENSION_ASKED, then + timedelta(days=1), **ASKED)
    return request_id


def test_what_is_overdue_is_not_made_longer_but_can_be_refused(town: Town, resource: str) -> None:
    """Silence was no consent; and the line leaves the office's worklist by the one act that is left."""
    request_id = overdue(town, resource)
    before = shown(town, request_id, "approver")
    assert (before["light"], before["acts"]) == ("red", ["extension_refused", "urged"])
    assert request_id in waiting(town, "approver")
    late = act(town, "approver", request_id, "extended")
    assert (late.status_code, late.json()["code"]) == (409, "EXTENSION_OVER")
    assert before["due_on"] in late.json()["detail"]
    at = f"/requests/{request_id}"
    office = town.city.browser(town.people["approver"].actor.username)
    page = office.get(at).text
    assert 'value="extension_refused"' in page
    assert 'value="extended"' not in page
    assert office.send(at, at, to="extended").status_code == 409
    assert office.send(at, at, to="extension_refused", comment="期限已过").status_code == 303
    after = shown(town, request_id, "approver")
    assert (after["due_on"], after["extension"]["is_granted"]) == (before["due_on"], False)
    assert request_id not in waiting(town, "approver")
    assert "extension_asked" not in shown(town, request_id, "lead")["acts"]
    assert act(town, "lead", request_id, "agreed").status_code == 200


def test_more_time_is_not_offered_once_it_is_too_late_to_ask(town: Town, resource: str) -> None:
    then = datetime.now(UTC) - timedelta(days=60)
    request_id = town.endorsed_on(then, resource)
    with town.city.app.state.sessions.begin() as session:
        for who, step in (("clerk", Act.SUBMITTED), ("reviewer", Act.ACCEPTED)):
            town.decide(session, who, UUID(request_id), step, then)
    assert "extension_asked" not in shown(town, request_id, "lead")["acts"]
    late = act(town, "lead", request_id, "extension_asked", **ASKED)
    assert (late.status_code, late.json()["code"]) == (409, "EXTENSION_LATE")


def test_who_asked_is_not_offered_to_decide_in_another_role(town: Town, resource: str) -> None:
    """As the lead of the office would be who is its approver too, where the office is asked."""
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    assert act(town, "lead", request_id, "extension_asked", **ASKED).status_code == 200
    approver, lead = town.people["approver"].actor, town.people["lead"].actor
    with town.city.app.state.sessions() as session:
        row = request_row(session, approver, UUID(request_id))
        both = replace(approver, account_id=lead.account_id)
        assert {"extended", "extension_refused"} <= set(legal_acts(session, approver, row))
        assert not {"extended", "extension_refused"} & set(legal_acts(session, both, row))
        with pytest.raises(DirectoryError, match="SELF_APPROVAL"):
            permitted(session, both, row, Act.EXTENDED)

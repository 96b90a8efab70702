"""A use suspended with a term for putting right: on the worklist and under supervision with its light, and its end."""

from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

from directory.access.states import Act
from directory.clock.deadlines import day_of
from directory.rectifications.queries import supervised, waiting
from tests.directory.access.conftest import Town, first_rows, in_use, receipt, refused, resource, shown, town

__all__ = ["first_rows", "in_use", "receipt", "resource", "town"]


def today() -> date:
    return day_of(datetime.now(UTC))


def suspended(town: Town, request_id: str, days: int = 30) -> date:
    until = today() + timedelta(days=days)
    grant_id = shown(town, request_id)["grant_id"]
    said = {"to": "suspended", "comment": "超出用途，限期整改", "until": until.isoformat()}
    answer = town.people["lead"].client.post(f"/api/v1/grants/{grant_id}/transitions", json=said)
    assert answer.status_code == 200, answer.text
    return until


def on_lists(town: Town, request_id: str) -> set[str]:
    """Whose worklist it is on."""
    found = set()
    for who in ("own_lead", "lead", "approver", "clerk", "reviewer", "outside_lead"):
        items = town.people[who].client.get("/api/v1/worklist").json()["rectifications"]
        found |= {who for each in items if each["id"] == request_id}
    return found


def terminate(town: Town, request_id: str, who: str = "approver") -> Any:
    grant_id = shown(town, request_id)["grant_id"]
    said = {"to": "terminated", "comment": "逾期未改"}
    return town.people[who].client.post(f"/api/v1/grants/{grant_id}/transitions", json=said)


def test_the_requester_reports_then_the_others_decide(town: Town, resource: str, in_use: Any) -> None:
    request_id = in_use(resource)
    before = town.people["own_lead"].client.get("/api/v1/worklist").json()["counts"]["todo"]
    until = suspended(town, request_id)
    assert on_lists(town, request_id) == {"own_lead"}
    listed = town.people["own_lead"].client.get("/api/v1/worklist").json()
    [mine] = [each for each in listed["rectifications"] if each["id"] == request_id]
    assert (mine["until"], mine["light"], mine["is_reported"]) == (until.isoformat(), "green", False)
    assert listed["counts"]["todo"] == before + 1
    for who in ("reviewer", "lead"):
        watched = town.people[who].client.get("/api/v1/supervision").json()["rectifications"]
        assert request_id in [each["id"] for each in watched]
    page = unescape(town.city.browser(town.people["own_lead"].actor.username).get("/approvals").text)
    assert "限期整改" in page
    assert f"/requests/{request_id}#suspension" in page
    assert refused(terminate(town, request_id), 409, "RECTIFICATION_RUNS")  # a term that was set is kept
    reported = town.act("own_lead", request_id, "rectified", comment="已清理并加了控制")
    assert reported.status_code == 200, reported.text
    assert on_lists(town, request_id) == {"lead", "approver"}
    assert terminate(town, request_id).status_code == 200
    assert on_lists(town, request_id) == set()


def test_what_is_not_put_right_in_time_can_be_terminated(town: Town, resource: str, in_use: Any) -> None:
    request_id = UUID(in_use(resource))
    until, later = suspended(town, str(request_id), 8), datetime.now(UTC) + timedelta(days=12)
    with town.city.app.state.sessions() as session:
        people, end = town.people, day_of(later)
        for who, is_theirs in (("lead", True), ("approver", True), ("own_lead", True), ("outside_lead", False)):
            waits = {each.id: each for each in waiting(session, people[who].actor, end)}
            assert (request_id in waits) is is_theirs, who
        assert (waits := {each.id: each for each in supervised(session, people["reviewer"].actor, end)})
        assert (waits[request_id].light, waits[request_id].until) == ("red", until)
        assert waits[request_id].late_days > 0
        half = supervised(session, people["reviewer"].actor, until)
        assert [each.light for each in half if each.id == request_id] == ["amber"]
        town.decide(session, "approver", request_id, Act.TERMINATED, later, comment="逾期未改")  # no longer refused
        session.rollback()


def test_without_a_term_nobody_is_counted(town: Town, resource: str, in_use: Any) -> None:
    request_id = in_use(resource)
    grant_id = shown(town, request_id)["grant_id"]
    said = {"to": "suspended", "comment": "核查"}
    path = f"/api/v1/grants/{grant_id}/transitions"
    assert town.people["lead"].client.post(path, json=said).status_code == 200
    assert on_lists(town, request_id) == set()
    assert terminate(town, request_id).status_code == 200


def test_the_requester_may_end_its_own_use_meanwhile(town: Town, resource: str, in_use: Any) -> None:
    request_id = in_use(resource)
    suspended(town, request_id)
    assert terminate(town, request_id, "own_lead").status_code == 200

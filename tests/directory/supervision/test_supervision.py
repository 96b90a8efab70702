"""Supervision: lights as the requests' own pages show them, late ones under their situation, urging on record."""

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from directory.access.states import Act
from directory.clock.deadlines import SHANGHAI
from directory.roles import Role
from tests.directory.access.conftest import TO_ACCEPTED, TO_AGREED, Town, resource, town

__all__ = ["resource", "town"]

LONG_AGO = datetime(2025, 9, 30, 10, tzinfo=SHANGHAI)


def supervised(town: Town, who: str = "reviewer", **asked: Any) -> dict[str, Any]:
    answer = town.people[who].client.get("/api/v1/supervision", params=asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture(scope="module")
def late(town: Town, resource: str) -> str:
    """A request that has waited for its answer since 2025."""
    request_id = town.endorsed_on(LONG_AGO, resource)
    with town.city.app.state.sessions.begin() as session:
        for who, act in (("clerk", Act.SUBMITTED), ("reviewer", Act.ACCEPTED)):
            town.decide(session, who, UUID(request_id), act, LONG_AGO)
    return request_id


@pytest.fixture(scope="module")
def running(town: Town, resource: str) -> list[str]:
    return [town.bring_to(resource, *TO_ACCEPTED), town.bring_to(resource, *TO_AGREED)]


def test_lights_are_those_of_the_requests(town: Town, late: str, running: list[str]) -> None:
    found = supervised(town)
    shown = {each["id"]: each for each in found["items"]}
    assert {late, *running} <= shown.keys()
    for request_id, each in shown.items():
        own = town.people["reviewer"].client.get(f"/api/v1/requests/{request_id}").json()
        assert (each["light"], each["due_on"], each["state"]) == (own["light"], own["due_on"], own["state"])
    assert [each["due_on"] for each in found["items"]] == sorted(each["due_on"] for each in found["items"])
    counted = Counter((each["provider_org"], each["light"]) for each in found["items"])
    for each in found["departments"]:
        assert [each[colour] for colour in ("green", "amber", "red")] == [
            counted[each["org_code"], colour] for colour in ("green", "amber", "red")
        ]
    assert found["total"] == len(found["items"])


def test_a_late_one_is_filed_and_stays(town: Town, late: str) -> None:
    [each] = supervised(town, light="red")["items"]
    assert (each["id"], each["situation"]) == (late, "P4")
    assert "未按时答复申请" in each["situation_name"]
    assert each["late_days"] > 200
    assert each["state"] == "submitted"  # silence is neither consent nor refusal


@pytest.mark.parametrize("light", ["green", "amber", "red"])
def test_by_light(town: Town, late: str, running: list[str], light: str) -> None:
    every = [each for each in supervised(town)["items"] if each["light"] == light]
    found = supervised(town, light=light)
    assert (found["items"], found["total"]) == (every, len(every))


def test_page_by_page_nothing_is_lost(town: Town, late: str, running: list[str]) -> None:
    every, found, after = supervised(town)["items"], [], ""
    while True:
        page = supervised(town, size=1, after=after)
        found += page["items"]
        if page["next"] is None:
            break
        after = page["next"]
    assert found == every
    bad = town.people["reviewer"].client.get("/api/v1/supervision", params={"after": "2026-01-01~x"})
    assert bad.json()["code"] == "CURSOR_INVALID"


def test_who_sees_what(town: Town, late: str) -> None:
    assert {each["id"] for each in supervised(town, "lead")["items"]} >= {late}
    assert supervised(town, "own_lead")["items"] == []  # the requester answers nothing here
    assert supervised(town, "outside_lead")["departments"] == []
    assert {each["id"] for each in supervised(town, "auditor")["items"]} >= {late}
    for role in (Role.EDITOR, Role.REQUESTER, Role.SYSTEM_ADMIN, Role.OPERATOR):
        person = town.city.person(town.orgs["provider"], role)
        assert person.client.get("/api/v1/supervision").status_code == 403


def test_urging_is_on_record(town: Town, late: str) -> None:
    silent = town.act("reviewer", late, "urged")
    assert silent.json()["code"] == "COMMENT_REQUIRED"
    assert town.act("lead", late, "urged", comment="快办").status_code == 403
    answer = town.act("reviewer", late, "urged", comment="已超期，请于三日内答复")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["light"]) == ("submitted", "red")
    assert answer.json()["steps"][-1]["act"] == "urged"
    [each] = supervised(town, light="red")["items"]
    assert each["urged"] == 1
    page = town.city.browser(town.people["lead"].actor.username).get(f"/requests/{late}").text
    assert "请于三日内答复" in page


def test_the_page(town: Town, late: str, running: list[str]) -> None:
    browser = town.city.browser(town.people["reviewer"].actor.username)
    page = browser.get("/supervision").text
    assert f'href="/requests/{late}"' in page
    assert "情形 P4" in page
    assert f'href="/requests/{late}"' not in browser.get("/supervision?light=green").text
    assert browser.get("/supervision?light=purple").status_code == 422
    clerk = town.city.browser(town.people["clerk"].actor.username)
    assert clerk.get("/supervision").status_code == 403
    assert "/supervision" not in clerk.get("/").text


def test_answered_late_is_counted_against_the_department(town: Town, late: str, running: list[str]) -> None:
    assert town.act("lead", late, "refused", reason="涉及正在侦查的案件").status_code == 200
    [department] = supervised(town, "lead")["departments"]
    assert (department["red"], department["ended_late"]) == (0, 1)
    assert department["ended"] >= 2

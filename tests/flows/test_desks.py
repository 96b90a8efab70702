"""Whoever signs in after the demo finds something to do, left by the same verbs as everything else; nothing twice."""

from datetime import datetime
from typing import Any

import pytest

from hutong.demo.catalogue import ENTRIES
from hutong.demo.catalogue_story import publish
from hutong.demo.leftovers import leave
from hutong.demo.passwords import PasswordFile
from hutong.demo.people import People
from hutong.demo.run import CHINA, TERM
from hutong.demo.tour import TOUR
from tests.flows.conftest import City

_LEFT = {
    "renshe.jingban": {"requests": {"req_approved"}, "uses": {"first_delivery"}},
    "renshe.gongxiang": {"requests": {"draft"}},
    "gongan.bianmu": {"entries": {"head_approved"}, "duties": {"department"}},
    "gongan.gongxiang": {"requests": {"submitted/provider"}, "matters": {"correction"}},
    "xinxiban.shenhe": {"requests": {"submitted/acceptance"}},
    "xinxiban.juzhang": {"requests": {"submitted/office"}},
    "xinxiban.xitong": {"upkeep": {"部门待确认"}},
}
"""What waits on each desk that the demo names, by kind."""


def desk(city: City, username: str) -> dict[str, Any]:
    with city.signed_in(username) as client:
        found: dict[str, Any] = client.get("/api/v1/worklist").json()
    return found


def kinds(found: dict[str, Any]) -> dict[str, set[str]]:
    return {
        "requests": {each["state"] + (f"/{each['stage']}" if each["stage"] else "") for each in found["items"]},
        "uses": {each["occasion"] for each in found["uses"]},
        "entries": {each["status"] for each in found["entries"]},
        "duties": {each["state"] for each in found["duties"]},
        "matters": {each["kind"] for each in found["matters"]},
        "upkeep": {each["name"] for each in found["upkeep"] if each["count"]},
    }


def counted(found: dict[str, Any]) -> tuple[Any, ...]:
    """How much stands on a desk; nodes fall silent by themselves."""
    kept = {each["name"]: each["count"] for each in found["upkeep"] if "节点" not in each["name"]}
    return found["counts"], found["entries_total"], len(found["duties"]), len(found["matters"]), kept


def test_the_demo_names_these_desks() -> None:
    assert set(_LEFT) == {department.username(role) for department, role, _ in TOUR}


@pytest.mark.parametrize("username", _LEFT)
def test_something_waits_for(city: City, username: str) -> None:
    found = kinds(desk(city, username))
    for kind, wanted in _LEFT[username].items():
        assert wanted <= found[kind], kind


def test_clocks_run_on_what_was_left_and_one_is_nearly_over_or_goes_on(city: City) -> None:
    """The duty took effect before it was reported, so that its term is not new; a long holiday can keep it green."""
    lead = desk(city, "gongan.gongxiang")
    assert all(each["due_on"] and each["light"] == "green" for each in [*lead["items"], *lead["matters"]])
    (duty,) = desk(city, "gongan.bianmu")["duties"]
    assert duty["changed_on"] < duty["reported_at"][:10]
    assert duty["light"] in ("amber", "green")


def test_none_of_it_counts_as_the_main_job(city: City) -> None:
    assert (city.report["requests"], city.report["grants"]) == (4, 4)
    assert (city.report["resources"]["published"], city.report["resources"]["registered"]) == (4, 7)


def test_a_second_run_leaves_nothing_twice(city: City) -> None:
    """Also where somebody has taken it further meanwhile: what was begun is theirs."""
    with city.signed_in("renshe.gongxiang") as client:
        (draft,) = [each for each in client.get("/api/v1/worklist").json()["items"] if "法人" in each["resource_title"]]
        moved = client.post(
            f"/api/v1/requests/{draft['id']}/transitions", json={"to": "req_approved", "comment": "同意。"}
        )
        assert moved.status_code == 200, moved.text
    before = {username: counted(desk(city, username)) for username in _LEFT}
    today = datetime.now(CHINA).date()
    with People(city.url, PasswordFile(city.home / "demo" / "passwords.json")) as people:
        leave(people, {each.title: publish(people, each, today) for each in ENTRIES}, today, today + TERM)
    assert {username: counted(desk(city, username)) for username in _LEFT} == before

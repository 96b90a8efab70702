"""Entering a notice moves the terms that are running, and nothing else; through API and pages."""

from datetime import date, timedelta
from typing import Any

import pytest

from directory.clock.deadlines import Calendar, due
from directory.clock.queries import calendar
from directory.holidays.notice import covers
from directory.roles import Role
from tests.directory.access.conftest import TO_ACCEPTED, Town
from tests.directory.access.conftest import shown as request_of


def year_of(day: date) -> int:
    """The year whose notice speaks of this day."""
    return day.year if day <= covers(day.year)[1] else day.year + 1


def lists_of(administrator: Any, year: int) -> dict[str, Any]:
    """The notice that stands, as it is sent again."""
    answer = administrator.client.get(f"/api/v1/holidays/{year}")
    if answer.status_code == 404:
        return {"source": "通知", "off": [], "make_up": []}
    return {name: value for name, value in answer.json().items() if name != "year"}


def with_off(lists: dict[str, Any], day: date) -> dict[str, Any]:
    return lists | {
        "off": [*lists["off"], {"day": day.isoformat(), "name": "临时放假"}],
        "make_up": [each for each in lists["make_up"] if each["day"] != day.isoformat()],
    }


def days_of(town: Town) -> Calendar:
    with town.city.app.state.sessions() as session:
        return calendar(session)


def test_a_day_more_moves_the_reply_by_one_working_day(town: Town, resource: str, administrator: Any) -> None:
    running = town.bring_to(resource, *TO_ACCEPTED)
    answered = town.bring_to(resource, *TO_ACCEPTED)
    assert town.act("lead", answered, "refused", reason="涉及正在侦查的案件").status_code == 200
    before = request_of(town, running)
    was = date.fromisoformat(before["due_on"])
    year = year_of(was)
    lists = lists_of(administrator, year)
    path = f"/api/v1/holidays/{year}"

    shown = administrator.client.put(f"{path}?dry_run=true", json=with_off(lists, was)).json()
    assert (shown["is_saved"], [each["id"] for each in shown["moved"]]) == (False, [running])
    assert request_of(town, running) == before

    saved = administrator.client.put(path, json=with_off(lists, was))
    assert saved.status_code == 200, saved.text
    assert saved.json()["moved"] == shown["moved"]
    after = request_of(town, running)
    [moved] = shown["moved"]
    assert (moved["was_due_on"], moved["due_on"]) == (before["due_on"], after["due_on"])
    assert after["due_on"] == after["reply_due_on"] > before["due_on"]
    expected = due(date.fromisoformat(moved["counted_from"]), moved["limit_days"], days_of(town))
    assert date.fromisoformat(after["due_on"]) == expected.due_on
    assert request_of(town, answered)["reply_due_on"] == before["reply_due_on"]

    again = administrator.client.put(path, json=with_off(lists, was)).json()
    assert again["moved"] == []


def test_a_make_up_day_brings_it_forward_again(town: Town, resource: str, administrator: Any) -> None:
    running = town.bring_to(resource, *TO_ACCEPTED)
    was = date.fromisoformat(request_of(town, running)["due_on"])
    days = days_of(town)
    counted = (was - timedelta(days=n) for n in range(1, 14))
    weekend = next(day for day in counted if day.weekday() > 4 and day not in days.make_up_days)
    year = year_of(weekend)
    lists = lists_of(administrator, year)
    lists["off"] = [each for each in lists["off"] if each["day"] != weekend.isoformat()]
    lists["off"] = lists["off"] or [{"day": covers(year)[1].isoformat(), "name": "节"}]
    lists["make_up"] = [*lists["make_up"], {"day": weekend.isoformat(), "name": ""}]
    answer = administrator.client.put(f"/api/v1/holidays/{year}", json=lists)
    assert answer.status_code == 200, answer.text
    assert date.fromisoformat(request_of(town, running)["due_on"]) < was


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM_ADMIN])
def test_only_the_system_administrator_enters(role: Role, town: Town) -> None:
    person = town.city.person(town.orgs["office"], role)
    body = {"source": "通知", "off": [{"day": "2027-01-01", "name": "元旦"}], "make_up": []}
    assert person.client.put("/api/v1/holidays/2027", json=body).status_code == 403
    assert person.client.put("/api/v1/holidays/2027?dry_run=true", json=body).status_code == 403
    browser = town.city.browser(person.actor.username)
    assert browser.get("/holidays/2027/enter").status_code == 403
    assert browser.get("/holidays/2027").status_code == 200


@pytest.mark.parametrize(
    ("year", "off", "status", "code"),
    [
        (1999, ["1999-01-01"], 422, "HOLIDAYS_YEAR"),
        (2090, ["2090-01-01"], 422, "HOLIDAYS_YEAR"),
        (2026, [], 422, "HOLIDAYS_INVALID"),
        (2026, ["2025-10-01"], 422, "HOLIDAYS_INVALID"),
        (2026, ["2026-01-01", "2026-01-01"], 422, "HOLIDAYS_INVALID"),
        (2026, ["2026-02-30"], 422, "INPUT_MALFORMED"),
    ],
)
def test_what_is_refused(year: int, off: list[str], status: int, code: str, administrator: Any) -> None:
    body = {"source": "通知", "off": [{"day": day} for day in off], "make_up": []}
    answer = administrator.client.put(f"/api/v1/holidays/{year}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_pages_show_what_moves_before_it_is_saved(town: Town, resource: str, administrator: Any) -> None:
    running = town.bring_to(resource, *TO_ACCEPTED)
    was = date.fromisoformat(request_of(town, running)["due_on"])
    year = year_of(was)
    browser = town.city.browser(administrator.actor.username)
    lists = lists_of(administrator, year)
    spelled = {
        "source": "国办发明电〔2026〕1 号",
        "off": "\n".join(f"{each['day']}" for each in with_off(lists, was)["off"]),
        "make_up": "\n".join(each["day"] for each in with_off(lists, was)["make_up"]),
    }
    at = f"/holidays/{year}/enter"

    refused = browser.send(at, at, do="save", **(spelled | {"make_up": "2月30日"}))
    assert refused.status_code == 422
    assert "2月30日" in refused.text
    assert spelled["source"] in refused.text

    shown = browser.send(at, at, do="preview", **spelled)
    assert shown.status_code == 200
    assert f"/requests/{running}" in shown.text
    assert request_of(town, running)["due_on"] == was.isoformat()

    saved = browser.send(at, at, do="save", **spelled)
    assert saved.status_code == 303
    after = browser.get(saved.headers["location"]).text
    assert "放假安排已保存" in after
    assert spelled["source"] in after
    assert request_of(town, running)["due_on"] > was.isoformat()


def test_a_year_not_entered_says_so(administrator: Any, town: Town) -> None:
    answer = administrator.client.get("/api/v1/holidays/2090")
    assert (answer.status_code, answer.json()["code"]) == (404, "HOLIDAYS_UNKNOWN")
    assert "尚未录入" in town.city.browser(administrator.actor.username).get("/holidays/2090").text

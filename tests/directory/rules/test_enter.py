"""A local limit shortens what is received from its day on, and nothing can make a term longer."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.clock.deadlines import LocalLimit, day_of, rules_on
from directory.clock.queries import rules
from tests.directory.access.conftest import TO_ACCEPTED, Town, resource, town

__all__ = ["resource", "town"]

BODY = {"rule_id": "REPLY_CONDITIONAL", "limit_days": 5, "extension_days": 2, "basis": "示例市〔2026〕3 号"}
LIMITS = st.builds(LocalLimit, st.sampled_from(sorted(rules())), st.dates(), st.integers(1, 100), st.integers(0, 100))


def today() -> date:
    return day_of(datetime.now(UTC))


@given(st.dates(), st.lists(LIMITS, max_size=8))
def test_no_local_limit_makes_a_term_longer(day: date, local: list[LocalLimit]) -> None:
    found = rules_on(day, rules(), local)
    assert found.keys() == rules().keys()
    for rule_id, national in rules().items():
        assert found[rule_id].limit_days <= national.limit_days
        assert found[rule_id].extension_days <= national.extension_days
        if not any(each.rule_id == rule_id and each.effective_on <= day for each in local):
            assert found[rule_id] == national


def test_the_latest_that_holds_counts() -> None:
    local = [LocalLimit("PROVIDE", date(2027, month, 1), days, 0) for month, days in ((3, 15), (1, 5))]
    limits = [rules_on(date(2027, month, 15), rules(), local)["PROVIDE"].limit_days for month in (2, 3)]
    assert (limits, rules_on(date(2026, 12, 31), rules(), local)["PROVIDE"].limit_days) == ([5, 15], 20)


def test_what_is_received_from_then_on_is_due_sooner(town: Town, resource: str) -> None:
    running = town.bring_to(resource, *TO_ACCEPTED)
    clerk, approver = town.people["clerk"].client, town.people["approver"].client
    before = clerk.get(f"/api/v1/requests/{running}").json()
    later = BODY | {"effective_on": (today() + timedelta(days=30)).isoformat(), "limit_days": 3}
    for body in (BODY | {"effective_on": today().isoformat()}, later):
        assert approver.post("/api/v1/rules", json=body).status_code == 201
    assert clerk.get(f"/api/v1/requests/{running}").json() == before

    sooner = town.bring_to(resource, *TO_ACCEPTED)
    [term] = clerk.get(f"/api/v1/requests/{sooner}/terms").json()["terms"]
    assert (term["limit_days"], term["due_on"] < before["due_on"]) == (5, True)
    asked = {"to": "extension_asked", "comment": "理由", "days": 3}
    refused = town.people["lead"].client.post(f"/api/v1/requests/{sooner}/transitions", json=asked)
    assert refused.json()["code"] == "EXTENSION_DAYS"

    line = next(each for each in clerk.get("/api/v1/rules").json() if each["rule_id"] == "REPLY_CONDITIONAL")
    assert (line["national_limit_days"], line["limit_days"], line["basis"]) == (10, 5, BODY["basis"])
    assert [each["limit_days"] for each in line["coming"]] == [3]
    shown = town.city.browser(town.people["clerk"].actor.username).get("/rules").text
    assert BODY["basis"] in shown
    assert "录入本地期限" not in shown


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"limit_days": 11}, 422, "RULE_LONGER"),
        ({"limit_days": 0}, 422, "RULE_LONGER"),
        ({"extension_days": 11}, 422, "RULE_LONGER"),
        ({"rule_id": "NAP"}, 422, "RULE_UNKNOWN"),
        ({"effective_on": "2026-01-01"}, 422, "RULE_PAST"),
        ({"basis": "  "}, 409, "COMMENT_REQUIRED"),
        ({"surprise": 1}, 422, "INPUT_MALFORMED"),
    ],
)
def test_what_is_refused(town: Town, changes: dict[str, Any], status: int, code: str) -> None:
    body = BODY | {"effective_on": (today() + timedelta(days=90)).isoformat()} | changes
    answer = town.people["approver"].client.post("/api/v1/rules", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert town.people["clerk"].client.post("/api/v1/rules", json=body).status_code in {403, 422}


def test_once_entered_it_stays(town: Town) -> None:
    body = BODY | {"effective_on": (today() + timedelta(days=60)).isoformat()}
    approver = town.people["approver"].client
    assert approver.post("/api/v1/rules", json=body).status_code == 201
    assert approver.post("/api/v1/rules", json=body | {"limit_days": 4}).json()["code"] == "RULE_TAKEN"


def test_the_form_keeps_what_was_typed(town: Town) -> None:
    browser = town.city.browser(town.people["approver"].actor.username)
    later = (day_of(datetime.now(UTC)) + timedelta(days=700)).isoformat()
    typed = {"rule_id": "PROVIDE", "limit_days": "二十", "effective_on": later, "basis": "示例市〔2026〕9 号"}
    refused = browser.send("/rules", "/rules", **typed)
    assert refused.status_code == 422
    assert all(word in refused.text for word in ("二十", later, typed["basis"], "只能缩短"))
    far = browser.send("/rules", "/rules", **(typed | {"limit_days": "8", "effective_on": "9999-12-31"}))
    assert (far.status_code, "太远了，最晚填" in far.text) == (422, True)
    assert browser.send("/rules", "/rules", **(typed | {"limit_days": "8"})).status_code == 303
    assert f"{later} 起 8" in browser.get("/rules").text

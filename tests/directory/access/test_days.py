"""Days that pass, clocks that jump and calendars with holes: what a request says then, and what it refuses."""

from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete

from directory.access.drafting import amend
from directory.access.expiry import end
from directory.access.moments import TOLERANCE
from directory.access.queries import locked
from directory.access.renewal import ABANDONED, REPLACED, renew
from directory.access.states import Act
from directory.access.views import view
from directory.briefs.brief import brief
from directory.clock.deadlines import Calendar, day_of, due, light
from directory.clock.models import CalendarYear
from directory.errors import DirectoryError
from metadata.access import AccessRequest
from tests.directory.access.conftest import (
    CERTIFICATE,
    TO_ACCEPTED,
    TO_ENDORSED,
    TO_SUBMITTED,
    Town,
    refused,
    shown,
)


def ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def today() -> date:
    return day_of(datetime.now(UTC))


def passed(town: Town, resource: str, *acts: tuple[str, Act], until: int = 1) -> str:
    """A request of a month ago whose own last day has passed while it waited; its id."""
    last = (today() - timedelta(days=until)).isoformat()
    request_id = town.endorsed_on(ago(30), resource, valid_until=last)
    with town.city.app.state.sessions.begin() as session:
        for number, (who, act) in enumerate(acts):
            town.decide(session, who, UUID(request_id), act, ago(29 - number))
    return request_id


SUBMITTED, ACCEPTED = ("clerk", Act.SUBMITTED), ("reviewer", Act.ACCEPTED)


def test_a_term_that_ran_out_meanwhile_is_asked_for_anew(town: Town, resource: str) -> None:
    request_id = passed(town, resource, SUBMITTED, ACCEPTED)
    assert refused(town.act("lead", request_id, "agreed"), 409, "TERM_OVER")
    assert shown(town, request_id)["is_term_over"] is True
    for who, words in (("clerk", "等补正通知"), ("lead", "只列使用时限")):
        page = unescape(town.city.browser(town.people[who].actor.username).get(f"/requests/{request_id}").text)
        assert words in page, who
    assert town.people["lead"].client.get(f"/api/v1/requests/{request_id}/brief").json()["is_term_over"] is True
    asking = {"comment": "请填报新的使用时限"}
    late = town.act("lead", request_id, "supplement_asked", missing=["papers", "valid_until"], **asking)
    assert refused(late, 409, "SUPPLEMENT_LATE")
    lead, at = town.city.browser(town.people["lead"].actor.username), f"/requests/{request_id}"
    assert 'name="sole" value="valid_until"' in lead.get(at).text, "there is nothing to choose"
    untouched = lead.send(at, at, to="refused", sole="valid_until", comment="不予共享")
    assert 'id="reason-e"' in untouched.text, "what the form says of itself is no answer to another choice"
    assert lead.send(at, at, to="supplement_asked", sole="valid_until", **asking).status_code == 303
    assert shown(town, request_id)["steps"][-1]["missing"] == ["valid_until"]
    clerk = town.people["clerk"].client
    assert clerk.put(f"/api/v1/requests/{request_id}", json=town.asks(resource)).status_code == 200
    for who, to in (*TO_ACCEPTED, ("lead", "agreed")):
        answer = town.act(who, request_id, to)
        assert answer.status_code == 200, answer.text
    assert shown(town, request_id)["state"] == "agreed"


def test_a_second_notice_may_ask_for_a_term_that_ran_out_since(town: Town, resource: str) -> None:
    request_id = passed(town, resource, SUBMITTED, until=20)
    yesterday = (today() - timedelta(days=1)).isoformat()
    text = AccessRequest.model_validate(town.asks(resource, valid_until=yesterday))
    missing: dict[str, Any] = {"missing": ["valid_until"], "comment": "请写明时限"}
    with town.city.app.state.sessions.begin() as session:
        town.decide(session, "reviewer", UUID(request_id), Act.SUPPLEMENT_ASKED, ago(28), **missing)
        amend(session, town.people["clerk"].actor, UUID(request_id), text, ago(27))
        for number, (who, act) in enumerate((("own_lead", Act.REQ_APPROVED), SUBMITTED)):
            town.decide(session, who, UUID(request_id), act, ago(26 - number))
    assert refused(town.act("reviewer", request_id, "accepted"), 409, "TERM_OVER")
    assert town.act("reviewer", request_id, "supplement_asked", **missing).status_code == 200


def test_a_provider_asks_for_nothing_while_there_is_time(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    asked = town.act("lead", request_id, "supplement_asked", missing=["valid_until"], comment="请补")
    assert refused(asked, 409, "MOVE_ILLEGAL")


def test_drafts_are_discarded_and_come_to_nothing(town: Town, resource: str) -> None:
    for acts, who in (((), "clerk"), (TO_ENDORSED, "own_lead"), (TO_ENDORSED, "clerk")):
        request_id = town.bring_to(resource, *acts)
        page = town.city.browser(town.people[who].actor.username)
        assert 'id="discard"' in page.get(f"/requests/{request_id}").text
        assert page.send(f"/requests/{request_id}", f"/requests/{request_id}", to="discarded").status_code == 303
        after = shown(town, request_id)
        assert (after["state_name"], after["acts"], after["waits_for"]) == ("已作废", [], [])
    request_id = town.bring_to(resource, *TO_SUBMITTED)
    assert refused(town.act("clerk", request_id, "discarded"), 409, "MOVE_ILLEGAL")  # it is with others now
    assert refused(town.act("second_clerk", town.bring_to(resource), "discarded"), 403, "FORBIDDEN")


def test_an_abandoned_draft_of_a_colleague_blocks_no_renewal(town: Town, resource: str, in_use: Any) -> None:
    first = in_use(resource)
    later = (today() + timedelta(days=700)).isoformat()
    address, body = f"/api/v1/requests/{first}/renewals", town.asks(resource, valid_until=later)
    lying = town.people["clerk"].client.post(address, json=body).json()["id"]
    colleague = town.people["second_clerk"].client
    assert refused(colleague.post(address, json=body), 409, "RENEWAL_OPEN")  # somebody may be working on it
    assert town.act("own_lead", lying, "discarded").status_code == 200
    assert colleague.post(address, json=body).status_code == 201
    other = UUID(in_use(resource))
    text = AccessRequest.model_validate(body)
    with town.city.app.state.sessions.begin() as session:
        let_lie = renew(session, town.people["second_clerk"].actor, other, text, datetime.now(UTC) - ABANDONED * 2).id
    made = town.people["clerk"].client.post(f"/api/v1/requests/{other}/renewals", json=body)
    assert made.status_code == 201, made.text
    left = town.people["second_clerk"].client.get(f"/api/v1/requests/{let_lie}").json()
    assert (left["state"], left["steps"][-1]["comment"]) == ("discarded", REPLACED)


def test_a_clock_put_back_neither_reorders_steps_nor_counts_wrong_terms(town: Town, resource: str) -> None:
    request_id = UUID(town.bring_to(resource, *TO_ENDORSED))
    with town.city.app.state.sessions() as session:
        steps = view(session, town.people["clerk"].actor, request_id, today()).steps
        for jump in (TOLERANCE + timedelta(minutes=1), timedelta(days=400)):
            with pytest.raises(DirectoryError) as found:
                town.decide(session, "clerk", request_id, Act.SUBMITTED, steps[-1].at - jump)
            assert found.value.code == "CLOCK_BEHIND"
        town.decide(session, "clerk", request_id, Act.SUBMITTED, steps[-1].at - TOLERANCE)  # two servers' clocks
        after = view(session, town.people["clerk"].actor, request_id, today())
        assert after.steps[-1].at == steps[-1].at
        assert after.submitted_at == steps[-1].at
        session.rollback()


def test_nor_does_the_day_end_a_use_before_its_last_step(town: Town, resource: str, in_use: Any) -> None:
    request_id = UUID(in_use(resource))
    with town.city.app.state.sessions() as session:
        lead = town.people["lead"].actor
        row = locked(session, lead, request_id)
        assert end(session, town.city.app.state.directory_key, row, ago(3))
        moments = [step.at for step in view(session, lead, request_id, today()).steps]
        assert moments == sorted(moments)
        session.rollback()


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "yesterday", "today"])
def test_days_that_are_past_are_refused_in_words(town: Town, resource: str, in_use: Any, day: str) -> None:
    past = {"yesterday": today() - timedelta(days=1), "today": today()}.get(day)
    typed = past.isoformat() if past else day
    clerk = town.people["clerk"].client
    assert refused(clerk.post("/api/v1/requests", json=town.asks(resource, valid_until=typed)), 409, "TERM_PAST")
    draft = str(town.create(resource)["id"])
    changed = clerk.put(f"/api/v1/requests/{draft}", json=town.asks(resource, valid_until=typed))
    assert refused(changed, 409, "TERM_PAST")
    request_id = in_use(resource)
    path = f"/api/v1/grants/{shown(town, request_id)['grant_id']}/transitions"
    said = {"comment": "限期整改", "until": typed}
    lead = town.people["lead"].client
    assert refused(lead.post(path, json=said | {"to": "suspended"}), 409, "UNTIL_PAST")
    renewing = clerk.post(f"/api/v1/requests/{request_id}/renewals", json=town.asks(resource, valid_until=typed))
    assert refused(renewing, 409, "RENEWAL_DAY")
    assert town.act("own_lead", request_id, "purpose_done", comment="已办结").status_code == 200
    asked = town.act("lead", request_id, "disposal_asked", reason="销毁", comment="请销毁", until=typed)
    assert refused(asked, 409, "UNTIL_PAST")
    if day != "today":
        written = town.act("own_lead", request_id, "disposed", certificate=CERTIFICATE | {"carried_out_on": typed})
        assert refused(written, 409, "DISPOSAL_DAY")


@pytest.mark.parametrize("typed", ["2027-02-30", "10000-01-01", "明天", "", None, 20270101.5, "-0001-01-01"])
def test_what_is_no_day_is_said_so(town: Town, resource: str, typed: Any) -> None:
    body = town.asks(resource, valid_until=typed)
    answer = town.people["clerk"].client.post("/api/v1/requests", json=body)
    assert refused(answer, 422, "INPUT_MALFORMED")
    assert "valid_until" in answer.json()["detail"]


def test_a_calendar_with_a_hole_counts_and_says_so(town: Town, resource: str) -> None:
    hole = Calendar(frozenset({date(2025, 12, 31)}), frozenset(), frozenset({2025, 2027}))
    across = due(date(2025, 12, 30), 300, hole)
    assert across.unknown_years == (2026,)
    assert across.due_on == date(2027, 2, 24)
    assert light(across, date(2026, 6, 1), hole) == "green"
    request_id = UUID(town.bring_to(resource, *TO_ACCEPTED))
    people = town.people
    with town.city.app.state.sessions() as session:
        session.execute(delete(CalendarYear).where(CalendarYear.year == today().year))
        seen = view(session, people["lead"].actor, request_id, today())
        told = brief(session, people["lead"].actor, request_id, today())
        session.rollback()
    assert str(today().year) in seen.warnings[0]
    assert told.term is not None
    assert told.term.warnings == seen.warnings

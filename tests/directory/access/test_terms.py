"""No term is lost: each that ran stands in the 时限证据单 with its days and what ended it."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from directory.access.evidence import evidence
from directory.access.models import RequestClock
from directory.access.states import Act
from directory.clock.deadlines import SHANGHAI, day_of
from tests.directory.access.conftest import TO_ACCEPTED, TO_AGREED, TO_ENDORSED, TO_SUBMITTED, Town
from tests.directory.access.conftest import shown as request_of


def terms_of(town: Town, request_id: str, who: str = "clerk") -> list[dict[str, Any]]:
    answer = town.people[who].client.get(f"/api/v1/requests/{request_id}/terms")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["terms"])


def test_a_draft_has_none(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_ENDORSED)
    assert terms_of(town, request_id) == []
    page = town.city.browser(town.people["clerk"].actor.username).get(f"/requests/{request_id}/terms")
    assert "还没有计时" in page.text


def test_supplement_reply_and_delivery_each_keep_their_dates(town: Town, resource: str, first_rows: Any) -> None:
    request_id = town.bring_to(resource, *TO_SUBMITTED)
    assert (
        town.act("reviewer", request_id, "supplement_asked", comment="补充使用场景", missing=["scenario"]).status_code
        == 200
    )
    assert request_of(town, request_id)["due_on"] is None
    supplemented = town.asks(resource, scenario="养老保险待遇资格核验，每月一次")
    assert town.people["clerk"].client.put(f"/api/v1/requests/{request_id}", json=supplemented).status_code == 200
    for who, to in (*TO_ACCEPTED, ("lead", "agreed")):
        assert town.act(who, request_id, to).status_code == 200
    shown = request_of(town, request_id)
    assert town.countersign(shown["grant_id"]).status_code == 200
    first_rows(shown["grant_id"])

    terms = terms_of(town, request_id)
    assert [(each["rule_id"], each["outcome"], each["article"]) for each in terms] == [
        ("REPLY_CONDITIONAL", "supplement", 21),
        ("REPLY_CONDITIONAL", "answered", 21),
        ("PROVIDE", "provided", 22),
    ]
    assert [each["limit_days"] for each in terms] == [10, 10, 20]
    assert all(each["stopped_at"] and each["late_days"] == 0 for each in terms)
    assert terms[1]["due_on"] == shown["reply_due_on"]
    for each in terms:
        numbers = [day["number"] for day in each["days"] if day["number"]]
        assert numbers == list(range(1, each["limit_days"] + 1))
        assert (each["days"][0]["day"], each["days"][-1]["day"]) == (each["received_on"], each["due_on"])


def test_the_running_term_is_the_requests_own(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    [term] = terms_of(town, request_id)
    shown = request_of(town, request_id)
    assert (term["due_on"], term["outcome"], term["light"]) == (shown["due_on"], None, shown["light"])
    assert town.act("lead", request_id, "refused", reason="涉及正在侦查的案件").status_code == 200
    [term] = terms_of(town, request_id)
    assert term["outcome"] == "answered"


def test_late_days_are_counted_until_the_answer(session: Any, town: Town, resource: str) -> None:
    request_id = town.endorsed_on(datetime(2025, 9, 29, 10, tzinfo=SHANGHAI), resource)
    people = town.people

    def step(who: str, act: Act, at: datetime, **words: str) -> None:
        town.decide(session, who, UUID(request_id), act, at, **words)

    step("clerk", Act.SUBMITTED, datetime(2025, 9, 30, 10, tzinfo=SHANGHAI))
    step("reviewer", Act.ACCEPTED, datetime(2025, 10, 9, 10, tzinfo=SHANGHAI))
    late = evidence(session, people["lead"].actor, UUID(request_id), date(2025, 10, 22)).terms
    assert [(each.due_on, each.light, each.late_days) for each in late] == [(date(2025, 10, 21), "red", 1)]
    step("lead", Act.REFUSED, datetime(2025, 10, 24, 10, tzinfo=SHANGHAI), reason="涉及正在侦查的案件")
    [term] = evidence(session, people["lead"].actor, UUID(request_id), date(2026, 11, 20)).terms
    assert (term.outcome, term.late_days, term.days[-1].day) == ("answered", 3, date(2025, 10, 24))
    assert [each.day.day for each in term.days if each.is_late] == [22, 23, 24]


def test_terminated_before_any_rows_ends_the_delivery(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_AGREED)
    grant_id = request_of(town, request_id)["grant_id"]
    answer = town.people["lead"].client.post(
        f"/api/v1/grants/{grant_id}/transitions", json={"to": "terminated", "comment": "用途不再"}
    )
    assert answer.status_code == 200, answer.text
    assert [each["outcome"] for each in terms_of(town, request_id)] == ["answered", "ended"]


def test_who_may_not_see_the_request_sees_no_terms(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_SUBMITTED)
    answer = town.people["outside_lead"].client.get(f"/api/v1/requests/{request_id}/terms")
    assert (answer.status_code, answer.json()["code"]) == (404, "REQUEST_NOT_FOUND")


def test_the_applications_role_cannot_lose_or_rewrite_a_term(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    sessions = town.city.app.state.sessions
    for statement in (
        "DELETE FROM request_clock",
        "UPDATE request_clock SET counted_from = counted_from + 1",
        "UPDATE request_clock SET started_at = now()",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), sessions.begin() as session:
            session.execute(text(statement))
    columns = ", ".join(column.name for column in RequestClock.__table__.columns if column.name != "seq")
    twin = f"INSERT INTO request_clock (seq, {columns}) SELECT 9, {columns} FROM request_clock WHERE request_id = :id"
    with pytest.raises(IntegrityError, match="uq_request_clock_running"), sessions.begin() as session:
        session.execute(text(twin), {"id": request_id})
    with pytest.raises(IntegrityError, match="stopped"), sessions.begin() as session:
        session.execute(update(RequestClock).values(stopped_at=datetime.now(UTC)))


def test_the_page_is_the_same_in_words(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    [term] = terms_of(town, request_id)
    page = town.city.browser(town.people["lead"].actor.username).get(f"/requests/{request_id}/terms").text
    assert "时限证据单" in page
    assert f"<strong>{term['due_on']}</strong>" in page
    assert page.count("计入</td>") + page.count("计入，<strong>截止") >= term["limit_days"]
    assert day_of(datetime.now(UTC)).isoformat() in page

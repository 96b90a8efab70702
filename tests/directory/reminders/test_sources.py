"""What else than a reply is reminded of: whom, on which day, of which thing; each once, a second time the head."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from directory.access.models import RequestRow
from directory.clock.deadlines import SHANGHAI, Due, day_of
from directory.clock.queries import calendar
from directory.notices.kinds import KINDS
from directory.notices.models import Notice
from directory.reminders import remind as reminding
from directory.reminders.models import Reminded
from directory.reminders.rules import ReminderRule, day_of_rule
from directory.uses.moments import Occasion
from directory.uses.queries import asked_now, missing
from tests.directory.access.conftest import (
    TO_SUBMITTED,
    TODAY,
    Town,
    first_rows,
    in_use,
    receipt,
    resource,
    shown,
    town,
)

__all__ = ["first_rows", "in_use", "receipt", "resource", "town"]

SOON = TODAY + timedelta(days=30)
LAW = {"law_title": "《社会保险法》", "law_article": "第七十四条"}


def _made(town: Town, who: str, path: str, **body: Any) -> UUID:
    answer = town.people[who].client.post(f"/api/v1{path}", json=body)
    assert answer.status_code in (200, 201), answer.text
    return UUID(answer.json()["id"])


def _noon(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), SHANGHAI).replace(hour=12)


def _worked(town: Town, days: int, since: date = TODAY) -> datetime:
    """So many working days on, as the rules count."""
    with town.city.app.state.sessions() as session:
        rule = ReminderRule("x", "waiting", days, "responsible")
        return _noon(day_of_rule(rule, Due(since, 1, since), calendar(session)))


def _remind(town: Town, now: datetime) -> None:
    while True:
        with town.city.app.state.sessions.begin() as session:
            if not reminding.remind(session, now):
                return


def _told(town: Town, about: UUID) -> Counter[tuple[str, str]]:
    """What was told of one thing, and to whom."""
    names = {person.actor.account_id: name for name, person in town.people.items()}
    orgs = {code: name for name, code in town.orgs.items()}
    with town.city.app.state.sessions() as session:
        query = select(Notice).where(Notice.about == about, Notice.kind.startswith("reminder:"))
        return Counter(
            (
                row.kind.removeprefix("reminder:"),
                names[row.account_id] if row.account_id else f"{row.role}@{orgs.get(row.org_code or '', '')}",
            )
            for row in session.scalars(query)
        )


@pytest.fixture(scope="module", autouse=True)
def _nothing_old(town: Town, resource: str) -> None:
    _remind(town, datetime.now(UTC))


def test_a_correction_is_reminded_of_by_its_term(town: Town, resource: str) -> None:
    made = _made(town, "clerk", "/corrections", resource=resource, items=["xm"], words="不一致")
    lead, kind = "sharing_lead@provider", "matter_correction_"
    said: Counter[tuple[str, str]] = Counter()
    for days, new in (
        (4, []),
        (5, [("half", lead)]),
        (9, [("before", lead)]),
        (10, [("due", lead)]),
        (11, [("after", lead), ("asker", "clerk")]),
        (13, [("head", "department_head@provider")]),
        (20, []),
    ):
        _remind(town, _worked(town, days))
        said.update((kind + moment, to) for moment, to in new)
        assert _told(town, made) == said, days
    _remind(town, _worked(town, 4))  # the clock jumps back
    assert _told(town, made) == said
    [one] = [each for each in _notices(town, "lead") if each["kind"] == "reminder:matter_correction_due"]
    assert one["link"] == f"/corrections/{made}#decide"
    assert one["zh"].startswith("校核申请和异议“户籍人口基本信息（JH-")


def test_what_waits_without_a_term(town: Town, resource: str) -> None:
    complaint = _made(town, "head", "/complaints", topic="other", words="有人拖延")
    request = town.bring_to(resource, *TO_SUBMITTED)
    asked = town.act("reviewer", request, "supplement_asked", missing=["basis"], comment="依据不全")
    assert asked.status_code == 200, asked.text
    demand = {"service": "核发", "purpose": "核验", "needed_by": SOON.isoformat(), **LAW}
    demanded = _made(town, "clerk", "/demands", title="住房", items=[{"name": "房屋套数"}], **demand)
    _remind(town, _worked(town, 4))
    assert not _told(town, complaint) + _told(town, UUID(request)) + _told(town, demanded)
    office = ("office_reviewer@", "office_approver@")
    _remind(town, _worked(town, 5))
    assert _told(town, complaint) == Counter(("matter_waiting_complaint_waiting", to) for to in office)
    assert _told(town, UUID(request)) == {("supplement_request_waiting", "clerk"): 1}
    assert _told(town, demanded) == {("demand_demand_waiting", office[0]): 1}
    _remind(town, _worked(town, 10))
    assert ("matter_waiting_complaint_head", office[1]) in _told(town, complaint)
    assert ("supplement_request_head", "sharing_lead@requester") in _told(town, UUID(request))
    assert ("demand_demand_head", office[1]) in _told(town, demanded)
    [notice] = [each for each in _notices(town, "approver") if each["kind"] == "reminder:matter_waiting_complaint_head"]
    assert "有人拖延" not in notice["zh"]
    assert "TS-" in notice["zh"]


def test_lists_and_services(town: Town, resource: str, in_use: Callable[..., str]) -> None:
    owed = {"org_code": town.orgs["provider"], "name": "婚姻", "basis": "三定规定", "due_on": SOON.isoformat()}
    responsible = _made(town, "reviewer", "/responsibilities", **owed)
    in_use(resource)
    told = {"resource": resource, "kind": "end", "words": "下线", "answer_by": SOON.isoformat()}
    service = _made(town, "lead", "/services", takes_effect_on=(SOON + timedelta(days=9)).isoformat(), **told)
    _remind(town, _noon(SOON - timedelta(days=15)))
    assert not _told(town, responsible) + _told(town, service)
    _remind(town, _noon(SOON))
    assert _told(town, responsible) == {("responsibility_responsibility_before", "sharing_lead@provider"): 1}
    users = ("clerk", "sharing_lead@requester")
    assert _told(town, service) == Counter(("service_service_due", to) for to in users)
    _remind(town, _worked(town, 5, SOON))
    assert _told(town, responsible)["responsibility_responsibility_head", "department_head@provider"] == 1


def test_an_entrustment_whose_last_day_is_over(town: Town) -> None:
    what = {"work": "运行、维护业务系统", "covers": "业务系统的数据库", "basis": "运维合同 2026-17"}
    days = {"since": TODAY.isoformat(), "until": SOON.isoformat()}
    open_one, ended, waiting = (
        _made(town, "lead", "/entrustments", contractor=name, **what, **days) for name in ("甲公司", "乙公司", "丙公司")
    )
    for one in (open_one, ended):
        _made(town, "head", f"/entrustments/{one}/steps", act="approved")
    lead, head = "sharing_lead@provider", "department_head@provider"
    _remind(town, _worked(town, -11, SOON))
    assert not _told(town, open_one)
    said = Counter({("entrustment_entrustment_before", lead): 1})
    _remind(town, _worked(town, -10, SOON))
    assert _told(town, open_one) == _told(town, ended) == said
    _made(town, "lead", f"/entrustments/{ended}/steps", act="ended", words="账号已停用，备份已销毁")
    for number, new in ((0, []), (1, [("after", lead)]), (5, [("head", head)]), (9, [])):
        _remind(town, _worked(town, number, SOON))
        said.update((f"entrustment_entrustment_{moment}", to) for moment, to in new)
        assert _told(town, open_one) == said, number
    assert sum(_told(town, ended).values()) == 1, "what is ended is not reminded of"
    assert not _told(town, waiting), "nor what was never approved"
    [one] = [each for each in _notices(town, "head") if each["kind"] == "reminder:entrustment_entrustment_head"]
    assert (one["link"], "甲公司" in one["zh"]) == (f"/entrustments/{open_one}", True)


def test_rectifications_and_records_of_use(town: Town, resource: str, in_use: Callable[..., str]) -> None:
    request = in_use(resource)
    until = TODAY + timedelta(days=20)
    grant_id = shown(town, request)["grant_id"]
    said = {"to": "suspended", "comment": "超范围", "until": until.isoformat()}
    answer = town.people["lead"].client.post(f"/api/v1/grants/{grant_id}/transitions", json=said)
    assert answer.status_code == 200, answer.text
    _remind(town, _noon(until))
    requester = ("clerk", "sharing_lead@requester")
    told = Counter(("rectification_request_before", to) for to in requester)
    told["use_record_request_after", "clerk"] = 1  # the first record was due within ten working days
    assert _told(town, UUID(request)) - Counter({("use_record_request_head", requester[1]): 1}) == told
    _remind(town, _worked(town, 3, until))
    found = _told(town, UUID(request))
    assert found["rectification_request_after", "sharing_lead@provider"] == 1  # now the provider or the office decides
    assert found["rectification_request_head", "department_head@provider"] == 1
    assert found["use_record_request_head", requester[1]] == 1


def test_what_is_missing_of_a_use_is_what_its_department_is_asked(
    town: Town, resource: str, in_use: Callable[..., str]
) -> None:
    request = UUID(in_use(resource))
    for days, occasion in ((0, Occasion.FIRST_DELIVERY), (100, Occasion.PERIOD), (300, Occasion.PERIOD)):
        with town.city.app.state.sessions.begin() as session:
            row = session.scalars(select(RequestRow).where(RequestRow.id == request)).one()
            assert row.arrived_at is not None
            today = day_of(row.arrived_at) + timedelta(days=days)
            found = {each[0]: each[1:] for each in missing(session, today)}
            assert found[request][0] is occasion
            _, asked = asked_now(session, town.orgs["requester"], today, 500)
            assert {each.row.id for each in asked} >= {request}


def test_many_are_one_sentence_and_rules_are_the_offices(town: Town, resource: str) -> None:
    made = [
        _made(town, "clerk", "/corrections", resource=resource, items=["xm"], words=f"第 {number} 件")
        for number in range(reminding.FEW + 1)
    ]
    client = town.people["approver"].client
    assert client.put("/api/v1/reminders/matter-half", json={"days": 0, "is_on": False}).status_code == 200
    _remind(town, _worked(town, 6))
    assert not any(_told(town, each) for each in made)
    rules = {each["rule_id"]: each for each in client.get("/api/v1/reminders").json()}
    assert (rules["matter-half"]["is_on"], rules["matter-half"]["subject_name"]) == (False, "校核申请和异议")
    assert client.put("/api/v1/reminders/matter-half", json={"days": 0, "is_on": True}).status_code == 200
    _remind(town, _worked(town, 6))
    many = [each for each in _notices(town, "lead") if each["kind"] == "reminder:matter_many_half"]
    assert (many[0]["zh"], many[0]["link"]) == (f"校核申请和异议有 {len(made)} 件要看", "/approvals")
    with town.city.app.state.sessions() as session:
        noted = session.scalars(select(Reminded.about).where(Reminded.rule_id == "matter-half"))
        assert set(noted) >= set(made)


def test_every_sentence_is_whole() -> None:
    words = {"title": "甲", "due_on": "2026-01-01", "count": "3", "id": "x"}
    for kind, declared in KINDS.items():
        if kind.startswith("reminder:"):
            told = {name: words[name] for name in declared.parameters} | {"id": "x"}
            assert "{" not in declared.zh.format_map(told) + declared.en.format_map(told)
            assert declared.link.format_map(told).startswith("/")


def _notices(town: Town, who: str) -> Iterator[dict[str, Any]]:
    yield from town.people[who].client.get("/api/v1/notices", params={"size": 100}).json()["items"]

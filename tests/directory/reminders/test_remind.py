"""Reminders: each once, to whoever has to act, the head a second time; nothing twice, whatever the clock does."""

import json
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from directory.access.decide import decide
from directory.access.drafting import create
from directory.access.grant_models import GrantRow
from directory.access.models import RequestRow
from directory.access.said import Said
from directory.access.states import Act
from directory.clock.deadlines import SHANGHAI
from directory.clock.today import shanghai_today
from directory.notices.models import Notice
from directory.reminders import remind as reminding
from directory.reminders.models import Reminded
from metadata.access import AccessRequest
from tests.directory.access.conftest import Town, first_rows, in_use, receipt, refused, resource, town
from tests.directory.access.test_commands import run
from tests.directory.conftest import Command

__all__ = ["first_rows", "in_use", "receipt", "resource", "run", "town"]

START = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)  # a Monday; ten working days later is the 16th


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=SHANGHAI)


def waiting(town: Town, resource: str, *, is_accepted: bool = True) -> UUID:
    """A request that waits for its answer since ``START``."""
    key = town.city.app.state.directory_key
    steps = (("own_lead", Act.REQ_APPROVED), ("clerk", Act.SUBMITTED), ("reviewer", Act.ACCEPTED))
    with town.city.app.state.sessions.begin() as session:
        asked = AccessRequest.model_validate(town.asks(resource))
        request_id = create(session, town.people["clerk"].actor, asked, START).id
        for who, act in steps[: 3 if is_accepted else 2]:
            decide(session, town.people[who].actor, key, request_id, act, START, suite_2=frozenset())
    return request_id


def remind(town: Town, now: datetime) -> int:
    """Until nothing is left."""
    found = 0
    while True:
        with town.city.app.state.sessions.begin() as session:
            more = reminding.remind(session, now)
        if not more:
            return found
        found += more


def reminders(town: Town, request_id: UUID) -> list[tuple[str, str]]:
    """What was told of one request, and to whom."""
    names = {person.actor.account_id: name for name, person in town.people.items()}
    orgs = {code: name for name, code in town.orgs.items()}
    with town.city.app.state.sessions() as session:
        query = select(Notice).where(Notice.about == request_id, Notice.kind.startswith("reminder:"))
        return [
            (
                row.kind.removeprefix("reminder:"),
                names[row.account_id] if row.account_id else f"{row.role}@{orgs.get(row.org_code or '', '')}",
            )
            for row in session.scalars(query.order_by(Notice.id))
        ]


@pytest.fixture(autouse=True)
def _nothing_old(town: Town) -> None:
    """What other tests left is noted, so that each sees its own."""
    remind(town, at(31))


def test_a_term_from_half_to_the_second_reminder(town: Town, resource: str) -> None:
    request_id, lead = waiting(town, resource), "sharing_lead@provider"
    said: list[tuple[str, str]] = []
    for day, new in (
        (6, []),
        (9, [("half", lead)]),
        (13, [("before", lead)]),
        (16, [("due", lead)]),
        (17, [("after", lead), ("asker", "clerk")]),
        (18, []),
        (19, [("head", "department_head@provider")]),
        (20, []),
    ):
        remind(town, at(day))
        remind(town, at(day, 15))
        said += new
        assert Counter(reminders(town, request_id)) == Counter(said), day
    remind(town, at(9))  # the clock jumps back
    remind(town, at(31))
    assert Counter(reminders(town, request_id)) == Counter(said)


def test_whoever_has_to_act_is_reminded(town: Town, resource: str) -> None:
    request_id = waiting(town, resource, is_accepted=False)
    remind(town, at(9))
    assert reminders(town, request_id) == [("half", "office_reviewer@")]
    remind(town, at(20))
    assert ("head", "office_approver@") in reminders(town, request_id)


def test_after_a_pause_only_the_latest_is_said(town: Town, resource: str) -> None:
    request_id = waiting(town, resource)
    remind(town, at(25))
    assert sorted(kind for kind, _ in reminders(town, request_id)) == ["after", "asker", "head"]
    with town.city.app.state.sessions() as session:
        noted = session.scalars(select(Reminded.rule_id).where(Reminded.about == request_id)).all()
    assert sorted(noted) == ["before", "due", "half", "overdue", "overdue-asker", "overdue-head"]


def test_many_at_once_are_one_sentence(town: Town, resource: str) -> None:
    made = [waiting(town, resource) for _ in range(reminding.FEW + 1)]
    remind(town, at(9))
    assert all(reminders(town, request_id) == [] for request_id in made)
    items = town.people["lead"].client.get("/api/v1/notices").json()["items"]
    [many] = [each for each in items if each["kind"] == "reminder:many_half"]
    assert (many["zh"], many["link"]) == (f"{len(made)} 件申请的期限已过半", "/supervision")
    assert remind(town, at(9)) == 0


def test_a_term_moved_is_reminded_of_anew(town: Town, resource: str) -> None:
    request_id, key = waiting(town, resource), town.city.app.state.directory_key
    remind(town, at(13))
    assert [kind for kind, _ in reminders(town, request_id)] == ["before"]
    with town.city.app.state.sessions.begin() as session:
        asked = Said(comment="历史数据须脱敏", days=5)
        lead, approver = town.people["lead"].actor, town.people["approver"].actor
        decide(session, lead, key, request_id, Act.EXTENSION_ASKED, at(13), asked, suite_2=frozenset())
        decide(session, approver, key, request_id, Act.EXTENDED, at(13), suite_2=frozenset())
        assert session.get_one(RequestRow, request_id).due_on == date(2026, 3, 23)
    remind(town, at(20))
    assert [kind for kind, _ in reminders(town, request_id)] == ["before", "before"]


def test_what_was_answered_is_not_reminded_of(town: Town, resource: str) -> None:
    request_id, key = waiting(town, resource), town.city.app.state.directory_key
    with town.city.app.state.sessions.begin() as session:
        decide(session, town.people["lead"].actor, key, request_id, Act.AGREED, at(3), suite_2=frozenset())
    remind(town, at(9))
    assert reminders(town, request_id) == []  # twenty days to provide have begun, none of them half


def test_the_end_of_a_use_is_near(town: Town, in_use: Any, resource: str) -> None:
    last = shanghai_today() + timedelta(days=60)
    request_id = UUID(in_use(resource, valid_until=last.isoformat()))
    noon = datetime.combine(last, datetime.min.time(), SHANGHAI).replace(hour=12)
    for before, said in ((31, 0), (30, 1), (29, 1), (7, 2), (1, 2), (-1, 2)):
        remind(town, noon - timedelta(days=before))
        found = [each for each in reminders(town, request_id) if each[0] == "expiring"]
        assert found == [("expiring", "clerk"), ("expiring", "sharing_lead@requester")] * said, before
    with town.city.app.state.sessions() as session:
        assert session.scalars(select(GrantRow.valid_until).where(GrantRow.request_id == request_id)).one() == last


def test_one_reminds_at_a_time(town: Town, resource: str) -> None:
    request_id, sessions = waiting(town, resource), town.city.app.state.sessions
    with sessions.begin() as first:
        assert reminding.remind(first, at(9)) == 1
        with sessions.begin() as second:
            assert reminding.remind(second, at(9)) == 0
    assert len(reminders(town, request_id)) == 1


def test_rules_are_the_offices(town: Town, resource: str, run: Command) -> None:
    client = town.people["approver"].client
    rules = {each["rule_id"]: each for each in client.get("/api/v1/reminders").json()}
    assert rules["overdue-head"] | {"days": 3, "is_on": True} == rules["overdue-head"]
    for who in ("lead", "clerk", "reviewer", "auditor"):
        body = {"days": 5, "is_on": True}
        assert refused(town.people[who].client.put("/api/v1/reminders/overdue-head", json=body), 403, "FORBIDDEN")
    unknown = client.put("/api/v1/reminders/nothing", json={"days": 1, "is_on": True})
    assert refused(unknown, 404, "REMINDER_RULE_UNKNOWN")
    assert refused(client.put("/api/v1/reminders/half", json={"days": 1, "is_on": True}), 422, "REMINDER_DAYS")
    assert refused(client.put("/api/v1/reminders/before", json={"days": 0, "is_on": True}), 422, "REMINDER_DAYS")
    assert run("approver", "reminders", "set", "half", "--off")[0] == 0
    assert run("approver", "reminders", "set", "before", "--days", 2)[0] == 0
    listed = {each["rule_id"]: each for each in json.loads(run("", "reminders", "list", "--json")[1])["rules"]}
    assert (listed["half"]["is_on"], listed["before"]["when"]) == (False, "到期前 2 个工作日")
    request_id = waiting(town, resource)
    remind(town, at(9))
    assert reminders(town, request_id) == []
    remind(town, at(12))
    assert reminders(town, request_id) == [("before", "sharing_lead@provider")]
    browser = town.city.browser(town.people["approver"].actor.username)
    assert browser.send("/reminders", "/reminders/before", days="1", is_on="true").status_code == 303
    wrong = browser.send("/reminders", "/reminders/before", days="一")
    assert (wrong.status_code, 'id="days-before-e"' in wrong.text, 'value="一"' in wrong.text) == (422, True, True)
    assert browser.send("/reminders", "/reminders/half", days="0", is_on="true").status_code == 303

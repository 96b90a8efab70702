"""The terms of matters beside those of requests: late under their situation, and moved by a holiday notice."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from directory.clock.deadlines import SHANGHAI, day_of
from directory.clock.queries import calendar, rules
from directory.corrections import decide as corrections
from directory.corrections.said import NewCorrection, Said
from directory.corrections.states import Act
from directory.holidays.enter import preview
from directory.holidays.notice import NamedDay, Notice
from directory.matters.models import Matter, MatterTerm
from directory.matters.supervision import lights, supervised
from directory.roles import Role
from tests.directory.access.conftest import TODAY, Town, resource, town

__all__ = ["resource", "town"]

LONG_AGO = datetime(2025, 9, 30, 10, tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def late(town: Town, resource: str) -> UUID:
    """A correction that has waited since before a national holiday."""
    asked = NewCorrection(resource=resource, words="有误")
    with town.city.app.state.sessions.begin() as session:
        return corrections.raise_correction(session, town.people["clerk"].actor, asked, LONG_AGO).id


def test_counted_as_the_regulation_says(town: Town, late: UUID) -> None:
    """Received on 30 September 2025: the days after are a holiday, and the eleventh of October is worked."""
    with town.city.app.state.sessions() as session:
        row = session.get_one(Matter, late)
    assert (row.limit_days, str(row.due_on)) == (10, "2025-10-21")
    assert rules()["CORRECTION"].extension_days == 0


def test_late_ones_stand_in_supervision_under_their_situation(town: Town, late: UUID) -> None:
    found = town.people["reviewer"].client.get("/api/v1/supervision", params={"light": "red"}).json()
    [one] = [each for each in found["matters"] if each["id"] == str(late)]
    assert (one["situation"], one["light"], one["is_statutory"]) == ("P6", "red", True)
    assert one["late_days"] > 100
    [own] = [each for each in found["departments"] if each["org_code"] == town.orgs["provider"]]
    assert own["red"] >= 1
    assert town.people["lead"].client.get("/api/v1/supervision").json()["matters"]
    outside = town.people["outside_lead"].client.get("/api/v1/supervision").json()
    assert outside["matters"] == []
    green = town.people["reviewer"].client.get("/api/v1/supervision", params={"light": "green"}).json()
    assert str(late) not in [each["id"] for each in green["matters"]]


def test_an_answer_in_time_and_one_too_late_are_counted(town: Town, resource: str, late: UUID) -> None:
    reviewer = town.people["reviewer"].actor
    with town.city.app.state.sessions() as session:
        before = lights(session, reviewer, TODAY, supervised(session, reviewer, TODAY))[town.orgs["provider"]]
    asked = NewCorrection(resource=resource, words="有误")
    lead, clerk = town.people["lead"].actor, town.people["clerk"].actor
    now = datetime.now(SHANGHAI)
    with town.city.app.state.sessions.begin() as session:
        for at in (now, now - timedelta(days=60)):
            made = corrections.raise_correction(session, clerk, asked, at).id
            corrections.decide(session, lead, made, Act.NOT_WRONG, now, Said(comment="无误"))
    with town.city.app.state.sessions() as session:
        running = supervised(session, reviewer, TODAY)
        after = lights(session, reviewer, TODAY, running)[town.orgs["provider"]]
        assert [each for each in running if each.id == late]
    assert (after.ended - before.ended, after.ended_late - before.ended_late) == (2, 1)


def test_a_holiday_notice_moves_a_running_term(town: Town, resource: str, city: Any) -> None:
    asked = NewCorrection(resource=resource, words="有误")
    received = datetime(TODAY.year + 1, 3, 2, 10, tzinfo=SHANGHAI)
    with town.city.app.state.sessions.begin() as session:
        row = corrections.raise_correction(session, town.people["clerk"].actor, asked, received)
        made, before = row.id, row.due_on
    day = day_of(received) + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    administrator = city.person(town.orgs["office"], Role.SYSTEM_ADMIN)
    year = TODAY.year + 1
    with town.city.app.state.sessions() as session:
        notice = Notice(year, "国办发明电〔2026〕x号", (NamedDay(day, "元旦"),), ())
        moved = {each.id: each for each in preview(session, administrator.actor, notice, datetime.now(SHANGHAI))}
        assert not calendar(session).unknown_years(TODAY, TODAY)
    assert (moved[made].kind, moved[made].was_due_on) == ("correction", before)
    assert before is not None
    assert moved[made].due_on > before
    lists = {"source": notice.source, "off": [{"day": day.isoformat(), "name": "元旦"}], "make_up": []}
    answer = administrator.client.put(f"/api/v1/holidays/{year}", json=lists)
    assert answer.status_code == 200, answer.text
    with town.city.app.state.sessions() as session:
        term = session.scalars(select(MatterTerm).where(MatterTerm.matter_id == made)).one()
        assert term.due_on == session.get_one(Matter, made).due_on == moved[made].due_on

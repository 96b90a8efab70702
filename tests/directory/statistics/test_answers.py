"""What a month says of a department's answers: in time until the last day of the term, late from the next (Art. 21)."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from directory.access.states import Act
from directory.clock.deadlines import SHANGHAI
from directory.statistics.count import count
from directory.statistics.definitions import NOBODY, Month, rate
from tests.directory.access.conftest import REASON, Town, resource, town

__all__ = ["resource", "town"]

NAMES = ("received", "asked", "answered_in_time", "answered_late", "refused", "unanswered")
EVE = date(2025, 9, 30)  # before eight days of holiday: ten working days end on 21 October


def at(day: date) -> datetime:
    return datetime.combine(day, time(10), SHANGHAI)


def asked_on(town: Town, resource: str, day: date) -> UUID:
    request_id = UUID(town.endorsed_on(at(day), resource))
    with town.city.app.state.sessions.begin() as session:
        for who, act in (("clerk", Act.SUBMITTED), ("reviewer", Act.ACCEPTED)):
            town.decide(session, who, request_id, act, at(day))
    return request_id


def numbers(session: Any, org_code: str, month: Month) -> list[int]:
    found = count(session, month).get(org_code, NOBODY)
    return [found[name] for name in NAMES]


def test_the_last_day_is_in_time_and_the_next_is_late(town: Town, resource: str) -> None:
    for answered_on in (date(2025, 10, 21), date(2025, 10, 22)):
        request_id = asked_on(town, resource, EVE)
        with town.city.app.state.sessions.begin() as session:
            town.decide(session, "lead", request_id, Act.REFUSED, at(answered_on), reason=REASON)
    asked_on(town, resource, EVE)  # never answered: overdue from 22 October on
    provider, requester = town.orgs["provider"], town.orgs["requester"]
    with town.city.app.state.sessions() as session:
        october = Month(2025, 10)
        assert numbers(session, provider, Month(2025, 9)) == [3, 0, 0, 0, 0, 0]
        assert numbers(session, requester, Month(2025, 9)) == [0, 3, 0, 0, 0, 0]
        assert numbers(session, provider, october) == [0, 0, 1, 1, 2, 1]
        assert rate(count(session, october)[provider], "answer_rate") == 33.3  # who never answers is not in time
        still = [count(session, october, at(date(2025, 10, day)))[provider]["unanswered"] for day in (21, 22, 23)]
        assert still == [0, 2, 1]

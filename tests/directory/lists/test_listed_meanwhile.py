"""What is listed while somebody agrees to it: one of them waits, so that both sides are told, or nobody agrees."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from directory.access.batch import move_many
from directory.access.said import NOTHING
from directory.access.states import Act
from directory.errors import DirectoryError
from directory.negatives.keep import decide
from tests.directory.access.conftest import TO_ACCEPTED, TO_SUBMITTED, TODAY, Town, conditional_sharing, shown
from tests.directory.access.test_races import beside
from tests.directory.access.test_sides import free_sharing
from tests.directory.lists.test_concerned import ASKED, told
from tests.directory.lists.test_held_back import held
from tests.directory.lists.test_negatives import LIST, LISTED

__all__ = ["held"]

USED = ["request:used_listed"]


@pytest.fixture
def proposed(town: Town) -> Iterator[UUID]:
    """A proposal for the list, that nothing is left of afterwards."""
    body = {"org_code": town.orgs["provider"]} | LISTED
    made = town.people["editor"].client.post(LIST, json=body).json()["id"]
    yield UUID(made)
    town.people["approver"].client.post(f"{LIST}/{made}/removal", json={"words": "测试完毕"})


def put_on_the_list(town: Town, session: Session, proposed: UUID) -> None:
    decide(session, town.people["approver"].actor, proposed, is_listed=True, words="", now=datetime.now(UTC))


def agree(town: Town, session: Session, request_id: UUID) -> None:
    town.decide(session, "lead", request_id, Act.AGREED, datetime.now(UTC))


def agree_in_a_list(town: Town, session: Session, request_id: UUID) -> None:
    key, now, lead = town.city.app.state.directory_key, datetime.now(UTC), town.people["lead"].actor
    found = move_many(session, lead, key, [request_id], Act.AGREED, now, NOTHING, suite_2=frozenset())
    if (error := found[request_id]) is not None:
        raise error


WAYS = pytest.mark.parametrize("way", [agree, agree_in_a_list])


@WAYS
def test_what_is_agreed_to_as_it_is_listed_is_told_to_both_sides(
    town: Town, resource: str, proposed: UUID, way: Callable[..., None]
) -> None:
    request_id, sessions = town.bring_to(resource, *TO_ACCEPTED, items=ASKED), town.city.app.state.sessions

    def list_it() -> None:
        with sessions.begin() as session:
            put_on_the_list(town, session, proposed)

    with sessions.begin() as session:
        way(town, session, UUID(request_id))
        with beside(session, list_it) as done:
            assert not done.done(), "what is agreed to is not known yet"
            session.commit()
            done.result()
    for who in ("clerk", "own_lead", "lead"):
        assert told(town, who, request_id) == USED, who


@WAYS
def test_who_agrees_as_it_is_listed_goes_by_what_is_listed(
    town: Town, resource: str, proposed: UUID, way: Callable[..., None]
) -> None:
    request_id, sessions = town.bring_to(resource, *TO_ACCEPTED, items=ASKED), town.city.app.state.sessions

    def agree_to_it() -> None:
        with sessions.begin() as session:
            way(town, session, UUID(request_id))

    with sessions.begin() as session:
        put_on_the_list(town, session, proposed)
        with beside(session, agree_to_it) as done:
            session.commit()
            with pytest.raises(DirectoryError) as refused:
                done.result()
    assert refused.value.code == "NEGATIVE_HELD_BACK"
    assert [told(town, who, request_id) for who in ("clerk", "lead")] == [["request:asked_listed"], []]


def test_what_is_agreed_to_before_its_first_day_is_told_to_both_sides_too(town: Town, held: Any) -> None:
    """When it was listed only who asked was told. Nothing is told of what was left out, or may only not be opened."""
    entry = town.publish("收养登记信息", conditional_sharing())
    request_id, other = (town.bring_to(entry, *TO_ACCEPTED, items=items) for items in (ASKED, ["xm"]))
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    held(since=tomorrow)
    held(since=tomorrow, covers="open")
    assert [told(town, who, request_id) for who in ("clerk", "own_lead", "lead")] == [["request:asked_listed"], [], []]
    later = town.bring_to(entry, *TO_ACCEPTED, items=ASKED)
    left_out = [{"item": "djrq", "reason": "超出履行职责所需范围"}]
    for each, said in ((request_id, {}), (other, {}), (later, {"refused_items": left_out})):
        assert town.act("lead", each, "agreed", **said).json()["state"] == "agreed"
    assert told(town, "clerk", request_id) == [*USED, "request:asked_listed"]
    assert [told(town, who, request_id) for who in ("own_lead", "lead")] == [USED, USED]
    assert [told(town, who, each) for who in ("clerk", "lead") for each in (other, later)] == [[]] * 4


def test_so_is_what_a_consent_once_given_answers(town: Town, held: Any) -> None:
    entry = town.publish("登记机构", free_sharing())
    signed = town.people["lead"].client.post("/api/v1/consents", json={"resource": entry, "words": "可以直接提供"})
    assert signed.status_code == 201, signed.text
    held(since=(TODAY + timedelta(days=1)).isoformat())
    request_id = town.bring_to(entry, *TO_SUBMITTED, items=ASKED)
    assert town.act("reviewer", request_id, "accepted").json()["state"] == "agreed"
    assert [told(town, who, request_id) for who in ("clerk", "own_lead", "lead")] == [USED] * 3
    assert shown(town, request_id)["listed"]

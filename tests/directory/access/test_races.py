"""Decisions at one instant: batches that meet, and a renewal decided while the day ends what it goes on from."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from directory.access.batch import move_many
from directory.access.consents import STANDING, sign
from directory.access.expiry import expire
from directory.access.said import NOTHING
from directory.access.states import Act
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.nodes.enrol import revoke
from directory.nodes.feed import hold
from directory.resources.decide import move
from directory.roles import Role
from tests.directory.access.conftest import TO_ACCEPTED, TO_SUBMITTED, Town, conditional_sharing, shown
from tests.directory.access.test_sides import free_sharing
from tests.directory.services.test_item_changes import publish_again

LATER = datetime.now(UTC) + timedelta(days=3)
_WAITS_FOR_ME = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"


@contextmanager
def beside(session: Session, work: Any) -> Iterator[Future[Any]]:
    """Do the work in another thread; the block begins once it waits for the session, or has ended without."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work)
        while not done.done() and not session.scalar(text(_WAITS_FOR_ME)):
            pass
        yield done


def test_two_batches_of_agreements_take_each_request_once(town: Town, resource: str) -> None:
    ids = [UUID(town.bring_to(resource, *TO_ACCEPTED)) for _ in range(6)]
    state, meet = town.city.app.state, Barrier(2)

    def agree(order: list[UUID]) -> list[str | None]:
        with state.sessions.begin() as session:
            meet.wait()
            lead, now = town.people["lead"].actor, datetime.now(UTC)
            key = state.directory_key
            found = move_many(session, lead, key, order, Act.AGREED, now, NOTHING, suite_2=frozenset())
            return [error.code if error else None for error in (found[each] for each in ids)]

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(agree, (ids, ids[::-1]))
    assert {frozenset(pair) for pair in zip(one, other, strict=True)} == {frozenset({None, "MOVE_ILLEGAL"})}
    assert {shown(town, str(each))["state"] for each in ids} == {"agreed"}


def test_who_waits_for_the_feed_holds_no_route(town: Town, resource: str) -> None:
    """One has the feed and comes to a consumer's routes, which another came to first, who waits for the feed."""
    mine, other = (UUID(town.bring_to(resource, *TO_ACCEPTED)) for _ in range(2))
    state = town.city.app.state

    def agree_to(request_id: UUID) -> None:
        with state.sessions.begin() as session:
            town.decide(session, "lead", request_id, Act.AGREED, datetime.now(UTC))

    with state.sessions.begin() as session:
        hold(session)
        with beside(session, lambda: agree_to(other)) as done:
            town.decide(session, "lead", mine, Act.AGREED, datetime.now(UTC))
            session.commit()
            done.result()
    assert [shown(town, str(each))["state"] for each in (mine, other)] == ["agreed", "agreed"]


@pytest.fixture
def renewed(town: Town, resource: str, in_use: Any) -> tuple[UUID, UUID]:
    """A use whose last day comes before ``LATER``, and its renewal, accepted."""
    tomorrow = (day_of(datetime.now(UTC)) + timedelta(days=1)).isoformat()
    first = in_use(resource, valid_until=tomorrow)
    made = town.people["clerk"].client.post(f"/api/v1/requests/{first}/renewals", json=town.asks(resource))
    assert made.status_code == 201, made.text
    renewal = made.json()["id"]
    for who, to in TO_ACCEPTED:
        assert town.act(who, renewal, to).status_code == 200
    return UUID(first), UUID(renewal)


def standing(town: Town, *ids: UUID) -> list[tuple[str, str]]:
    return [(each["state"], each["stage"]) for each in (shown(town, str(request_id)) for request_id in ids)]


def expired(town: Town) -> int:
    with town.city.app.state.sessions.begin() as session:
        return expire(session, town.city.app.state.directory_key, LATER)


def bind(town: Town, renewal: UUID) -> None:
    assert town.act("lead", str(renewal), "agreed").status_code == 200
    assert town.countersign(shown(town, str(renewal))["grant_id"]).status_code == 200


def test_a_renewal_agreed_to_as_the_use_ends(town: Town, renewed: tuple[UUID, UUID]) -> None:
    first, renewal = renewed
    with town.city.app.state.sessions.begin() as session:
        town.decide(session, "lead", renewal, Act.AGREED, LATER)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(expired, town).result() == 0  # never waits: left for the next minute
    assert expired(town) == 1
    assert expired(town) == 0
    # no grant of the renewal binds yet, so what arrived is to be disposed of
    assert standing(town, first, renewal) == [("expired", "disposal"), ("agreed", "")]
    acts = [step["act"] for step in shown(town, str(first))["steps"]]
    assert acts.count("expired") == 1


def test_a_use_and_its_renewal_end_at_once_and_one_owes_the_disposal(town: Town, renewed: tuple[UUID, UUID]) -> None:
    first, renewal = renewed
    bind(town, renewal)
    with town.city.app.state.sessions.begin() as session:
        town.decide(session, "own_lead", renewal, Act.TERMINATED, LATER, comment="不再需要")
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(expired, town).result() == 0
    assert expired(town) == 1
    assert standing(town, first, renewal) == [("expired", "disposal"), ("terminated", "")]


def test_the_other_way_round(town: Town, renewed: tuple[UUID, UUID]) -> None:
    first, renewal = renewed
    bind(town, renewal)
    state = town.city.app.state

    def terminate() -> None:
        with state.sessions.begin() as session:
            town.decide(session, "own_lead", renewal, Act.TERMINATED, LATER, comment="不再需要")

    with state.sessions.begin() as session:
        assert expire(session, state.directory_key, LATER) == 1
        with beside(session, terminate) as done:
            assert not done.done()
            session.commit()
            done.result()
    assert standing(town, first, renewal) == [("expired", ""), ("terminated", "disposal")]


def test_a_renewal_drafted_as_the_use_ends(town: Town, resource: str, in_use: Any) -> None:
    tomorrow = (day_of(datetime.now(UTC)) + timedelta(days=1)).isoformat()
    first = in_use(resource, valid_until=tomorrow)
    state = town.city.app.state

    def ask() -> Any:
        return town.people["clerk"].client.post(f"/api/v1/requests/{first}/renewals", json=town.asks(resource))

    with state.sessions.begin() as session:
        assert expire(session, state.directory_key, LATER) == 1
        with beside(session, ask) as done:
            session.commit()
            answer = done.result()
    assert (answer.status_code, answer.json()["code"]) == (409, "RENEWAL_STATE")
    assert standing(town, UUID(first)) == [("expired", "disposal")]


def test_a_node_revoked_before_the_feed_is_had_is_granted_nothing(
    town: Town, new_node: Any, administrator: Any, resource: str
) -> None:
    """Who agrees waits for the feed; what it says by then of the nodes is what counts."""
    state, them = town.city.app.state, _newcomers(town, new_node, "jiaoyu")
    late = UUID(them.bring_to(resource, *TO_ACCEPTED))

    def agree() -> None:
        with state.sessions.begin() as session:
            town.decide(session, "lead", late, Act.AGREED, datetime.now(UTC))

    with state.sessions.begin() as session:
        hold(session)
        with beside(session, agree) as done:
            _revoke(town, session, administrator, "jiaoyu")
            session.commit()
            with pytest.raises(DirectoryError) as refused:
                done.result()
    assert refused.value.code == "NO_NODE"
    assert standing(them, late) == [("submitted", "provider")]


def test_who_holds_the_feed_never_waits_for_a_node_that_is_being_changed(
    town: Town, new_node: Any, administrator: Any, resource: str
) -> None:
    """A route's first grant names the node, while its revocation waits for the feed."""
    state, them = town.city.app.state, _newcomers(town, new_node, "weijian")
    first = UUID(them.bring_to(resource, *TO_ACCEPTED))

    def revoke_it() -> None:
        with state.sessions.begin() as session:
            _revoke(town, session, administrator, "weijian")

    with state.sessions.begin() as session:
        hold(session)
        with beside(session, revoke_it) as done:
            town.decide(session, "lead", first, Act.AGREED, datetime.now(UTC))
            session.commit()
            done.result()
    assert standing(them, first) == [("agreed", "")]


def _newcomers(town: Town, new_node: Any, name: str) -> Town:
    """The same town, in which another department asks, with a node of this name."""
    new_node(name, org := town.city.organisation())
    clerk, own_lead = (town.city.person(org, role) for role in (Role.REQUESTER, Role.SHARING_LEAD))
    return Town(town.city, town.orgs, town.people | {"clerk": clerk, "own_lead": own_lead}, town.nodes)


def _revoke(town: Town, session: Session, administrator: Any, node_id: str) -> None:
    revoke(session, administrator.actor, town.city.app.state.directory_key, node_id, "失密", datetime.now(UTC))


def _agree_to_all(town: Town, ids: list[UUID]) -> list[str]:
    """What became of each, of a list in one transaction."""
    state = town.city.app.state
    with state.sessions.begin() as session:
        found = _agree(town, session, ids)
    return [error.code if error else "agreed" for error in found]


def _agree(town: Town, session: Session, ids: list[UUID]) -> list[DirectoryError | None]:
    key, lead = town.city.app.state.directory_key, town.people["lead"].actor
    found = move_many(session, lead, key, ids, Act.AGREED, datetime.now(UTC), NOTHING, suite_2=frozenset())
    return [found[each] for each in ids]


def _suspend(town: Town, session: Session, entry: str) -> None:
    move(session, town.people["approver"].actor, entry, "suspended", "核查", datetime.now(UTC))


def test_an_entry_is_suspended_before_a_list_of_agreements_or_after_it(town: Town) -> None:
    """Not while it runs: the rest of the list would still be given what is suspended."""
    entry, state = town.publish("居住证信息", conditional_sharing()), town.city.app.state
    first, second, third, fourth = (UUID(town.bring_to(entry, *TO_ACCEPTED)) for _ in range(4))

    def suspend_it() -> None:
        with state.sessions.begin() as session:
            _suspend(town, session, entry)

    with state.sessions.begin() as session:
        assert _agree(town, session, [first, second]) == [None, None]
        with beside(session, suspend_it) as done:
            assert not done.done()
            session.commit()
            done.result()
    town.move("approver", entry, "published")
    with state.sessions.begin() as session:
        _suspend(town, session, entry)
        with beside(session, lambda: _agree_to_all(town, [third, fourth])) as done:
            session.commit()
            assert done.result() == ["STATUS_FORBIDS"] * 2
    assert [shown(town, str(each))["state"] for each in (first, second, third, fourth)] == [
        "agreed",
        "agreed",
        "submitted",
        "submitted",
    ]


def test_so_it_is_before_an_agreement_or_after_it(town: Town) -> None:
    """Whoever decides on one, or whose consent once given answers."""
    entry, state = town.publish("门楼牌信息", free_sharing()), town.city.app.state
    signed = town.people["lead"].client.post("/api/v1/consents", json={"resource": entry, "words": "可以直接提供"})
    assert signed.status_code == 201, signed.text
    answered = UUID(town.bring_to(entry, *TO_SUBMITTED))

    def accept() -> None:
        with state.sessions.begin() as session:
            town.decide(session, "reviewer", answered, Act.ACCEPTED, datetime.now(UTC))

    with state.sessions.begin() as session:
        _suspend(town, session, entry)
        with beside(session, accept) as done:
            session.commit()
            done.result()
    assert standing(town, answered) == [("submitted", "provider")]

    def agree() -> None:
        with state.sessions.begin() as session:
            town.decide(session, "lead", answered, Act.AGREED, datetime.now(UTC))

    town.move("approver", entry, "published")
    with state.sessions.begin() as session:
        _suspend(town, session, entry)
        with beside(session, agree) as done:
            session.commit()
            with pytest.raises(DirectoryError) as refused:
                done.result()
    assert refused.value.code == "STATUS_FORBIDS"
    assert standing(town, answered) == [("submitted", "provider")]


def test_a_new_consent_and_what_the_earlier_answers_do_not_wait_for_each_other(town: Town) -> None:
    """Who accepts holds the consent and comes to the entry, which whoever signs anew holds and comes to the consent."""
    entry, state = town.publish("门牌变更信息", free_sharing()), town.city.app.state
    at, lead = {"resource": entry, "words": "可以直接提供"}, town.people["lead"]
    assert lead.client.post("/api/v1/consents", json=at).status_code == 201
    request_id = UUID(town.bring_to(entry, *TO_SUBMITTED))
    publish_again(town, entry, abstract="说明改了，数据项没有变")

    def sign_anew() -> None:
        with state.sessions.begin() as session:
            sign(session, lead.actor, entry, "可以直接提供", datetime.now(UTC))

    with state.sessions.begin() as session:
        STANDING(session, (UUID(entry), False))
        with beside(session, sign_anew) as done:
            town.decide(session, "reviewer", request_id, Act.ACCEPTED, datetime.now(UTC))
            session.commit()
            done.result()
    assert standing(town, request_id) == [("submitted", "provider")], "the earlier was for the earlier version"

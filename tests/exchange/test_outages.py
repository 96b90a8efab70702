"""What is down, stale, suspended or not yet agreed: everything waits with its code, nothing moves, and then goes on."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from exchange import plan
from exchange.agent import turn
from exchange.errors import ExchangeError
from exchange.keys import countersign
from exchange.node import Node
from exchange.peers import sync
from tests.sim.checker import SmallChecker
from tests.sim.town import Route, Town, execute


def _code(work: Callable[[], object]) -> str:
    with pytest.raises(ExchangeError) as raised:
        work()
    return raised.value.code


def _later(seconds: float) -> Callable[[], datetime]:
    return lambda: datetime.now(UTC) + timedelta(seconds=seconds)


def test_a_grant_that_is_not_countersigned_moves_nothing(town: Town) -> None:
    route = town.route(is_countersigned=False)
    route.pull("gongan")
    with town.node("gongan") as node:
        assert route.route_id not in {ref.route_id for ref in plan.plan(node, node.now(), force=True)}
        assert route.grant.grant_id in {item.grant.grant_id for item in countersign.pending(node)}


def test_a_batch_under_a_grant_without_countersignature_is_refused_by_its_consumer(town: Town) -> None:
    """As if the directory and the provider's database lied together: the consumer holds its own copy of the feed."""
    route = town.route()
    unsigned = route.grant.model_copy(update={"grant_id": f"{route.grant.grant_id}-2"})
    town.directory.issue(unsigned)
    route.pull("gongan")
    seq = route.plan()
    town_batch = "UPDATE batch SET grant_id = %s WHERE route_id = %s AND seq = %s"
    execute(town.databases["gongan"], town_batch, (unsigned.grant_id, route.route_id, seq))
    outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", "GRANT_NOT_COUNTERSIGNED")
    assert route.objects(seq) == []


def test_countersigning_another_text_is_refused(town: Town) -> None:
    route = town.route(is_countersigned=False)
    route.pull("gongan")
    route.pull("renshe")
    with town.node("gongan") as node:
        assert _code(lambda: countersign.countersign(node, route.grant.grant_id, "0" * 64, "王处长")) == (
            "GRANT_DIGEST_OTHER"
        )
        assert _code(lambda: countersign.countersign(node, "g-none", "0" * 64, "王处长")) == "GRANT_UNKNOWN"
    with town.node("renshe") as node:
        assert _code(lambda: countersign.countersign(node, route.grant.grant_id, "0" * 64, "王处长")) == "NOT_PROVIDER"


def test_a_countersignature_made_while_the_directory_is_down_is_sent_later(own_town: Town) -> None:
    route = own_town.route(is_countersigned=False)
    route.pull("gongan")
    with own_town.node("gongan") as node:
        (waiting,) = countersign.pending(node)
        own_town.directory.is_down = True
        assert _code(lambda: countersign.countersign(node, route.grant.grant_id, waiting.digest, "王处长")) == (
            "DIRECTORY_NOT_READY"
        )
        own_town.directory.is_down = False
        sync.sync(node)
        sync.sync(node)
        assert node.trust().grants[route.grant.grant_id].is_countersigned


def test_stale_trust_moves_nothing_at_either_end(own_town: Town) -> None:
    route = own_town.route()
    seq = route.plan()
    own_town.directory.is_down = True
    outcome = route.drive("gongan", seq, clock=_later(61))
    assert (outcome.state, outcome.code, outcome.is_waiting) == ("due", "TRUST_STALE", True)
    own_town.directory.is_down = False
    assert route.drive("gongan", seq).state == "stored"
    route.arrive()
    own_town.directory.is_down = True
    outcome = route.drive("renshe", seq, clock=_later(61))
    assert (outcome.state, outcome.code) == ("stored", "TRUST_STALE")
    own_town.directory.is_down = False
    assert route.drive("renshe", seq).state == "closed"


def test_a_directory_that_is_down_for_less_than_the_heads_life_stops_nothing(own_town: Town) -> None:
    route = own_town.route()
    seq = route.plan()
    own_town.directory.is_down = True
    outcome = route.drive("gongan", seq)
    assert outcome.state in ("stored", "sealed"), outcome  # the relay may not have heard of the grant
    own_town.directory.is_down = False
    assert route.drive("gongan", seq).state == "stored"


def test_audit_entries_that_cannot_be_sent_stop_the_data(own_town: Town) -> None:
    route = own_town.route()
    seq = route.plan()
    execute(own_town.databases["gongan"], "UPDATE audit_out SET created_at = now() - interval '301 s'")
    own_town.directory.is_down = True
    outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code, outcome.is_waiting) == ("due", "AUDIT_BACKLOG", True)
    own_town.directory.is_down = False
    assert route.drive("gongan", seq).state == "stored"
    assert any(entry.action == "batch:plan" for entry in own_town.directory.audit.values())


def _turn(node: Node) -> list[tuple[str, str]]:
    done = turn(node, SmallChecker(), node.now())
    assert done.troubles == ()
    return [(item.outcome.state, item.outcome.code) for item in done.driven]


def test_the_agent_needs_nobody_else(own_town: Town) -> None:
    route = own_town.route()
    with own_town.node("gongan") as provider, own_town.node("renshe") as consumer:
        assert _turn(provider) == [("stored", "WAITING_FOR_RECEIPT")]
        assert _turn(consumer) == [("closed", "")]
        assert _turn(provider) == [("closed", "")]
        assert _turn(provider) == []
    assert route.received_rows() == route.sent_rows()
    kinds = [receipt.kind for receipt in own_town.directory.receipts]
    assert sorted(kinds) == ["applied", "checked", "stored", "verified"]
    assert own_town.directory.statuses["gongan", route.route_id, 1].state == "closed"


def _rewind(own_town: Town) -> Route:
    route = own_town.route()
    route.pull("gongan")
    return route


def test_a_directory_that_forgets_is_not_believed(own_town: Town) -> None:
    route = _rewind(own_town)
    seq = route.plan()
    del own_town.directory.entries[-1]
    with own_town.node("gongan") as node:
        assert _code(lambda: sync.sync(node)) == "FEED_ROLLBACK"
    outcome = route.drive("gongan", seq, clock=_later(30))
    assert (outcome.state, outcome.code) == ("held", "FEED_ROLLBACK")


def test_a_directory_that_tells_another_story_is_not_believed(own_town: Town) -> None:
    _rewind(own_town)
    kept = own_town.directory.entries
    own_town.directory.entries = [kept[0], *kept[1:-1]]
    own_town.directory.change(own_town.directory.grants.popitem()[0], "suspended")
    with own_town.node("gongan") as node:
        assert _code(lambda: sync.sync(node)) == "FEED_FORK"


def test_one_record_the_directory_refuses_keeps_no_other_back(own_town: Town) -> None:
    refused, route = own_town.route(), own_town.route()
    refused.exchange()
    route.exchange()
    own_town.directory.refused_routes.add(refused.route_id)
    with own_town.node("renshe") as node:
        assert _code(lambda: sync.sync(node)) == "DIRECTORY_REFUSED"
    assert {receipt.route_id for receipt in own_town.directory.receipts} == {route.route_id}
    assert {route_id for _, route_id, _ in own_town.directory.statuses} == {route.route_id}
    own_town.directory.refused_routes.clear()
    with own_town.node("renshe") as node:
        sync.sync(node)
    assert {receipt.route_id for receipt in own_town.directory.receipts} == {route.route_id, refused.route_id}

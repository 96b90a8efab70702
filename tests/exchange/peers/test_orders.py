"""Work orders: signed, for one node, in time, known, at most once; none makes a node send what is not granted."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange import agent
from exchange.agent import Turn
from exchange.errors import ExchangeError
from exchange.keys import rotate
from exchange.peers import orders
from metadata.feed import FeedEntry
from metadata.orders import PROCEDURES, OrderResult, WorkOrder, misfit
from metadata.signed import Signed
from pipelines import tasks
from standards.crypto import SigningKey
from tests.sim.checker import SmallChecker
from tests.sim.town import Town

ROOT = Path(__file__).parents[3]


def _turn(town: Town, name: str) -> Turn:
    town.directory.valid_seconds = 60.0
    with town.node(name) as node:
        return agent.turn(node, SmallChecker(), node.now())


def _result(town: Town, name: str, order_id: str) -> OrderResult:
    _turn(town, name)
    return town.directory.order_results[order_id]


def _order(**changes: Any) -> WorkOrder:
    now = datetime.now(UTC)
    facts = {
        "order_id": "o-" + "0" * 32,
        "node_id": "gongan",
        "action": "run",
        "arguments": {},
        "issued_by": "信息办",
        "issued_at": now,
        "expires_at": now + timedelta(hours=1),
    }
    return WorkOrder.model_validate(facts | changes)


def test_every_procedure_there_is_can_be_ordered_and_no_other() -> None:
    assert agent.actions(SmallChecker()).keys() == PROCEDURES.keys()


def test_an_order_is_carried_out_once_and_answered(own_town: Town) -> None:
    route = own_town.route()
    route.exchange()
    route.insert([("99000000000000099X", "李四", "990000", "1.00", "2026-02-02T00:00:00Z")])
    order_id = own_town.directory.order("gongan", "run", force=True)
    foreign = own_town.directory.order("renshe", "fsck")
    result = _result(own_town, "gongan", order_id)
    assert (result.outcome, result.code, result.facts["planned"]) == ("done", "", 1)
    assert foreign not in own_town.directory.order_results
    _turn(own_town, "renshe")
    _turn(own_town, "gongan")
    _turn(own_town, "gongan")  # the same order again plans no third batch
    assert route.received_rows() == route.sent_rows()
    with own_town.node("gongan") as node:
        assert orders.carry_out(node, agent.actions(SmallChecker())) == 0
    assert own_town.directory.order_results[foreign].facts == {"findings": 0}
    for name, action in (("gongan", "order:begin"), ("gongan", "order:answer"), ("renshe", "order:answer")):
        assert any(
            entry.action == action and entry.producer == f"node:{name}" for entry in own_town.directory.audit.values()
        )


@pytest.mark.parametrize(("purpose", "suite"), [("identity", 1), ("decryption", 2)])
def test_a_key_is_replaced_by_order_as_the_node_itself_would(own_town: Town, purpose: str, suite: int) -> None:
    """Its own new key, signed by the one before, with the usual overlap; and not again within the week."""
    route = own_town.route()
    before = own_town.directory.chains["gongan"]
    first = own_town.directory.order("gongan", "rotate", purpose=purpose, suite=suite)
    assert _result(own_town, "gongan", first).outcome == "done"
    chain = own_town.directory.chains["gongan"]
    made, old = chain.keys[-1], before.current(purpose, suite)
    assert old is not None
    assert (len(chain.keys), made.purpose, made.suite, made.replaces) == (
        len(before.keys) + 1,
        purpose,
        suite,
        old.key_id,
    )
    until = next(key.until for key in chain.keys if key.key_id == old.key_id)
    assert made.since is not None
    assert until == made.since + rotate.OVERLAP
    again = own_town.directory.order("gongan", "rotate", purpose=purpose, suite=suite)
    assert (_result(own_town, "gongan", again).outcome, _answered(own_town, again)) == ("failed", "KEY_YOUNG")
    assert own_town.directory.chains["gongan"].keys == chain.keys
    _turn(own_town, "renshe")  # what the turns have sent meanwhile is believed and opened
    assert route.received_rows() == route.sent_rows()


@pytest.mark.parametrize("arguments", [{"purpose": "session"}, {"purpose": "identity", "suite": 3}])
def test_a_key_of_no_such_kind_is_not_made(town: Town, arguments: dict[str, Any]) -> None:
    held = town.directory.chains["gongan"].keys
    order_id = town.directory.order("gongan", "rotate", **arguments)
    assert (_result(town, "gongan", order_id).outcome, _answered(town, order_id)) == ("failed", "ORDER_ARGUMENT")
    assert town.directory.chains["gongan"].keys == held


def test_under_airflow_the_nodes_with_orders_are_named_and_each_carries_out_its_own(town: Town, tmp_path: Path) -> None:
    town.directory.valid_seconds = 60.0
    for name in ("gongan", "renshe"):
        (tmp_path / name).symlink_to(town.homes[name])
        tasks.carry_out_orders(tmp_path, name, SmallChecker())
    assert tasks.ordered(tmp_path) == []
    order_id = town.directory.order("renshe", "fsck")
    assert tasks.ordered(tmp_path) == ["renshe"]
    assert [tasks.carry_out_orders(tmp_path, name, SmallChecker()) for name in ("gongan", "renshe")] == [0, 1]
    assert town.directory.order_results[order_id].outcome == "done"
    assert tasks.ordered(tmp_path) == []


def _answered(town: Town, order_id: str) -> str:
    return town.directory.order_results[order_id].code


def test_a_node_examines_itself_and_tells_counts_only(own_town: Town) -> None:
    result = _result(own_town, "renshe", own_town.directory.order("renshe", "doctor"))
    assert (result.outcome, result.facts.keys()) == ("done", {"ok", "note", "bad"})
    assert result.facts["ok"] > 3


def test_an_order_never_sends_what_is_not_countersigned(own_town: Town) -> None:
    """DESIGN §7: not even a directory under an attacker's control."""
    route = own_town.route(is_countersigned=False)
    result = _result(own_town, "gongan", own_town.directory.order("gongan", "run", force=True))
    assert (result.outcome, result.facts) == ("done", {"planned": 0, "arrived": 0, "driven": 0, "stopped": 0})
    result = _result(own_town, "gongan", own_town.directory.order("gongan", "redrive", route_id=route.route_id, seq=1))
    assert (result.outcome, result.code) == ("failed", "BATCH_UNKNOWN")
    result = _result(own_town, "gongan", own_town.directory.order("gongan", "reconcile", route_id=route.route_id))
    assert result.outcome == "failed"
    with own_town.node("renshe") as node, pytest.raises(ExchangeError) as caught:
        node.relay.batches(route.route_id, 0)
    assert caught.value.values["refusal"] == "ROUTE_UNKNOWN"
    assert not list((own_town.homes["gongan"] / "spool").glob("*"))


def test_orders_expired_unknown_or_misfitting_are_refused_by_code(own_town: Town) -> None:
    say = own_town.directory.order
    given = {
        say("gongan", "run", expires_in=-1.0): "ORDER_EXPIRED",
        say("gongan", "format_disk"): "ORDER_UNKNOWN",
        say("gongan", "redrive", route_id="r-1"): "ORDER_ARGUMENT",
        say("gongan", "redrive", route_id="r-1", seq="1"): "ORDER_ARGUMENT",
        say("gongan", "run", force=1): "ORDER_ARGUMENT",
        say("gongan", "probe", host="10.0.0.1"): "ORDER_ARGUMENT",
    }
    _turn(own_town, "gongan")
    for order_id, code in given.items():
        result = own_town.directory.order_results[order_id]
        assert (result.outcome, result.code, bool(result.explanation_zh)) == ("refused", code, True)
    with pytest.raises(ExchangeError) as caught:
        orders.require_valid(_order(), "renshe", datetime.now(UTC))
    assert caught.value.code == "ORDER_FOREIGN"


def test_a_forged_order_is_believed_by_nobody(own_town: Town) -> None:
    """By another key, under a right head or none: the feed is refused, and nothing is begun."""
    forged = Signed.sign("work_order/1", _order(arguments={"force": True}), SigningKey.generate())
    own_town.directory.say("work_order", forged)
    done = _turn(own_town, "gongan")
    assert done.troubles[0].code == "FEED_BAD"
    assert own_town.directory.order_results == {}
    del own_town.directory.entries[-1]
    assert _turn(own_town, "gongan").troubles == ()
    with own_town.node("gongan") as node:  # put in on the way, where no head counts it
        trust = node.feed.load()
        entry = FeedEntry(
            seq=trust.size + 1,
            kind="work_order",
            body=Signed.sign("work_order/1", _order(), own_town.directory.key),
        )
        with pytest.raises(ExchangeError) as caught:
            trust.extend([entry]).under(trust.head)  # type: ignore[arg-type]
    assert caught.value.code == "FEED_FORK"


def test_nothing_is_begun_under_a_stale_head(own_town: Town) -> None:
    own_town.directory.order("gongan", "fsck")
    own_town.directory.valid_seconds = -1.0
    with own_town.node("gongan") as node, pytest.raises(ExchangeError) as caught:
        orders.carry_out(node, agent.actions(SmallChecker()))
    assert caught.value.code == "TRUST_STALE"


def test_a_node_killed_over_an_order_says_so_and_does_not_begin_again(own_town: Town) -> None:
    route = own_town.route()
    order_id = own_town.directory.order("gongan", "run", force=True)
    done = subprocess.run(
        [sys.executable, "-m", "tests.sim.worker", str(own_town.homes["gongan"]), "turn"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HUTONG_FAILPOINT": "order.begun", "HUTONG_ALLOW_FAILPOINTS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, (done.stdout, done.stderr)
    result = _result(own_town, "gongan", order_id)
    assert (result.outcome, result.code) == ("interrupted", "ORDER_INTERRUPTED")
    assert own_town.run("gongan", "SELECT 1") == [(1,)]
    assert route.batch("gongan", 1).state == "stored"  # by the turn itself, as on any day


def test_results_wait_while_the_directory_is_down(own_town: Town) -> None:
    order_id = own_town.directory.order("gongan", "fsck")
    with own_town.node("gongan") as node:
        node.feed.pull(node.directory.feed, node.now())
        own_town.directory.is_down = True
        with pytest.raises(ExchangeError) as caught:
            orders.carry_out(node, agent.actions(SmallChecker()))
        assert caught.value.code == "DIRECTORY_NOT_READY"
        assert order_id not in own_town.directory.order_results
        own_town.directory.is_down = False
        orders.carry_out(node, agent.actions(SmallChecker()))
    assert own_town.directory.order_results[order_id].outcome == "done"


def test_arguments_fit_or_are_named() -> None:
    assert misfit("run", {}) == ""
    assert misfit("run", {"force": True}) == ""
    assert misfit("redrive", {"route_id": "r-1", "seq": 1}) == ""
    assert misfit("redrive", {"route_id": "r-1", "seq": True}) == "seq"
    assert misfit("reconcile", {}) == "route_id"

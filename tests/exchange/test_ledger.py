"""Leases and moves: of two workers only the later one writes, in the ledger and in the target."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from exchange import ledger
from exchange.consumer import apply, load, receive
from exchange.errors import ExchangeError
from exchange.node import Node
from exchange.ports import Checked, CheckSubject
from tests.sim.checker import SmallChecker
from tests.sim.town import Route, Town


@pytest.fixture
def node(town: Town) -> Iterator[Node]:
    with town.node("renshe") as opened:
        yield opened


def _arrived(town: Town) -> tuple[Route, int]:
    route = town.route()
    seq = route.send()
    assert route.arrive() == [seq]
    return route, seq


def test_a_second_worker_is_told_to_wait(town: Town, node: Node) -> None:
    route, seq = _arrived(town)
    with ledger.take(node.engine, route.route_id, seq, ""):
        outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code, outcome.is_waiting) == ("stored", "BATCH_BUSY", True)
    assert route.drive("renshe", seq).state == "closed"


def test_an_overtaken_worker_cannot_write_to_the_ledger(town: Town, node: Node) -> None:
    route, seq = _arrived(town)
    with ledger.take(node.engine, route.route_id, seq, "") as mine:
        _overtake(node, route, seq)
        with pytest.raises(ExchangeError) as raised:
            receive.fetch(node, mine)
    assert raised.value.code == "STALE_LEASE"
    assert route.drive("renshe", seq).state == "closed"
    assert route.received_rows() == route.sent_rows()


def _overtake(node: Node, route: Route, seq: int) -> None:
    """A worker that hung for longer than a lease is passed by; its lock no longer counts."""
    with node.engine.begin() as connection:
        connection.execute(
            text("UPDATE batch SET lease_epoch = nextval('lease_epoch') WHERE route_id = :route AND seq = :seq"),
            {"route": route.route_id, "seq": seq},
        )


def test_an_overtaken_worker_cannot_write_to_the_target(town: Town, node: Node) -> None:
    route, seq = _arrived(town)
    with ledger.take(node.engine, route.route_id, seq, "") as first:
        fetched = receive.fetch(node, first)
        verified = receive.verify(node, fetched)
        staged = load.stage(node, verified)
        checked = load.check(node, staged, SmallChecker())
    assert route.drive("renshe", seq).state == "closed"
    marks = town.run("renshe", "SELECT * FROM hutong.applied_batch WHERE route_id = %s", (route.route_id,))
    for late in (lambda: apply.apply(node, [checked]), lambda: load.stage(node, verified)):
        with pytest.raises(ExchangeError) as raised:
            late()
        assert raised.value.code == "STALE_LEASE"
    assert town.run("renshe", "SELECT * FROM hutong.applied_batch WHERE route_id = %s", (route.route_id,)) == marks
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []


class _Pausing(SmallChecker):
    """Holds its worker in the middle of a step until it is released."""

    def __init__(self) -> None:
        self.is_inside, self.may_go_on = threading.Event(), threading.Event()

    def check(self, subject: CheckSubject) -> Checked:
        self.is_inside.set()
        assert self.may_go_on.wait(60)
        return super().check(subject)


def test_two_workers_at_once_seal_one_batch(town: Town) -> None:
    route = town.route()
    seq = route.plan()
    pausing, outcomes = _Pausing(), []
    worker = threading.Thread(target=lambda: outcomes.append(route.drive("gongan", seq, pausing)))
    worker.start()
    assert pausing.is_inside.wait(60)
    assert route.drive("gongan", seq).code == "BATCH_BUSY"
    pausing.may_go_on.set()
    worker.join()
    assert outcomes[0].state == "stored"
    assert len(list((town.homes["gongan"] / "spool").glob(f"{route.route_id}-*"))) == 1


def test_a_sealing_worker_that_was_overtaken_leaves_the_bound_file_alone(town: Town) -> None:
    route = town.route()
    seq = route.plan()
    pausing, outcomes = _Pausing(), []
    worker = threading.Thread(target=lambda: outcomes.append(route.drive("gongan", seq, pausing)))
    worker.start()
    assert pausing.is_inside.wait(60)
    with town.node("gongan") as node:
        _overtake(node, route, seq)
    pausing.may_go_on.set()
    worker.join()
    assert (outcomes[0].code, outcomes[0].state) == ("STALE_LEASE", "due")
    assert route.drive("gongan", seq).state == "stored"
    bound = route.batch("gongan", seq)
    assert [path.name.split(".")[1] for path in (town.homes["gongan"] / "spool").glob(f"{route.route_id}-*")] == [
        bound.digest
    ]


def test_a_move_and_its_audit_entry_are_one_transaction(town: Town, node: Node) -> None:
    route, seq = _arrived(town)
    with node.engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_out RENAME TO audit_away"))
    try:
        outcome = route.drive("renshe", seq)
        assert (outcome.state, outcome.is_waiting, outcome.code) == ("stored", True, "AUDIT_UNAVAILABLE")
    finally:
        with node.engine.begin() as connection:
            connection.execute(text("ALTER TABLE audit_away RENAME TO audit_out"))
    assert route.batch("renshe", seq).state == "stored"
    assert route.drive("renshe", seq).state == "closed"


def test_an_unknown_batch(town: Town) -> None:
    route = town.route()
    with pytest.raises(ExchangeError) as raised:
        route.drive("renshe", 99)
    assert raised.value.code == "BATCH_UNKNOWN"


def test_every_state_of_a_batch_has_its_audit_entry(town: Town) -> None:
    route = town.route()
    seq = route.exchange()
    for name in ("gongan", "renshe"):
        route.status(name, seq)
    subject, done = (
        f"{route.route_id}/{seq}",
        "plan seal store close arrive fetch verify stage check apply follow reply",
    )
    actions = [entry.action for entry in town.directory.audit.values() if entry.subject == subject]
    assert sorted(set(actions) - {"batch:wait", "batch:keep"}) == sorted(f"batch:{verb}" for verb in done.split())

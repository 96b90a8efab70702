"""F52-F60: lost answers, forged words, partitions, and parties that come back from a backup."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy.engine import URL, make_url

from exchange import plan, steps
from exchange.department import libpq_url
from exchange.errors import ExchangeError
from exchange.keys import countersign
from exchange.node import Node
from exchange.redrive import redrive
from metadata.exchange import RECEIPT, Receipt
from metadata.signed import Signed
from standards.crypto import SigningKey
from tests.exchange.faults.conftest import rerouted
from tests.exchange.faults.matrix import marks
from tests.sim.checker import SmallChecker
from tests.sim.people import people
from tests.sim.proxy import Fault, proxied
from tests.sim.town import Route, Town, built, execute

NOWHERE = "http://127.0.0.1:9"


def _change(route: Route) -> None:
    route.town.run("gongan", f"UPDATE {route.source} SET amount = amount + 1")


def _arrived(route: Route) -> int:
    seq = route.send()
    assert route.arrive() == [seq]
    return seq


def test_f52_the_acknowledgement_is_lost_ten_times(town: Town) -> None:
    """S11 ack lost ten times: closed once, and whatever is repeated changes nothing."""
    route = town.route()
    seq = _arrived(route)
    with town.node("renshe") as node:
        while steps.step(node, route.route_id, seq, SmallChecker()).state != "applied":
            pass
    with proxied(town.relay_url) as line, rerouted(town, "renshe", town.relay_url, line.url):
        for _ in range(10):
            line.plan(Fault("down", cut_at=0))
            outcome = route.drive("renshe", seq)
            assert (outcome.state, outcome.code, outcome.is_waiting) == ("applied", "RELAY_DOWN", True)
        route.require("renshe", seq, "closed")
    for _ in range(2):
        route.require("gongan", seq, "closed")
        route.require("renshe", seq, "closed")
    kept = "SELECT kind FROM receipt WHERE route_id = %s ORDER BY kind"
    assert execute(town.relay_database, kept, (route.route_id,)) == [("applied",), ("checked",), ("verified",)]
    route.status("gongan", seq)
    closes = [
        e for e in town.directory.audit.values() if (e.subject, e.action) == (f"{route.route_id}/{seq}", "batch:close")
    ]
    assert len(closes) == 1
    assert marks(route) == [seq]
    assert route.findings() == []


def test_f53_the_relay_forges_a_receipt(town: Town) -> None:
    """S11 forged receipt: RECEIPT_BAD, held for a person and nothing closed; the true one closes it."""
    route = town.route()
    seq = _arrived(route)
    batch = route.batch("gongan", seq)
    with town.node("renshe") as node:
        said = Receipt(
            kind="applied",
            route_id=route.route_id,
            seq=seq,
            batch_digest=batch.digest,
            by_node_id="renshe",
            at=node.now(),
            contents_digest="0" * 64,
        )
    forged = Signed.sign(RECEIPT, said, SigningKey.generate()).to_bytes()
    place = (route.route_id, seq)
    execute(
        town.relay_database,
        "INSERT INTO receipt (route_id, seq, kind, body, created_at) VALUES (%s, %s, 'applied', %s, now())",
        (*place, forged),
    )
    outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", "RECEIPT_BAD")
    assert route.status("gongan", seq).code == "RECEIPT_BAD"
    execute(town.relay_database, "DELETE FROM receipt WHERE route_id = %s AND seq = %s", place)
    route.require("renshe", seq, "closed")
    with town.node("gongan") as node:
        redrive(node, *place, "运维甲")
    route.require("gongan", seq, "closed")
    assert route.findings() == []


@contextlib.contextmanager
def _audit_gone(town: Town) -> Iterator[None]:
    town.run("renshe", "ALTER TABLE hutong.audit_out RENAME TO audit_away")
    try:
        yield
    finally:
        town.run("renshe", "ALTER TABLE hutong.audit_away RENAME TO audit_out")


@contextlib.contextmanager
def _audit_locked(town: Town) -> Iterator[None]:
    connection = psycopg2.connect(libpq_url(town.departments["renshe"]))
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE hutong.audit_out IN ACCESS EXCLUSIVE MODE")
        yield


@pytest.mark.parametrize("broken", [_audit_gone, _audit_locked])
def test_f54_nothing_can_be_recorded(
    town: Town, broken: Callable[[Town], contextlib.AbstractContextManager[None]]
) -> None:
    """S12 audit table missing or locked: AUDIT_UNAVAILABLE, no data change; it goes on when it is back."""
    route = town.route()
    route.exchange()
    before = route.received_rows()
    _change(route)
    seq = _arrived(route)
    with broken(town):
        outcome = route.drive("renshe", seq)
        assert (outcome.state, outcome.code, outcome.is_waiting) == ("checked", "AUDIT_UNAVAILABLE", True)
        assert route.received_rows() == before
        assert marks(route) == [1]
    route.require("renshe", seq, "closed")
    route.require("gongan", seq, "closed")
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []


@pytest.fixture(scope="module")
def twenty(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Iterator[list[Route]]:
    """Twenty routes of a town of their own: a route has one batch under way at a time."""
    with built(tmp_path_factory.mktemp("twenty"), new_database) as made:
        routes = [made.route(people(2), is_countersigned=False) for _ in range(20)]
        with made.node("gongan") as node:
            node.feed.pull(node.directory.feed, node.now())
            for waiting in countersign.pending(node):
                countersign.countersign(node, waiting.grant.grant_id, waiting.digest, "王处长")
        for name in ("gongan", "renshe"):
            routes[0].pull(name)
        yield routes


def _drive(node: Node, routes: list[Route], seq: int) -> set[tuple[str, str]]:
    outcomes = [steps.drive(node, route.route_id, seq, SmallChecker()) for route in routes]
    return {(outcome.state, outcome.code) for outcome in outcomes}


def _drain(routes: list[Route], seq: int) -> None:
    town = routes[0].town
    with town.node("gongan") as provider, town.node("renshe") as consumer:
        assert _drive(provider, routes, seq) == {("stored", "WAITING_FOR_RECEIPT")}
        taken = {(ref.route_id, ref.seq) for ref in plan.arrivals(consumer)}
        assert taken == {(route.route_id, seq) for route in routes}
        assert _drive(consumer, routes, seq) == {("closed", "")}
        assert _drive(provider, routes, seq) == {("closed", "")}
    for route in routes:
        assert marks(route) == list(range(1, seq + 1))
        assert route.received_rows() == route.sent_rows()
    for route in (routes[0], routes[-1]):
        assert route.findings() == []


def test_f56_the_relay_is_down_and_twenty_batches_wait(twenty: list[Route]) -> None:
    """The relay is down for everybody, 20 batches are queued: they drain in order, none is lost."""
    town = twenty[0].town
    with rerouted(town, "gongan", town.relay_url, NOWHERE), town.node("gongan") as node:
        assert len(plan.plan(node, node.now(), force=True)) == 20
        assert _drive(node, twenty, 1) == {("sealed", "RELAY_DOWN")}
        assert _drive(node, twenty, 1) == {("sealed", "RELAY_DOWN")}
    _drain(twenty, 1)


def test_f57_a_partition_between_relay_and_target(twenty: list[Route]) -> None:
    """Partition between relay and target for 10 batches, then healed: the order is kept."""
    some, town = twenty[:10], twenty[0].town
    before = [route.received_rows() for route in some]
    for route in some:
        _change(route)
    with town.node("gongan") as node:
        seq = {ref.seq for ref in plan.plan(node, node.now(), force=True)}.pop()
        assert _drive(node, some, seq) == {("stored", "WAITING_FOR_RECEIPT")}
    with rerouted(town, "renshe", town.relay_url, NOWHERE), town.node("renshe") as node:
        with pytest.raises(ExchangeError) as raised:
            plan.arrivals(node)
        assert raised.value.code == "RELAY_DOWN"
        assert plan.open_batches(node) == []
    assert [route.received_rows() for route in some] == before
    _drain(some, seq)


def _forget(route: Route, after: int) -> None:
    """The relay comes back from a backup taken after this batch."""
    for table in ("receipt", "segment", "batch"):
        execute(
            route.town.relay_database, f"DELETE FROM {table} WHERE route_id = %s AND seq > %s", (route.route_id, after)
        )


def test_f58_the_relay_is_restored_from_a_backup(town: Town) -> None:
    """Relay restored from a backup 5 batches old: HUB_BEHIND, it is told again, nothing is applied twice."""
    route = town.route()
    for _ in range(6):
        _change(route)
        seq = route.exchange()
    _forget(route, 1)
    _change(route)
    seq = route.plan()
    outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code, outcome.is_waiting) == ("sealed", "HUB_BEHIND", True)
    route.require("gongan", seq, "stored")
    _forget(route, 1)  # once more, with one on its way
    assert route.drive("gongan", seq).code == "HUB_BEHIND"
    assert route.drive("gongan", seq).code == "WAITING_FOR_RECEIPT"
    assert route.arrive() == [seq]
    route.require("renshe", seq, "closed")
    _forget(route, 1)  # once more, before its provider has read that it was applied
    assert route.drive("gongan", seq).code == "HUB_BEHIND"
    assert route.arrive() == []
    route.require("gongan", seq, "closed")
    assert marks(route) == list(range(1, seq + 1))
    assert route.received_rows() == route.sent_rows()
    listed = execute(town.relay_database, "SELECT seq FROM batch WHERE route_id = %s ORDER BY seq", (route.route_id,))
    assert listed == [(number,) for number in range(1, seq + 1)]
    assert route.findings() == []


def test_f59_the_target_is_restored_from_a_backup(town: Town) -> None:
    """Target restored 5 batches old: seen behind the receipts, all rows are asked for again, and it ends equal."""
    route = town.route()
    route.exchange()
    town.run("renshe", f"CREATE TABLE backup_{route.source} AS SELECT * FROM shared.{route.source}")
    for _ in range(5):
        _change(route)
        route.exchange()
    town.run("renshe", f"DELETE FROM shared.{route.source}")
    town.run("renshe", f"INSERT INTO shared.{route.source} SELECT * FROM backup_{route.source}")
    town.run("renshe", "DELETE FROM hutong.applied_batch WHERE route_id = %s AND seq > 1", (route.route_id,))
    town.run("renshe", "UPDATE hutong.route_head SET seq = 1 WHERE route_id = %s", (route.route_id,))
    town.run(
        "renshe",
        "DELETE FROM hutong.audit_out WHERE convert_from(body, 'UTF8') LIKE %s"
        " AND convert_from(body, 'UTF8') NOT LIKE %s",
        (f"%{route.route_id}/%", f"%{route.route_id}/1%"),
    )
    behind = _arrived(route)
    outcome = route.drive("renshe", behind)
    assert (outcome.state, outcome.code) == ("quarantined", "TARGET_BEHIND")
    assert route.drive("gongan", behind).state == "quarantined"
    again = route.batch("gongan", behind).replaced_by_seq
    assert again == behind + 1
    route.require("gongan", again, "stored")
    assert route.arrive() == [again]
    route.require("renshe", again, "closed")
    route.require("gongan", again, "closed")
    assert route.received_rows() == route.sent_rows()
    assert marks(route) == [1, again]
    assert route.findings() == []


def _copied(database: str, cluster: URL) -> str:
    """A second database with the same content, of the same owner."""
    of = make_url(database)
    connection = psycopg2.connect(cluster.set(drivername="postgresql").render_as_string(hide_password=False))
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {of.database}_twin TEMPLATE {of.database} OWNER {of.username}")
    return of.set(database=f"{of.database}_twin").render_as_string(hide_password=False)


def _drop(database: str, cluster: URL) -> None:
    connection = psycopg2.connect(cluster.set(drivername="postgresql").render_as_string(hide_password=False))
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {make_url(database).database} WITH (FORCE)")


def test_f60_a_node_exists_twice(town: Town, cluster_url: URL, tmp_path: Path) -> None:
    """Node cloned, one key twice: the fork is seen and both are stopped with SEQ_FORK."""
    route = town.route()
    route.exchange()
    twin = _copied(town.databases["gongan"], cluster_url)
    try:
        home = shutil.copytree(town.homes["gongan"], tmp_path / "twin")
        settings = home / "node.toml"
        settings.write_text(settings.read_text().replace(town.databases["gongan"], twin))
        seq = _arrived(route)
        _change(route)
        with Node.open(home) as node:
            plan.plan(node, node.now(), force=True)
            outcome = steps.drive(node, route.route_id, seq, SmallChecker())
        assert (outcome.state, outcome.code) == ("held", "SEQ_FORK")
        assert outcome.next_step
    finally:
        _drop(twin, cluster_url)
    route.require("renshe", seq, "closed")
    route.require("gongan", seq, "closed")
    following = route.plan()
    outcome = route.drive("gongan", following)
    assert (outcome.state, outcome.code) == ("held", "SEQ_FORK")
    assert route.status("gongan", following).code == "SEQ_FORK"
    assert marks(route) == [1, seq]
    assert route.findings() == []

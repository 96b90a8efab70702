"""Lines that break: what was carried stays carried, both ways, across processes; and a spool that is full waits."""

import os
import secrets
from collections.abc import Iterator

import pytest

from exchange.steps import Outcome
from tests.sim.people import ITEMS
from tests.sim.proxy import Fault, Line, proxied
from tests.sim.town import Route, Town, execute

SEGMENT_BYTES = 64 * 1024
_LONG_NAMES = tuple(item.model_copy(update={"length": None}) if item.field == "xm" else item for item in ITEMS)
_ROWS = [
    (f"99{number:015d}X", secrets.token_urlsafe(45_000), "990000", "1.00", "2026-01-02T00:00:00Z")
    for number in range(9)
]


@pytest.fixture
def line(town: Town, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """The nodes reach their relay over this, in small segments."""
    with proxied(town.relay_url) as made:
        monkeypatch.setenv("HUTONG_NODE_RELAY_URL", made.url)
        monkeypatch.setenv("HUTONG_NODE_SEGMENT_BYTES", str(SEGMENT_BYTES))
        yield made


@pytest.fixture
def route(town: Town) -> Route:
    """About 400 KB that do not get smaller: seven segments."""
    return town.route(_ROWS, items=_LONG_NAMES)


def _cut(line: Line, route: Route, node: str, seq: int, fault: Fault) -> Outcome:
    """Drive once over a line with this fault, by a process of its own as far as the node can tell."""
    line.plan(fault)
    outcome = route.drive(node, seq)
    line.clear()
    return outcome


def _require_one_object(route: Route, seq: int) -> None:
    (facts,) = execute(
        route.town.relay_database,
        "SELECT count(*), count(DISTINCT digest), sum(size_bytes) FROM segment JOIN object USING (digest)"
        " WHERE route_id = %s AND seq = %s",
        (route.route_id, seq),
    )
    size_bytes = route.batch("gongan", seq).size_bytes
    assert size_bytes is not None
    count = -(-size_bytes // SEGMENT_BYTES)
    assert (facts[0], facts[1], int(facts[2])) == (count, count, size_bytes)


def test_an_upload_goes_on_with_the_segment_it_was_cut_in(line: Line, route: Route) -> None:
    """F15: cut at five offsets, then whole; nothing that had come goes over the line again."""
    seq, carried = route.plan(), 0
    for offset in (0, 700, 30_000, 100_000, 170_000):
        line.plan(Fault("up", cut_at=offset))
        outcome = route.drive("gongan", seq)
        assert (outcome.state, outcome.is_waiting, outcome.code) == ("sealed", True, "RELAY_DOWN"), offset
        carried += line.carried["up"]
        line.clear()
    route.require("gongan", seq, "stored")
    carried += line.carried["up"]
    size_bytes = route.batch("gongan", seq).size_bytes or 0
    assert size_bytes > 5 * SEGMENT_BYTES
    heads = 60 * 1200  # some 60 requests
    assert carried < size_bytes + 5 * SEGMENT_BYTES + heads
    assert carried < 3 * size_bytes
    _require_one_object(route, seq)
    assert route.arrive() == [seq]
    route.require("renshe", seq, "closed")
    assert route.received_rows() == route.sent_rows()


def test_answers_that_are_lost_and_bytes_that_change_are_sent_again(line: Line, route: Route) -> None:
    """F16, F18: the relay has done it, or refused it; either way there is one object and one announcement."""
    seq = route.plan()
    for fault in (Fault(refuse=True), *(Fault("down", cut_at=at) for at in (0, 300, 900, 2500))):
        outcome = _cut(line, route, "gongan", seq, fault)
        assert (outcome.state, outcome.code) == ("sealed", "RELAY_DOWN") or outcome.state == "stored", fault
    if route.batch("gongan", seq).state == "sealed":
        route.require("gongan", seq, "stored")
    _require_one_object(route, seq)
    route.arrive()
    route.require("renshe", seq, "closed")
    route.require("gongan", seq, "closed")
    route.insert([("99000000000099999X", secrets.token_urlsafe(60_000), "990000", "1.00", "2026-02-02T00:00:00Z")])
    again = route.plan()
    outcome = _cut(line, route, "gongan", again, Fault("up", corrupt_at=20_000))
    assert (outcome.state, outcome.is_waiting, outcome.code) == ("sealed", True, "RELAY_NOT_READY")
    assert "OBJECT_DIFFERS" in outcome.explanation_zh
    route.require("gongan", again, "stored")
    route.arrive()
    route.require("renshe", again, "closed")
    route.require("gongan", again, "closed")
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []


def test_a_download_goes_on_with_the_byte_it_was_cut_at(line: Line, route: Route) -> None:
    seq = route.send()
    route.arrive()
    line.clear()
    line.hang_up()
    carried = 0
    for offset in (0, 500, 20_000, 100_000, 130_000):
        line.plan(Fault("down", cut_at=offset))
        outcome = route.drive("renshe", seq)
        assert (outcome.state, outcome.is_waiting, outcome.code) == ("stored", True, "RELAY_DOWN"), offset
        carried += line.carried["down"]
        line.clear()
    (part,) = (route.town.homes["renshe"] / "spool").glob(f"{route.route_id}-*.part")
    had = part.stat().st_size
    assert had > 200_000
    route.require("renshe", seq, "closed")
    size_bytes = route.batch("gongan", seq).size_bytes or 0
    heads = 30 * 800
    assert line.carried["down"] < size_bytes - had + heads
    assert carried + line.carried["down"] < size_bytes + 2 * heads
    assert route.received_rows() == route.sent_rows()


def test_a_byte_changed_on_the_way_down_is_fetched_again(line: Line, route: Route) -> None:
    seq = route.send()
    route.arrive()
    line.clear()
    line.plan(Fault("down", corrupt_at=90_000))
    route.require("renshe", seq, "closed")
    assert route.received_rows() == route.sent_rows()


def test_days_of_batches_wait_at_the_relay_and_are_taken_in_order(line: Line, town: Town) -> None:
    """F56, seen from the consumer: its line is down while the provider's is not."""
    route = town.route()
    first = route.exchange()
    line.is_down = True
    line.hang_up()
    seq = route.plan()
    assert route.drive("gongan", seq).code == "RELAY_DOWN"
    line.is_down = False
    route.require("gongan", seq, "stored")
    assert route.arrive() == [seq]
    line.is_down = True
    line.hang_up()
    assert route.drive("renshe", seq).code == "RELAY_DOWN"
    line.is_down = False
    route.require("renshe", seq, "closed")
    route.require("gongan", seq, "closed")
    assert seq == first + 1
    assert route.findings() == []


def test_a_full_spool_makes_both_ends_wait_and_closed_batches_give_way(
    own_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Back-pressure: nothing fills up, the code says so, and room makes it go on."""
    small, large = own_town.route(), own_town.route(_ROWS, items=_LONG_NAMES)
    small.exchange()  # leaves its sealed file at both ends
    kept = {name: list((own_town.homes[name] / "spool").glob("*.batch")) for name in ("gongan", "renshe")}
    assert all(kept.values())
    seq = large.plan()
    monkeypatch.setenv("HUTONG_NODE_SPOOL_BYTES", "100000")
    outcome = large.drive("gongan", seq)
    assert (outcome.state, outcome.is_waiting, outcome.code) == ("due", True, "SPOOL_FULL")
    assert own_town.homes["gongan"].joinpath("spool").exists()
    assert not list((own_town.homes["gongan"] / "spool").glob(f"{large.route_id}*"))
    monkeypatch.setenv("HUTONG_NODE_SPOOL_BYTES", "2000000")
    large.require("gongan", seq, "stored")
    assert not any(path.exists() for path in kept["gongan"])
    large.arrive()
    monkeypatch.setenv("HUTONG_NODE_SPOOL_BYTES", "100000")
    outcome = large.drive("renshe", seq)
    assert (outcome.state, outcome.is_waiting, outcome.code) == ("stored", True, "SPOOL_FULL")
    assert not any(path.exists() for path in kept["renshe"])
    monkeypatch.setenv("HUTONG_NODE_SPOOL_BYTES", "2000000")
    large.require("renshe", seq, "closed")
    large.require("gongan", seq, "closed")
    assert large.received_rows() == large.sent_rows()
    assert large.findings() == []


def test_a_batch_that_grows_beyond_its_estimate_is_stopped_while_it_is_written(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUTONG_NODE_SPOOL_BYTES", "50000000")
    with town.node("gongan") as node, node.spool.part("r-grows", 1, 1) as part:
        piece = os.urandom(8 * 1024 * 1024)
        written = 0
        with pytest.raises(Exception, match="SPOOL_FULL"):  # noqa: PT012  # how many it takes is not the point
            for _ in range(20):
                written += part.write(piece)
        assert written <= 80_000_000
        part.cut(0)
    with town.node("gongan") as node:
        node.spool.forget("r-grows", 1)

"""A grant that is suspended while a batch is under way: nothing more is applied, and nothing is lost."""

import pytest

from exchange import steps
from tests.exchange.faults.matrix import marks
from tests.sim.checker import SmallChecker
from tests.sim.town import Town


@pytest.mark.parametrize("state", ["due", "sealed", "stored", "fetched", "verified", "staged", "checked"])
def test_suspended_in_mid_batch_it_goes_on_when_resumed(town: Town, state: str) -> None:
    """Whatever state a batch is in, under a suspended grant nothing more is applied; resumed, it goes on."""
    route = town.route()
    seq = route.plan()
    name = "gongan" if state in ("due", "sealed") else "renshe"
    if name == "renshe":
        route.require("gongan", seq, "stored")
        assert route.arrive() == [seq]
    with town.node(name) as node:
        while route.batch(name, seq).state != state:
            assert not steps.step(node, route.route_id, seq, SmallChecker()).code
    town.directory.change(route.grant.grant_id, "suspended")
    route.pull(name)
    for _ in range(2):
        outcome = route.drive(name, seq)
        assert (outcome.state, outcome.code, outcome.is_waiting) == (state, "GRANT_SUSPENDED", True)
    assert marks(route) == []
    assert route.received_rows() == []
    town.directory.change(route.grant.grant_id, "active")
    route.pull(name)
    if name == "gongan":
        route.require("gongan", seq, "stored")
        assert route.arrive() == [seq]
    route.require("renshe", seq, "closed")
    route.require("gongan", seq, "closed")
    assert marks(route) == [seq]
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []

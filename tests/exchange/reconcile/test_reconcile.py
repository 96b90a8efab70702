"""Two ends compare what they hold: equal, or what differs, each at its own end; through the real relay."""

from exchange.node import Node
from exchange.reconcile import differences, provider, sessions
from exchange.reconcile.turn import turn
from metadata.reconciliation import Reconciliation
from tests.sim.people import people
from tests.sim.town import Route


def settle(route: Route) -> None:
    """Turns at both ends until nothing moves."""
    for _ in range(6):
        for name in ("renshe", "gongan"):
            with route.town.node(name) as node:
                turn(node, node.now())


def result_at(node: Node, route: Route) -> Reconciliation:
    with node.engine.connect() as connection:
        found = sessions.newest(connection, route.route_id)
    assert found is not None
    signed = found.signed()
    assert signed is not None, (found.state, found.code)
    return Reconciliation.from_bytes(signed.payload_bytes())


def reconcile(route: Route) -> Reconciliation:
    """One whole reconciliation; the result that both ends hold."""
    with route.town.node("gongan") as node:
        provider.begin(node, route.route_id)
    settle(route)
    with route.town.node("gongan") as here, route.town.node("renshe") as there:
        found = result_at(here, route)
        assert result_at(there, route) == found
        with here.engine.connect() as connection:
            ended = sessions.newest(connection, route.route_id)
        assert ended is not None
        assert (ended.state, ended.secret, ended.work) == ("closed", b"", b"")
    return found


def kinds(route: Route, name: str) -> list[tuple[str, bool]]:
    """What an end's own list says: the kind, and whether the row is known there."""
    with route.town.node(name) as node:
        return [(item.kind, item.row_key is not None) for item in differences.listed(node, route.route_id)]


def test_equal(town):
    route = town.route()
    route.exchange()
    found = reconcile(route)
    assert found.outcome == "equal"

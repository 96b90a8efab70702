"""What the tests of reconciliation do with a route of the town."""

from exchange.node import Node
from exchange.reconcile import differences, provider, sessions
from exchange.reconcile.sessions import Session
from exchange.reconcile.turn import turn
from metadata.reconciliation import Reconciliation
from metadata.resource import Item, MountColumn
from tests.sim.people import COLUMNS, ITEMS
from tests.sim.town import Route, Town

LOOSE_ITEMS = tuple(
    item.model_copy(update={"is_nullable": True, "length": None}) if not item.is_key else item for item in ITEMS
)
LOOSE_COLUMNS = tuple(
    column.model_copy(update={"sql_type": "numeric"}) if column.field == "je" else column for column in COLUMNS
)


def loose_route(town: Town, rows: list[tuple[str | None, ...]], *, is_keyed: bool = True) -> Route:
    """A route whose amount has no fixed scale, whose name may be NULL, and which may have no key."""
    items: tuple[Item, ...] = LOOSE_ITEMS
    columns: tuple[MountColumn, ...] = LOOSE_COLUMNS
    if not is_keyed:
        items = tuple(item.model_copy(update={"is_key": False}) for item in items)
    route = town.route([], items=items, columns=columns)
    town.run("gongan", f"ALTER TABLE {route.source} ALTER amount TYPE numeric")
    route.insert(rows)
    return route


def begin(route: Route) -> None:
    with route.town.node("gongan") as node:
        provider.begin(node, route.route_id)


def go(route: Route, *names: str) -> None:
    """One turn at each of these ends."""
    for name in names:
        with route.town.node(name) as node:
            turn(node, node.now(), route.route_id)


def session_at(route: Route, name: str) -> Session:
    with route.town.node(name) as node, node.engine.connect() as connection:
        found = sessions.newest(connection, route.route_id)
    assert found is not None
    return found


def result_at(route: Route, name: str) -> Reconciliation:
    found = session_at(route, name)
    signed = found.signed()
    assert signed is not None, (found.state, found.code)
    return Reconciliation.from_bytes(signed.payload_bytes())


def reconcile(route: Route) -> Reconciliation:
    """One whole reconciliation; the result that both ends hold."""
    begin(route)
    while session_at(route, "gongan").state not in sessions.FINAL:
        go(route, "gongan", "renshe", "gongan")
    found, ended = result_at(route, "gongan"), session_at(route, "gongan")
    assert result_at(route, "renshe") == found
    assert (ended.state, ended.secret, ended.work) == ("closed", b"", b"")
    return found


def kinds(route: Route, name: str) -> list[tuple[str, bool]]:
    """What an end's own list says: the kind, and whether the row is known there."""
    with route.town.node(name) as node:
        return [(item.kind, item.row_key is not None) for item in differences.listed(node, route.route_id)]


def codes(node: Node, route_id: str) -> list[str]:
    """Codes of the refusals of a route's messages in the audit queue, oldest first."""
    with node.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT convert_from(body, 'UTF8')::json FROM audit_out ORDER BY id"
        ).scalars()
        return [row["code"] for row in rows if (row["action"], row["subject"]) == ("reconcile:refuse", route_id)]

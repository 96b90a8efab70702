"""A grant is replaced by another of its route while batches are under way: nobody has to move anything by hand."""

import pytest

from exchange import plan
from metadata.access import RegionFilter
from tests.sim.people import people
from tests.sim.town import Route, Town

ONLY = "990102"


def _replaced(route: Route, **changes: object) -> Route:
    """Narrowed to one region under a new grant; the old one has ended, both ends know."""
    narrow = route.renew(row_filter=RegionFilter(field="xzqh", prefixes=(ONLY,)), **changes)
    route.town.directory.change(route.grant.grant_id, "terminated")
    for name in ("gongan", "renshe"):
        route.pull(name)
    return narrow


def _regions(route: Route) -> set[str]:
    return {row[2] for row in route.received_rows()}


@pytest.fixture(scope="module")
def wide(town: Town) -> Route:
    rows = [(*row[:2], ONLY if number % 2 else "990101", *row[3:]) for number, row in enumerate(people(10))]
    return town.route(rows)


def test_less_is_due_at_once_and_what_is_no_longer_given_goes(town: Town, wide: Route) -> None:
    wide.exchange()
    assert _regions(wide) == {"990101", ONLY}
    narrow = _replaced(wide, frequency="once")  # which by itself would never be due again
    with town.node("gongan") as node:
        grant = plan.current_grant(node.trust(), narrow.route_id, node.now())
        assert grant is not None
        assert grant.grant_id == narrow.grant.grant_id
        [due] = plan.plan_routes(node, [grant], node.now())
    narrow.require("gongan", due.seq, "stored")
    assert narrow.arrive() == [due.seq]
    narrow.require("renshe", due.seq, "closed")
    narrow.require("gongan", due.seq, "closed")
    assert _regions(narrow) == {ONLY}
    with town.node("gongan") as node:
        assert plan.plan_routes(node, [grant], node.now()) == []  # once


@pytest.mark.parametrize("state", ["due", "stored"])
def test_what_was_under_way_goes_on_under_the_new_grant(town: Town, state: str) -> None:
    route = town.route([(*row[:2], ONLY, *row[3:]) for row in people(6)])
    seq = route.plan()
    if state == "stored":
        route.require("gongan", seq, "stored")
        assert route.arrive() == [seq]
    narrow = _replaced(route)
    if state == "stored":  # refused under the grant that is over, and sealed anew at once under the other
        assert narrow.drive("renshe", seq).code == "GRANT_TERMINATED"
        narrow.drive("gongan", seq)
        seq += 1
    narrow.require("gongan", seq, "stored")
    assert narrow.arrive() == [seq]
    narrow.require("renshe", seq, "closed")
    narrow.require("gongan", seq, "closed")
    assert narrow.received_rows() == narrow.sent_rows()
    assert narrow.batch("renshe", seq).grant_id == narrow.grant.grant_id
    assert narrow.findings() == []


def test_what_was_refused_under_a_grant_that_nothing_replaced_stays_so(town: Town) -> None:
    route = town.route()
    seq = route.send()
    assert route.arrive() == [seq]
    town.directory.change(route.grant.grant_id, "terminated")
    for name in ("gongan", "renshe"):
        route.pull(name)
    assert route.drive("renshe", seq).code == "GRANT_TERMINATED"
    assert route.drive("gongan", seq).state == "quarantined"
    assert route.batch("gongan", seq).replaced_by_seq is None

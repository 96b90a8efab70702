"""A grant is replaced by another of its route while batches are under way: nobody has to move anything by hand."""

import pytest

from exchange import ledger, plan, steps
from exchange.provider import send
from exchange.redrive import redrive
from metadata.access import Grant, RegionFilter
from tests.sim.checker import SmallChecker
from tests.sim.people import people
from tests.sim.registry import Registry
from tests.sim.town import Route, Town, execute

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


def _seal(route: Route, seq: int) -> None:
    """And no step further, as while the relay cannot be reached."""
    with route.town.node("gongan") as node, ledger.take(node.engine, route.route_id, seq, "") as batch:
        assert send.seal(node, [batch], SmallChecker())[0].state == "sealed"


def test_what_was_sealed_and_had_not_left_is_sealed_anew_under_the_new_grant(town: Town) -> None:
    """Nothing of what the old grant gave and the new one does not is ever at the relay."""
    route = town.route([(*row[:2], ONLY if number % 2 else "990101", *row[3:]) for number, row in enumerate(people(8))])
    for _ in range(2):  # the first batch of a route, and one that builds on another
        seq = route.plan()
        _seal(route, seq)
        narrow = _replaced(route)
        assert narrow.drive("gongan", seq).state == "quarantined"
        assert narrow.batch("gongan", seq).replaced_by_seq == seq + 1
        assert narrow.objects(seq) == []
        narrow.require("gongan", seq + 1, "stored")
        assert narrow.arrive() == [seq + 1]
        narrow.require("renshe", seq + 1, "closed")
        narrow.require("gongan", seq + 1, "closed")
        assert _regions(narrow) == {ONLY}
        assert narrow.findings() == []
        route = narrow


def _forget_the_answer(route: Route, seq: int) -> None:
    """As a node that died between the relay's receipt and its own commit."""
    url = route.town.databases["gongan"]
    where = "WHERE route_id = %s AND seq = %s"
    execute(url, f"UPDATE batch SET state = 'sealed', manifest = '' {where}", (route.route_id, seq))
    execute(url, f"DELETE FROM receipt {where}", (route.route_id, seq))


@pytest.mark.parametrize("is_applied", [False, True])
def test_what_was_announced_and_its_answer_lost_goes_on(town: Town, is_applied: bool) -> None:
    """The consumer says what becomes of it: refused under the grant that is over, or applied while it was in force."""
    route = town.route([(*row[:2], ONLY, *row[3:]) for row in people(6)])
    seq = route.send()
    assert route.arrive() == [seq]
    if is_applied:
        route.require("renshe", seq, "closed")
    _forget_the_answer(route, seq)
    narrow = _replaced(route)
    if not is_applied:
        assert narrow.drive("gongan", seq).code == "WAITING_FOR_RECEIPT"
        assert narrow.drive("renshe", seq).code == "GRANT_TERMINATED"
    narrow.drive("gongan", seq)
    if is_applied:
        assert narrow.batch("gongan", seq).state == "closed"
        assert narrow.plan() == seq + 1
    else:
        assert narrow.batch("gongan", seq).replaced_by_seq == seq + 1
    narrow.require("gongan", seq + 1, "stored")
    assert narrow.arrive() == [seq + 1]
    narrow.require("renshe", seq + 1, "closed")
    narrow.require("gongan", seq + 1, "closed")
    assert narrow.received_rows() == narrow.sent_rows()
    assert narrow.findings() == []


def test_what_is_listed_in_its_place_and_is_another_is_a_persons(town: Town) -> None:
    route = town.route()
    seq = route.send()
    _forget_the_answer(route, seq)
    execute(town.databases["gongan"], "UPDATE batch SET digest = %s WHERE route_id = %s", ("0" * 64, route.route_id))
    outcome = _replaced(route).drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", "GRANT_TERMINATED")


def test_what_was_sealed_under_a_grant_that_nothing_replaced_stays(town: Town) -> None:
    route = town.route()
    seq = route.plan()
    _seal(route, seq)
    town.directory.change(route.grant.grant_id, "terminated")
    route.pull("gongan")
    outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", "GRANT_TERMINATED")
    route.renew()
    route.pull("gongan")
    with town.node("gongan") as node:  # one that comes later lets it go on, when a person says so
        redrive(node, route.route_id, seq, "运维甲")
    assert route.drive("gongan", seq).state == "quarantined"
    assert route.batch("gongan", seq).replaced_by_seq == seq + 1


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


def _renewed(registry: Registry, *grants: Grant) -> None:
    """Each under a new grant of the same group; the old one has ended, both ends know."""
    town = registry.town
    new = [grant.model_copy(update={"grant_id": f"{grant.grant_id}-2"}) for grant in grants]
    for grant in new:
        town.directory.issue(grant)
    registry.countersign(*new)
    for grant in grants:
        town.directory.change(grant.grant_id, "terminated")
    registry.pull()


def _sealed(town: Town) -> Registry:
    """Both of one instant, and no step further."""
    registry = Registry.made(town)
    registry.plan()
    with town.node("gongan") as node:
        outcome = steps.step(node, registry.companies.route_id, 1, SmallChecker())
    assert outcome.state == "sealed", outcome
    return registry


@pytest.mark.parametrize("are_all", [True, False])
def test_an_instant_that_had_not_left_is_sealed_anew_whole(town: Town, are_all: bool) -> None:
    """Whether the grants of all its tables were replaced or of one, which is driven first."""
    registry = _sealed(town)
    _renewed(registry, *(registry.grants if are_all else [registry.licences]))
    with town.node("gongan") as node:
        assert steps.drive(node, registry.licences.route_id, 1, SmallChecker()).state == "quarantined"
        with node.engine.connect() as connection:
            old = [ledger.find(connection, grant.route_id, 1) for grant in registry.grants]
    assert [(each.state, each.replaced_by_seq) for each in old] == [("quarantined", 2)] * 2
    assert [each.code for each in old] == ["GRANT_TERMINATED" if are_all else "INSTANT_REFUSED", "GRANT_TERMINATED"]
    registry.insert(2)
    registry.finish()
    assert [batch.seq for batch in (registry.batch("renshe", grant) for grant in registry.grants)] == [2, 2]
    assert registry.received() == registry.sent()
    assert registry.findings() == []


def test_an_instant_of_which_one_has_left_is_a_persons(town: Town) -> None:
    registry = _sealed(town)
    assert registry.drive("gongan", registry.companies).state == "stored"
    _renewed(registry, registry.licences)
    outcome = registry.drive("gongan", registry.licences)
    assert (outcome.state, outcome.code) == ("held", "GRANT_TERMINATED")


def test_an_instant_somebody_else_is_at_waits(town: Town) -> None:
    registry = _sealed(town)
    _renewed(registry, *registry.grants)
    with town.node("gongan") as node:
        with ledger.take(node.engine, registry.companies.route_id, 1, ""):
            outcome = steps.drive(node, registry.licences.route_id, 1, SmallChecker())
        assert (outcome.state, outcome.code) == ("sealed", "BATCH_BUSY")
        assert steps.drive(node, registry.licences.route_id, 1, SmallChecker()).state == "quarantined"

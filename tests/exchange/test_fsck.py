"""Each invariant is seen to break when what it guards is broken."""

from collections.abc import Callable

import pytest

from tests.sim.town import Route, Town, execute


def _ledger(route: Route, name: str, statement: str) -> None:
    execute(route.town.databases[name], statement, {"route": route.route_id})


def _lose_mark(route: Route) -> None:
    route.town.run("renshe", "DELETE FROM hutong.applied_batch WHERE route_id = %s AND seq = 2", (route.route_id,))


def _mark_unknown(route: Route) -> None:
    route.town.run(
        "renshe",
        "INSERT INTO hutong.applied_batch SELECT route_id, 3, digest, grant_id, rows, changed_rows, lease_epoch,"
        " applied_at FROM hutong.applied_batch WHERE route_id = %s AND seq = 2",
        (route.route_id,),
    )


def _lose_first(route: Route) -> None:
    route.town.run("renshe", "DELETE FROM hutong.applied_batch WHERE route_id = %s AND seq = 1", (route.route_id,))


def _forget_sent(route: Route) -> None:
    route.send()
    _ledger(
        route,
        "gongan",
        "UPDATE batch SET updated_at = now() - interval '25 hours' WHERE route_id = %(route)s AND seq = 3",
    )


def _lose_file(route: Route) -> None:
    route.send()
    for path in (route.town.homes["gongan"] / "spool").glob(f"{route.route_id}-000000000003.*"):
        path.write_bytes(path.read_bytes()[:-1] + b"\0")


def _lose_receipt(route: Route) -> None:
    _ledger(route, "gongan", "DELETE FROM receipt WHERE route_id = %(route)s AND seq = 2 AND kind = 'applied'")


def _leave_staging(route: Route) -> None:
    route.town.run("renshe", f"CREATE TABLE hutong_stage.s_{route.route_id.removeprefix('r-')}_2 (x text)")


def _future_lease(route: Route) -> None:
    _ledger(route, "renshe", "UPDATE batch SET lease_epoch = 1000000000 WHERE route_id = %(route)s AND seq = 2")


@pytest.mark.parametrize(
    ("break_it", "rules"),
    [
        (_lose_mark, {"I1", "I3"}),
        (_mark_unknown, {"I1", "I3"}),
        (_lose_first, {"I1", "I3"}),
        (_forget_sent, {"I4"}),
        (_lose_file, {"I5"}),
        (_lose_receipt, {"I6"}),
        (_leave_staging, {"I8"}),
        (_future_lease, {"I13"}),
    ],
)
def test_what_is_broken_is_named(town: Town, break_it: Callable[[Route], None], rules: set[str]) -> None:
    route = town.route()
    route.exchange()
    route.exchange()
    assert route.findings() == []
    break_it(route)
    assert {finding.rule.removeprefix("fsck.") for finding in route.findings()} == rules
    if break_it is _leave_staging:
        route.town.run("renshe", f"DROP TABLE hutong_stage.s_{route.route_id.removeprefix('r-')}_2")

"""Each invariant is seen to break when what it guards is broken."""

import contextlib
from collections.abc import Callable

import psycopg2
import pytest

from exchange.department import libpq_url
from exchange.fsck import fsck
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
        sealed = path.read_bytes()
        path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))


def _lose_receipt(route: Route) -> None:
    _ledger(route, "gongan", "DELETE FROM receipt WHERE route_id = %(route)s AND seq = 2 AND kind = 'applied'")


def _leave_staging(route: Route) -> None:
    route.town.run("renshe", f"CREATE TABLE hutong_stage.s_{route.route_id.removeprefix('r-')}_2 (x text)")


def _future_lease(route: Route) -> None:
    _ledger(route, "renshe", "UPDATE batch SET lease_epoch = 1000000000 WHERE route_id = %(route)s AND seq = 2")


def _lose_row(route: Route) -> None:
    route.town.run(
        "renshe", f"DELETE FROM shared.{route.source} WHERE gmsfhm = (SELECT min(gmsfhm) FROM shared.{route.source})"
    )


def _lose_table(route: Route) -> None:
    route.town.run("renshe", f"DROP TABLE shared.{route.source}")


def _leave_plaintext(route: Route) -> None:
    (route.town.homes["renshe"] / "spool" / f"{route.route_id}-000000000002.rows").write_text("张三\t990000")


def _leave_part(route: Route) -> None:
    (route.town.homes["gongan"] / "spool" / f"{route.route_id}-000000000002.{1:020d}.part").write_text("hutong")


def _lose_audit(route: Route) -> None:
    _ledger(
        route,
        "gongan",
        "DELETE FROM audit_out WHERE convert_from(body, 'UTF8') LIKE '%%batch:seal%%'"
        " AND convert_from(body, 'UTF8') LIKE '%%' || %(route)s || '/2%%'",
    )


def _lose_target_audit(route: Route) -> None:
    route.town.run(
        "renshe",
        "DELETE FROM hutong.audit_out WHERE convert_from(body, 'UTF8') LIKE %s",
        (f"%{route.route_id}/2%",),
    )


def _invent_audit(route: Route) -> None:
    _ledger(
        route,
        "renshe",
        "INSERT INTO audit_out (event_id, body) SELECT event_id || 'x', replace(convert_from(body, 'UTF8'), %(route)s"
        " || '/2', %(route)s || '/9')::bytea FROM audit_out WHERE convert_from(body, 'UTF8') LIKE '%%' || %(route)s ||"
        " '/2%%' LIMIT 1",
    )


def _stop(route: Route, name: str) -> None:
    """The third batch is held, and then its reason is lost."""
    seq = route.plan()
    route.town.run("gongan", f"ALTER TABLE {route.source} RENAME COLUMN name TO n")
    assert route.drive("gongan", seq).state == "held"
    _ledger(route, name, "UPDATE batch SET next_step = '' WHERE route_id = %(route)s AND seq = 3")


def _lose_reason(route: Route) -> None:
    _stop(route, "gongan")


def _lose_evidence(route: Route) -> None:
    _ledger(
        route,
        "gongan",
        "INSERT INTO batch (route_id, seq, role, grant_id, state, code, explanation_zh, next_step, due_on, created_at,"
        " updated_at, replaced_by_seq) SELECT route_id, 3, role, grant_id, 'quarantined', 'OBJECT_DIGEST', 'x', 'x',"
        " due_on, created_at, updated_at, 4 FROM batch WHERE route_id = %(route)s AND seq = 2",
    )
    _ledger(
        route,
        "gongan",
        "INSERT INTO audit_out (event_id, body) SELECT event_id || 'y', replace(convert_from(body, 'UTF8'), %(route)s"
        " || '/2', %(route)s || '/3')::bytea FROM audit_out WHERE convert_from(body, 'UTF8') LIKE '%%batch:plan%%' AND"
        " convert_from(body, 'UTF8') LIKE '%%' || %(route)s || '/2%%'",
    )


BROKEN: list[tuple[Callable[[Route], None], set[str]]] = [
    (_lose_mark, {"I1", "I3", "I10"}),
    (_mark_unknown, {"I1", "I3", "I10"}),
    (_lose_first, {"I1", "I3", "I10"}),
    (_lose_row, {"I2"}),
    (_lose_table, {"I2"}),
    (_forget_sent, {"I4"}),
    (_lose_file, {"I5"}),
    (_lose_receipt, {"I6"}),
    (_leave_plaintext, {"I7"}),
    (_leave_part, {"I7"}),
    (_leave_staging, {"I8"}),
    (_lose_audit, {"I10"}),
    (_lose_target_audit, {"I10"}),
    (_invent_audit, {"I10"}),
    (_future_lease, {"I13"}),
    (_lose_reason, {"I14"}),
    (_lose_evidence, {"I5", "I14"}),
]


@pytest.fixture(scope="module")
def found(town: Town) -> dict[Callable[[Route], None], set[str]]:
    """Each broken on a route of its own where two batches are closed and nothing was found; then one look at all."""
    routes = {break_it: town.route() for break_it, _ in BROKEN}
    for route in routes.values():
        route.exchange()
        route.exchange()
    assert _rules(town, routes) == {break_it: set() for break_it in routes}
    for break_it, route in routes.items():
        break_it(route)
    rules = _rules(town, routes)
    route = routes[_leave_staging]
    route.town.run("renshe", f"DROP TABLE hutong_stage.s_{route.route_id.removeprefix('r-')}_2")
    return rules


def _rules(town: Town, routes: dict[Callable[[Route], None], Route]) -> dict[Callable[[Route], None], set[str]]:
    """What fsck on both nodes names, by route."""
    everything = []
    for name in ("gongan", "renshe"):
        with town.node(name) as node:
            everything += fsck(node)
    return {
        break_it: {
            finding.rule.removeprefix("fsck.")
            for finding in everything
            if route.route_id.removeprefix("r-") in finding.path
        }
        for break_it, route in routes.items()
    }


@pytest.mark.parametrize(("break_it", "rules"), BROKEN)
def test_what_is_broken_is_named(
    found: dict[Callable[[Route], None], set[str]], break_it: Callable[[Route], None], rules: set[str]
) -> None:
    assert found[break_it] == rules


def test_a_lock_that_outlives_its_lease_is_named(town: Town) -> None:
    route = town.route()
    route.exchange()
    _ledger(route, "gongan", "UPDATE batch SET leased_at = now() - interval '2 hours' WHERE route_id = %(route)s")
    holder = psycopg2.connect(libpq_url(town.databases["gongan"]))
    with contextlib.closing(holder), holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (f"hutong.batch.{route.route_id}.1",))
        assert [finding.rule for finding in route.findings()] == ["fsck.I12"]
    assert route.findings() == []

"""Where there is no received table yet, the staged one becomes it: whole, with key and grants, or not at all."""

from contextlib import closing

import psycopg2
from psycopg2 import extensions

from exchange import steps
from exchange.department import libpq_url
from tests.sim.checker import SmallChecker
from tests.sim.people import ITEMS, people
from tests.sim.town import Route, Town


def _facts(route: Route) -> list[tuple[object, ...]]:
    """Key, comment, privileges, number of indexes and storage options of the received table."""
    return route.town.run(
        "renshe",
        """SELECT (SELECT array_agg(a.attname::text) FROM pg_index i JOIN pg_attribute a
            ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) WHERE i.indrelid = c.oid AND i.indisprimary),
        obj_description(c.oid), c.relacl::text, (SELECT count(*) FROM pg_index i WHERE i.indrelid = c.oid),
        c.reloptions || (SELECT t.reloptions FROM pg_class t WHERE t.oid = c.reltoastrelid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'shared' AND c.relname = %s""",
        (route.grant.target_table,),
    )


def _loaded_but_not_applied(route: Route) -> int:
    seq = route.send()
    route.arrive()
    with route.town.node("renshe") as node:
        while steps.step(node, route.route_id, seq, SmallChecker()).state != "checked":
            pass
    return seq


def test_the_first_load_is_the_table_with_its_key(town: Town) -> None:
    route = town.route(people(200))
    route.exchange()
    ((key, comment, _, indexes, options),) = _facts(route)
    assert (key, indexes, options) == (["gmsfhm"], 1, None)  # no option of the staging table is left
    assert "常住人口基本信息" in str(comment)
    assert route.received_rows() == route.sent_rows()
    staged = town.run(
        "renshe",
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'hutong_stage' AND tablename LIKE %s",
        (f"s_{route.route_id.removeprefix('r-')}%",),
    )
    assert staged == [(0,)]
    assert route.findings() == []


def test_without_a_key_too(town: Town) -> None:
    items = tuple(item.model_copy(update={"is_key": False}) for item in ITEMS)
    route = town.route(people(5), items=items)
    route.exchange()
    assert _facts(route)[0][0] is None
    assert route.received_rows() == route.sent_rows()


def test_it_gets_what_default_privileges_promise(town: Town) -> None:
    ((owner,),) = town.run("renshe", "SELECT current_user")
    town.run("renshe", "ALTER DEFAULT PRIVILEGES IN SCHEMA shared GRANT SELECT ON TABLES TO PUBLIC")
    try:
        route = town.route()
        route.exchange()
    finally:
        town.run("renshe", "ALTER DEFAULT PRIVILEGES IN SCHEMA shared REVOKE SELECT ON TABLES FROM PUBLIC")
    assert f"=r/{owner}" in str(_facts(route)[0][2])
    plain = town.route()
    plain.exchange()
    assert "=r/" not in str(_facts(plain)[0][2]).replace(f"{owner}=", "")


def test_an_older_snapshot_sees_all_rows_or_none(town: Town) -> None:
    route = town.route(people(50))
    seq = _loaded_but_not_applied(route)
    with closing(psycopg2.connect(libpq_url(town.departments["renshe"]))) as reader:
        reader.set_session(isolation_level=extensions.ISOLATION_LEVEL_REPEATABLE_READ)
        with reader.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s)", (f"shared.{route.grant.target_table}",))
            assert cursor.fetchone() == (None,)
            route.require("renshe", seq, "closed")
            cursor.execute(f"SELECT count(*) FROM shared.{route.grant.target_table}")
            assert cursor.fetchone()[0] in (0, 50)


def test_a_table_made_meanwhile_is_not_taken(town: Town) -> None:
    route = town.route()
    seq = _loaded_but_not_applied(route)
    town.run("renshe", f"CREATE TABLE shared.{route.grant.target_table} (mine text)")
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("held", "TARGET_TAKEN")
    assert town.run("renshe", f"SELECT count(*) FROM shared.{route.grant.target_table}") == [(0,)]
    assert town.run("renshe", "SELECT count(*) FROM hutong.applied_batch WHERE route_id = %s", (route.route_id,)) == [
        (0,)
    ]


def test_a_received_table_that_was_dropped_comes_back(town: Town) -> None:
    """The next batch cannot build on what is gone, so all rows come again, and the table with them."""
    route = town.route()
    route.exchange()
    town.run("renshe", f"DROP TABLE shared.{route.grant.target_table}")
    route.insert([("99000000000000099X", "李四", "990000", "1.00", "2026-02-02T00:00:00Z")])
    seq = route.send()
    route.arrive()
    assert route.drive("renshe", seq).state == "quarantined"
    assert route.drive("gongan", seq).state == "quarantined"
    anew = route.plan()
    route.require("gongan", anew, "stored")
    assert route.arrive() == [anew]
    route.require("renshe", anew, "closed")
    assert route.received_rows() == route.sent_rows()
    assert _facts(route)[0][0] == ["gmsfhm"]

"""A new grant of the same route with other items: the table follows by itself, or stops with a way on that works."""

from typing import Any

import psycopg2
from psycopg2 import extensions

from exchange.consumer import marks
from exchange.redrive import redrive
from metadata.resource import Item, MountColumn
from tests.sim.people import COLUMNS, ITEMS
from tests.sim.town import Route, Town, libpq_url

FEW = {"items": ITEMS[:3], "columns": COLUMNS[:3]}
MORE = {
    "items": (*ITEMS, Item(name="备注", field="bz", length=50)),
    "columns": (*COLUMNS, MountColumn(field="bz", column="secret", sql_type="text")),
}


def _held(town: Town, route: Route, *fields: str) -> list[Any]:
    return town.run("renshe", f"SELECT {', '.join(fields)} FROM shared.{route.grant.target_table} ORDER BY gmsfhm")


def _renewed(route: Route, **changes: Any) -> tuple[Route, int]:
    """The route under its new grant, and the first batch under it, on its way."""
    route = route.renew(**changes)
    for name in ("gongan", "renshe"):
        route.pull(name)
    seq = route.send()
    return route, seq


def test_items_that_come_to_a_grant_come_to_its_table(town: Town) -> None:
    """With every row's value, beside a view and a reader's rights; what is dropped later is drift as ever."""
    route = town.route(**FEW)
    route.exchange()
    name = route.grant.target_table
    town.run("renshe", f"CREATE VIEW seen_{name} AS SELECT gmsfhm, xm FROM shared.{name}")
    town.run("renshe", f"COMMENT ON COLUMN shared.{name}.xm IS '本部门的说明'")
    before = town.run("renshe", "SELECT oid FROM pg_class WHERE relname = %s", (name,))
    route, seq = _renewed(route, **MORE)
    route.arrive()
    outcome = route.drive("renshe", seq)
    assert outcome.state == "closed", outcome
    assert route.received_rows() == route.sent_rows()
    assert {value for (value,) in _held(town, route, "bz")} == {"不授权的列"}
    assert len(town.run("renshe", f"SELECT * FROM seen_{name}")) == 10
    assert town.run("renshe", "SELECT oid FROM pg_class WHERE relname = %s", (name,)) == before
    route.require("gongan", seq, "closed")
    assert route.findings() == []
    route.insert([("110101199001011237", "后来的", "110101", "1.00", "2026-01-01 00:00:00+08")])
    route.exchange()
    assert route.received_rows() == route.sent_rows()
    town.run("renshe", f"ALTER TABLE shared.{name} DROP COLUMN bz")
    route.insert([("110101199001011238", "再后来的", "110101", "1.00", "2026-01-01 00:00:00+08")])
    route, seq = _renewed(route, purpose="换一份授权", **MORE)
    route.arrive()
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("held", "TARGET_DRIFT")
    assert "缺少列 bz" in outcome.explanation_zh


def test_items_that_go_from_a_grant_leave_their_column_to_the_department(town: Town) -> None:
    route = town.route()
    route.exchange()
    name = route.grant.target_table
    route, seq = _renewed(route, **FEW)
    route.insert([("110101199001011237", "后来的", "110101", "1.00", "2026-01-01 00:00:00+08")])
    route.arrive()
    assert route.drive("renshe", seq).state == "closed"
    route.require("gongan", seq, "closed")
    route.exchange()
    assert [row[0] for row in _held(town, route, "je::text")].count(None) == 1, "a new row has none"
    town.run("renshe", f"ALTER TABLE shared.{name} DROP COLUMN je, DROP COLUMN gxsj")
    route.insert([("110101199001011238", "再后来的", "110101", "1.00", "2026-01-01 00:00:00+08")])
    seq = route.send()
    route.arrive()
    assert route.drive("renshe", seq).code == "INCREMENT_BASE", "an altered table is filled anew"
    route.drive("gongan", seq)
    route.require("gongan", seq + 1, "stored")
    route.arrive()
    route.require("renshe", seq + 1, "closed")
    route.require("gongan", seq + 1, "closed")
    assert len(_held(town, route, "xm", "xzqh")) == 12
    route, seq = _renewed(route, items=ITEMS, columns=COLUMNS)
    route.arrive()
    assert route.drive("renshe", seq).state == "closed", "dropped under a grant without them, they come back"
    assert route.received_rows() == route.sent_rows()


def test_another_type_stops_and_the_named_way_on_works(town: Town) -> None:
    route = town.route()
    route.exchange()
    name = route.grant.target_table
    town.run("gongan", f"ALTER TABLE {route.source} ALTER COLUMN id_no TYPE varchar(36)")
    wider = COLUMNS[0].model_copy(update={"sql_type": "character varying(36)"})
    route, seq = _renewed(route, columns=(wider, *COLUMNS[1:]))
    route.arrive()
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("held", "TARGET_DRIFT")
    assert "RENAME TO" in outcome.next_step
    town.run("renshe", f"ALTER TABLE shared.{name} RENAME TO old_{name}")
    with town.node("renshe") as node:
        redrive(node, route.route_id, seq, "运维甲")
    assert route.drive("renshe", seq).state == "closed"
    assert route.received_rows() == route.sent_rows()
    assert len(town.run("renshe", f"SELECT * FROM shared.old_{name}")) == 10
    route.require("gongan", seq, "closed")
    assert route.findings() == []


def test_a_reader_with_an_old_snapshot_is_waited_for_and_not_disturbed(town: Town) -> None:
    route = town.route(**FEW)
    route.exchange()
    name = route.grant.target_table
    connection = psycopg2.connect(libpq_url(town.departments["renshe"]))
    connection.set_isolation_level(extensions.ISOLATION_LEVEL_REPEATABLE_READ)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM shared.{name}")
        before = cursor.fetchall()
        route, seq = _renewed(route, **MORE)
        route.arrive()
        outcome = route.drive("renshe", seq)
        assert (outcome.state, outcome.code) == ("checked", "TARGET_LOCKED"), outcome
        cursor.execute(f"SELECT * FROM shared.{name}")
        assert cursor.fetchall() == before
    connection.close()
    assert marks.head_seq(town.departments["renshe"], route.route_id) == seq - 1
    assert route.drive("renshe", seq).state == "closed"
    assert route.received_rows() == route.sent_rows()

"""Increments through the real steps: which kind, what stops them, and that nobody at the target is disturbed."""

import contextlib

import psycopg2
import pytest

from exchange.department import libpq_url
from exchange.ports import Checked, CheckSubject
from exchange.provider import change_table
from exchange.redrive import redrive
from metadata.access import RegionFilter
from tests.sim.checker import SmallChecker
from tests.sim.people import people
from tests.sim.town import Route, Town

_NEW = ("99000000000000099X", "李四", "990000", "1.00", "2026-02-02T00:00:00Z")


def _kind(route: Route, seq: int) -> str:
    kinds = {route.batch(name, seq).kind for name in ("gongan", "renshe")}
    assert len(kinds) == 1
    return kinds.pop()


def _exchange(route: Route) -> str:
    """One batch; its kind. The target is what is sent."""
    kind = _kind(route, route.exchange())
    assert route.received_rows() == route.sent_rows()
    return kind


def test_the_node_decides_and_both_ends_say_how_much(town: Town) -> None:
    route = town.route()
    assert _exchange(route) == "full"
    route.insert([_NEW])
    town.run("gongan", f"DELETE FROM {route.source} WHERE id_no = %s", (people(1)[0][0],))
    seq = route.exchange()
    assert _kind(route, seq) == "increment"
    assert route.received_rows() == route.sent_rows()
    assert (route.batch("renshe", seq).target_rows, route.batch("renshe", seq).changed_rows) == (10, 2)
    script = change_table.script(town.departments["gongan"], "public", route.source, ("id_no",))
    change_table.apply(town.departments["gongan"], "public", route.source, script)
    assert _exchange(route) == "increment"
    town.run("gongan", f"UPDATE {route.source} SET name = '王五' WHERE id_no = %s", (_NEW[0],))
    seq = route.exchange()
    assert _kind(route, seq) == "changes"
    assert route.received_rows() == route.sent_rows()
    assert [route.batch(name, seq).rows for name in ("gongan", "renshe")] == [1, 1]
    assert _exchange(route) == "changes"
    status = change_table.status(town.departments["gongan"], "public", route.source)
    assert status is not None
    assert status.kept_from is not None
    assert status.kept_from > 0  # consumed entries are behind it
    renewed = route.renew(row_filter=RegionFilter(field="xzqh", prefixes=("99",)))
    assert _exchange(renewed) == "full"
    assert route.findings() == []


def test_a_table_without_a_key_goes_whole(town: Town) -> None:
    items = tuple(item.model_copy(update={"is_key": False}) for item in town.route([]).grant.items)
    route = town.route(items=items)
    assert [_exchange(route), _exchange(route)] == ["full", "full"]


def test_a_base_that_the_target_lost_is_replaced_by_all_rows_at_once(town: Town) -> None:
    route = town.route()
    route.exchange()
    route.insert([_NEW])
    town.run("renshe", f"DELETE FROM shared.{route.source} WHERE gmsfhm = %s", (people(1)[0][0],))
    seq = route.send()
    route.arrive()
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("quarantined", "INCREMENT_GAP")
    assert route.drive("gongan", seq).state == "quarantined"  # and its successor is due by itself
    assert route.batch("gongan", seq).replaced_by_seq == seq + 1
    route.require("gongan", seq + 1, "stored")
    route.arrive()
    route.require("renshe", seq + 1, "closed")
    route.require("gongan", seq + 1, "closed")
    assert _kind(route, seq + 1) == "full"
    assert route.received_rows() == route.sent_rows()
    assert _exchange(route) == "increment"
    assert route.findings() == []


def test_a_table_dropped_at_the_target_comes_back(town: Town) -> None:
    route = town.route()
    route.exchange()
    town.run("renshe", f"DROP TABLE shared.{route.source}")
    seq = route.send()
    route.arrive()
    assert route.drive("renshe", seq).code == "INCREMENT_BASE"
    route.drive("gongan", seq)
    route.require("gongan", seq + 1, "stored")
    route.arrive()
    route.require("renshe", seq + 1, "closed")
    assert route.received_rows() == route.sent_rows()


def test_much_deleted_is_held_until_a_person_lets_it_go(town: Town) -> None:
    route = town.route([])
    assert _exchange(route) == "full"  # a first batch of nothing is fine
    route.insert(people(3))
    assert _exchange(route) == "increment"
    town.run("gongan", f"DELETE FROM {route.source}")
    seq = route.plan()
    outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", "DELETE_RATIO")
    assert "3" in outcome.explanation_zh
    assert not list((town.homes["gongan"] / "spool").glob(f"{route.route_id}-{seq}-*"))
    with town.node("gongan") as node:
        redrive(node, route.route_id, seq, "运维甲", is_full=True)
    route.require("gongan", seq, "stored")
    route.arrive()
    route.require("renshe", seq, "closed")
    route.require("gongan", seq, "closed")
    assert _kind(route, seq) == "full"
    assert route.received_rows() == []
    route.insert(people(2))
    assert _exchange(route) == "increment"


def test_a_key_that_nothing_keeps_unique_any_more_is_drift(town: Town) -> None:
    route = town.route()
    town.run("gongan", f"ALTER TABLE {route.source} ADD PRIMARY KEY (id_no)")
    route.exchange()
    town.run("gongan", f"ALTER TABLE {route.source} DROP CONSTRAINT {route.source}_pkey")
    seq = route.plan()
    outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", "SOURCE_DRIFT")
    assert "id_no" in outcome.explanation_zh


def test_drift_is_told_whole_at_both_ends(town: Town) -> None:
    route = town.route()
    route.exchange()
    route.insert([_NEW])
    seq = route.send()
    route.arrive()
    town.run("renshe", f"ALTER TABLE shared.{route.source} RENAME COLUMN xm TO xingming")
    town.run("renshe", f"ALTER TABLE shared.{route.source} DROP CONSTRAINT {route.source}_pkey")
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("held", "TARGET_DRIFT")
    for told in ("缺少列 xm，可能已改名为 xingming", "主键应为 gmsfhm，现为 无"):
        assert told in outcome.explanation_zh
    town.run("renshe", f"ALTER TABLE shared.{route.source} RENAME COLUMN xingming TO xm")
    town.run("renshe", f"ALTER TABLE shared.{route.source} ADD PRIMARY KEY (gmsfhm)")
    with town.node("renshe") as node:
        redrive(node, route.route_id, seq, "运维甲")
    assert route.drive("renshe", seq).state == "closed"
    assert route.received_rows() == route.sent_rows()


def test_nobody_at_the_target_is_disturbed(town: Town) -> None:
    """A reader in a snapshot, a view, a foreign key, a policy and a trigger are there while an increment is applied."""
    route = town.route()
    route.exchange()
    name = route.source
    for statement in (
        f"CREATE VIEW v_{name} AS SELECT * FROM shared.{name}",
        f"CREATE TABLE own_{name} (id varchar(18) REFERENCES shared.{name})",
        f"INSERT INTO own_{name} VALUES ('{people(2)[1][0]}')",
        f"CREATE TABLE seen_{name} (what text)",
        f"CREATE FUNCTION see_{name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN INSERT INTO seen_{name} VALUES (TG_OP); RETURN NULL; END $$",
        f"CREATE TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON shared.{name} FOR EACH ROW"
        f" EXECUTE FUNCTION see_{name}()",
        f"ALTER TABLE shared.{name} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY only_some ON shared.{name} USING (xzqh = '990001')",
    ):
        town.run("renshe", statement)
    identity = f"SELECT oid, relfilenode FROM pg_class WHERE oid = 'shared.{name}'::regclass"
    before = town.run("renshe", identity)
    reader = psycopg2.connect(libpq_url(town.departments["renshe"]))
    with contextlib.closing(reader), reader.cursor() as cursor:
        reader.set_session(isolation_level="REPEATABLE READ", readonly=True)
        cursor.execute(f"SELECT array_agg(v ORDER BY gmsfhm) FROM v_{name} v")
        seen = cursor.fetchone()
        town.run("gongan", f"UPDATE {name} SET amount = amount + 1 WHERE id_no = %s", (people(2)[1][0],))
        town.run("gongan", f"DELETE FROM {name} WHERE id_no = %s", (people(1)[0][0],))
        route.insert([_NEW])
        assert _exchange(route) == "increment"
        cursor.execute(f"SELECT array_agg(v ORDER BY gmsfhm) FROM v_{name} v")
        assert cursor.fetchone() == seen
    assert town.run("renshe", identity) == before
    assert town.run("renshe", f"SELECT what FROM seen_{name} ORDER BY 1") == [("DELETE",), ("INSERT",), ("UPDATE",)]


@pytest.mark.parametrize("after", ["staged", "checked"])
def test_suspended_in_mid_batch_nothing_is_applied_until_it_goes_on(town: Town, after: str) -> None:
    route = town.route()
    route.exchange()
    before = route.received_rows()
    route.insert([_NEW])
    seq = route.send()
    route.arrive()
    checker = _Suspending(route, is_late=after == "checked")
    outcome = route.drive("renshe", seq, checker)
    assert (outcome.code, outcome.is_waiting, outcome.state) == ("GRANT_SUSPENDED", True, "checked")
    assert route.received_rows() == before
    assert route.drive("renshe", seq).code == "GRANT_SUSPENDED"
    town.directory.change(route.grant.grant_id, "active")
    route.pull("renshe")
    route.pull("gongan")
    assert route.drive("renshe", seq).state == "closed"
    assert route.received_rows() == route.sent_rows()
    assert route.drive("gongan", seq).state == "closed"


class _Suspending(SmallChecker):
    """The grant is suspended while the staged rows are being checked, before or after they are looked at."""

    def __init__(self, route: Route, *, is_late: bool) -> None:
        self._route, self._is_late = route, is_late

    def check(self, subject: CheckSubject) -> Checked:
        if self._is_late:
            checked = super().check(subject)
            self._suspend()
            return checked
        self._suspend()
        return super().check(subject)

    def _suspend(self) -> None:
        self._route.town.directory.change(self._route.grant.grant_id, "suspended")
        self._route.pull("renshe")

"""The target end: one transaction, readers undisturbed, and what stands in its way."""

import contextlib
from dataclasses import replace

import psycopg2
import pytest

from exchange.department import libpq_url
from exchange.ports import Checked, CheckSubject
from exchange.redrive import redrive
from metadata.quality import RuleResult
from metadata.resource import Item
from tests.sim.checker import SmallChecker
from tests.sim.people import ITEMS, people
from tests.sim.town import Route, Town


def _arrived(route: Route) -> int:
    seq = route.send()
    assert route.arrive() == [seq]
    return seq


def _change(route: Route) -> None:
    route.town.run("gongan", f"UPDATE {route.source} SET amount = amount + 1")


def test_an_altered_target_holds_and_goes_on_when_mended(town: Town) -> None:
    route = town.route()
    route.exchange()
    before = route.received_rows()
    _change(route)
    seq = _arrived(route)
    town.run("renshe", f"ALTER TABLE shared.{route.source} RENAME COLUMN xm TO xingming")
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("held", "TARGET_DRIFT")
    town.run("renshe", f"ALTER TABLE shared.{route.source} RENAME COLUMN xingming TO xm")
    assert route.received_rows() == before
    assert route.findings() == []
    with town.node("renshe") as node:
        redrive(node, route.route_id, seq, "运维甲")
    assert route.drive("renshe", seq).state == "closed"
    assert route.received_rows() == route.sent_rows()


def test_a_table_that_is_not_ours_is_left_alone(town: Town) -> None:
    route = town.route()
    town.run("renshe", f"CREATE TABLE shared.{route.source} (note text)")
    seq = _arrived(route)
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("held", "TARGET_TAKEN")
    assert town.run("renshe", f"SELECT * FROM shared.{route.source}") == []


def test_two_routes_cannot_fill_one_table(town: Town) -> None:
    route = town.route()
    route.exchange()
    other = town.route().renew(target_table=route.grant.target_table)
    seq = _arrived(other)
    assert other.drive("renshe", seq).code == "TARGET_TAKEN"


def test_readers_and_views_are_not_disturbed(town: Town) -> None:
    route = town.route()
    route.exchange()
    town.run("renshe", f"CREATE VIEW v_{route.source} AS SELECT * FROM shared.{route.source}")
    reader = psycopg2.connect(libpq_url(town.departments["renshe"]))
    with contextlib.closing(reader), reader.cursor() as cursor:
        reader.set_session(isolation_level="REPEATABLE READ", readonly=True)
        cursor.execute(f"SELECT sum(je) FROM v_{route.source}")
        before = cursor.fetchone()
        _change(route)
        route.exchange()
        cursor.execute(f"SELECT sum(je) FROM v_{route.source}")
        assert cursor.fetchone() == before
        reader.rollback()
        cursor.execute(f"SELECT sum(je) FROM v_{route.source}")
        assert cursor.fetchone() != before


def test_a_locked_target_waits(town: Town) -> None:
    route = town.route()
    route.exchange()
    _change(route)
    seq = _arrived(route)
    blocker = psycopg2.connect(libpq_url(town.departments["renshe"]))
    with contextlib.closing(blocker), blocker.cursor() as cursor:
        cursor.execute(f"LOCK TABLE shared.{route.source} IN SHARE MODE")
        outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code, outcome.is_waiting) == ("checked", "TARGET_LOCKED", True)
    assert route.drive("renshe", seq).state == "closed"


def test_a_foreign_key_of_the_consumers_own_holds_and_rolls_back(town: Town) -> None:
    route = town.route()
    route.exchange()
    before = route.received_rows()
    town.run("renshe", f"CREATE TABLE own_{route.source} (id varchar(18) REFERENCES shared.{route.source})")
    gone = people(1)[0][0]
    town.run("renshe", f"INSERT INTO own_{route.source} VALUES (%s)", (gone,))
    town.run("gongan", f"DELETE FROM {route.source} WHERE id_no = %s", (gone,))
    seq = _arrived(route)
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("held", "TARGET_BLOCKED")
    assert route.received_rows() == before


def test_a_trigger_that_swallows_rows_is_noticed(town: Town) -> None:
    route = town.route()
    route.exchange()
    before = route.received_rows()
    town.run(
        "renshe",
        f"CREATE FUNCTION swallow_{route.source}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    )
    town.run(
        "renshe",
        f"CREATE TRIGGER swallow BEFORE INSERT ON shared.{route.source} FOR EACH ROW"
        f" EXECUTE FUNCTION swallow_{route.source}()",
    )
    route.insert([("99000000000000099X", "李四", "990000", "1.00", "2026-02-02T00:00:00Z")])
    seq = _arrived(route)
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("held", "TARGET_MISMATCH")
    assert route.received_rows() == before


def test_doubled_keys_that_slip_through_are_quarantined_without_values(town: Town) -> None:
    route = town.route([*people(3), people(1)[0]])
    seq = _arrived(route)
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("quarantined", "TARGET_CONSTRAINT")
    assert people(1)[0][0] not in outcome.explanation_zh
    assert route.nothing_loaded()


def test_keyless_rows_arrive_with_their_doubles(town: Town) -> None:
    items = tuple(Item(name=item.name, field=item.field, type_code=item.type_code) for item in ITEMS)
    route = town.route([*people(3), people(1)[0]], items=items)
    route.exchange()
    assert route.received_rows() == route.sent_rows()
    route.exchange()
    assert len(route.received_rows()) == 4


def test_an_image_that_equality_would_miss_arrives(town: Town) -> None:
    route = town.route()
    renewed = route.renew(
        columns=tuple(
            column.model_copy(update={"sql_type": "numeric"}) if column.field == "je" else column
            for column in route.grant.columns
        )
    )
    town.run("gongan", f"ALTER TABLE {route.source} ALTER COLUMN amount TYPE numeric")
    town.run("gongan", f"UPDATE {route.source} SET amount = 1.0")
    renewed.exchange()
    town.run("gongan", f"UPDATE {route.source} SET amount = 1.00")
    renewed.exchange()
    assert {row[3] for row in renewed.received_rows()} == {"1.00"}


def test_bad_rows_on_staging_are_not_loaded(town: Town) -> None:
    route = town.route([(key, None, *rest) for key, _, *rest in people(2)])
    seq = route.plan()
    assert route.drive("gongan", seq, _Blind()).state == "stored"
    route.arrive()
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("quarantined", "QUALITY_FAILED_TARGET")
    assert route.nothing_loaded()
    assert route.drive("gongan", seq).code == "QUALITY_FAILED_TARGET"


def test_what_is_only_reported_stops_nothing(town: Town) -> None:
    """A value that an uncertain code table does not list is counted at both ends, and goes."""
    route = town.route()
    seq = route.plan()
    assert route.drive("gongan", seq, _Reporting()).state == "stored"
    route.arrive()
    assert route.drive("renshe", seq, _Reporting()).state == "closed"
    assert route.received_rows() == route.sent_rows()


class _Reporting(SmallChecker):
    """Counts one row that breaks a rule whose source is not certain."""

    def check(self, subject: CheckSubject) -> Checked:
        checked = super().check(subject)
        result = RuleResult(
            rule_id="code:xzqh", kind="code", indicator="0105", action="report", evaluated=10, failed=1, passed=False
        )
        changes = {"results": (*checked.report.results, result), "run": checked.report.run + 1}
        return replace(checked, report=checked.report.model_copy(update=changes))


class _Blind(SmallChecker):
    """Sees nothing wrong."""

    def check(self, subject: CheckSubject) -> Checked:
        checked = super().check(subject)
        return Checked(checked.report, (), ())


class _Dropping(SmallChecker):
    """Takes the staging tables away after they were checked, as a restore from a backup would."""

    def __init__(self, route: Route, seq: int) -> None:
        self._route, self._seq, self._is_done = route, seq, False

    def check(self, subject: CheckSubject) -> Checked:
        checked = super().check(subject)
        if not self._is_done:
            self._is_done = True
            name = f"s_{self._route.route_id.removeprefix('r-')}_{self._seq}"
            self._route.town.run("renshe", f"DROP TABLE hutong_stage.{name}")
        return checked


def test_a_vanished_staging_table_is_made_again(town: Town) -> None:
    route = town.route()
    seq = _arrived(route)
    assert route.drive("renshe", seq, _Dropping(route, seq)).state == "closed"
    assert route.received_rows() == route.sent_rows()


def test_a_restored_target_is_noticed_and_mended_by_sealing_anew(town: Town) -> None:
    route = town.route()
    for _ in range(2):
        route.exchange()
    third = _arrived(route)
    town.run("renshe", "DELETE FROM hutong.applied_batch WHERE route_id = %s AND seq = 2", (route.route_id,))
    town.run("renshe", "UPDATE hutong.route_head SET seq = 1 WHERE route_id = %s", (route.route_id,))
    outcome = route.drive("renshe", third)
    assert (outcome.state, outcome.code) == ("quarantined", "TARGET_BEHIND")
    assert route.drive("gongan", third).state == "quarantined"
    with town.node("gongan") as node:
        fourth = redrive(node, route.route_id, third, "运维甲").seq
    assert route.drive("gongan", fourth).state == "stored"
    assert route.arrive() == [fourth]
    assert route.drive("renshe", fourth).state == "closed"
    assert route.drive("gongan", fourth).state == "closed"
    assert route.received_rows() == route.sent_rows()


@pytest.mark.parametrize("to", ["suspended", "terminated"])
def test_a_grant_that_ends_after_the_checks_stops_the_apply(town: Town, to: str) -> None:
    route = town.route()
    seq = _arrived(route)
    outcome = route.drive("renshe", seq, _Ending(route, to))
    assert outcome.code == f"GRANT_{to.upper()}"
    assert outcome.state == ("checked" if to == "suspended" else "quarantined")
    assert route.received_rows() == []
    if to == "suspended":
        town.directory.change(route.grant.grant_id, "active")
        route.pull("renshe")
        assert route.drive("renshe", seq).state == "closed"
        assert route.received_rows() == route.sent_rows()


class _Ending(SmallChecker):
    """The grant is ended while the rows are being checked, and the news arrives."""

    def __init__(self, route: Route, to: str) -> None:
        self._route, self._to = route, to

    def check(self, subject: CheckSubject) -> Checked:
        self._route.town.directory.change(self._route.grant.grant_id, self._to)
        self._route.pull("renshe")
        return super().check(subject)

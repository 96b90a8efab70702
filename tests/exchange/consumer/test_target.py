"""The target end: one transaction, readers undisturbed, and what stands in its way."""

import contextlib
from dataclasses import replace

import psycopg2

from exchange.department import libpq_url
from exchange.ports import Checked, CheckSubject
from metadata.quality import Place, RuleResult
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


def test_both_ends_judge_places_by_the_entrys_box(town: Town) -> None:
    box = (0, 0, 3_600_000, 3_600_000)
    route = town.route()
    *items, last = route.grant.items
    route = route.renew(box_mas=box, items=(*items, last.model_copy(update={"base_item": "geospatial/geometry"})))
    seq, checker = route.plan(), _Asked()
    assert route.drive("gongan", seq, checker).state == "stored"
    route.arrive()
    assert route.drive("renshe", seq, checker).state == "closed"
    assert checker.boxes == [("source", box), ("staging", box)]


class _Asked(SmallChecker):
    """Remembers by which box places are to be judged, and where."""

    def __init__(self) -> None:
        self.boxes: list[tuple[Place, object]] = []

    def check(self, subject: CheckSubject) -> Checked:
        self.boxes += [(subject.place, rule.parameters.box_mas) for rule in subject.rules if rule.kind == "inside"]
        return super().check(subject)


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

"""F01-F10: what goes wrong while rows are read and checked. Nothing leaves that should not, and it goes on."""

import contextlib
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest

from exchange.department import libpq_url
from exchange.ports import Checked, Checker, CheckSubject
from exchange.redrive import redrive
from pipelines.errors import PipelinesError
from tests.exchange.faults.conftest import Frail, rerouted
from tests.exchange.faults.matrix import bulk, row_digest
from tests.sim import processes
from tests.sim.checker import SmallChecker
from tests.sim.town import Route, Town
from tests.sim.wire import wired

_CANARY = "金丝雀7Q4X"


def _spooled(route: Route) -> list[Path]:
    return list((route.town.homes["gongan"] / "spool").glob(f"{route.route_id}-*"))


def _require_nothing_left(route: Route, seq: int) -> None:
    assert route.objects(seq) == []
    assert route.arrive() == []
    assert _spooled(route) == []


def _require_arrives(route: Route, seq: int) -> None:
    route.require("gongan", seq, "stored")
    assert route.arrive() == [seq]
    route.require("renshe", seq, "closed")
    route.require("gongan", seq, "closed")
    assert row_digest(route, "gongan") == row_digest(route, "renshe")
    assert route.findings() == []


def test_f01_killed_in_the_middle_of_reading(town: Town) -> None:
    """S1 kill -9 mid-COPY: the retry sends rows of the same digest."""
    route = town.route([])
    bulk(route, 20_000)
    seq, before = route.plan(), row_digest(route, "gongan")
    real = town.departments["gongan"]
    with wired(real) as wire, rerouted(town, "gongan", real, wire.url):
        worker = processes.start(town, "gongan", "drive", route.route_id, str(seq))
        wire.at_bytes(lambda _: worker.kill(), down=500_000)
        done = worker.wait()
        assert wire.fired.wait(30)
    assert done.returncode < 0
    assert route.objects(seq) == []
    _require_arrives(route, seq)
    assert row_digest(route, "renshe") == before


def test_f02_the_source_dies(frail: Frail) -> None:
    """S1 source PostgreSQL killed: SOURCE_DOWN, and it resumes by itself."""
    route = frail.town.route()
    seq = route.plan()
    frail.kill()
    try:
        outcome = route.drive("gongan", seq)
        assert (outcome.state, outcome.code, outcome.is_waiting) == ("due", "SOURCE_DOWN", True)
    finally:
        frail.start()
    _require_arrives(route, seq)


def test_f03_a_transaction_that_commits_late(town: Town) -> None:
    """S1 a row committed by a long transaction that began before the mark appears in the next batch."""
    route = town.route()
    late = psycopg2.connect(libpq_url(town.departments["gongan"]))
    with contextlib.closing(late), late.cursor() as cursor:
        cursor.execute(f"INSERT INTO {route.source} (id_no, name) VALUES ('990000000000000991', '晚到')")
        route.insert([("990000000000000992", "先到", "990000", "1.00", "2026-02-02T00:00:00Z")])
        route.exchange()
        assert len(route.received_rows()) == 11
        late.commit()
    route.exchange()
    assert len(route.received_rows()) == 12
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []


def test_f04_the_source_is_locked(town: Town) -> None:
    """S1 source table locked ACCESS EXCLUSIVE: SOURCE_LOCKED after 5 s, no pile-up behind us, and it goes on."""
    route = town.route()
    seq = route.plan()
    blocker = psycopg2.connect(libpq_url(town.departments["gongan"]))
    with contextlib.closing(blocker), blocker.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {route.source} IN ACCESS EXCLUSIVE MODE")
        outcome = route.drive("gongan", seq)
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass", (f"public.{route.source}",)
        )
        assert cursor.fetchone() == (0,)
    assert (outcome.state, outcome.code, outcome.is_waiting) == ("due", "SOURCE_LOCKED", True)
    _require_arrives(route, seq)


@pytest.mark.parametrize("change", ["RENAME COLUMN name TO full_name", "DROP COLUMN name", "RENAME TO {table}_gone"])
def test_f05_a_column_is_gone(town: Town, change: str) -> None:
    """S1 column dropped or renamed: SOURCE_DRIFT, not a byte is sent."""
    route = town.route()
    seq = route.plan()
    town.run("gongan", f"ALTER TABLE {route.source} {change.format(table=route.source)}")
    outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", "SOURCE_DRIFT")
    assert route.source in outcome.explanation_zh
    _require_nothing_left(route, seq)
    assert route.status("gongan", seq).code == "SOURCE_DRIFT"
    assert route.findings() == []


@pytest.mark.parametrize("change", ["name TYPE varchar(50)", "amount TYPE numeric(14,2)", "region TYPE text"])
def test_f06_a_type_is_widened(town: Town, change: str) -> None:
    """S1 column type widened: SOURCE_DRIFT that names both types, never silent; a person puts it back and it goes."""
    route = town.route()
    seq = route.plan()
    column = change.split(maxsplit=1)[0]
    was = {"name": "text", "amount": "numeric(12,2)", "region": "char(6)"}[column]
    town.run("gongan", f"ALTER TABLE {route.source} ALTER COLUMN {change}")
    outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", "SOURCE_DRIFT")
    assert column in outcome.explanation_zh
    _require_nothing_left(route, seq)
    town.run("gongan", f"ALTER TABLE {route.source} ALTER COLUMN {column} TYPE {was}")
    with town.node("gongan") as node:
        redrive(node, route.route_id, seq, "运维甲")
    _require_arrives(route, seq)


def test_f07_the_disk_is_full_while_sealing(town: Town) -> None:
    """S1 disk full at 60 %: it waits with SPOOL_FULL, the partial file is gone, and it goes on."""
    route = town.route([])
    bulk(route, 20_000)
    seq = route.plan()
    said = processes.finish(town, "gongan", "drive", route.route_id, str(seq), file_bytes=200_000)
    assert said == "due SPOOL_FULL"
    _require_nothing_left(route, seq)
    assert route.findings() == []
    _require_arrives(route, seq)


def test_f08_too_many_rows_fail_the_checks(town: Town) -> None:
    """S2 null-rate gate fails: held with QUALITY_FAILED, nothing at the relay, no cell value in any report."""
    rows = [(f"{_CANARY}{n}", None, "990000", "1.00", "2026-02-02T00:00:00Z") for n in range(5)]
    route = town.route(rows)
    seq = route.plan()
    outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", "QUALITY_FAILED")
    _require_nothing_left(route, seq)
    told = [repr(outcome), repr(route.batch("gongan", seq)), repr(route.status("gongan", seq))]
    told += [entry.to_bytes().decode() for entry in town.directory.audit.values() if entry.subject.endswith(f"/{seq}")]
    assert not [text for text in told if _CANARY in text]
    assert route.findings() == []


class _Broken:
    """A checker that cannot do its work, and says so as the real one does."""

    def check(self, subject: CheckSubject) -> Checked:
        raise PipelinesError("CHECK_FAILED", subject=subject.subject, reason="RuntimeError")


class _Doubting(SmallChecker):
    """One whose second judge cannot do its work, while rows are read and sealed already."""

    def check(self, subject: CheckSubject) -> Checked:
        def settle() -> None:
            raise PipelinesError("CHECK_FAILED", subject=subject.subject, reason="RuntimeError")

        return replace(super().check(subject), settle=settle)


@pytest.mark.parametrize("checker", [_Broken(), _Doubting()])
def test_f09_the_check_engine_breaks(town: Town, checker: Checker) -> None:
    """S2 check engine raises: that is a failure, not a pass."""
    route = town.route()
    seq = route.plan()
    outcome = route.drive("gongan", seq, checker)
    assert (outcome.state, outcome.code) == ("held", "CHECK_FAILED")
    assert outcome.next_step
    _require_nothing_left(route, seq)
    assert route.findings() == []
    with town.node("gongan") as node:
        redrive(node, route.route_id, seq, "运维甲")
    _require_arrives(route, seq)


def test_the_check_engine_breaks_where_rows_hold(town: Town) -> None:
    """What would hold the batch does not count either before all have agreed: nobody is told a number in doubt."""
    route = town.route([(f"{_CANARY}{n}", None, "990000", "1.00", "2026-02-02T00:00:00Z") for n in range(5)])
    seq = route.plan()
    outcome = route.drive("gongan", seq, _Doubting())
    assert (outcome.state, outcome.code) == ("held", "CHECK_FAILED")
    _require_nothing_left(route, seq)


def test_the_check_engine_breaks_at_the_target(town: Town) -> None:
    """Staged rows do not count as checked while one has not agreed: nothing is applied, and later all is."""
    route = town.route()
    seq = route.send()
    assert route.arrive() == [seq]
    outcome = route.drive("renshe", seq, _Doubting())
    assert (outcome.state, outcome.code) == ("held", "CHECK_FAILED")
    batch = route.batch("renshe", seq)
    assert (batch.held_from, batch.report) == ("staged", b"")
    assert route.received_rows() == []
    assert route.findings() == []
    with town.node("renshe") as node:
        redrive(node, route.route_id, seq, "运维甲")
    route.require("renshe", seq, "closed")
    route.require("gongan", seq, "closed")
    assert row_digest(route, "gongan") == row_digest(route, "renshe")


def test_f10_most_rows_are_gone(town: Town) -> None:
    """S2 60 % deletes, then zero rows: held with DELETE_RATIO, the target stands; a person at each end lets it
    through, for the consumer has limits of its own.
    """
    route = town.route([])
    bulk(route, 200)
    route.exchange()
    town.run("gongan", f"DELETE FROM {route.source} WHERE ctid IN (SELECT ctid FROM {route.source} LIMIT 120)")
    seq = route.plan()
    outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", "DELETE_RATIO")
    assert route.objects(seq) == []
    assert len(route.received_rows()) == 200
    assert route.findings() == []
    _let_through(route, "gongan", seq)
    route.require("gongan", seq, "stored")
    route.arrive()
    assert route.drive("renshe", seq).code == "TARGET_SHIFT"
    assert len(route.received_rows()) == 200
    _let_through(route, "renshe", seq)
    route.require("renshe", seq, "closed")
    route.require("gongan", seq, "closed")
    assert route.findings() == []
    assert len(route.received_rows()) == 80
    town.run("gongan", f"DELETE FROM {route.source}")
    seq = route.plan()
    assert route.drive("gongan", seq).code == "DELETE_RATIO"
    _let_through(route, "gongan", seq)
    _require_arrives(route, seq)
    assert route.received_rows() == []


def _let_through(route: Route, name: str, seq: int) -> None:
    with route.town.node(name) as node:
        redrive(node, route.route_id, seq, "运维甲")

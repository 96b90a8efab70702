"""F36-F51: what goes wrong while rows are staged and take effect. Once, whole, or not at all."""

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from exchange import department
from exchange.consumer.marks import fence
from exchange.department import libpq_url
from exchange.errors import ExchangeError
from exchange.ports import Checked, CheckSubject
from exchange.redrive import redrive
from tests.exchange.faults.conftest import Frail, rerouted
from tests.exchange.faults.matrix import bulk, marks, overtake, parts, row_digest, staged
from tests.sim import processes
from tests.sim.checker import SmallChecker
from tests.sim.people import people
from tests.sim.town import Route, Town
from tests.sim.wire import wired

READ_ROWS = int(os.environ.get("HUTONG_READ_ROWS", "20000"))

NEW = ("99000000000000099X", "李四", "990000", "1.00", "2026-02-02T00:00:00Z")
APPLYING = b"INSERT INTO hutong.applied_batch"


def _arrived(route: Route) -> int:
    seq = route.send()
    assert route.arrive() == [seq]
    return seq


def _changed(town: Town) -> tuple[Route, int]:
    """A table that stands at both ends, and a change of it that has arrived."""
    route = town.route()
    route.exchange()
    route.insert([NEW])
    town.run("gongan", f"DELETE FROM {route.source} WHERE id_no = %s", (people(1)[0][0],))
    return route, _arrived(route)


def _require_once(route: Route, seq: int) -> None:
    """From wherever the consumer is to closed at both ends, applied once."""
    route.require("renshe", seq, "closed")
    route.require("gongan", seq, "closed")
    assert marks(route)[-1] == seq
    assert len(set(marks(route))) == len(marks(route))
    assert route.received_rows() == route.sent_rows()
    assert staged(route) == []
    assert parts(route, "renshe") == []
    assert route.findings() == []


def _redrive(route: Route, seq: int) -> None:
    with route.town.node("renshe") as node:
        redrive(node, route.route_id, seq, "运维甲")


@contextlib.contextmanager
def _session(town: Town) -> Iterator[Any]:
    """Somebody else in the consumer's database."""
    connection = psycopg2.connect(libpq_url(town.departments["renshe"]))
    with contextlib.closing(connection), connection.cursor() as cursor:
        yield cursor


class _After(SmallChecker):
    """Does something once, when the rows are staged and have just been checked."""

    def __init__(self, do: Any) -> None:
        self._do = do

    def check(self, subject: CheckSubject) -> Checked:
        checked = super().check(subject)
        self._do()
        return checked


def test_f36_killed_in_the_middle_of_loading(town: Town) -> None:
    """S9 kill mid-COPY: the staging table is gone, and it is tried again."""
    route = town.route([])
    bulk(route, 20_000)
    seq = _arrived(route)
    real = town.departments["renshe"]
    with wired(real) as wire, rerouted(town, "renshe", real, wire.url):
        worker = processes.start(town, "renshe", "drive", route.route_id, str(seq))
        wire.at_bytes(lambda _: worker.kill(), up=500_000)
        worker.wait()
        assert wire.fired.wait(30)
    assert marks(route) == []
    assert route.received_rows() == []
    _require_once(route, seq)
    assert row_digest(route, "gongan") == row_digest(route, "renshe")


def test_f37_two_workers_apply(town: Town) -> None:
    """S10 two workers on one batch: the overtaken one gets STALE_LEASE, it is applied once."""
    route, seq = _changed(town)
    with processes.frozen(town, "renshe", "apply.begun", "drive", route.route_id, str(seq)) as thaw:
        assert route.drive("renshe", seq).code == "BATCH_BUSY"
        overtake(route, "renshe", seq)
        route.require("renshe", seq, "closed")
        before = town.run("renshe", f"SELECT ctid::text, xmin::text, * FROM shared.{route.source} ORDER BY gmsfhm")
        assert thaw() == "closed STALE_LEASE"
    after = town.run("renshe", f"SELECT ctid::text, xmin::text, * FROM shared.{route.source} ORDER BY gmsfhm")
    assert after == before
    _require_once(route, seq)


def test_f38_a_frozen_worker_wakes_up(town: Town) -> None:
    """S10 SIGSTOP inside the transaction, SIGCONT after another has applied: nothing twice."""
    route, seq = _changed(town)
    with processes.frozen(town, "renshe", "apply.merged", "drive", route.route_id, str(seq)) as thaw:
        overtake(route, "renshe", seq)
        # The server ends a session that idles in its transaction; the test does not wait so long.
        town.run(
            "renshe",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state = 'idle in transaction' AND application_name = 'hutong'",
        )
        route.require("renshe", seq, "closed")
        assert thaw() == "closed STALE_LEASE"
    assert marks(route) == [1, seq]
    _require_once(route, seq)


def test_a_frozen_workers_locks_go_with_its_session(town: Town) -> None:
    """S10 the server ends a session that idles in its transaction: its route is free, and its worker begins again."""
    route, seq = _changed(town)
    with department.connect(town.departments["renshe"], "target") as ours, ours.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("10min",)
    with (
        department.connect(town.departments["renshe"], "target", idle_seconds=1) as frozen,
        frozen.cursor() as cursor,
    ):
        fence(cursor, route.route_id, route.batch("renshe", 1).lease_epoch)
        route.require("renshe", seq, "closed")
        with pytest.raises(ExchangeError) as caught, department.faults("target"):
            cursor.execute("SELECT 1")
    assert caught.value.code == "TARGET_DOWN"
    assert marks(route) == [1, seq]
    _require_once(route, seq)


def test_f39_a_worker_outlives_who_started_it(town: Town) -> None:
    """S10 scheduler killed with a live worker, then started again: once. Airflow itself is not killed here; what a new
    scheduler does is to call the step again while the orphan still works.
    """
    route, seq = _changed(town)
    with processes.frozen(town, "renshe", "apply.begun", "drive", route.route_id, str(seq)) as thaw:
        assert processes.finish(town, "renshe", "drive", route.route_id, str(seq)) == "checked BATCH_BUSY"
        assert thaw() == "closed"
    assert processes.finish(town, "renshe", "drive", route.route_id, str(seq)) == "closed"
    assert marks(route) == [1, seq]
    _require_once(route, seq)


def test_f40_a_task_is_cleared_after_success(town: Town) -> None:
    """S10 task cleared in Airflow after success: the step runs again and does nothing."""
    route, seq = _changed(town)
    _require_once(route, seq)
    images = f"SELECT ctid::text, xmin::text FROM shared.{route.source} ORDER BY gmsfhm"
    before = (town.run("renshe", images), route.batch("renshe", seq), route.batch("gongan", seq))
    for name in ("gongan", "renshe"):
        assert route.drive(name, seq).state == "closed"
    assert (town.run("renshe", images), route.batch("renshe", seq), route.batch("gongan", seq)) == before
    _require_once(route, seq)


@pytest.mark.parametrize("point", ["apply.merged", "apply.before_commit"])
def test_f41_killed_around_the_commit(town: Town, point: str) -> None:
    """S10 kill -9 before and after COMMIT: once."""
    route, seq = _changed(town)
    before = route.received_rows()
    processes.die(town, "renshe", point, "drive", route.route_id, str(seq))
    is_committed = point == "apply.before_commit"
    assert (route.received_rows() == route.sent_rows()) is is_committed
    assert (route.received_rows() == before) is not is_committed
    _require_once(route, seq)


def test_f42_the_target_dies_while_it_commits(frail: Frail) -> None:
    """S10 kill -9 target PostgreSQL during COMMIT: once, recovered by itself."""
    route, seq = _changed(frail.town)
    frail.departments.at_commit(APPLYING, frail.kill)
    try:
        outcome = route.drive("renshe", seq)
        assert frail.departments.fired.wait(30)
        assert outcome.is_waiting
        assert (outcome.state, outcome.code) in {("checked", "TARGET_DOWN"), ("applied", "RELAY_NOT_READY")}
    finally:
        frail.start()
    assert marks(route) in ([1], [1, seq])
    _require_once(route, seq)


def test_f43_the_answer_to_the_commit_is_lost(town: Town) -> None:
    """S10 COMMIT's reply dropped: TARGET_DOWN, then looked up and not repeated."""
    route, seq = _changed(town)
    real = town.departments["renshe"]
    with wired(real) as wire, rerouted(town, "renshe", real, wire.url):
        wire.drop_reply_to_commit(APPLYING)
        outcome = route.drive("renshe", seq)
        assert wire.fired.wait(30)
    assert (outcome.state, outcome.code, outcome.is_waiting) == ("checked", "TARGET_DOWN", True)
    assert marks(route) == [1, seq]
    images = f"SELECT ctid::text, xmin::text FROM shared.{route.source} ORDER BY gmsfhm"
    before = town.run("renshe", images)
    _require_once(route, seq)
    assert town.run("renshe", images) == before


def test_f44_the_target_is_locked(town: Town) -> None:
    """S10 target locked for longer than we wait: TARGET_LOCKED, staging kept, and then it applies."""
    route, seq = _changed(town)
    with _session(town) as cursor:
        cursor.execute(f"LOCK TABLE shared.{route.source} IN SHARE MODE")
        outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code, outcome.is_waiting) == ("checked", "TARGET_LOCKED", True)
    assert len(staged(route)) == 1
    _require_once(route, seq)


def test_f45_somebody_reads_all_the_time(town: Town) -> None:
    """S10 reader polling while all rows are replaced: never sees a mixed or an empty table. ``make bar-faults`` has
    the 200,000 of the matrix.
    """
    route = town.route([])
    bulk(route, READ_ROWS)
    route.exchange()
    totals = f"SELECT count(*), sum(amount) FROM {route.source}"
    ((count, old),) = town.run("gongan", totals)
    town.run("gongan", f"UPDATE {route.source} SET amount = amount + 1")
    ((_, new),) = town.run("gongan", totals)
    seq = _arrived(route)
    seen, is_over = set(), threading.Event()

    def read() -> None:
        with _session(town) as cursor:
            while not is_over.is_set():
                cursor.execute(f"SELECT count(*), sum(je) FROM shared.{route.source}")
                seen.add(cursor.fetchone())
                cursor.connection.rollback()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        route.require("renshe", seq, "closed")
    finally:
        is_over.set()
        reader.join()
    assert (count, old) in seen
    assert seen <= {(count, old), (count, new)}
    route.require("gongan", seq, "closed")
    assert row_digest(route, "gongan") == row_digest(route, "renshe")
    assert route.findings() == []


def test_f46_a_target_column_goes_after_staging(town: Town) -> None:
    """S10 target column dropped after staging: TARGET_DRIFT, rolled back; put back by a person, it goes on."""
    route, seq = _changed(town)
    before = town.run("renshe", f"SELECT gmsfhm FROM shared.{route.source} ORDER BY 1")
    drop = f"ALTER TABLE shared.{route.source} RENAME COLUMN je TO gone"  # dropped, as far as the node can see
    outcome = route.drive("renshe", seq, _After(lambda: town.run("renshe", drop)))
    assert (outcome.state, outcome.code) == ("held", "TARGET_DRIFT")
    assert "je" in outcome.explanation_zh
    assert town.run("renshe", f"SELECT gmsfhm FROM shared.{route.source} ORDER BY 1") == before
    assert route.findings() == []
    town.run("renshe", f"ALTER TABLE shared.{route.source} RENAME COLUMN gone TO je")
    _redrive(route, seq)
    _require_once(route, seq)


def test_f47_the_grant_or_a_key_ends_after_staging(own_town: Town) -> None:
    """S10 key or grant revoked after staging: nothing takes effect, with the code; a suspended one goes on later."""
    routes = [own_town.route() for _ in range(3)]
    seqs = [_arrived(route) for route in routes]

    def end(route: Route, to: str) -> None:
        if to == "revoked":
            own_town.directory.revoke("gongan")
        else:
            own_town.directory.change(route.grant.grant_id, to)
        route.pull("renshe")

    suspended, terminated, revoked = routes
    outcome = suspended.drive("renshe", seqs[0], _After(lambda: end(suspended, "suspended")))
    assert (outcome.state, outcome.code, outcome.is_waiting) == ("checked", "GRANT_SUSPENDED", True)
    assert suspended.received_rows() == []
    own_town.directory.change(suspended.grant.grant_id, "active")
    suspended.pull("renshe")
    _require_once(suspended, seqs[0])
    for route, seq, to, code in (
        (terminated, seqs[1], "terminated", "GRANT_TERMINATED"),
        (revoked, seqs[2], "revoked", "SIGNER_REVOKED"),
    ):
        outcome = route.drive("renshe", seq, _After(lambda route=route, to=to: end(route, to)))
        assert (outcome.state, outcome.code) == ("quarantined", code)
        assert route.nothing_loaded()
        assert route.findings() == []


def test_f48_rows_that_the_target_cannot_take(town: Town) -> None:
    """S10 unique violation: quarantined; check constraint of the department's own: held; no values in either."""
    doubled = town.route([*people(3), people(1)[0]])
    seq = _arrived(doubled)
    outcome = doubled.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("quarantined", "TARGET_CONSTRAINT")
    assert people(1)[0][0] not in outcome.explanation_zh
    assert doubled.nothing_loaded()
    assert doubled.drive("gongan", seq).state == "quarantined"
    assert doubled.findings() == []
    route, seq = _changed(town)
    before = route.received_rows()
    town.run("renshe", f"ALTER TABLE shared.{route.source} ADD CONSTRAINT own CHECK (xm <> '李四')")
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("held", "TARGET_BLOCKED")
    assert "李四" not in outcome.explanation_zh
    assert route.received_rows() == before
    town.run("renshe", f"ALTER TABLE shared.{route.source} DROP CONSTRAINT own")
    _redrive(route, seq)
    _require_once(route, seq)


def _trigger(route: Route, body: str) -> None:
    """One of the department's own on the received table."""
    name = f"own_{route.source}"
    route.town.run("renshe", f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {body} END$$")
    route.town.run(
        "renshe",
        f"CREATE TRIGGER own BEFORE INSERT ON shared.{route.source} FOR EACH ROW EXECUTE FUNCTION {name}()",
    )


def test_f49_the_targets_disk_is_full(town: Town) -> None:
    """S10 target disk full (the server's own 53100, raised by a trigger): rolled back, waits, resumes when freed."""
    route, seq = _changed(town)
    before = route.received_rows()
    _trigger(route, "RAISE EXCEPTION 'disk' USING ERRCODE = '53100';")
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code, outcome.is_waiting) == ("checked", "TARGET_FULL", True)
    assert route.received_rows() == before
    assert route.findings() == []
    town.run("renshe", f"DROP TRIGGER own ON shared.{route.source}")
    _require_once(route, seq)


def test_f50_what_was_written_is_not_what_stands(town: Town) -> None:
    """S10 post-merge assertion fails (a trigger swallows rows): TARGET_MISMATCH, rolled back."""
    route, seq = _changed(town)
    before = route.received_rows()
    _trigger(route, "RETURN NULL;")
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("held", "TARGET_MISMATCH")
    assert route.received_rows() == before
    assert route.findings() == []
    town.run("renshe", f"DROP TRIGGER own ON shared.{route.source}")
    _redrive(route, seq)
    _require_once(route, seq)


def test_f51_a_deadlock_with_a_business_transaction(town: Town) -> None:
    """S10 deadlock: whoever loses, the batch waits as for any lock and is applied once."""
    route, seq = _changed(town)
    town.run("renshe", f"CREATE TABLE ledger_{route.source} (n int)")
    _trigger(route, f"INSERT INTO public.ledger_{route.source} VALUES (1); RETURN NEW;")
    outcomes = []
    with _session(town) as business:
        business.execute(f"LOCK TABLE ledger_{route.source} IN EXCLUSIVE MODE")
        worker = threading.Thread(target=lambda: outcomes.append(route.drive("renshe", seq)))
        worker.start()
        _until_waiting(town, f"ledger_{route.source}")
        with contextlib.suppress(psycopg2.errors.DeadlockDetected):  # or the node's is the victim
            business.execute(f"LOCK TABLE shared.{route.source} IN EXCLUSIVE MODE")
        business.connection.rollback()
        worker.join()
    (outcome,) = outcomes
    assert outcome.code in ("", "TARGET_LOCKED"), outcome
    _require_once(route, seq)


def _until_waiting(town: Town, table: str) -> None:
    """Ask until somebody waits for a lock on the table."""
    waiting = [(0,)]
    while waiting == [(0,)]:
        waiting = town.run(
            "renshe",
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass",
            (f"public.{table}",),
        )

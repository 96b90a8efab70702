"""What is waited for, and for how long: locks that end in time and locks that do not, and a record without room."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import psycopg2

from exchange import department, steps
from exchange.department import libpq_url
from exchange.limits import LIMITS
from exchange.redrive import redrive
from exchange.steps import Outcome
from tests.exchange.faults.matrix import marks, staged
from tests.sim.checker import SmallChecker
from tests.sim.people import people
from tests.sim.town import Route, Town


def _changed(town: Town) -> tuple[Route, int]:
    """A table that stands at both ends, and a change of it that only has to be applied."""
    route = town.route()
    route.exchange()
    route.insert(people(12)[10:])
    seq = route.send()
    assert route.arrive() == [seq]
    with town.node("renshe") as node:
        while steps.step(node, route.route_id, seq, SmallChecker()).state != "checked":
            pass
    return route, seq


@contextlib.contextmanager
def _holding(route: Route) -> Iterator[Any]:
    """Somebody holds the received table."""
    blocker = psycopg2.connect(libpq_url(route.town.departments["renshe"]))
    with contextlib.closing(blocker), blocker.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = '1500ms'")
        blocker.commit()
        cursor.execute(f"LOCK TABLE shared.{route.source} IN SHARE MODE")
        yield blocker


def test_a_lock_that_ends_in_time_is_only_waited_for(town: Town) -> None:
    """F44's other half: shorter than the limit, it costs the batch nothing but the time. The server ends the lock."""
    route, seq = _changed(town)
    with _holding(route):
        outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("closed", "")
    route.require("gongan", seq, "closed")
    assert route.received_rows() == route.sent_rows()
    assert staged(route) == []
    assert route.findings() == []


def test_suspended_inside_the_transaction_nothing_takes_effect(town: Town) -> None:
    """F47 at its latest: the rows are being written when the node hears of it, and the commit does not come."""
    route, seq = _changed(town)
    before, outcomes = route.received_rows(), list[Outcome]()
    waiting = f"SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'shared.{route.source}'::regclass"
    with _holding(route) as blocker, town.node("renshe") as other:
        with blocker.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        worker = threading.Thread(target=lambda: outcomes.append(route.drive("renshe", seq)))
        worker.start()
        while town.run("renshe", waiting) == [(0,)]:
            assert worker.is_alive()
        town.directory.change(route.grant.grant_id, "suspended")
        other.feed.pull(other.directory.feed, other.now())
        blocker.rollback()
        worker.join()
    (outcome,) = outcomes
    assert outcome.code in ("GRANT_SUSPENDED", "TARGET_LOCKED")  # the latter where this process stood still for 5 s
    assert (outcome.state, outcome.is_waiting) == ("checked", True)
    assert route.received_rows() == before
    assert marks(route) == [1]
    assert route.findings() == []
    town.directory.change(route.grant.grant_id, "active")
    route.pull("renshe")
    route.require("renshe", seq, "closed")
    assert route.received_rows() == route.sent_rows()


def test_nobody_is_waited_for_longer_than_five_seconds(town: Town) -> None:
    """F04 and F44: at either end the server itself ends the wait, so that no queue grows behind us."""
    assert LIMITS.lock_wait_seconds == 5
    for name in ("gongan", "renshe"):
        with department.connect(town.departments[name], "source") as ours, ours.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("5s",)


def test_a_record_without_room_stops_the_data(town: Town) -> None:
    """F54's third kind: the target's audit queue is full (the server's own 53100, raised by a trigger)."""
    route, seq = _changed(town)
    before = route.received_rows()
    town.run(
        "renshe",
        "CREATE FUNCTION public.no_room() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'disk' USING ERRCODE = '53100'; END$$;"
        " CREATE TRIGGER no_room BEFORE INSERT ON hutong.audit_out EXECUTE FUNCTION public.no_room()",
    )
    try:
        outcome = route.drive("renshe", seq)
    finally:
        town.run("renshe", "DROP FUNCTION public.no_room CASCADE")
    assert (outcome.state, outcome.code, outcome.is_waiting) == ("checked", "AUDIT_UNAVAILABLE", True)
    assert route.received_rows() == before
    assert marks(route) == [1]
    route.require("renshe", seq, "closed")
    route.require("gongan", seq, "closed")
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []


def test_a_target_column_dropped_and_put_back_is_filled_again(town: Town) -> None:
    """F46, really dropped: what was in it is gone, and an increment does not carry it. It is refused, and all rows come
    by themselves.
    """
    route, seq = _changed(town)
    table = f"shared.{route.source}"
    town.run("renshe", f"ALTER TABLE {table} DROP COLUMN je")
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("held", "TARGET_DRIFT")
    assert "je" in outcome.explanation_zh
    town.run("renshe", f"ALTER TABLE {table} ADD COLUMN je numeric(12,2)")
    with town.node("renshe") as node:
        redrive(node, route.route_id, seq, "运维甲")
    assert route.drive("renshe", seq).code == "INCREMENT_BASE"
    route.drive("gongan", seq)
    route.require("gongan", seq + 1, "stored")
    route.arrive()
    route.require("renshe", seq + 1, "closed")
    route.require("gongan", seq + 1, "closed")
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []

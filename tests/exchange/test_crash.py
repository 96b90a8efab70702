"""kill -9 at every failpoint, then simply again: the same tables, once, and every invariant holds."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from exchange.failpoints import POINTS
from tests.sim import processes
from tests.sim.folders import ONLY_FILES
from tests.sim.people import people
from tests.sim.town import Route, Town

ROOT = Path(__file__).parents[2]
ROTATE = {point for point in POINTS if point.startswith("rotate.")}  # tests/exchange/keys/test_rotate.py
ORDER = {"order.begun"}  # tests/exchange/peers/test_orders.py
UNDO = {point for point in POINTS if point.startswith("undo.")}  # tests/exchange/consumer/test_undo.py
RECONCILE = {point for point in POINTS if point.startswith("reconcile.")}  # tests/exchange/reconcile/test_crash.py
MANY = {"stage.parted", "stage.seen"}  # tests/exchange/consumer/test_filling.py
TOGETHER = {point for point in POINTS if point.endswith(".one_of_several")}  # tests/exchange/test_instants.py
# F11, F16, F20, F34 and F41 of tests/exchange/faults
CASES = {"seal.copied", "store.uploaded", "store.before_commit", "stage.loaded", "apply.merged", "apply.before_commit"}
ELSEWHERE = {"plan.before_commit"} | ONLY_FILES | ORDER | RECONCILE | ROTATE | CASES | MANY | TOGETHER | UNDO
AT_CONSUMER = ("fetch.", "verify.", "stage.", "check.", "apply.", "reply.")


def _finish(route: Route, seq: int) -> None:
    assert route.drive("gongan", seq).state in ("stored", "closed")
    route.arrive()
    assert route.drive("renshe", seq).state == "closed"
    assert route.drive("gongan", seq).state == "closed"


def _require_once(route: Route, batches: int) -> None:
    assert route.received_rows() == route.sent_rows()
    marks = route.town.run("renshe", "SELECT count(*) FROM hutong.applied_batch WHERE route_id = %s", (route.route_id,))
    assert marks == [(batches,)]
    assert route.findings() == []
    for name in ("gongan", "renshe"):
        spool = route.town.homes[name] / "spool"
        assert not list(spool.glob(f"{route.route_id}-*.part"))


@pytest.mark.parametrize("point", sorted(POINTS - ELSEWHERE))
def test_killed_and_started_again(town: Town, point: str) -> None:
    route = town.route()
    route.exchange()  # so that what is killed is a change of a table that stands
    route.insert([("99000000000000099X", "李四", "990000", "1.00", "2026-02-02T00:00:00Z")])
    town.run("gongan", f"DELETE FROM {route.source} WHERE id_no = %s", (people(1)[0][0],))
    before = route.received_rows()
    if point.startswith(AT_CONSUMER):
        seq = route.send()
        route.arrive()
        processes.die(town, "renshe", point, "drive", route.route_id, str(seq))
    elif point.startswith("close."):
        seq = route.send()
        route.arrive()
        assert route.drive("renshe", seq).state == "closed"
        processes.die(town, "gongan", point, "drive", route.route_id, str(seq))
    else:
        seq = route.plan()
        processes.die(town, "gongan", point, "drive", route.route_id, str(seq))
    if point not in ("apply.before_commit", "reply.before_commit", "close.before_commit"):
        assert route.received_rows() == before
    _finish(route, seq)
    _require_once(route, 2)


def test_killed_while_planning(town: Town) -> None:
    route = town.route()
    processes.die(town, "gongan", "plan.before_commit", "plan")
    seq = route.plan()
    assert seq == 1
    _finish(route, seq)
    _require_once(route, 1)


def test_a_failpoint_needs_permission(town: Town) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.sim.worker", str(town.homes["gongan"]), "plan"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HUTONG_FAILPOINT": "plan.before_commit"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "FAILPOINTS_OFF" in done.stderr

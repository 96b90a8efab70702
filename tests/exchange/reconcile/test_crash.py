"""kill -9 at every point of a reconciliation, then simply again: the same result at both ends, once."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from exchange.failpoints import POINTS
from tests.exchange.reconcile.steps import begin, go, kinds, loose_route, result_at, session_at
from tests.sim.people import people
from tests.sim.town import Route, Town

ROOT = Path(__file__).parents[3]
AT_CONSUMER = ("reconcile.answered", "reconcile.listed", "reconcile.agreed")


def die(route: Route, name: str, point: str, what: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.exchange.reconcile.worker", str(route.town.homes[name]), what, route.route_id],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HUTONG_FAILPOINT": point, "HUTONG_ALLOW_FAILPOINTS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, (done.stdout, done.stderr)


@pytest.mark.parametrize("point", sorted(point for point in POINTS if point.startswith("reconcile.")))
def test_killed_and_started_again(town: Town, point: str) -> None:
    route = loose_route(town, people(20))
    route.exchange()
    town.run("renshe", f"DELETE FROM shared.{route.grant.target_table} WHERE gmsfhm LIKE '%%3X'")
    if point == "reconcile.asked":
        die(route, "gongan", point, "begin")
    begin(route)
    before = {"reconcile.walked": 1, "reconcile.listed": 2, "reconcile.judged": 3, "reconcile.agreed": 4}
    turns = ["gongan", "renshe", "gongan", "renshe", "gongan", "renshe", "gongan"]
    at = {"reconcile.posted": 0, "reconcile.answered": 1, "reconcile.closed": 6} | {
        name: number + 1 for name, number in before.items()
    }
    if point in at:
        go(route, *turns[: at[point]])
        die(route, "renshe" if point in AT_CONSUMER else "gongan", point, "turn")
    go(route, *turns)
    found = result_at(route, "gongan")
    assert (found.outcome, found.missing) == ("differs", 2)
    assert result_at(route, "renshe") == found
    assert (session_at(route, "gongan").state, session_at(route, "renshe").state) == ("closed", "agreed")
    assert kinds(route, "gongan") == [("missing", True)] * 2
    assert kinds(route, "renshe") == [("missing", False)] * 2

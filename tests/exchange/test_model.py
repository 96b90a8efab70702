"""The exchange against a model: whatever happens in whatever order, the target is one of the batches that were sealed.

Hypothesis steps both ends, kills workers, breaks lines, changes rows and columns, suspends, restores, turns clocks. The
model is what the source held when each batch was sealed, by the batch's digest. ``HUTONG_MODEL_EXAMPLES`` for more.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from exchange import ledger, plan
from exchange.errors import ExchangeError
from exchange.failpoints import POINTS, Failpoints
from exchange.peers import sync
from exchange.redrive import redrive
from tests.sim import lies
from tests.sim.hostile import hostile
from tests.sim.lane import Lane, Lanes
from tests.sim.town import built, execute

EXAMPLES = int(os.environ.get("HUTONG_MODEL_EXAMPLES", "4"))
STEPS = int(os.environ.get("HUTONG_MODEL_STEPS", "25"))
ENDS = st.sampled_from(["gongan", "renshe"])

# The entries that a batch must have left behind on its way to a state.
ENTRIES = {
    "provider": ["plan", "seal", "store", "close"],
    "consumer": ["arrive", "fetch", "verify", "stage", "check", "follow", "reply"],
}
STATES = {
    "provider": ["due", "sealed", "stored", "closed"],
    "consumer": ["stored", "fetched", "verified", "staged", "checked", "applied", "closed"],
}


class Crash(BaseException):
    """The worker is gone: nothing but what was committed counts."""


class Armed(Failpoints):
    """Crashes this worker, not this process."""

    def reach(self, name: str) -> None:
        if name == self.armed:
            raise Crash


class Exchange(RuleBasedStateMachine):
    """One route; its nodes and relay are shared by all examples."""

    lanes: Lanes

    @initialize()
    def begin(self) -> None:
        self.lane: Lane = self.lanes.new()
        self.sealed: dict[str, list[Any]] = {}
        self.is_drifted = self.is_suspended = False
        self.kept: list[Any] | None = None
        self.is_restored = False

    # What departments do

    @precondition(lambda self: not self.is_drifted)
    @rule()
    def change_rows(self) -> None:
        self.lane.change()

    @rule()
    def delete_half(self) -> None:
        table = self.lane.route.source
        self.lane.route.town.run(
            "gongan", f"DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} ORDER BY 1 LIMIT 1)"
        )

    @rule()
    def rename_somebody(self) -> None:
        table = self.lane.route.source
        self.lane.route.town.run(
            "gongan", f"UPDATE {table} SET name = name || '改' WHERE ctid = (SELECT max(ctid) FROM {table})"
        )

    @precondition(lambda self: not self.is_drifted)
    @rule()
    def drift(self) -> None:
        self.lane.route.town.run("gongan", f"ALTER TABLE {self.lane.route.source} RENAME COLUMN region TO area")
        self.is_drifted = True

    @precondition(lambda self: self.is_drifted)
    @rule()
    def mend(self) -> None:
        self.lane.route.town.run("gongan", f"ALTER TABLE {self.lane.route.source} RENAME COLUMN area TO region")
        self.is_drifted = False

    # What workers do

    @rule()
    def plan(self) -> None:
        node = self.lane.nodes["gongan"]
        with suppress(ExchangeError):
            plan.plan(node, node.now(), force=True)

    @rule()
    def arrive(self) -> None:
        self.lane.arrive()

    @rule(name=ENDS, times=st.integers(1, 3))
    def step(self, name: str, times: int) -> None:
        batch = self.lane.last(name)
        if batch is not None:
            for _ in range(times):
                self.lane.step(name, batch.seq)

    @rule(name=ENDS)
    def drive(self, name: str) -> None:
        batch = self.lane.last(name)
        if batch is not None:
            self.lane.drive(name, batch.seq)

    @rule(name=ENDS)
    def step_an_old_one(self, name: str) -> None:
        """A task that was started twice, or late."""
        with self.lane.nodes[name].engine.connect() as connection:
            mine = [b.seq for b in ledger.batches(connection) if b.route_id == self.lane.route.route_id]
        if mine:
            self.lane.step(name, mine[0])

    @rule(name=ENDS, point=st.sampled_from(sorted(POINTS)))
    def crash(self, name: str, point: str) -> None:
        node, batch = self.lane.nodes[name], self.lane.last(name)
        calm, node.failpoints = node.failpoints, Armed(point)
        try:
            if point == "plan.before_commit":
                plan.plan(node, node.now(), force=True)
            elif batch is not None:
                self.lane.drive(name, batch.seq)
        except (Crash, ExchangeError):
            pass
        finally:
            node.failpoints = calm

    @rule(name=ENDS)
    def redrive(self, name: str) -> None:
        batch = self.lane.last(name)
        if batch is not None and batch.state in ("held", "quarantined"):
            with suppress(ExchangeError):
                redrive(self.lane.nodes[name], batch.route_id, batch.seq, "运维甲")

    @rule(name=ENDS)
    def report(self, name: str) -> None:
        with suppress(ExchangeError):
            sync.sync(self.lane.nodes[name])

    # What happens to them

    @rule(lie=st.sampled_from(["dead", "reordered", "flipped", "empty", "late"]))
    def partition(self, lie: str) -> None:
        relay = self.lanes.relay
        assert relay is not None
        relay.lie = {
            "dead": lambda call, ask: lies.DEAD,
            "reordered": lies.items(lambda items: items[::-1]),
            "flipped": lies.bytes_of("object", lies.flipped(99)),
            "empty": lies.words(lambda said: []),
            "late": lies.after("announce", lies.DEAD),
        }[lie]

    @rule()
    def heal(self) -> None:
        assert self.lanes.relay is not None
        self.lanes.relay.lie = None

    @precondition(lambda self: not self.is_suspended)
    @rule()
    def suspend(self) -> None:
        self._tell("suspended")
        self.is_suspended = True

    @precondition(lambda self: self.is_suspended)
    @rule()
    def resume(self) -> None:
        self._tell("active")
        self.is_suspended = False

    @rule()
    def revoke(self) -> None:
        """This grant ends; another begins."""
        self._tell("terminated")
        self.lane.route = self.lane.route.renew()
        self.lanes.town.directory.valid_seconds = 3600.0
        self.lanes.pull()
        self.is_suspended = False

    @rule()
    def rotate(self) -> None:
        self.lanes.rotate()

    @rule(name=ENDS, minutes=st.sampled_from([-4, 4, 90, 23 * 60, -23 * 60]))
    def jump(self, name: str, minutes: int) -> None:
        """A clock is wrong for a while."""
        node, batch = self.lane.nodes[name], self.lane.last(name)
        calm, node.now = node.now, lambda: datetime.now(UTC) + timedelta(minutes=minutes)
        try:
            if batch is not None:
                self.lane.step(name, batch.seq)
        finally:
            node.now = calm

    @precondition(lambda self: self.kept is None and self.lane.applied())
    @rule()
    def back_up(self) -> None:
        """Of the target: this route's rows and marks."""
        self.kept = [self._target("SELECT * FROM {}", table) for table in self._tables()]

    @precondition(lambda self: self.kept is not None)
    @rule()
    def restore(self) -> None:
        assert self.kept is not None
        for table, rows in zip(self._tables(), self.kept, strict=True):
            self._target("DELETE FROM {}", table)
            for row in rows:
                self._target(f"INSERT INTO {{}} VALUES ({', '.join(['%s'] * len(row))})", table, row)
        self.kept, self.is_restored = None, True

    # What must hold

    @invariant()
    def the_target_is_a_sealed_batch(self) -> None:
        self._learn()
        marks = self.lane.route.town.run(
            "renshe",
            "SELECT seq, digest FROM hutong.applied_batch WHERE route_id = %s ORDER BY seq",
            (self.lane.route.route_id,),
        )
        expected = self.sealed[marks[-1][1]] if marks else []
        assert self.lane.route.received_rows() == expected
        assert len({seq for seq, _ in marks}) == len(marks)

    @invariant()
    def fsck_is_clean(self) -> None:
        if not self.is_restored:
            assert self.lane.findings() == []

    @invariant()
    def every_move_is_recorded(self) -> None:
        for name, node in self.lane.nodes.items():
            with node.engine.connect() as connection:
                mine = [b for b in ledger.batches(connection) if b.route_id == self.lane.route.route_id]
            said = set(
                execute(
                    self.lanes.town.databases[name],
                    "SELECT said->>'subject', said->>'action'"
                    " FROM (SELECT convert_from(body, 'UTF8')::jsonb AS said FROM audit_out) a"
                    " WHERE said->>'subject' LIKE %s",
                    (f"{self.lane.route.route_id}/%",),
                )
            )
            for batch in mine:
                states = STATES[batch.role]
                reached = batch.state if batch.state in states else batch.held_from
                needed = ENTRIES[batch.role][: states.index(reached) + 1] if reached in states else []
                assert {(batch.subject, f"batch:{entry}") for entry in needed} <= said
                if batch.state in ("held", "quarantined"):
                    assert (batch.subject, f"batch:{'hold' if batch.state == 'held' else 'quarantine'}") in said or (
                        batch.role == "provider" and (batch.subject, "batch:refuse") in said
                    )

    def teardown(self) -> None:
        """All is well again: the route goes on to the newest rows."""
        if not hasattr(self, "lane"):
            return
        if self.is_drifted:
            self.mend()
        if self.is_suspended:
            self.resume()
        self.heal()
        if self.lane.last("gongan") is not None:
            self.lane.recover(is_equal=False)
        self.lane.change()
        self.lane.send()
        self.lane.recover()

    def _learn(self) -> None:
        """What was sealed since the last look is what the source holds: no rule touches both."""
        batch = self.lane.last("gongan")
        if batch is not None and batch.digest and batch.digest not in self.sealed:
            self.sealed[batch.digest] = self.lane.route.sent_rows()

    def _tell(self, state: str) -> None:
        self.lanes.town.directory.change(self.lane.route.grant.grant_id, state)
        self.lanes.pull()

    def _tables(self) -> list[str]:
        route = self.lane.route.route_id
        return [
            f"shared.{self.lane.route.grant.target_table}",
            f"hutong.applied_batch WHERE route_id = '{route}'",
            f"hutong.route_head WHERE route_id = '{route}'",
        ]

    def _target(self, statement: str, table: str, row: Any = None) -> list[Any]:
        place = table.split(" WHERE", maxsplit=1)[0] if row is not None else table
        return self.lane.route.town.run("renshe", statement.format(place), row)


@pytest.fixture(scope="module")
def lanes(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Iterator[Lanes]:
    with ExitStack() as stack:
        town = stack.enter_context(built(tmp_path_factory.mktemp("model"), new_database))
        relay = stack.enter_context(hostile(town.relay_url))
        yield stack.enter_context(Lanes.over(town, relay))


def test_the_exchange_is_its_model(lanes: Lanes) -> None:
    class Case(Exchange):
        pass

    Case.lanes = lanes
    run_state_machine_as_test(
        Case,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

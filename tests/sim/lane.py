"""A lane: one route whose nodes reach the relay only through its hostile double, on which one lie is tried."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from exchange import fsck, ledger, plan, steps
from exchange.consumer import marks
from exchange.errors import ExchangeError
from exchange.keys import rotate
from exchange.ledger import Batch
from exchange.node import Node
from exchange.redrive import may_redrive, redrive
from exchange.steps import Outcome
from metadata.keys import FIRST_SUITE
from tests.sim.checker import SmallChecker
from tests.sim.hostile import HostileRelay
from tests.sim.people import people
from tests.sim.town import Route, Town

TURNS = 12
PHASES = ("first", "middle", "rotated")


class Lane:
    """One route, its two open nodes and the relay between them."""

    def __init__(self, route: Route, nodes: dict[str, Node], relay: HostileRelay | None) -> None:
        self.route, self.nodes, self.relay = route, nodes, relay
        self.persons_moves = 0

    def last(self, name: str) -> Batch | None:
        with self.nodes[name].engine.connect() as connection:
            return ledger.last(connection, self.route.route_id)

    def batch(self, name: str, seq: int) -> Batch:
        with self.nodes[name].engine.connect() as connection:
            return ledger.find(connection, self.route.route_id, seq)

    def drive(self, name: str, seq: int) -> Outcome:
        return steps.drive(self.nodes[name], self.route.route_id, seq, SmallChecker())

    def plan(self) -> int:
        plan.plan(self.nodes["gongan"], self.nodes["gongan"].now(), force=True)
        last = self.last("gongan")
        assert last is not None
        assert last.state == "due", last
        return last.seq

    def send(self) -> int:
        seq = self.plan()
        outcome = self.drive("gongan", seq)
        assert outcome.state == "stored", outcome
        return seq

    def change(self) -> None:
        """One row comes, one goes, one changes: the next batch differs."""
        self.route.town.made += 1
        number = 1000 + self.route.town.made
        table = self.route.source
        self.route.town.run(
            "gongan",
            f"DELETE FROM {table} WHERE ctid = (SELECT min(ctid) FROM {table});"
            f" UPDATE {table} SET amount = amount + 1 WHERE ctid = (SELECT max(ctid) FROM {table});"
            f" INSERT INTO {table} (id_no, name, region, amount, changed_at) VALUES (%s, %s, %s, %s, %s)",
            (f"99{number:015d}X", f"李四{number}号", "990000", "1.00", "2026-02-02T00:00:00Z"),
        )

    def arrive(self) -> str:
        """Take what the relay lists on this route alone; the code of what went wrong, empty when nothing did."""
        node = self.nodes["renshe"]
        try:
            plan.arrivals_of(node, node.trust(), self.route.route_id)
        except ExchangeError as error:
            return error.code
        return ""

    def applied(self) -> list[int]:
        return [
            seq
            for (seq,) in self.route.town.run(
                "renshe", "SELECT seq FROM hutong.applied_batch WHERE route_id = %s ORDER BY 1", (self.route.route_id,)
            )
        ]

    def head(self) -> int:
        return marks.head_seq(self.nodes["renshe"].settings.department_url, self.route.route_id)

    def step(self, name: str, seq: int) -> Outcome:
        return steps.step(self.nodes[name], self.route.route_id, seq, SmallChecker())

    def recover(self, *, is_equal: bool = True) -> None:
        """The relay is honest again: drive both ends, a person redriving what stopped, until closed and equal (to the
        source as it is, unless that has changed since).
        """
        if self.relay is not None:
            self.relay.lie = None
        for _ in range(TURNS):
            self.arrive()
            self._turn("renshe")
            self._turn("gongan")
            mine, theirs = self.last("gongan"), self.last("renshe")  # a provider closes on its consumer's word
            if mine is not None and theirs is not None and (mine.seq, mine.state) == (theirs.seq, "closed"):
                break
        else:
            raise AssertionError(f"the route does not go on: {self.last('gongan')}, {self.last('renshe')}")
        assert not is_equal or self.route.received_rows() == self.route.sent_rows()
        assert self.findings() == []

    def findings(self) -> list[str]:
        """What fsck finds at both ends about this route."""
        found = [finding for node in self.nodes.values() for finding in fsck.fsck(node)]
        short = self.route.route_id.removeprefix("r-")
        return [f"{finding.rule} {finding.path}" for finding in found if short in finding.path]

    def _turn(self, name: str) -> None:
        with self.nodes[name].engine.connect() as connection:
            mine = [b for b in ledger.batches(connection, only_open=True) if b.route_id == self.route.route_id]
        for batch in mine:
            if batch.state == "quarantined" and (name == "renshe" or batch.replaced_by_seq is not None):
                continue  # over, and its successor is on its way
            self.drive(name, batch.seq)
            if may_redrive(self.batch(name, batch.seq)):  # not what was sealed anew by itself while it was driven
                self.persons_moves += 1
                redrive(self.nodes[name], self.route.route_id, batch.seq, "运维甲")


class Lanes:
    """Routes to try lies on: a new one for a first batch, one that goes on and on for those in the middle."""

    def __init__(self, town: Town, nodes: dict[str, Node], relay: HostileRelay | None) -> None:
        self.town, self.nodes, self.relay = town, nodes, relay
        self._going: Lane | None = None
        self._resting: dict[tuple[str, bool], tuple[Lane, int]] = {}

    def new(self) -> Lane:
        if self.relay is not None:
            self.relay.lie = None
        route = self.town.route([])
        route.town.run(
            "gongan",
            f"INSERT INTO {route.source} (id_no, name, region, amount, changed_at) SELECT r.a, r.b, r.c, r.d::numeric,"
            " r.e::timestamptz FROM unnest(%s, %s, %s, %s, %s) AS r (a, b, c, d, e)",
            [list(column) for column in zip(*people(4), strict=True)],
        )
        self.town.directory.valid_seconds = 3600.0
        self.pull()
        return Lane(route, self.nodes, self.relay)

    def resting(self, phase: str, *, is_known: bool) -> tuple[Lane, int]:
        """A lane whose batch stands at the relay, and whether its consumer has heard of it: for lies that move nothing,
        one after the other. ``wake`` ends them all.
        """
        if (phase, is_known) not in self._resting:
            lanes = {name: self.new() for name in PHASES}
            for lane in (lanes["middle"], lanes["rotated"]):
                lane.send()
                lane.recover()
                lane.change()
            self.rotate()
            self._resting |= {(name, is_known): (lane, lane.send()) for name, lane in lanes.items()}
            if is_known:
                assert [lane.arrive() for lane in lanes.values()] == [""] * len(lanes)
        return self._resting[phase, is_known]

    def wake(self) -> int:
        """The relay is honest: what rested goes on by itself; how many lanes did."""
        for lane, seq in self._resting.values():
            lane.recover()
            assert lane.persons_moves == 0
            assert lane.applied()[-1] == seq
        count = len(self._resting)
        self._resting.clear()
        return count

    @classmethod
    @contextmanager
    def over(cls, town: Town, relay: HostileRelay | None = None) -> Iterator["Lanes"]:
        """With both nodes open, which reach the relay through its double where there is one."""
        with ExitStack() as stack:
            if relay is not None:
                for home in town.homes.values():
                    settings = home / "node.toml"
                    settings.write_text(settings.read_text().replace(town.relay_url, relay.url))
            yield cls(town, {name: stack.enter_context(town.node(name)) for name in town.homes}, relay)

    def rotate(self) -> None:
        """The provider signs with a new key from now on, and the consumer's batches are sealed to a new one."""
        rotate.rotate(self.nodes["gongan"], "identity", FIRST_SUITE)
        rotate.rotate(self.nodes["renshe"], "decryption", FIRST_SUITE)
        self.pull()

    def pull(self) -> None:
        """Both nodes hear the directory's news."""
        for node in self.nodes.values():
            node.feed.pull(node.directory.feed, node.now())

    def at(self, phase: str) -> Lane:
        """A lane in this phase, with a change to send. One that a failed test left broken is not used again."""
        lane = self.new() if phase == "first" or self._going is None else self._going
        if phase == "first":
            return lane
        if phase == "rotated":
            self.rotate()
        last = lane.last("gongan")
        if last is not None and last.state != "closed":
            lane = self.new()
        if lane.last("gongan") is None:
            lane.send()
            lane.recover()
        lane.persons_moves = 0
        lane.change()
        self._going = lane
        return lane


def table(cases: Mapping[str, Any]) -> list[Any]:
    """One parameter set for each case and each of its phases: ``first`` batch, ``middle``, ``rotated`` keys. Outside
    ``make bar-faults`` (HUTONG_HOSTILE) every second in the middle, every sixth a first batch, every twelfth rotated.
    """
    found = []
    for place, (name, case) in enumerate(cases.items()):
        often = {"first": 6, "middle": 2, "rotated": 12}
        phases = [p for p in case.phases if place % often[p] == 0 or "HUTONG_HOSTILE" in os.environ]
        found += [pytest.param(phase, case, id=f"{name}-{phase}") for phase in phases]
    return found

"""Whole exchanges whose workers are killed again and again, at failpoints and at any time: in the end all is equal.

``make test`` kills 50, ``make bar-faults`` 1,000 (``HUTONG_KILLS``); ``HUTONG_SEED`` repeats a run.
"""

import os
import random
import secrets
import signal
from collections import Counter
from collections.abc import Iterator

import pytest

from exchange.failpoints import POINTS
from exchange.ledger import Batch
from tests.sim.lane import Lane, Lanes
from tests.sim.zygote import Zygote

KILLS = int(os.environ.get("HUTONG_KILLS", "50"))
KILLS_AN_EXCHANGE = 9
LONGEST_SECONDS = 0.25
PROVIDERS = sorted(point for point in POINTS if point.startswith(("seal.", "store.", "close.")))
CONSUMERS = sorted(
    point for point in POINTS if point.startswith(("fetch.", "verify.", "stage.", "check.", "apply.", "reply."))
)


class Campaign:
    """One run of many exchanges over one route, with its own chance."""

    def __init__(self, lane: Lane, zygote: Zygote, chance: random.Random) -> None:
        self.lane, self.zygote, self.chance = lane, zygote, chance
        self.hits: Counter[str] = Counter()
        self.kills = 0

    def exchange(self) -> None:
        """One batch from plan to closed, with kills on the way; then what must hold."""
        lane, before, budget = self.lane, self.kills, self.chance.randint(3, KILLS_AN_EXCHANGE)
        lane.change()
        earlier = lane.last("gongan")
        seq = 1 if earlier is None else earlier.seq + 1
        for _ in range(budget * 6):
            is_calm = self.kills - before >= budget
            provider, consumer = self._at("gongan", seq), self._at("renshe", seq)
            if provider is None:
                self._run("gongan", ["plan"], ["plan.before_commit"], "unplanned", is_calm=is_calm)
            elif provider.state in ("due", "sealed"):
                self._drive("gongan", seq, PROVIDERS, provider, is_calm=is_calm)
            elif consumer is None:
                self._run("renshe", ["arrive"], [], "unseen", is_calm=is_calm)
            elif consumer.state != "closed":
                self._drive("renshe", seq, CONSUMERS, consumer, is_calm=is_calm)
            elif provider.state != "closed":
                self._drive("gongan", seq, ["close.before_commit"], provider, is_calm=is_calm)
            else:
                break
        else:
            raise AssertionError(f"{seq} does not end: {provider}, {consumer}")
        assert lane.route.received_rows() == lane.route.sent_rows()
        assert lane.applied() == list(range(1, seq + 1))
        assert lane.findings() == []

    def _at(self, name: str, seq: int) -> Batch | None:
        last = self.lane.last(name)
        return last if last is not None and last.seq == seq else None

    def _drive(self, name: str, seq: int, points: list[str], batch: Batch, *, is_calm: bool) -> None:
        assert batch.state not in ("held", "quarantined"), batch
        arguments = ["drive", self.lane.route.route_id, str(seq)]
        self._run(name, arguments, points, f"{batch.role} {batch.state}", is_calm=is_calm)

    def _run(self, name: str, arguments: list[str], points: list[str], where: str, *, is_calm: bool) -> None:
        point, after = "", None
        is_calm = is_calm or (arguments[0] != "drive" and self.chance.random() < 0.8)  # one point there, reached soon
        if not is_calm and points and self.chance.random() < 0.6:
            rare = sorted(points, key=lambda each: (self.hits[each], self.chance.random()))
            point = self.chance.choice(rare[:3])  # so that all are met often
        elif not is_calm:
            after = self.chance.uniform(0.0, LONGEST_SECONDS)
        home = str(self.lane.route.town.homes[name])
        code, said = self.zygote.run(home, *arguments, failpoint=point, kill_after=after)
        if code == -signal.SIGKILL:
            self.kills += 1
            self.hits[point or f"any time, {where}"] += 1
        else:
            assert code == 0, said


@pytest.fixture
def campaign(lanes: Lanes, zygote: Zygote) -> Iterator[Campaign]:
    seed = os.environ.get("HUTONG_SEED") or secrets.token_hex(4)
    print(f"\nHUTONG_SEED={seed}")  # shown with a failure
    made = Campaign(lanes.new(), zygote, random.Random(seed))
    yield made
    for where, count in sorted(made.hits.items()):
        print(f"  {count:5}  {where}")


@pytest.mark.timeout(5000)
def test_killed_again_and_again(campaign: Campaign) -> None:
    while campaign.kills < KILLS:
        campaign.exchange()
    if KILLS >= 500:  # few enough leave some out by chance
        reached = {point for point in campaign.hits if point in POINTS}
        assert reached >= {point for point in (*PROVIDERS, *CONSUMERS) if point in EVERY_TABLE}


# What every exchange of a table passes; the others belong to files and folders.
EVERY_TABLE = {
    "seal.begun",
    "seal.copied",
    "seal.before_commit",
    "seal.after_commit",
    "store.uploaded",
    "store.before_commit",
    "fetch.segment",
    "fetch.before_commit",
    "verify.before_commit",
    "stage.loaded",
    "stage.before_commit",
    "check.before_commit",
    "apply.merged",
    "apply.before_commit",
    "reply.before_commit",
    "close.before_commit",
}

"""Whole exchanges whose workers are killed again and again, at failpoints and at any time: in the end all is equal.

``make test`` kills 50, always at the same points, ``make bar-faults`` 1,000 (``HUTONG_KILLS``), each time at others;
``HUTONG_SEED`` repeats a run.
"""

import os
import random
import secrets
import signal
from collections import Counter
from collections.abc import Iterator

import pytest

from exchange.ledger import Batch
from tests.sim.lane import Lane, Lanes
from tests.sim.zygote import Zygote

SAMPLE = 50
KILLS = int(os.environ.get("HUTONG_KILLS", str(SAMPLE)))
LONGEST_SECONDS = 0.25
LEAST_AT_A_POINT = 5  # of a long run
# What every exchange of a table passes: a point that is not reached would be armed again and again for nothing.
PROVIDERS = [
    "seal.begun",
    "seal.copied",
    "seal.before_commit",
    "seal.after_commit",
    "store.uploaded",
    "store.before_commit",
]
CONSUMERS = [
    "fetch.segment",
    "fetch.before_commit",
    "verify.before_commit",
    "stage.loaded",
    "stage.before_commit",
    "check.before_commit",
    "apply.begun",
    "apply.merged",
    "apply.before_commit",
    "reply.before_commit",
]
CLOSING = ["close.before_commit"]
# How often each part of one exchange is killed at most, so that no part takes the others' turns.
MOST = {"plan": 1, "send": 3, "arrive": 1, "receive": 5, "close": 1}


class Campaign:
    """One run of many exchanges over one route, with its own chance."""

    def __init__(self, lane: Lane, zygote: Zygote, chance: random.Random) -> None:
        self.lane, self.zygote, self.chance = lane, zygote, chance
        self.hits: Counter[str] = Counter()
        self.kills = 0
        self.left = dict.fromkeys(MOST, 0)

    def exchange(self) -> None:
        """One batch from plan to closed, with kills on the way; then what must hold."""
        lane = self.lane
        self.left = {part: self.chance.randint(0, most) for part, most in MOST.items()}
        lane.change()
        earlier = lane.last("gongan")
        seq = 1 if earlier is None else earlier.seq + 1
        for _ in range(6 * sum(MOST.values())):
            provider, consumer = self._at("gongan", seq), self._at("renshe", seq)
            if provider is None:
                self._run("gongan", "plan", ["plan"], ["plan.before_commit"], "unplanned")
            elif provider.state in ("due", "sealed"):
                self._drive("gongan", "send", PROVIDERS, provider)
            elif consumer is None:
                self._run("renshe", "arrive", ["arrive"], [], "unseen")
            elif consumer.state != "closed":
                self._drive("renshe", "receive", CONSUMERS, consumer)
            elif provider.state != "closed":
                self._drive("gongan", "close", CLOSING, provider)
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

    def _drive(self, name: str, part: str, points: list[str], batch: Batch) -> None:
        assert batch.state not in ("held", "quarantined"), batch
        arguments = ["drive", self.lane.route.route_id, str(batch.seq)]
        self._run(name, part, arguments, points, f"{batch.role} {batch.state}")

    def _run(self, name: str, part: str, arguments: list[str], points: list[str], where: str) -> None:
        point, after = "", None
        if self.left[part] and points and self.chance.random() < 0.6:
            rare = sorted(points, key=lambda each: (self.hits[each], self.chance.random()))
            point = self.chance.choice(rare[:3])  # so that all are met often
        elif self.left[part]:
            after = self.chance.uniform(0.0, LONGEST_SECONDS)
        home = str(self.lane.route.town.homes[name])
        code, said = self.zygote.run(home, *arguments, failpoint=point, kill_after=after)
        if code == -signal.SIGKILL:
            self.kills += 1
            self.left[part] -= 1
            self.hits[point or f"any time, {where}"] += 1
        else:
            assert code == 0, said


@pytest.fixture
def campaign(lanes: Lanes, zygote: Zygote) -> Iterator[Campaign]:
    seed = os.environ.get("HUTONG_SEED") or ("互通" if KILLS <= SAMPLE else secrets.token_hex(4))
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
        seldom = {point for point in (*PROVIDERS, *CONSUMERS, *CLOSING) if campaign.hits[point] < LEAST_AT_A_POINT}
        assert seldom == set()

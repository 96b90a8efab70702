"""Every system call of seal and store, and of fetch to apply, made to fail or to be the last: then simply again.

strace counts a worker's calls once and then injects an error or SIGKILL at the n-th one of a kind.
``make bar-faults`` tries ``HUTONG_SWEEP`` places, all of those on a disk first; ``HUTONG_SEED`` repeats a choice.
"""

import os
import random
import re
import secrets
import shutil
import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.sim.lane import Lane, Lanes
from tests.sim.zygote import Zygote

SWEEP = int(os.environ.get("HUTONG_SWEEP", "0"))
CALLS = ("fsync", "fdatasync", "write", "pwrite64", "rename", "renameat2", "link", "linkat", "openat", "connect")
CALLS += ("sendto", "recvfrom")
KILL = "signal=KILL"
# A socket has no disk. A send that fails while the server is well leaves libpq waiting for an answer to what was never
# asked, as a frozen worker would (its lease is overruled), so sends are only the last call.
FAULTS = dict.fromkeys(CALLS, ("error=EIO", "error=ENOSPC", KILL))
FAULTS |= {"connect": ("error=ECONNREFUSED", KILL), "recvfrom": ("error=ECONNRESET", KILL), "sendto": (KILL,)}
Place = tuple[str, str, str, int]  # end, call, fault, and at which of its calls
ENDS = {"gongan": "seal and store", "renshe": "fetch to apply"}

pytestmark = pytest.mark.skipif(
    SWEEP == 0 or shutil.which("strace") is None, reason="for make bar-faults (HUTONG_SWEEP), where strace is"
)


class Traced:
    """strace on one worker that waits for it."""

    def __init__(self, *options: str) -> None:
        self._options = options

    def __call__(self, pid: int) -> None:
        self._strace = subprocess.Popen(
            ["strace", "-f", "-p", str(pid), *self._options],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        assert self._strace.stderr is not None
        said = self._strace.stderr.readline()
        assert "attached" in said, said
        os.kill(pid, signal.SIGCONT)

    def end(self) -> None:
        self._strace.communicate()


def _ready(lane: Lane, name: str) -> int:
    """A batch for this end to begin with."""
    lane.change()
    if name == "gongan":
        return lane.plan()
    seq = lane.send()
    assert lane.arrive() == ""
    return seq


def _run(lane: Lane, zygote: Zygote, name: str, seq: int, tracer: Traced) -> tuple[int, str]:
    home = str(lane.route.town.homes[name])
    ended = zygote.run(home, "drive", lane.route.route_id, str(seq), traced_by=tracer)
    tracer.end()
    return ended


def _counted(lane: Lane, zygote: Zygote, name: str, folder: Path) -> Counter[str]:
    """How often one whole worker makes each call."""
    output = folder / f"{name}.trace"
    seq = _ready(lane, name)
    code, said = _run(lane, zygote, name, seq, Traced("-o", str(output), "-e", f"trace={','.join(CALLS)}"))
    assert code == 0, said
    lane.recover()
    made = re.findall(r"^\d+ +(\w+)\(", output.read_text(errors="replace"), re.MULTILINE)
    return Counter(call for call in made if call in CALLS)


def _chosen(places: list[Place], chance: random.Random) -> list[Place]:
    """At most ``SWEEP``: all that touch a disk, which are few, then of the many on the line as many as there is time
    for.
    """
    disk = [place for place in places if place[1] not in ("sendto", "recvfrom")]
    line = [place for place in places if place[1] in ("sendto", "recvfrom")]
    chance.shuffle(disk)
    chance.shuffle(line)
    return [*disk, *line][:SWEEP]


@pytest.mark.timeout(5000)
def test_each_call_fails_once(lanes: Lanes, zygote: Zygote, tmp_path: Path) -> None:
    seed = os.environ.get("HUTONG_SEED") or secrets.token_hex(4)
    chance, lane = random.Random(seed), lanes.new()
    places: list[Place] = []
    for name in ENDS:
        lane.send()
        lane.recover()
        for call, count in _counted(lane, zygote, name, tmp_path).items():
            places += [(name, call, fault, when) for fault in FAULTS[call] for when in range(1, count + 1)]
    chosen = _chosen(places, chance)
    print(f"\nHUTONG_SEED={seed}: {len(chosen)} of {len(places)} places")
    table: Counter[tuple[str, str, str, str]] = Counter()
    wrong: list[str] = []
    for name, call, fault, when in chosen:
        seq = _ready(lane, name)
        lane.persons_moves = 0
        injection = Traced("-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={when}")
        code, said = _run(lane, zygote, name, seq, injection)
        ended = "killed" if code == -signal.SIGKILL else said.split("\n")[-1].split(":")[0].strip() or f"exit {code}"
        table[name, call, fault, ended[:40]] += 1
        place = f"{ENDS[name]}: {call} {fault} when={when}: {ended}"
        if "OSError" in ended or "psycopg2" in ended:
            wrong.append(f"{place}: the system's or the driver's error and no code of ours")
        if lane.batch(name, seq).state == "quarantined":
            wrong.append(f"{place}: a good batch was condemned")
        try:
            lane.recover()
        except AssertionError as error:
            wrong.append(f"{place}: {error}")
            lane = lanes.new()
    for (name, call, fault, ended), count in sorted(table.items()):
        print(f"  {count:4}  {ENDS[name]:15} {call:10} {fault:13} {ended}")
    assert wrong == []

"""Every system call of seal and store, and of fetch to apply, made to fail or to be the last: then simply again.

strace counts a worker's calls once and then injects an error or SIGKILL at the n-th one of a kind.
``make bar-faults`` tries ``HUTONG_SWEEP`` places, all of those on a disk first, ``HUTONG_SWEEP_SHARES`` at a time;
``HUTONG_SEED`` repeats a choice. Places that went well are lines of the file ``HUTONG_SWEEP_DONE``, where it is named:
a run that was stopped is begun again without them.
"""

import os
import random
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Lock

import pytest

from tests.sim.lane import Lane, Lanes
from tests.sim.town import built
from tests.sim.zygote import Zygote

SWEEP = int(os.environ.get("HUTONG_SWEEP", "0"))
SHARES = int(os.environ.get("HUTONG_SWEEP_SHARES", "4"))
DONE = os.environ.get("HUTONG_SWEEP_DONE", "")
# A town's fsck looks at every batch there ever was, after every place: in one town for all the last places took five
# times as long as the first.
PLACES_OF_A_TOWN = 60
PROGRESS_SECONDS = 60.0
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


class Sweep:
    """What is still to be tried, by several shares at once, and how it ended."""

    def __init__(self, chosen: list[Place], folder: Path, new_database: Callable[[], str]) -> None:
        self._waiting: SimpleQueue[Place] = SimpleQueue()
        for place in chosen:
            self._waiting.put(place)
        self._folder, self._new_database = folder, new_database
        self._lock, self._stop, self._begun = Lock(), Event(), time.monotonic()
        self._told = self._begun
        self.chosen, self.done = len(chosen), 0
        self.table: Counter[tuple[str, str, str, str]] = Counter()
        self.wrong: list[str] = []

    def run(self) -> None:
        """Until nothing waits, or this thread is told to stop: then the shares end with the place they stand at."""
        with ThreadPoolExecutor(SHARES) as pool:
            shares = [pool.submit(self._share, number) for number in range(SHARES)]
            try:
                for share in shares:
                    share.result()
            finally:
                self._stop.set()

    def _share(self, number: int) -> None:
        with Zygote(_made(self._folder / f"zygote{number}")) as zygote:
            town = 0
            while not (self._stop.is_set() or self._waiting.empty()):
                town += 1
                with self.town(f"{number}-{town}") as lanes:
                    self._in(lanes, zygote)

    @contextmanager
    def town(self, name: str) -> Iterator[Lanes]:
        """One that nobody else uses."""
        with ExitStack() as stack:
            with self._lock:  # databases are made by one connection
                town = stack.enter_context(built(_made(self._folder / name), self._new_database))
            yield stack.enter_context(Lanes.over(town))

    def _in(self, lanes: Lanes, zygote: Zygote) -> None:
        lane = _going(lanes)
        for _ in range(PLACES_OF_A_TOWN):
            if self._stop.is_set():
                return
            try:
                place = self._waiting.get_nowait()
            except Empty:
                return
            try:
                ended, wrong = _tried(lane, zygote, place)
            except Exception as error:  # one place; the others are tried nevertheless
                ended, wrong = type(error).__name__, [f"{_line(place).strip()}: {type(error).__name__}: {error}"]
            if wrong:
                lane = _going(lanes)
            self._note(place, ended, wrong)

    def _note(self, place: Place, ended: str, wrong: list[str]) -> None:
        with self._lock:
            self.table[*place[:3], ended[:40]] += 1
            self.wrong += wrong
            self.done += 1
            if DONE and not wrong:
                with open(DONE, "a") as file:
                    file.write(_line(place))
            now = time.monotonic()
            if now - self._told >= PROGRESS_SECONDS or self.done == self.chosen:
                self._told = now
                pace = 60 * self.done / (now - self._begun)
                print(
                    f"  {self.done} of {self.chosen} places, {pace:.0f} a minute, {len(self.wrong)} wrong", flush=True
                )


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _going(lanes: Lanes) -> Lane:
    """A route that has had its first batch."""
    lane = lanes.new()
    lane.send()
    lane.recover()
    return lane


def _line(place: Place) -> str:
    return f"{' '.join(map(str, place))}\n"


def _tried(lane: Lane, zygote: Zygote, place: Place) -> tuple[str, list[str]]:
    """One place: how the worker ended, and what was wrong with it or with what came after."""
    name, call, fault, when = place
    seq = _ready(lane, name)
    injection = Traced("-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={when}")
    code, said = _run(lane, zygote, name, seq, injection)
    ended = "killed" if code == -signal.SIGKILL else said.split("\n")[-1].split(":")[0].strip() or f"exit {code}"
    wrong = []
    if "OSError" in ended or "psycopg2" in ended:
        wrong.append("the system's or the driver's error and no code of ours")
    if lane.batch(name, seq).state == "quarantined":
        wrong.append("a good batch was condemned")
    try:
        lane.recover()
    except AssertionError as error:
        wrong.append(str(error))
    return ended, [f"{ENDS[name]}: {call} {fault} when={when}: {ended}: {each}" for each in wrong]


@pytest.mark.timeout(5000)
def test_each_call_fails_once(zygote: Zygote, new_database: Callable[[], str], tmp_path: Path) -> None:
    seed = os.environ.get("HUTONG_SEED") or secrets.token_hex(4)
    places: list[Place] = []
    with Sweep([], tmp_path, new_database).town("counted") as lanes:
        lane = _going(lanes)
        for name in ENDS:
            for call, count in _counted(lane, zygote, name, tmp_path).items():
                places += [(name, call, fault, when) for fault in FAULTS[call] for when in range(1, count + 1)]
    known = set(Path(DONE).read_text().splitlines(keepends=True)) if DONE and Path(DONE).exists() else set()
    chosen = [place for place in _chosen(places, random.Random(seed)) if _line(place) not in known]
    print(f"\nHUTONG_SEED={seed}: {len(chosen)} of {len(places)} places, {len(known)} done before", flush=True)
    sweep = Sweep(chosen, tmp_path, new_database)
    try:
        sweep.run()
    finally:
        print(f"  {sweep.done} of {sweep.chosen} places", flush=True)
        for (name, call, fault, ended), count in sorted(sweep.table.items()):
            print(f"  {count:4}  {ENDS[name]:15} {call:10} {fault:13} {ended}")
        print(*sweep.wrong, sep="\n")
    assert sweep.wrong == []

"""Workers as processes of their own, to be killed, frozen or starved: the faults are real, and exactly placed."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.sim import worker
from tests.sim.forked import Forked
from tests.sim.town import Town


def start(town: Town, name: str, *arguments: str, point: str = "", file_bytes: int = 0) -> Forked:
    """``tests.sim.worker`` for one node. ``point``: a failpoint to arm. ``file_bytes``: no file can grow beyond."""
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(town.homes[name]), "HUTONG_ALLOW_FAILPOINTS": "1"}
    if point:
        environment["HUTONG_FAILPOINT"] = point
    return Forked(worker.main, str(town.homes[name]), *arguments, environment=environment, file_bytes=file_bytes)


def die(town: Town, name: str, point: str, *arguments: str) -> None:
    """Run one worker until it kills itself at the point."""
    done = start(town, name, *arguments, point=point).wait()
    assert done.returncode == -signal.SIGKILL, done


def finish(town: Town, name: str, *arguments: str, file_bytes: int = 0) -> str:
    """Run one worker to its end; what it said, which for ``drive`` is state and code."""
    done = start(town, name, *arguments, file_bytes=file_bytes).wait()
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def frozen(town: Town, name: str, point: str, *arguments: str) -> Iterator[Callable[[], str]]:
    """A worker that stands still at the point, as in a suspended virtual machine, until the given function thaws it;
    that returns what it said in the end.
    """
    standing = start(town, name, *arguments, point=f"{point}:pause")
    try:
        standing.wait_stopped()

        def thaw() -> str:
            standing.send_signal(signal.SIGCONT)
            done = standing.wait()
            assert done.returncode == 0, done.stderr
            return done.stdout.strip()

        yield thaw
    finally:
        standing.kill()

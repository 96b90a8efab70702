"""Workers as processes of their own, to be killed, frozen or starved: the faults are real, and exactly placed."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.sim.town import Town

ROOT = Path(__file__).parents[2]


def start(
    town: Town, name: str, *arguments: str, point: str = "", file_bytes: int = 0, allows: bool = True
) -> subprocess.Popen[str]:
    """``tests.sim.worker`` for one node. ``point``: a failpoint to arm. ``file_bytes``: no file can grow beyond."""
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(town.homes[name])}
    if point:
        environment["HUTONG_FAILPOINT"] = point
    if allows:
        environment["HUTONG_ALLOW_FAILPOINTS"] = "1"

    starved = ["prlimit", f"--fsize={file_bytes}"] if file_bytes else []
    return subprocess.Popen(
        [*starved, sys.executable, "-m", "tests.sim.worker", str(town.homes[name]), *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def die(town: Town, name: str, point: str, *arguments: str) -> None:
    """Run one worker until it kills itself at the point."""
    with start(town, name, *arguments, point=point) as worker:
        said = worker.communicate()
    assert worker.returncode == -signal.SIGKILL, said


def finish(town: Town, name: str, *arguments: str, file_bytes: int = 0) -> str:
    """Run one worker to its end; what it said, which for ``drive`` is state and code."""
    with start(town, name, *arguments, file_bytes=file_bytes) as worker:
        said, complaint = worker.communicate()
    assert worker.returncode == 0, complaint
    return said.strip()


@contextmanager
def frozen(town: Town, name: str, point: str, *arguments: str) -> Iterator[Callable[[], str]]:
    """A worker that stands still at the point, as in a suspended virtual machine, until the given function thaws it;
    that returns what it said in the end.
    """
    with start(town, name, *arguments, point=f"{point}:pause") as worker:
        try:
            stopped = os.waitid(os.P_PID, worker.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            assert stopped is not None
            assert stopped.si_code == os.CLD_STOPPED, "it ended before the point"

            def thaw() -> str:
                worker.send_signal(signal.SIGCONT)
                said, complaint = worker.communicate()
                assert worker.returncode == 0, complaint
                return said.strip()

            yield thaw
        finally:
            worker.kill()

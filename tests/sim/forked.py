"""Programs without their start: each is a process of its own, forked from one that has imported everything.

What they do is what a program started anew does, with its own environment, output and end; only the seconds in which
Python reads the same modules again are left out. Programs themselves are started in tests/hutong/test_cli.py and
tests/exchange/test_agent.py.
"""

import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import IO

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["tests.sim.imported"])

_LOOK_SECONDS = 0.005


class Forked:
    """One process, as ``subprocess.Popen`` would show it."""

    def __init__(
        self, main: Callable[..., object], *arguments: str, environment: Mapping[str, str], file_bytes: int = 0
    ) -> None:
        # Open until the process has ended and they are read.
        self._out, self._err = tempfile.NamedTemporaryFile(), tempfile.NamedTemporaryFile()  # noqa: SIM115
        self._process: ForkServerProcess = _FORKING.Process(
            target=_be, args=(main, arguments, dict(environment), self._out.name, self._err.name, file_bytes)
        )
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """Whether it still runs or not."""
        self._process.kill()

    def wait_stopped(self) -> None:
        """Until it has stopped itself; its parent, which would be told, is the process it was forked from."""
        while Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
            self._process.join(_LOOK_SECONDS)
            assert self._process.exitcode is None, "it ended before it stopped"

    def wait(self, seconds: float = 600.0) -> subprocess.CompletedProcess[str]:
        """Its return code (negative: the signal) and all that it said; one that takes longer is killed."""
        self._process.join(seconds)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        code = self._process.exitcode
        assert code is not None
        with self._out, self._err:
            return subprocess.CompletedProcess(self._process.name, code, _text(self._out), _text(self._err))


def hutong(*arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """The command line from beginning to end."""
    return Forked(_hutong, *arguments, environment=environment).wait()


def _text(file: IO[bytes]) -> str:
    return file.read().decode(errors="replace")


def _hutong(*arguments: str) -> None:
    from hutong.cli import main  # noqa: PLC0415  # where it is called everything is imported already

    main(list(arguments))


def _be(
    main: Callable[..., object],
    arguments: tuple[str, ...],
    environment: dict[str, str],
    out: str,
    err: str,
    file_bytes: int,
) -> None:
    """In the child: say it there, see this environment, be that program."""
    for number, name in ((1, out), (2, err)):
        descriptor = os.open(name, os.O_WRONLY)
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # found anew, by this environment
    sys.argv = ["program", *arguments]
    if file_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    main(*arguments)

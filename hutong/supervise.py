"""Servers as child processes: started, waited for, stopped as whole trees, never left behind.

Each program runs below a warden (``warden.py``) that ends it when this process ends, however it ends.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import httpx

from hutong.errors import HutongError

WARDEN = Path(__file__).with_name("warden.py")
POLL_SECONDS = 0.1
LOG_BYTES = 16 << 20  # at a start, a longer log is put aside as NAME.log.1
REASON_CHARACTERS = 300


@dataclass(frozen=True)
class Program:
    """What to run and how to see that it is ready to serve. ``environment`` is all it sees."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    is_ready: Callable[[], bool]
    ready_seconds: float = 180.0
    stop_seconds: float = 20.0


@dataclass
class Child:
    """A running program: its warden, the pipe that keeps the warden waiting, its log."""

    program: Program
    warden: subprocess.Popen[bytes]
    lifeline: int
    log: Path


def answers(url: str) -> Callable[[], bool]:
    """A readiness test: whether GET of ``url`` answers 200 within two seconds."""

    def is_ready() -> bool:
        try:
            return httpx.get(url, timeout=2.0, trust_env=False).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    return is_ready


class Supervisor:
    """Holds children for as long as its ``with`` block runs, then stops them."""

    def __init__(self, log_folder: Path) -> None:
        self.log_folder = log_folder
        self._children: list[Child] = []
        self._is_stopping = False
        self._changing = threading.Lock()

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, program: Program) -> Child:
        """Start a program without waiting for it; its output goes to ``logs/NAME.log``.

        :raises HutongError: STOPPING when another thread has begun to stop everything.
        """
        with self._changing:
            if self._is_stopping:
                raise HutongError("STOPPING", name=program.name)
            child = self._launch(program)
            self._children.append(child)
            return child

    def _launch(self, program: Program) -> Child:
        log = self._log(program.name)
        reading, writing = os.pipe()
        try:
            with log.open("ab") as sink:
                warden = subprocess.Popen(
                    [sys.executable, "-I", "-S", WARDEN, str(reading), str(program.stop_seconds), *program.command],
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=sink,
                    env=dict(program.environment),
                    pass_fds=(reading,),
                    start_new_session=True,
                )
        except OSError:
            os.close(writing)
            raise
        finally:
            os.close(reading)
        return Child(program, warden, writing, log)

    def wait_ready(self, *children: Child) -> None:
        """Wait until each is ready.

        :raises HutongError: CHILD_ENDED with the log's last line, CHILD_SLOW after its ``ready_seconds``.
        """
        started = time.monotonic()
        for child in children:
            while not child.program.is_ready():
                self.check(child)
                if time.monotonic() - started > child.program.ready_seconds:
                    seconds = round(child.program.ready_seconds)
                    raise HutongError("CHILD_SLOW", name=child.program.name, seconds=seconds, log=child.log)
                time.sleep(POLL_SECONDS)

    def check(self, *more: Child) -> None:
        """Raise CHILD_ENDED when any child has ended, or any of ``more``, which may have been stopped meanwhile."""
        for child in (*self._children, *more):
            status = child.warden.poll()
            if status is not None:
                raise HutongError(
                    "CHILD_ENDED", name=child.program.name, status=status, reason=_last_line(child.log), log=child.log
                )

    def stop(self) -> None:
        """Stop every child with its whole tree, for good: all are asked at once, then each is waited for."""
        with self._changing:
            self._is_stopping = True
            children, self._children = self._children, []
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                child.warden.send_signal(signal.SIGTERM)
            os.close(child.lifeline)
        for child in children:
            try:
                child.warden.wait(child.program.stop_seconds + 10.0)
            except subprocess.TimeoutExpired:  # the kernel then kills the program, and its group goes with it
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.warden.pid, signal.SIGKILL)
                child.warden.wait()

    def _log(self, name: str) -> Path:
        log = self.log_folder / f"{name}.log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        log.touch(mode=0o600)
        return log


def _last_line(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        lines = [line.strip() for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1][:REASON_CHARACTERS] if lines else "-"

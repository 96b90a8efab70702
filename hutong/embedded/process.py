"""The postmaster as a process: start it, see whether it is ready, end it and whatever a crash left behind.

A process belongs to the cluster when it works in the data folder, as PostgreSQL's all do; the number in
``postmaster.pid`` alone proves nothing, because after a crash it may belong to anybody.
"""

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from hutong.embedded.binaries import Binaries
from hutong.home import Account

POLL_SECONDS = 0.05
LAUNCH_SECONDS = 60.0
STATUS_LINE = 7  # of postmaster.pid, counted from 0: "ready" when connections are accepted


def wait_until(is_done: Callable[[], bool], seconds: float) -> bool:
    """Ask again and again, at most ``seconds`` long, whether something has come about."""
    end = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_SECONDS)
    return True


class Launched:
    """A process that was just started and is not our child; knows whether it has ended."""

    def __init__(self, pid: int) -> None:
        try:
            self._watched = os.pidfd_open(pid)
        except ProcessLookupError:
            self._watched = -1

    def has_ended(self) -> bool:
        return self._watched < 0 or bool(select.select([self._watched], [], [], 0)[0])

    def close(self) -> None:
        if self._watched >= 0:
            os.close(self._watched)
            self._watched = -1


class Postmaster:
    """The server process of the cluster whose files are in ``data``, run as ``account``."""

    def __init__(self, data: Path, socket_folder: Path, account: Account) -> None:
        self.data = data
        self.socket_folder = socket_folder
        self.account = account

    def pid(self) -> int | None:
        """The running postmaster's number; None also when the file names a dead or somebody else's process."""
        lines = self._pid_file()
        if not lines or not lines[0].strip().isdigit():
            return None
        pid = int(lines[0])
        return pid if self._is_ours(pid) else None

    def processes(self) -> list[int]:
        """The postmaster and every backend, orphaned ones too."""
        numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return [pid for pid in numbers if self._is_ours(pid)]

    def launch(self, binaries: Binaries, first_log: Path) -> "Launched":
        """Start the server in a session of its own, as nobody's child: Ctrl-C does not reach it, and it may outlive us.

        ``first_log`` gets what is said before the logging collector takes over.
        """
        first_log.unlink(missing_ok=True)
        script = '"$@" >"$0" 2>&1 </dev/null & echo $!'
        command = ["sh", "-c", script, str(first_log), binaries.path("postgres"), "-D", str(self.data)]
        return Launched(int(self.run(command, binaries, LAUNCH_SECONDS).stdout))

    def run(self, command: Sequence[str], binaries: Binaries, seconds: float) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs to its end as the cluster's account."""
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            cwd=self.data.parent,
            env=binaries.environment(),
            umask=0o077,
            start_new_session=True,
            user=self.account.uid if self.account.is_dropped else None,
            group=self.account.gid if self.account.is_dropped else None,
            extra_groups=[] if self.account.is_dropped else None,
        )

    def is_ready(self) -> bool:
        """Whether connections are accepted; the postmaster says so in its file, also through a long recovery."""
        lines = self._pid_file()
        return len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready" and self._is_ours(int(lines[0]))

    def end(self, seconds: float) -> bool:
        """Stop in order (connections ended, checkpoint written), else at once but crash-safe; whether all are gone."""
        pid = self.pid()
        for which in (signal.SIGINT, signal.SIGQUIT):
            if pid is not None:
                _signal(pid, which)
            if wait_until(lambda: not self.processes(), seconds):
                return True
        return False

    def clear_after_crash(self, seconds: float) -> bool:
        """End backends that outlived a killed postmaster, then drop its lock files; whether that succeeded.

        PostgreSQL refuses to start when the number in a stale file meanwhile belongs to another process of the same
        user, or to a dead one that nobody has collected. Dropping the files is safe only when nobody works in the data
        folder any more, which is waited for; the socket folder is this cluster's alone.
        """
        for which in (None, signal.SIGTERM, signal.SIGQUIT):
            if which is not None:
                for pid in self.processes():
                    _signal(pid, which)
            if wait_until(lambda: not self.processes(), seconds):
                for stale in (self.data / "postmaster.pid", *self.socket_folder.glob(".s.PGSQL.*")):
                    stale.unlink(missing_ok=True)
                return True
        return False

    def _is_ours(self, pid: int) -> bool:
        try:
            return os.readlink(f"/proc/{pid}/cwd") == os.path.realpath(self.data)
        except OSError:  # ended meanwhile, or not ours to look at
            return False

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []


def _signal(pid: int, which: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, which)

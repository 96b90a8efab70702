"""Runs one program and leaves nothing of it behind; the supervisor starts one warden a program (``supervise.py``).

Run as a script by itself: ``python -I -S warden.py LIFELINE_FD GRACE_SECONDS PROGRAM ARGUMENTS…``.

- It is the subreaper of everything the program starts: even a daemon that left its session stays a descendant.
- The lifeline is the reading end of a pipe of which the supervisor alone holds the writing end. When the supervisor
  ends, by whatever means (kill -9 too), the pipe closes, and the warden stops the program as if it had been asked to.
- Stopping is SIGTERM to the program, the grace, then SIGKILL to every descendant, found by number, never by name.
- Were the warden itself killed, the program would get SIGKILL from the kernel (PR_SET_PDEATHSIG).
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
POLL_SECONDS = 0.05


def descendants() -> list[int]:
    """Every process that this one started, at any depth, by the parent numbers of /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # ended meanwhile
                # The name, in brackets, may hold spaces and brackets itself; the parent is the second field after it.
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found, ahead = [], [os.getpid()]
    while ahead:
        below = children.get(ahead.pop(), [])
        found += below
        ahead += below
    return found


def reap() -> None:
    """Collect what has ended, so that it does not count as a descendant any more."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def kill_all() -> None:
    """SIGKILL every descendant until there is none; a killed one's children become ours and are found next time."""
    while left := descendants():
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        reap()
        time.sleep(POLL_SECONDS)


def launch(command: list[str]) -> subprocess.Popen[bytes]:
    """Start the program, to be killed by the kernel should this process disappear."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # Safe here: this process has one thread, which lives as long as the process.
    return subprocess.Popen(command, preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))  # noqa: PLW1509


def watch(program: subprocess.Popen[bytes], lifeline: int, grace_seconds: float) -> int:
    """Wait until the program ends or is to end; its exit status (128 + signal where one ended it)."""
    waking, woken = os.pipe()
    for end in (waking, woken):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(woken)
    is_asked = False
    deadline = float("inf")

    def ask(*_: object) -> None:
        nonlocal is_asked
        is_asked = True

    for which in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(which, ask)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while program.poll() is None and time.monotonic() < deadline:
        open_ends = [waking] if is_asked else [waking, lifeline]
        ready, _, _ = select.select(open_ends, [], [], 1.0)
        if waking in ready:
            os.read(waking, 4096)
        if is_asked or lifeline in ready:
            is_asked = True
            if deadline == float("inf"):
                deadline = time.monotonic() + grace_seconds
                program.terminate()
    kill_all()
    status = program.returncode
    return 128 + signal.SIGKILL if status is None else status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(watch(launch(sys.argv[3:]), int(sys.argv[1]), float(sys.argv[2])))

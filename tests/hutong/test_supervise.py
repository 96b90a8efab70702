"""Children are stopped with everything they started, however the supervisor ends."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hutong.errors import HutongError
from hutong.supervise import Program, Supervisor

# A program that leaves a daemon behind: a grandchild in a session of its own, deaf to SIGTERM, whose parent has ended.
LEAVES_A_DAEMON = """
import os, signal, sys, time
def write(pid):
    with open(sys.argv[1], "a") as file:
        file.write(f"{pid}\\n")
write(os.getpid())
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork():
        os._exit(0)
    write(os.getpid())
    open(sys.argv[1] + ".ready", "w").close()
time.sleep(600)
"""

SUPERVISOR = """
import os, signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in a shell's background inherits that it is ignored
from hutong.supervise import Program, Supervisor
place, script = Path(sys.argv[1]), sys.argv[2]
ready = Path(str(place / "pids") + ".ready")
supervisor = Supervisor(place)
command = [sys.executable, "-c", script, str(place / "pids")]
child = supervisor.start(Program("daemon", command, dict(os.environ), ready.exists, 30.0, 0.5))
supervisor.wait_ready(child)
print(child.warden.pid, flush=True)
sys.stdin.read()
"""


def program(place: Path, script: str, *, ready: str = "", ready_seconds: float = 30.0) -> Program:
    return Program(
        name="sample",
        command=[sys.executable, "-c", script, str(place / "pids")],
        environment=dict(os.environ),
        is_ready=(place / ready).exists,
        ready_seconds=ready_seconds,
        stop_seconds=0.5,
    )


def watch(pids: list[int]) -> list[int]:
    return [os.pidfd_open(pid) for pid in pids]


def all_end(watched: list[int], seconds: float = 30.0) -> bool:
    """Whether every watched process ends in time; a descriptor of an ended one is readable."""
    ended = all(select.select([descriptor], [], [], seconds)[0] for descriptor in watched)
    for descriptor in watched:
        os.close(descriptor)
    return ended


def started(place: Path) -> list[int]:
    return [int(line) for line in (place / "pids").read_text().split()]


def test_a_daemon_that_left_its_session_is_stopped_too(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.wait_ready(supervisor.start(program(tmp_path, LEAVES_A_DAEMON, ready="pids.ready")))
        pids = started(tmp_path)
        assert len(pids) == 2
        watched = watch(pids)
    assert all_end(watched)


@pytest.mark.parametrize("which", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_the_supervisor_however_it_ends(tmp_path: Path, which: signal.Signals) -> None:
    command = [sys.executable, "-c", SUPERVISOR, str(tmp_path), LEAVES_A_DAEMON]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout is not None
        warden = int(parent.stdout.readline())
        watched = watch([warden, *started(tmp_path)])
        parent.send_signal(which)
        assert all_end(watched)


def test_a_killed_warden_takes_its_program_along(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        script = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"
        child = supervisor.start(program(tmp_path, script, ready="pids"))
        supervisor.wait_ready(child)
        watched = watch(started(tmp_path))
        child.warden.kill()
        assert all_end(watched)


def test_a_program_that_ends_is_named_with_its_last_words(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        child = supervisor.start(program(tmp_path, "import sys; sys.exit('端口被占用')", ready="never"))
        with pytest.raises(HutongError, match="CHILD_ENDED") as refused:
            supervisor.wait_ready(child)
        assert "端口被占用" in refused.value.zh
        assert refused.value.values["status"] == 1
        assert child.log.stat().st_mode & 0o077 == 0


def test_a_program_that_does_not_become_ready_in_time(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        child = supervisor.start(program(tmp_path, "import time; time.sleep(600)", ready="never", ready_seconds=0.2))
        with pytest.raises(HutongError, match="CHILD_SLOW"):
            supervisor.wait_ready(child)


def test_a_program_sees_only_the_environment_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_CALLER", "x")
    script = "import os, sys; open(sys.argv[1], 'w').write(' '.join(os.environ)); sys.exit(3)"
    with Supervisor(tmp_path) as supervisor:
        given = Program("sample", [sys.executable, "-c", script, str(tmp_path / "names")], {"A": "1"}, lambda: False)
        with pytest.raises(HutongError, match="CHILD_ENDED"):
            supervisor.wait_ready(supervisor.start(given))
    assert "SECRET_OF_THE_CALLER" not in (tmp_path / "names").read_text()


def test_a_long_log_is_put_aside(tmp_path: Path) -> None:
    with (tmp_path / "sample.log").open("wb") as log:
        log.truncate(17 << 20)
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(program(tmp_path, "pass"))
    assert (tmp_path / "sample.log.1").stat().st_size == 17 << 20
    assert (tmp_path / "sample.log").stat().st_size < 1 << 20


def test_what_was_stopped_starts_nothing_more_and_whoever_waits_hears_of_it(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    child = supervisor.start(program(tmp_path, "import time; time.sleep(600)", ready="never"))
    supervisor.stop()
    with pytest.raises(HutongError, match="CHILD_ENDED"):
        supervisor.wait_ready(child)
    with pytest.raises(HutongError, match="STOPPING"):
        supervisor.start(program(tmp_path, "pass"))

"""Workers by the hundred: a process that has imported everything forks one for each order, and reaps or kills it.

``python -m tests.sim.zygote`` reads orders as lines of JSON: what ``tests.sim.worker`` takes, a failpoint, after how
many seconds to kill, and whether to wait until a tracer has come. It answers with the worker's pid where it waits,
then with how it ended and the end of what it said.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0


class Zygote:
    """The process, from outside."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.sim.zygote"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "TMPDIR": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def run(
        self,
        *arguments: str,
        failpoint: str = "",
        kill_after: float | None = None,
        traced_by: Callable[[int], None] | None = None,
    ) -> tuple[int, str]:
        """One worker from beginning to end: its return code (negative: the signal) and what it said last."""
        self._say(
            {
                "arguments": arguments,
                "failpoint": failpoint,
                "kill_after": kill_after,
                "is_traced": traced_by is not None,
            }
        )
        if traced_by is not None:
            traced_by(int(self._hear()["pid"]))
        ended = self._hear()
        return int(ended["code"]), str(ended["said"])

    def _say(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def _work(order: dict[str, Any], said: int) -> None:
    """In the child: be the worker, and nothing else afterwards."""
    from tests.sim import worker  # noqa: PLC0415  # imported already: it is the parent's

    os.dup2(said, 1)
    os.dup2(said, 2)
    if order["failpoint"]:
        os.environ |= {"HUTONG_FAILPOINT": order["failpoint"], "HUTONG_ALLOW_FAILPOINTS": "1"}
    code = 1
    try:
        if order["is_traced"]:
            os.kill(os.getpid(), signal.SIGSTOP)
        worker.main(*order["arguments"])
        sys.stdout.flush()
        code = 0
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}"[:500].encode())
    finally:
        os._exit(code)


def main() -> None:
    """Take orders until there are none."""
    import tests.sim.worker  # noqa: F401, PLC0415

    for line in sys.stdin:
        order = json.loads(line)
        with tempfile.TemporaryFile() as said:
            pid = os.fork()
            if pid == 0:
                _work(order, said.fileno())
            if order["is_traced"]:
                os.waitpid(pid, os.WUNTRACED)
                _answer({"pid": pid})
            status = _end(pid, order["kill_after"])
            said.seek(max(0, said.seek(0, os.SEEK_END) - 500))
            _answer({"code": os.waitstatus_to_exitcode(status), "said": said.read().decode(errors="replace")})


def _end(pid: int, kill_after: float | None) -> int:
    begun = time.monotonic()
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        waited = time.monotonic() - begun
        if (kill_after is not None and waited >= kill_after) or waited > PATIENCE_SECONDS:
            os.kill(pid, signal.SIGKILL)
            return os.waitpid(pid, 0)[1]
        time.sleep(0.001)


def _answer(said: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

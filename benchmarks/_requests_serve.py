"""Our service and the bare application as processes, and the callers who decide."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks._search_ours import wait_for
from directory.settings import DirectorySettings

CLIENTS = 4

Call = tuple[str, str, str, str, dict[str, Any] | None]
Ports = Sequence[int]


def load(ports: Ports, calls: Sequence[Call], seconds: float = 0) -> dict[str, Any]:
    """Make the calls, for so many seconds or until they are over; the callers take the ports in turn."""
    job = {"ports": ports, "calls": calls, "clients": CLIENTS, "seconds": seconds}
    command = [sys.executable, "-m", "benchmarks._requests_load"]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    answer: dict[str, Any] = json.loads(done.stdout)
    if answer["refused"]:
        raise SystemExit(f"refused: {answer['refused']}")
    return answer


@contextlib.contextmanager
def served(settings: DirectorySettings, workers: int) -> Iterator[Ports]:
    """Our service, by so many workers on one port."""
    port = _free_port()
    program = (
        "from directory.process.serve import serve; from directory.settings import DirectorySettings, default_home;"
        f" serve(DirectorySettings.model_validate({{'home': default_home()}}), '127.0.0.1', {port}, {workers})"
    )
    more = {"HUTONG_HOME": str(settings.home), "HUTONG_DATABASE_URL": settings.database_url}
    with _process([sys.executable, "-c", program], more, settings.home / "serve.log", port):
        yield [port]


@contextlib.contextmanager
def bare(url: str, decider: UUID, folder: Path, processes: int) -> Iterator[Ports]:
    """The bare application, each process on a port of its own: on a common one a process may have all callers, which
    halved its rate in some runs. Steps are those of ``decider``.
    """
    more = {"BARE_DATABASE_URL": url, "BARE_DECIDER": str(decider)}
    with contextlib.ExitStack() as stack:
        ports = [_free_port() for _ in range(processes)]
        for port in ports:
            command = [sys.executable, "-m", "benchmarks._requests_bare", str(port)]
            stack.enter_context(_process(command, more, folder / f"bare-{port}.log", port))
        yield ports


def _free_port() -> int:
    """One that nobody listens on: another's service there would answer in our stead."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def _process(command: Sequence[str], environment: Mapping[str, str], log: Path, port: int) -> Iterator[None]:
    """A server of its own, from its first answer on."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=os.environ | environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            wait_for(port, "/healthz", process, log)
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)

"""The demo's own servers: directory and relay as supervised children on this machine's loopback address."""

import os
import sys

from hutong.home import Home
from hutong.supervise import Program, answers

HOST = "127.0.0.1"


def directory_program(home: Home, database_url: str, port: int) -> Program:
    return Program(
        name="directory",
        command=[sys.executable, "-m", "hutong", "serve", "--host", HOST, "--port", str(port)],
        environment=_environment(home)
        | {"HUTONG_DATABASE_URL": database_url, "HUTONG_PUBLIC_URL": f"http://{HOST}:{port}"},
        is_ready=answers(f"http://{HOST}:{port}/readyz"),
    )


def relay_program(home: Home, port: int) -> Program:
    return Program(
        name="relay",
        command=[sys.executable, "-m", "hutong", "relay", "serve", "--host", HOST, "--port", str(port)],
        environment=_environment(home),
        is_ready=answers(f"http://{HOST}:{port}/healthz"),
    )


def _environment(home: Home) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "HOME") if name in os.environ}
    return kept | {"HUTONG_HOME": str(home.path), "PYTHONUNBUFFERED": "1"}

"""The command line as its user meets it: a process, its two streams, its exit status."""

import json
import os
import socket
import subprocess
import sys

import pytest

from hutong.cli import command_names
from hutong.home import Home


def hutong(home: Home | str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    place = home.path if isinstance(home, Home) else home
    return subprocess.run(
        [sys.executable, "-m", "hutong", *arguments],
        env={**os.environ, "HUTONG_HOME": str(place), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def assert_refused(done: subprocess.CompletedProcess[str], code: str) -> None:
    """One sentence in both languages and the next step on stderr, nothing on stdout, exit 1."""
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    first, second = done.stderr.strip().splitlines()[-2:]
    assert first.startswith(f"错误 {code}：")
    assert second.startswith("下一步：")
    assert "Traceback" not in done.stderr


def test_the_embedded_database_from_first_start_to_stop(home: Home) -> None:
    assert json.loads(hutong(home, "db", "status", "--json").stdout)["is_running"] is False
    assert_refused(hutong(home, "db", "url"), "POSTGRES_NOT_RUNNING")
    try:
        assert json.loads(hutong(home, "db", "start", "--json").stdout)["was_running"] is False
        assert json.loads(hutong(home, "db", "start", "--json").stdout)["was_running"] is True
        assert hutong(home, "db", "url", "--superuser", "postgres").stdout.startswith("postgresql+psycopg2://postgres:")
        assert_refused(hutong(home, "db", "url", "nothing"), "DATABASE_UNKNOWN")
        status = json.loads(hutong(home, "db", "status", "--json").stdout)
        assert status["is_running"] is True
        assert status["is_kept"] is True
    finally:
        stopped = json.loads(hutong(home, "db", "stop", "--json").stdout)
    assert stopped["was_running"] is True
    assert json.loads(hutong(home, "db", "stop", "--json").stdout)["was_running"] is False


def test_a_home_that_cannot_be_written() -> None:
    assert_refused(hutong("/proc/hutong", "db", "start"), "NO_PERMISSION")


def test_a_port_that_is_taken(home: Home) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert_refused(hutong(home, "serve", "--port", str(other.getsockname()[1])), "PORT_IN_USE")


def test_an_address_that_is_not_of_this_machine(home: Home) -> None:
    assert_refused(hutong(home, "serve", "--host", "192.0.2.1"), "ADDRESS_BAD")


def test_a_database_that_cannot_be_reached(home: Home) -> None:
    nowhere = "postgresql+psycopg2://u:secret-word@/d?host=/nowhere"
    done = hutong(home, "migrate", HUTONG_DATABASE_URL=nowhere)
    assert_refused(done, "DATABASE_UNREACHABLE")
    assert "secret-word" not in done.stderr


def test_an_unknown_benchmark(home: Home) -> None:
    assert_refused(hutong(home, "bench", "nothing"), "BENCHMARK_UNKNOWN")


def test_a_mistyped_command_is_misuse_not_refusal(home: Home) -> None:
    done = hutong(home, "dbb")
    assert done.returncode == 2
    assert "dbb" in done.stderr


@pytest.mark.parametrize("name", [[], *[[name] for name in command_names()]])
def test_every_command_explains_itself(home: Home, name: list[str]) -> None:
    done = hutong(home, *name, "--help", COLUMNS="200")
    assert done.returncode == 0, done.stderr
    assert "hutong" in done.stdout

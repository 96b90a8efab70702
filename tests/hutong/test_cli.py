"""The command line as its user meets it: a process, its two streams, its exit status."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from hutong import __main__ as entry
from hutong.cli import main
from hutong.home import Home, Limits
from hutong.listing import LINES
from hutong.ports import free_port

NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


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


def test_whoever_stops_it_while_it_is_being_loaded_is_told_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(entry, "import_module", stopped)
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert (ended.value.code, *capsys.readouterr()) == (130, "", "已按 Ctrl-C 停止（stopped）：还没有开始办理。\n")


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
    for command in (["migrate"], ["org", "list"]):
        away = "postgresql://u:secret-word@127.0.0.1:1/d"
        done = hutong(home, *command, HUTONG_DATABASE_URL=away)
        assert_refused(done, "DATABASE_UNREACHABLE")
        assert "连不上数据库：127.0.0.1:1 连接被拒绝" in done.stderr, "why, where a program is only told"
        assert "failed: Connection refused）" in done.stderr
        assert "secret-word" not in done.stderr


def test_who_serves_over_a_database_of_their_own_is_told_what_is_wrong_with_it(
    home: Home, new_database: Callable[[], str], new_directory_database: Callable[[], tuple[str, str]]
) -> None:
    away = _told_by_serve(home, "postgresql://u:secret-word@127.0.0.1:1/d")
    assert "连不上数据库：127.0.0.1:1 连接被拒绝" in away
    assert "服务照常启动" in away
    assert "secret-word" not in away
    assert "库里还没有表" in (empty := _told_by_serve(home, new_database()))
    assert "hutong migrate" in empty
    assert "数据库" not in _told_by_serve(home, new_directory_database()[0])


def _told_by_serve(home: Home, url: str) -> str:
    """What stands on stderr before the line with the address."""
    command = [sys.executable, "-m", "hutong", "serve", "--port", str(free_port(8000))]
    environment = {**os.environ, "HUTONG_HOME": str(home.path), "HUTONG_DATABASE_URL": url}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as serving:
        assert serving.stderr is not None
        told = list(takewhile(lambda line: "Ctrl-C" not in line, serving.stderr))
        serving.kill()  # it has no database of its own to stop
    return "".join(told)


@pytest.mark.parametrize("url", ["secret-word", "mysql://u:secret-word@db/d", "postgresql://u:secret-word@db:port/d"])
def test_an_address_that_is_none_of_a_database(home: Home, url: str) -> None:
    done = hutong(home, "org", "list", HUTONG_DATABASE_URL=url)
    assert_refused(done, "SETTING_BAD")
    assert ("HUTONG_DATABASE_URL" in done.stderr, "secret-word" in done.stderr) == (True, False)


def test_an_unknown_benchmark(home: Home) -> None:
    assert_refused(hutong(home, "bench", "nothing"), "BENCHMARK_UNKNOWN")


def test_a_mistyped_command_is_misuse_not_refusal(home: Home) -> None:
    done = hutong(home, "dbb")
    assert done.returncode == 2
    assert "dbb" in done.stderr


@pytest.mark.parametrize("name", [[], *[[name] for name in LINES]])
def test_every_command_explains_itself(home: Home, name: list[str]) -> None:
    done = hutong(home, *name, "--help", COLUMNS="200")
    assert done.returncode == 0, done.stderr
    assert "hutong" in done.stdout


def test_its_version(home: Home) -> None:
    assert hutong(home, "--version").stdout.startswith("hutong 0.")


@pytest.mark.parametrize("offset", [0, 10], ids=["directory", "relay"])
def test_the_demo_with_a_port_that_is_taken(home: Home, offset: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = hutong(home, "demo", "--once", "--port", str(other.getsockname()[1] - offset))
    assert_refused(done, "PORT_IN_USE")
    assert "--port" in done.stderr


@pytest.mark.parametrize("option", ["--report", "--password-file"])
def test_a_file_that_cannot_be_written_is_said_before_the_work(home: Home, option: str) -> None:
    command = ["demo", "--once"] if option == "--report" else ["user", "add", "zhang", "--org", "11330100MB0000262E"]
    if option == "--password-file":
        assert hutong(home, "org", "add", "11330100MB0000262E", "示例市数据局").returncode == 0
    assert_refused(hutong(home, *command, option, "/nowhere/file"), "FILE_UNWRITABLE")


def test_a_cluster_killed_hard_starts_again_by_itself(home: Home) -> None:
    """Its lock file stays behind; the next command goes on as if nothing had been."""
    assert hutong(home, "db", "start").returncode == 0
    try:
        assert hutong(home, "org", "add", "11330100MB0000262E", "示例市数据局").returncode == 0
        status = json.loads(hutong(home, "db", "status", "--json").stdout)
        os.kill(status["pid"], signal.SIGKILL)
        assert (Path(status["place"]) / "data" / "postmaster.pid").exists()
        done = hutong(home, "org", "list", "--json")
        assert done.returncode == 0, done.stderr
        assert [each["name"] for each in json.loads(done.stdout)["organisations"]] == ["示例市数据局"]
    finally:
        hutong(home, "db", "stop")


@needs_root
@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_an_ordinary_user_in_somebody_elses_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int) -> None:
    home = Path(tempfile.mkdtemp(prefix="hutong-other-", dir="/tmp"))
    said = tmp_path / "said"

    def work() -> None:
        main(["db", "start"])

    monkeypatch.setenv("HUTONG_HOME", str(tmp_path))
    with pytest.raises(SystemExit):
        main(["db", "status"])  # loads in this process what the child could not read
    monkeypatch.setenv("HUTONG_HOME", str(home))

    try:
        home.chmod(mode)
        assert as_nobody(said, work) == 1, said.read_text()
        first, second = said.read_text().splitlines()
        assert first.startswith(f"错误 NO_PERMISSION：没有权限使用目录 {home}")
        assert second.startswith("下一步：换用有权写入的目录（export HUTONG_HOME=目录）")
        assert list(home.iterdir()) == []
    finally:
        home.rmdir()


def as_nobody(said: Path, work: Callable[[], None]) -> int:
    """The exit status of ``work`` as an ordinary user; what it says goes to ``said``.

    In a forked child, because that user may not read the interpreter of a root's environment.
    """
    out = os.open(said, os.O_WRONLY | os.O_CREAT, 0o600)
    child = os.fork()
    if child == 0:
        status = 99
        try:
            sys.stderr = os.fdopen(out, "w", encoding="utf-8")
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            work()
        except SystemExit as ended:
            status = int(ended.code or 0)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    os.close(out)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture
def small_disk() -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    folder = Path(tempfile.mkdtemp(prefix="hutong-small-", dir="/tmp"))
    command = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        if mounted.returncode != 0:
            pytest.skip(f"mounting is not allowed here: {mounted.stderr.strip()}")
        yield folder
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", folder], check=True)
        shutil.rmtree(folder)


def test_a_nearly_full_disk_is_said_before_a_cluster_is_begun(small_disk: Path) -> None:
    home = str(small_disk / "home")
    for command in (["db", "start"], ["catalogue", "search", "水文"], ["org", "list"]):
        done = hutong(home, *command)
        assert_refused(done, "DISK_NEARLY_FULL")
        assert f"{Limits().free_bytes >> 20:,} MiB" in done.stderr
    assert not (small_disk / "home" / "postgres" / "data").exists()
    with pytest.raises(OSError, match="No space"):
        (small_disk / "filler").write_bytes(bytes(65 << 20))
    assert_refused(hutong(home, "db", "start"), "DISK_NEARLY_FULL")
    assert_refused(hutong(str(small_disk / "another"), "db", "start"), "DISK_NEARLY_FULL")


def test_output_that_cannot_be_written_is_refused_without_a_traceback(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "hutong", "--version"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert "SYSTEM_REFUSED" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
def test_a_full_disk_under_the_streams() -> None:
    """A result that cannot be written is refused with a code; what only tells of the work does not end it."""
    with Path("/dev/full").open("w") as full:
        lost = subprocess.run(
            [sys.executable, "-m", "hutong", "--version"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
        work = "from hutong.console import say, tell; tell('begun'); tell('going on'); say('done')"
        done = subprocess.run([sys.executable, "-c", work], stdout=subprocess.PIPE, stderr=full, text=True, check=False)
    assert (lost.returncode, lost.stderr.split("：")[0]) == (1, "错误 SYSTEM_REFUSED")
    assert (done.returncode, done.stdout) == (0, "done\n")

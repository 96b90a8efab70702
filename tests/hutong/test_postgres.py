"""The embedded PostgreSQL: what it promises, and what it survives."""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from sqlalchemy.engine import make_url

from hutong.embedded.binaries import find_binaries
from hutong.errors import HutongError
from hutong.home import Home, Limits, open_home
from hutong.postgres import Cluster

MakeCluster = Callable[..., Cluster]
NOBODY = 65534


@contextlib.contextmanager
def connected(url: str) -> Iterator[Connection]:
    connection = psycopg2.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        yield connection
    finally:
        connection.close()


def ask(url: str, statement: str) -> object:
    with connected(url) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    assert row is not None
    return row[0]


def run(url: str, statement: str) -> None:
    with connected(url) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)


def test_is_set_up_for_chinese_and_closed_to_the_network(cluster: Cluster) -> None:
    url = cluster.superuser_url()
    assert ask(url, "SHOW listen_addresses") == ""
    assert ask(url, "SHOW server_encoding") == "UTF8"
    assert ask(url, "SELECT datcollate FROM pg_database WHERE datname = 'template0'") == "C.UTF-8"
    run(url, "CREATE EXTENSION pg_trgm")
    assert ask(url, "SELECT cardinality(show_trgm('政府数据'))") == 5
    assert ask(url, "SHOW data_checksums") == "on"
    compression = "SELECT setting = 'lz4' OR 'lz4' <> ALL (enumvals) FROM pg_settings WHERE name = '{}'"
    assert ask(url, compression.format("default_toast_compression")) is True
    assert ask(url, compression.format("wal_compression")) is True
    assert cluster.socket_folder.stat().st_mode & 0o077 == 0
    assert (cluster.place / "superuser").stat().st_mode & 0o077 == 0


def test_nobody_comes_in_without_a_password(cluster: Cluster) -> None:
    url = make_url(cluster.superuser_url()).set(drivername="postgresql", password="wrong")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(url.render_as_string(hide_password=False))


def test_a_role_reaches_only_its_own_database(cluster: Cluster) -> None:
    cluster.ensure_database("dept_a")
    cluster.ensure_database("dept_b")
    assert ask(cluster.role_url("dept_a", "dept_a"), "SELECT current_user") == "dept_a"
    for other in ("dept_b", "postgres", "template1"):
        with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
            ask(cluster.role_url("dept_a", other), "SELECT 1")


def test_making_a_database_again_changes_nothing(cluster: Cluster) -> None:
    first = cluster.ensure_database("relay")
    run(first, "CREATE TABLE kept (id int)")
    assert cluster.ensure_database("relay") == first
    assert ask(first, "SELECT count(*) FROM kept") == 0


def test_the_services_role_cannot_change_tables_of_an_owned_database(cluster: Cluster) -> None:
    app = cluster.ensure_database("directory", owner="directory_owner")
    run(cluster.role_url("directory_owner", "directory"), "CREATE TABLE entry (id int)")
    for statement in ("CREATE TABLE mine (id int)", "SELECT * FROM entry", "CREATE SCHEMA mine"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            run(app, statement)


@pytest.mark.parametrize("name", ["", "Dept", "部门", "a-b", 'a"; DROP DATABASE postgres; --', "a" * 64])
def test_a_name_that_is_not_one_is_refused(cluster: Cluster, name: str) -> None:
    with pytest.raises(HutongError, match="DATABASE_NAME_BAD"):
        cluster.ensure_database(name)


def test_starting_and_stopping_again_is_harmless(make_cluster: MakeCluster) -> None:
    first, second = make_cluster(), make_cluster()
    assert first.stop() is False
    assert first.start() is True
    assert second.start() is False
    assert second.stop() is True
    assert first.status().is_running is False
    assert first.stop() is False


def test_two_starts_at_once_give_one_cluster(make_cluster: MakeCluster) -> None:
    clusters = [make_cluster() for _ in range(4)]
    answers: list[bool] = []
    threads = [threading.Thread(target=lambda each=each: answers.append(each.start())) for each in clusters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False, False, False, True]
    assert {each.status().pid for each in clusters} == {clusters[0].status().pid}


def kill_postmaster(cluster: Cluster) -> None:
    """SIGKILL, and wait until the process is gone; it may be a child of this one, which then has to be collected."""
    pid = cluster.status().pid
    assert pid is not None
    watched = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    assert select.select([watched], [], [], 30.0)[0]
    os.close(watched)


def test_kill_9_loses_nothing_that_was_committed(cluster: Cluster, make_cluster: MakeCluster) -> None:
    url = cluster.ensure_database("dept_a")
    run(url, "CREATE TABLE person (name text)")
    run(url, "INSERT INTO person VALUES ('王小明')")
    kill_postmaster(cluster)
    assert make_cluster().start() is True
    assert ask(url, "SELECT name FROM person") == "王小明"


def test_a_backend_at_work_when_the_postmaster_was_killed_does_not_hinder_the_next_start(
    cluster: Cluster, make_cluster: MakeCluster
) -> None:
    url = cluster.ensure_database("dept_a")
    with connected(url) as busy, busy.cursor() as cursor:
        cursor.execute("CREATE TABLE t AS SELECT 1 AS id")
        kill_postmaster(cluster)
        assert make_cluster().start() is True
    with pytest.raises(psycopg2.errors.UndefinedTable):
        ask(url, "SELECT id FROM t")


def test_a_stale_lock_whose_number_now_belongs_to_another_process(cluster: Cluster, make_cluster: MakeCluster) -> None:
    kill_postmaster(cluster)
    account = cluster.home.account
    who = account.uid if account.is_dropped else None
    with subprocess.Popen(["sleep", "600"], user=who) as other:
        try:
            lock = cluster.data / "postmaster.pid"
            lines = lock.read_text().splitlines()
            lock.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
            assert cluster.status().is_running is False
            assert make_cluster().start() is True
            assert other.poll() is None, "the other process must be left alone"
            assert make_cluster().status().pid not in {None, other.pid}
        finally:
            other.kill()


def test_a_half_finished_initdb_is_not_taken_for_a_cluster(make_cluster: MakeCluster) -> None:
    cluster = make_cluster()
    cluster.start()
    cluster.stop()
    partial = cluster.place / "data.partial"
    cluster.data.rename(partial)  # as a kill between initdb's first and last file would leave it
    (partial / "PG_VERSION").unlink()
    assert make_cluster().start() is True
    assert not partial.exists()
    assert ask(make_cluster().superuser_url(), "SELECT 1") == 1


def test_the_last_user_stops_it_unless_it_is_to_be_kept(make_cluster: MakeCluster) -> None:
    first, second = make_cluster(), make_cluster()
    with first.running():
        with second.running():
            pass
        assert first.status().is_running
    assert not first.status().is_running
    with first.running():
        second.keep(True)
    assert first.status().is_running


def test_a_nearly_full_disk_is_said_before_anything_is_written(make_cluster: MakeCluster) -> None:
    cluster = make_cluster(Limits(free_bytes=1 << 60))
    with pytest.raises(HutongError, match="DISK_NEARLY_FULL") as refused:
        cluster.start()
    assert "剩" in refused.value.zh
    assert not cluster.data.exists()


def test_binaries_that_are_named_but_not_there(make_cluster: MakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUTONG_PG_BIN", "/nowhere/bin")
    with pytest.raises(HutongError, match="POSTGRES_MISSING") as refused:
        make_cluster().start()
    assert "/nowhere/bin" in refused.value.zh


def test_a_start_that_fails_says_why_and_where_the_log_is(make_cluster: MakeCluster) -> None:
    cluster = make_cluster()
    cluster.start()
    cluster.stop()
    with (cluster.data / "postgresql.auto.conf").open("a") as conf:
        conf.write("shared_buffers = 'much'\n")
    with pytest.raises(HutongError, match="POSTGRES_START_FAILED") as refused:
        cluster.start()
    assert str(cluster.log_folder) in refused.value.next_step
    assert not cluster.status().is_running


def test_the_log_repeats_no_value(cluster: Cluster) -> None:
    url = cluster.ensure_database("dept_a")
    run(url, "CREATE TABLE person (id text PRIMARY KEY, age int)")
    run(url, "INSERT INTO person VALUES ('990101199001011234', 1)")
    with pytest.raises(psycopg2.errors.UniqueViolation):
        run(url, "INSERT INTO person VALUES ('990101199001011234', 1)")
    with pytest.raises(psycopg2.errors.InvalidTextRepresentation):
        run(url, "INSERT INTO person VALUES ('x', '王990101199001011234')")
    cluster.stop()
    logs = [path.read_text() for path in cluster.log_folder.iterdir()]
    assert any("database system is shut down" in log for log in logs)
    assert not any("990101199001011234" in log for log in logs)


def test_a_long_home_has_a_short_socket(home: Home) -> None:
    deep = home.path / ("目录" * 20)
    cluster = Cluster(deep)
    assert len(os.fsencode(cluster.socket_folder / ".s.PGSQL.5432")) < 100
    try:
        assert cluster.start() is True
        assert ask(cluster.superuser_url(), "SELECT 1") == 1
    finally:
        cluster.stop()
        cluster.socket_folder.rmdir()


def test_a_socket_folder_that_somebody_else_put_there_is_refused(home: Home) -> None:
    cluster = Cluster(home.path / ("目录" * 20))
    cluster.socket_folder.symlink_to("/etc")
    try:
        with pytest.raises(HutongError, match="NO_PERMISSION"):
            cluster.start()
    finally:
        cluster.socket_folder.unlink()


def test_a_home_that_the_dropped_user_cannot_enter(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    cluster = Cluster(open_home({"HUTONG_HOME": str(tmp_path / "home")}))
    try:
        assert cluster.start() is True
        assert ask(cluster.superuser_url(), "SELECT 1") == 1
    finally:
        cluster.stop()
        subprocess.run(["rm", "-rf", cluster.place], check=True)


def as_ordinary_user(work: Callable[[], None]) -> None:
    """Do it in a child that is not root; forked, because that user may not read the environment's files."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_works_as_an_ordinary_user(cluster: Cluster) -> None:
    binaries = find_binaries(cluster.home, None)
    cluster.ensure_database("warm")  # loads in this process what the child could not read
    place = Path(tempfile.mkdtemp(prefix="hutong-test-", dir="/tmp"))
    if os.geteuid() == 0:
        os.chown(place, NOBODY, NOBODY)

    def work() -> None:
        os.environ["HUTONG_PG_BIN"] = str(binaries.folder)
        own = Cluster(open_home({"HUTONG_HOME": str(place)}))
        assert own.start() is True
        try:
            assert ask(own.ensure_database("dept_a"), "SELECT current_user") == "dept_a"
            assert not own.home.account.is_dropped
            assert own.data.stat().st_uid == os.getuid()
        finally:
            own.stop()

    try:
        as_ordinary_user(work)
    finally:
        shutil.rmtree(place)

"""Transactions prepared for a two-phase commit: neither running nor over, for as long as their writer likes."""

import contextlib
import shutil
from collections.abc import Iterator

import psycopg2
import pytest

from exchange.department import libpq_url
from exchange.doctor import databases
from exchange.migrate import migrate
from hutong.postgres import Cluster
from tests.sim.pair import Pair
from tests.sim.town import execute


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Source and target in a cluster of their own: the setting needs a restart."""
    cluster = Cluster(tmp_path_factory.mktemp("prepared"))
    cluster.start()
    try:
        with contextlib.closing(psycopg2.connect(libpq_url(cluster.superuser_url("postgres")))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("ALTER SYSTEM SET max_prepared_transactions = 5")
                cursor.execute("ALTER SYSTEM SET fsync = off")
        cluster.stop()
        cluster.start()
        urls = cluster.ensure_database("source"), cluster.ensure_database("target")
        for url in urls:
            migrate(url, "target")
        yield urls
    finally:
        cluster.stop()
        shutil.rmtree(cluster.place)


def _prepare(pair: Pair, name: str, *statements: str) -> None:
    with pair.writer() as writer:
        for statement in statements:
            writer.run(statement)
        writer.run(f"PREPARE TRANSACTION '{name}'")


def _finish(pair: Pair, how: str, name: str) -> None:
    with contextlib.closing(psycopg2.connect(libpq_url(pair.source_url))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"{how} PREPARED '{name}'")


def test_one_prepared_before_a_batch_and_committed_after_it_arrives_with_the_next(two: tuple[str, str]) -> None:
    pair = Pair.made(*two)
    pair.insert(1, 2, 3)
    pair.require("full", "first")
    _prepare(
        pair,
        "slow",
        "INSERT INTO {t} VALUES ('77', '迟到', '990000', 1, now())",
        "UPDATE {t} SET name = '迟改' WHERE id_no LIKE '%1'",
        "SAVEPOINT a",
        "DELETE FROM {t} WHERE id_no LIKE '%2'",
        "RELEASE a",
    )
    _prepare(pair, "lost", "UPDATE {t} SET name = '作废' WHERE id_no LIKE '%3'")
    for key in (4, 5):  # batches go on meanwhile, and other writers' ids run ahead
        pair.insert(key)
        pair.require("increment")
    assert len(pair.held()) == 5
    _finish(pair, "COMMIT", "slow")
    pair.insert(6)
    pair.require("increment")
    _finish(pair, "ROLLBACK", "lost")
    pair.require("increment")
    names = {row[0].lstrip("0"): row[1] for row in pair.held()}
    assert names == {"1": "迟改", "77": "迟到", "3": "张三", "4": "张三", "5": "张三", "6": "张三"}


def test_the_doctor_names_an_old_one_and_what_to_do(two: tuple[str, str]) -> None:
    pair = Pair.made(*two)
    with contextlib.closing(psycopg2.connect(libpq_url(pair.source_url))) as connection, connection.cursor() as cursor:
        assert [line.name for line in databases.activity(cursor, 3600.0)] == ["部门库长事务"]
        _prepare(pair, "old", "INSERT INTO {t} VALUES ('1', '口令', '990000', 1, now())")
        connection.rollback()
        for old_seconds, light in ((300.0, "ok"), (1e-6, "bad")):
            (line,) = (line for line in databases.activity(cursor, 3600.0, old_seconds) if "两段提交" in line.name)
            assert line.light == light
            assert "1 个" in line.zh
        assert "ROLLBACK PREPARED" in line.next_step
    _finish(pair, "ROLLBACK", "old")
    assert execute(pair.source_url, "SELECT count(*) FROM pg_prepared_xacts") == [(0,)]

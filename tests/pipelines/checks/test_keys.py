"""A key counts as kept by an index only where one really covers the relation's rows, in the snapshot."""

from collections.abc import Callable, Iterator

import psycopg2
import pytest
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from pipelines.checks.keys import is_kept_unique


@pytest.fixture
def dsn(new_database: Callable[[], str]) -> str:
    return new_database().replace("+psycopg2", "")


@pytest.fixture
def connection(dsn: str) -> Iterator[Connection]:
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    yield connection
    connection.close()


TABLE = "CREATE TABLE t (a int, b int, c text); INSERT INTO t SELECT n, n % 7, n::text FROM generate_series(1, 2000) n;"
SELECT = "SELECT a, b, c FROM t"


def _kept(connection: Connection, relation: str, *key: str) -> bool:
    with connection.cursor() as cursor:
        return is_kept_unique(cursor, sql.SQL(relation), key)


@pytest.mark.parametrize(
    ("made", "relation", "key", "is_kept"),
    [
        ("ALTER TABLE t ADD PRIMARY KEY (a)", SELECT, ("a",), True),
        ("CREATE UNIQUE INDEX ON t (a)", f"{SELECT} WHERE b <> 3", ("a",), True),
        ("CREATE UNIQUE INDEX ON t (a)", "SELECT c AS a, a AS x FROM t", ("x",), True),
        ("CREATE UNIQUE INDEX ON t (a)", "SELECT c AS a, a AS x FROM t", ("a",), False),
        ("CREATE UNIQUE INDEX ON t (a)", SELECT, ("b", "a"), True),
        ("CREATE UNIQUE INDEX ON t (a) INCLUDE (b)", SELECT, ("a",), True),
        ("CREATE UNIQUE INDEX ON t (a, b)", SELECT, ("a",), False),
        ("CREATE UNIQUE INDEX ON t (a, b)", SELECT, ("a", "b"), True),
        ("SELECT", SELECT, ("a",), False),
        ("CREATE INDEX ON t (a)", SELECT, ("a",), False),
        ("CREATE UNIQUE INDEX ON t (a) WHERE b > 3", SELECT, ("a",), False),
        ("CREATE UNIQUE INDEX ON t ((a + 1))", SELECT, ("a",), False),
        ("ALTER TABLE t ADD UNIQUE (a) DEFERRABLE", SELECT, ("a",), False),
        ("ALTER TABLE t ADD PRIMARY KEY (a)", "SELECT a / 2 AS a FROM t", ("a",), False),
        ("ALTER TABLE t ADD PRIMARY KEY (a)", "SELECT t.a FROM t JOIN t AS u ON u.b = t.b", ("a",), False),
        ("ALTER TABLE t ADD PRIMARY KEY (a)", "SELECT a FROM t UNION ALL SELECT a FROM t", ("a",), False),
        ("ALTER TABLE t ADD PRIMARY KEY (a)", "SELECT a FROM t, generate_series(1, 2)", ("a",), False),
        ("ALTER TABLE t ADD PRIMARY KEY (a); CREATE VIEW v AS SELECT * FROM t", "SELECT a FROM v", ("a",), False),
        ("ALTER TABLE t ADD PRIMARY KEY (a); CREATE TABLE u () INHERITS (t)", SELECT, ("a",), False),
    ],
)
def test_which_indexes_keep_a_key(
    connection: Connection, made: str, relation: str, key: tuple[str, ...], is_kept: bool
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        cursor.execute(made)
    assert _kept(connection, relation, *key) is is_kept


def test_an_index_that_could_not_be_built_keeps_nothing(connection: Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        with pytest.raises(psycopg2.errors.UniqueViolation):
            cursor.execute("CREATE UNIQUE INDEX CONCURRENTLY ON t (b)")
    assert not _kept(connection, SELECT, "b")


def test_an_index_later_than_the_snapshot_says_nothing_of_it(connection: Connection, dsn: str) -> None:
    """The doubled rows were removed, and the index made, after the snapshot in which they still stand."""
    with connection.cursor() as cursor:
        cursor.execute(TABLE + "INSERT INTO t VALUES (1, 1, 'again')")
    other = psycopg2.connect(dsn)
    with other.cursor() as early:
        early.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        early.execute("SELECT 1")
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM t WHERE c = 'again'")
            cursor.execute("CREATE UNIQUE INDEX ON t (a)")
        assert _kept(connection, SELECT, "a")
        early.execute("SELECT count(*), count(DISTINCT a) FROM t")
        assert early.fetchone() == (2001, 2000)
        assert not is_kept_unique(early, sql.SQL(SELECT), ("a",))
    other.close()

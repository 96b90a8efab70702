"""Fixtures everybody shares: a PostgreSQL cluster of the test run's own, and fresh databases in it."""

import gc
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

import psycopg2
import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings
from psycopg2 import sql
from sqlalchemy.engine import URL, make_url
from xdist.scheduler import LoadScopeScheduling

# ``make test`` tries the same examples every time: a change is refused for what it does, never for what chance found.
# ``make properties`` looks for what nobody has seen yet: HUTONG_EXAMPLES times as many, from a seed that it prints.
_TIMES = int(os.environ.get("HUTONG_EXAMPLES", "0"))

# A busy machine is slow, not wrong; a failing example is printed with what reproduces it.
settings.register_profile(
    "house",
    max_examples=50,
    deadline=None,
    derandomize=not _TIMES,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")

_CITY = "tests/flows/"

gc.disable()  # until the tests are collected: what is imported stays, and looking through it takes a fifth of the time


def pytest_collection_finish() -> None:
    """From now on only what tests make is looked through."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the city comes first, because it takes longest; properties are tried as often as is asked for."""
    items.sort(key=lambda item: not item.nodeid.startswith(_CITY))
    if _TIMES > 1:
        for test in {item.function for item in items if isinstance(item, pytest.Function)}:
            if is_hypothesis_test(test):  # Hypothesis has no public way to ask a test for its settings
                asked = test._hypothesis_internal_use_settings
                test._hypothesis_internal_use_settings = settings(asked, max_examples=asked.max_examples * _TIMES)


class _ByFile(LoadScopeScheduling):
    """A file's tests run in one process, since they share what is dear to make; all that needs the city in one."""

    def _split_scope(self, nodeid: str) -> str:
        return _CITY if nodeid.startswith(_CITY) else nodeid.split("::", 1)[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return _ByFile(config, log)


@pytest.fixture(scope="session")
def cluster_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """The superuser's address: the cluster named by HUTONG_TEST_POSTGRES, or an embedded one made for this run."""
    given = os.environ.get("HUTONG_TEST_POSTGRES")
    if given:
        yield make_url(given)
        return
    from hutong.postgres import Cluster  # noqa: PLC0415  # only where no cluster is given

    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    cluster.start()
    try:
        url = make_url(cluster.superuser_url("postgres"))
        _spend_less(url)
        yield url
    finally:
        cluster.stop()
        shutil.rmtree(cluster.place)  # as root it lies outside pytest's folder, which the dropped user may not enter


def _spend_less(url: URL) -> None:
    """A power cut is no part of these tests; a killed server is, and loses nothing that the kernel has. Nor is room
    won back: each of some hundred databases would be looked at every minute, by a process of its own.
    """
    with closing(
        psycopg2.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    ) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("ALTER SYSTEM SET fsync = off")
            cursor.execute("ALTER SYSTEM SET full_page_writes = off")
            cursor.execute("ALTER SYSTEM SET autovacuum_naptime = '1h'")
            cursor.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def _run(cluster_url: URL) -> Iterator[Callable[..., None]]:
    """Statements as the superuser."""
    connection = psycopg2.connect(cluster_url.set(drivername="postgresql").render_as_string(hide_password=False))
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        if (
            connection.server_version >= 160000
        ):  # passwords of 96 bits, and thousands of connections: no need to stretch
            cursor.execute("SET scram_iterations = 1")

        def run(*statements: sql.Composable) -> None:
            for statement in statements:
                cursor.execute(statement)

        yield run


@pytest.fixture(scope="session")
def databases(cluster_url: URL, _run: Callable[..., None]) -> Callable[[], AbstractContextManager[Callable[[], str]]]:
    """``with databases() as new_database``: those that are made inside are dropped at the end of the block."""

    @contextmanager
    def kept() -> Iterator[Callable[[], str]]:
        made: list[str] = []

        def make() -> str:
            name, password = f"t_{secrets.token_hex(6)}", secrets.token_hex(12)
            made.append(name)
            _run(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(password)),
                _create(name, name, "template0"),
            )
            as_owner = cluster_url.set(database=name, username=name, password=password)
            return as_owner.render_as_string(hide_password=False)

        yield make
        for name in made:
            _run(_drop(name), sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))

    return kept


@pytest.fixture(scope="session")
def new_database(databases: Callable[[], AbstractContextManager[Callable[[], str]]]) -> Iterator[Callable[[], str]]:
    """Make a fresh, empty database with an owner of its own and return its address; all are dropped at the end."""
    with databases() as make:
        yield make


@pytest.fixture(scope="session")
def new_directory_database(
    new_database: Callable[[], str], _run: Callable[..., None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], tuple[str, str]]]:
    """Make a directory's database; its addresses as the application's role and as the owner's, who differ, as in
    production. The migrations run once, what they made is copied.
    """
    from directory.migrate import migrate  # noqa: PLC0415  # tests of the pure packages need none of it
    from directory.settings import DirectorySettings  # noqa: PLC0415

    owner, app = make_url(new_database()), make_url(new_database())  # of the second only the role is used
    made: list[str] = []

    def addresses(name: str) -> tuple[str, str]:
        as_owner = owner.set(database=name)
        as_app = as_owner.set(username=app.username, password=app.password)
        return as_app.render_as_string(hide_password=False), as_owner.render_as_string(hide_password=False)

    first = str(owner.database)
    app_url, owner_url = addresses(first)
    migrate(DirectorySettings(home=tmp_path_factory.mktemp("first"), database_url=app_url, migration_url=owner_url))

    def make() -> tuple[str, str]:
        made.append(f"t_{secrets.token_hex(6)}")
        _run(_create(made[-1], str(owner.username), first))
        return addresses(made[-1])

    yield make
    _run(*map(_drop, made))


def _create(name: str, owner: str, template: str) -> sql.Composable:
    """By copying the files: cheaper than writing each page to the log where nothing waits for the disk."""
    return sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY FILE_COPY").format(
        *map(sql.Identifier, (name, owner, template))
    )


def _drop(name: str) -> sql.Composable:
    return sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))

"""Ends that are not a plain table in UTF-8: another encoding at either end, and a table that lies elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg2
import pytest
from sqlalchemy.engine import URL, make_url

from exchange.migrate import migrate
from tests.exchange.faults.conftest import rerouted
from tests.sim.people import people
from tests.sim.town import Route, Town, execute

RARE = "\U00020bb7"  # 𠮷, which GB2312 does not have


@pytest.fixture
def in_gb2312(town: Town, cluster_url: URL) -> Iterator[Callable[[str], str]]:
    """A department's database in EUC_CN (GB2312), empty but for our schemas; given the node's name, its address."""
    made: list[str] = []
    admin = cluster_url.set(drivername="postgresql").render_as_string(hide_password=False)

    def run(statement: str) -> None:
        with closing(psycopg2.connect(admin)) as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)

    def make(name: str) -> str:
        plain = make_url(town.departments[name])
        made.append(f"{plain.database}_gb{len(made)}")
        run(
            f"CREATE DATABASE {made[-1]} OWNER {plain.username} TEMPLATE template0"
            " ENCODING 'EUC_CN' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
        url = plain.set(database=made[-1]).render_as_string(hide_password=False)
        migrate(url, "target")
        return url

    yield make
    for database in made:
        run(f"DROP DATABASE {database} WITH (FORCE)")


@contextmanager
def _at(town: Town, name: str, url: str) -> Iterator[None]:
    """The node works on this database instead."""
    real = town.departments[name]
    with rerouted(town, name, real, url):
        town.departments[name] = url
        try:
            yield
        finally:
            town.departments[name] = real


def _source(route: Route) -> str:
    ((described,),) = route.town.run(
        "gongan",
        "SELECT string_agg(format('%%I %%s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)"
        " FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0",
        (route.source,),
    )
    return f"CREATE TABLE {route.source} ({described})"


def test_a_source_in_another_encoding(town: Town, in_gb2312: Callable[[str], str]) -> None:
    """The same characters arrive, whatever bytes either server keeps them in."""
    route, url = town.route([]), in_gb2312("gongan")
    execute(url, _source(route))
    with _at(town, "gongan", url):
        route.insert(people(5))
        assert town.run("gongan", "SHOW server_encoding") == [("EUC_CN",)]
        route.exchange()
        assert route.received_rows() == route.sent_rows()
        assert {row[1] for row in route.received_rows()} == {row[1] for row in people(5)}
        assert route.findings() == []


def test_a_target_that_lacks_a_character(town: Town, in_gb2312: Callable[[str], str]) -> None:
    """What it cannot hold is refused whole, by a code, and never turned into something else."""
    route, url = town.route(people(5)), in_gb2312("renshe")
    with _at(town, "renshe", url):
        route.exchange()
        assert route.received_rows() == route.sent_rows()
        before = route.received_rows()
        route.insert([("99000000000000099X", f"{RARE}野", "990000", "1.00", "2026-02-02T00:00:00Z")])
        seq = route.send()
        assert route.arrive() == [seq]
        outcome = route.drive("renshe", seq)
        assert (outcome.state, outcome.code) == ("quarantined", "COPY_REFUSED")
        assert RARE not in outcome.explanation_zh + outcome.next_step
        assert route.received_rows() == before
        assert route.findings() == []


def test_a_table_that_lies_elsewhere(town: Town, cluster_url: URL) -> None:
    """A foreign table is locked and read like a view: always all rows."""
    route = town.route([])
    plain = make_url(town.departments["gongan"])
    text = "".join(f"{key},{name},{region},{amount},{at},\\n" for key, name, region, amount, at in people(5))
    admin = cluster_url.set(drivername="postgresql", database=plain.database)
    with closing(psycopg2.connect(admin.render_as_string(hide_password=False))) as connection, connection:
        cursor = connection.cursor()
        cursor.execute("CREATE EXTENSION IF NOT EXISTS file_fdw")
        cursor.execute(f"CREATE SERVER far_{route.source} FOREIGN DATA WRAPPER file_fdw")
        ours = _source(route).replace("CREATE TABLE", "CREATE FOREIGN TABLE")
        cursor.execute(f"DROP TABLE {route.source}")
        cursor.execute(f"{ours} SERVER far_{route.source} OPTIONS (program %s, format 'csv')", (f"printf '{text}'",))
        cursor.execute(f"GRANT SELECT ON {route.source} TO {plain.username}")
    for _ in range(2):
        seq = route.exchange()
        assert route.batch("gongan", seq).kind == "full"
    assert len(route.received_rows()) == 5
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []

"""Many rows come into the staging table by two connections, and still all of them are seen or none."""

from contextlib import closing

import psycopg2
import pytest
from psycopg2 import extensions

from exchange.consumer import marks
from exchange.department import libpq_url
from tests.exchange.faults.matrix import staged
from tests.sim import processes
from tests.sim.people import ITEMS
from tests.sim.town import Route, Town

ROWS = 4500
NAMES = tuple(item.model_copy(update={"length": None}) if item.field == "xm" else item for item in ITEMS)


@pytest.fixture
def route(town: Town) -> Route:
    """Of rows that are over 8 MiB at the source, and over 2 MiB when sealed."""
    made = town.route([], items=NAMES)
    town.run(
        "gongan",
        f"INSERT INTO {made.source} (id_no, name) SELECT lpad(i::text, 18, '0'), (SELECT string_agg("
        f"md5(i::text || ' ' || j::text), '') FROM generate_series(1, 60) j) FROM generate_series(1, {ROWS}) i",
    )
    return made


def _writers(route: Route) -> list[tuple[object, ...]]:
    """The transactions that have written the received rows, each with whether it is told to a reconciliation."""
    url, table = libpq_url(route.town.departments["renshe"]), route.grant.target_table
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        told = marks.writers(cursor, route.route_id)
        cursor.execute(f"SELECT xmin::text = ANY (%s), count(*) > 0 FROM shared.{table} GROUP BY xmin::text", (told,))
        return list(cursor.fetchall())


def _require_whole(route: Route) -> None:
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []
    assert staged(route) == []


def test_two_connections_fill_it_and_it_becomes_the_table(route: Route) -> None:
    seq = route.send()
    route.arrive()
    with closing(psycopg2.connect(libpq_url(route.town.departments["renshe"]))) as reader:
        reader.set_session(isolation_level=extensions.ISOLATION_LEVEL_REPEATABLE_READ)
        route.require("renshe", seq, "closed")
        with reader.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM shared.{route.grant.target_table}")
            assert cursor.fetchone() == (ROWS,)
    route.require("gongan", seq, "closed")
    assert _writers(route) == [(True, True), (True, True)]
    _require_whole(route)


def test_two_connections_bring_what_changed(route: Route) -> None:
    route.exchange()
    route.town.run("gongan", f"UPDATE {route.source} SET name = reverse(name)")
    seq = route.exchange()
    batch = route.batch("renshe", seq)
    assert (batch.kind, (batch.size_bytes or 0) > 2 * 1024 * 1024) == ("increment", True)
    assert _writers(route) == [(True, True)]
    _require_whole(route)


def test_beside_another_transaction_one_fills_it(route: Route) -> None:
    seq = route.send()
    route.arrive()
    with closing(psycopg2.connect(libpq_url(route.town.departments["renshe"]))) as reader:
        reader.set_session(isolation_level=extensions.ISOLATION_LEVEL_REPEATABLE_READ)
        with reader.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM hutong.applied_batch")
            route.require("renshe", seq, "closed")
            cursor.execute(f"SELECT count(*) FROM shared.{route.grant.target_table}")
            assert cursor.fetchone() == (ROWS,)
    route.require("gongan", seq, "closed")
    assert _writers(route) == [(True, True)]
    _require_whole(route)


def test_a_snapshot_between_the_two_commits_never_shows_one_of_them(route: Route) -> None:
    """The table they lie in cannot be taken then, and they are written once more, by one transaction."""
    seq = route.send()
    route.arrive()
    url = libpq_url(route.town.departments["renshe"])
    with (
        processes.frozen(route.town, "renshe", "stage.parted", "drive", route.route_id, str(seq)) as thaw,
        closing(psycopg2.connect(url)) as reader,
    ):
        reader.set_session(isolation_level=extensions.ISOLATION_LEVEL_REPEATABLE_READ)
        with reader.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM hutong.applied_batch")
            name, _ = sorted(staged(route))
            ((committed,),) = route.town.run("renshe", f"SELECT count(*) FROM hutong_stage.{name}")
            assert 0 < committed < ROWS
            assert thaw().startswith("closed")
            cursor.execute(f"SELECT count(*) FROM shared.{route.grant.target_table}")
            assert cursor.fetchone() == (0,)
    route.require("gongan", seq, "closed")
    assert _writers(route) == [(True, True)]
    _require_whole(route)


@pytest.mark.parametrize("point", ["stage.parted", "stage.seen"])
def test_killed_when_one_of_the_two_has_committed_or_both(route: Route, point: str) -> None:
    seq = route.send()
    route.arrive()
    processes.die(route.town, "renshe", point, "drive", route.route_id, str(seq))
    assert len(staged(route)) == 2  # the table and its witness
    assert route.findings() == []
    route.require("renshe", seq, "closed")
    route.require("gongan", seq, "closed")
    _require_whole(route)


def test_a_target_with_room_for_one_connection(route: Route) -> None:
    seq = route.send()
    route.arrive()
    ((database,),) = route.town.run("renshe", "SELECT current_database()")
    route.town.run("renshe", f"ALTER DATABASE {database} CONNECTION LIMIT 1")
    try:
        route.require("renshe", seq, "closed")
    finally:
        route.town.run("renshe", f"ALTER DATABASE {database} CONNECTION LIMIT -1")
    route.require("gongan", seq, "closed")
    assert _writers(route) == [(True, True)]
    _require_whole(route)


def test_what_cannot_be_loaded_leaves_nothing(route: Route) -> None:
    route.town.run(
        "gongan", f"INSERT INTO {route.source} (id_no, name) SELECT id_no, 'again' FROM {route.source} LIMIT 1"
    )
    seq = route.send()
    route.arrive()
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("quarantined", "TARGET_CONSTRAINT")
    assert staged(route) == []
    assert route.nothing_loaded()

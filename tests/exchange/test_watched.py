"""A database that lies: it drips, floods, answers beside the question, quotes passwords. The node ends it, with a code
and none of its words.
"""

import io
import logging
import os
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from psycopg2 import sql

from exchange import audit, department, rows
from exchange.errors import ExchangeError
from exchange.settings import NodeSettings
from exchange.watched import Bounds
from tests.sim.false_postgres import Client, FalsePostgres, false_postgres
from tests.sim.people import people
from tests.sim.town import Town, execute

SECRET = "口令s3cret-99000000000000001X"
SHORT = Bounds(seconds=1.0, answer_bytes=32 * 1024 * 1024)
COPY_OUT = b"H" + struct.pack("!IbH", 7, 0, 0)
HUGE = 1024 * 1024 * 1024 - 1


def _peak_from_here() -> int:
    """What this process holds, in bytes; from now on the kernel tells its peak anew (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")
    return _peak()


def _peak() -> int:
    line = next(each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _drip_result(client: Client, _: str) -> None:
    client.drip(b"T" + struct.pack("!I", 1000))


def _drip_copy(client: Client, _: str) -> None:
    client.raw(COPY_OUT)
    client.message(b"d", b"1\n")
    client.drip(b"d" + struct.pack("!I", 100_000))


def _huge_value(client: Client, _: str) -> None:
    client.message(b"T", struct.pack("!h", 1) + b"c\0" + struct.pack("!IhIhih", 0, 0, 25, -1, -1, 0))
    client.flood(b"D" + struct.pack("!I", HUGE) + struct.pack("!hi", 1, HUGE - 10))


def _huge_copy(client: Client, _: str) -> None:
    client.raw(COPY_OUT)
    client.flood(b"d" + struct.pack("!I", HUGE))


def _many_rows(client: Client, _: str) -> None:
    client.message(b"T", struct.pack("!h", 1) + b"c\0" + struct.pack("!IhIhih", 0, 0, 25, -1, -1, 0))
    row = b"D" + struct.pack("!IhI", 1010, 1, 1000) + bytes(1000)
    while not client.done.is_set():
        client.raw(row * 1000)


def _silent(client: Client, _: str) -> None:
    client.silence()


def _select(url: str) -> None:
    asked = department.faults("source", "t")
    with department.connect(url, "source", "t") as connection, asked, connection.cursor() as cursor:
        cursor.execute("SELECT something")
        int(cursor.fetchone()[0])


def _copy(url: str) -> None:
    with department.connect(url, "source", "t") as connection, department.faults("source", "t"):
        rows.copy_out(connection, sql.SQL("SELECT something"), len, is_binary=False)


def _load(url: str) -> None:
    """Into a target that takes the COPY command and nothing more."""
    loading = department.faults("target", "t")
    with department.connect(url, "target", "t") as connection, loading, connection.cursor() as cursor:
        cursor.copy_expert("COPY something FROM STDIN", io.BytesIO(bytes(64 * 1024 * 1024)))


def _copy_part(url: str) -> None:
    with department.connect(url, "source", "t") as connection, department.faults("source", "t"):
        rows.copy_out(connection, sql.SQL("SELECT something"), len, is_binary=True, is_bare=True)


def _write_many(url: str) -> None:
    writing = department.faults("source", "t")
    with department.connect(url, "source", "t") as connection, writing, connection.cursor() as cursor:
        cursor.executemany("INSERT INTO something VALUES (%s)", [(1,), (2,)])


def _commit(url: str) -> None:
    with department.connect(url, "target", "t") as connection, department.faults("target", "t"):
        with connection.cursor() as cursor:
            cursor.execute("SET a = 1")
        connection.commit()


def _copies_otherwise(client: Client, _: str) -> None:
    client.raw(COPY_OUT)
    client.message(b"d", b"no signature of COPY, and no end")
    client.message(b"c", b"")
    client.complete("COPY 1")


def _takes_copy_and_stops(client: Client, _: str) -> None:
    client.raw(b"G" + struct.pack("!IbH", 7, 0, 0))
    client.silence()


@pytest.mark.parametrize(
    ("contained", "answer", "call", "code"),
    [
        ("something", _drip_result, _select, "SOURCE_STALLED"),
        ("something", _drip_copy, _copy, "SOURCE_STALLED"),
        ("something", _silent, _select, "SOURCE_STALLED"),
        ("something", _silent, _write_many, "SOURCE_STALLED"),
        ("something", _copies_otherwise, _copy_part, "SOURCE_ANSWER"),
        ("something", _huge_value, _select, "SOURCE_OVERSIZE"),
        ("something", _huge_copy, _copy, "SOURCE_OVERSIZE"),
        ("something", _many_rows, _select, "SOURCE_OVERSIZE"),
        ("something", _takes_copy_and_stops, _load, "TARGET_STALLED"),
        ("COMMIT", _silent, _commit, "TARGET_STALLED"),
        ("something", lambda client, _: client.row(b"no number"), _select, "SOURCE_ANSWER"),
        ("something", lambda client, _: client.row(b"99999-99-99", oid=1082), _select, "SOURCE_ANSWER"),
        ("something", lambda client, _: client.row(b"not numeric", oid=1700), _select, "SOURCE_ANSWER"),
        ("something", lambda client, _: client.complete("SELECT 0"), _select, "SOURCE_ANSWER"),
        ("something", lambda client, _: client.row(), _select, "SOURCE_ANSWER"),
        ("something", lambda client, _: client.error("XX000", SECRET), _select, "SOURCE_FAILED"),
        ("something", lambda client, _: client.error("22P02", SECRET), _copy, "EXTRACT_REFUSED"),
        ("something", lambda client, _: client.raw(b"!!!!!!!!" + SECRET.encode()), _select, "SOURCE_DOWN"),
    ],
)
def test_it_ends_with_a_code_in_time_and_in_little_memory(
    contained: str, answer: Callable[[Client, str], None], call: Callable[[str], None], code: str
) -> None:
    before = _peak_from_here()
    with false_postgres() as server:
        server.on(contained, answer)
        department.bound(server.url, SHORT)
        begun = time.monotonic()
        with pytest.raises(ExchangeError) as raised:
            call(server.url)
        assert raised.value.code == code
        assert time.monotonic() - begun < 30
    told = repr(raised.value) + str(raised.value.problem()) + str(raised.value.__cause__)
    assert not any(part in told for part in (SECRET, "s3cret", "no number", "not numeric"))
    assert raised.value.__suppress_context__
    assert _peak() - before < 800 * 1024 * 1024  # what came before the watch looked, never the gigabyte


@pytest.mark.parametrize(("answer", "call"), [(_huge_value, _select), (_huge_copy, _copy), (_many_rows, _select)])
def test_on_a_unix_socket_too_what_comes_is_bounded(
    answer: Callable[[Client, str], None], call: Callable[[str], None], tmp_path: Path
) -> None:
    """By the memory that it takes: time alone would let in what comes in a minute, here a gigabyte in a second."""
    before = _peak_from_here()
    with false_postgres(tmp_path) as server:
        server.on("something", answer)
        department.bound(server.url, SHORT._replace(seconds=20.0))
        begun = time.monotonic()
        with pytest.raises(ExchangeError) as raised:
            call(server.url)
        assert raised.value.code == "SOURCE_OVERSIZE"
        assert time.monotonic() - begun < 15
    assert _peak() - before < 900 * 1024 * 1024


def test_rows_that_are_used_up_may_be_more_than_the_bound_on_a_unix_socket(tmp_path: Path) -> None:
    def rows_on(client: Client, _: str) -> None:
        client.raw(COPY_OUT)
        row = b"x" * 60_000 + b"\n"
        for _ in range(5_000):
            client.message(b"d", row)
        client.message(b"c", b"")
        client.complete("COPY 5000")

    with false_postgres(tmp_path) as server:
        server.on("something", rows_on)
        department.bound(server.url, SHORT._replace(seconds=60.0))
        _copy(server.url)


def test_one_that_never_ends_its_greeting_is_given_up() -> None:
    with false_postgres(DateStyle="SQL, DMY") as server:  # psycopg2 then sets it, and waits
        server.on("datestyle", _silent)
        with pytest.raises(ExchangeError) as raised:
            _select(server.url)
    assert raised.value.code == "SOURCE_DOWN"


def _pointed_at(town: Town, name: str, server: FalsePostgres) -> NodeSettings:
    file = town.homes[name] / "node.toml"
    kept = NodeSettings.read(file)
    given = {"department_url": server.url, "database_seconds": 1.0}
    kept.model_copy(update=given).write(file)
    return kept


def test_a_route_waits_or_is_held_and_nothing_of_its_words_is_anywhere(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    route = town.route(people(3))
    seq = route.plan()
    with false_postgres() as server:
        kept = _pointed_at(town, "gongan", server)
        try:
            server.on("LOCK TABLE", lambda client, _: client.error("XX000", SECRET))
            outcome = route.drive("gongan", seq)
            assert (outcome.state, outcome.code) == ("held", "SOURCE_FAILED")
        finally:
            kept.write(town.homes["gongan"] / "node.toml")
    queue = execute(town.databases["gongan"], "SELECT body FROM audit_out")
    ledger = execute(town.databases["gongan"], "SELECT batch::text FROM batch")
    entries = [audit.read(bytes(body)) for (body,) in queue]
    assert any(entry["code"] == "SOURCE_FAILED" for entry in entries)
    assert not any(SECRET in text for text in (caplog.text, str(entries), str(ledger), str(outcome)))


def test_the_environment_does_not_steer_a_connection(town: Town, tmp_path: Path) -> None:
    steering = {
        "PGHOSTADDR": "192.0.2.1",
        "PGSERVICE": "elsewhere",
        "PGSERVICEFILE": str(tmp_path / "none"),
        "PGPASSFILE": str(tmp_path / "none"),
        "PGSSLKEY": str(tmp_path / "none"),
        "PGSSLMODE": "verify-full",
        "PGOPTIONS": "-c search_path=evil",
        "PGTARGETSESSIONATTRS": "standby",
        "PGPORT": "1",
    }
    program = (
        "import os, sys; from pathlib import Path; from exchange.node import Node; from exchange import department\n"
        "with Node.open(Path(sys.argv[1])) as node:\n"
        "    with node.engine.connect() as ledger: ledger.exec_driver_sql('SELECT 1')\n"
        "    with department.connect(node.settings.department_url, 'source') as c, c.cursor() as k:\n"
        "        k.execute('SHOW search_path')\n"
        "        print(k.fetchone()[0], [name for name in os.environ if name.startswith('PG')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(town.homes["gongan"])],
        env={"PATH": os.environ["PATH"], **steering},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split(maxsplit=1) == ["pg_catalog,public", "[]\n"]

"""Table mounts: there or not, as declared or not, and when they last changed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg2
import pytest

from exchange.department import libpq_url
from exchange.node import Node
from exchange.probe.run import probe
from metadata.probe import Probe, ProbeTask
from tests.exchange.probe.conftest import task

Look = Callable[[ProbeTask], Probe]
DECLARED = {"gmsfhm": "character varying(18)", "xm": "text"}


@pytest.fixture
def table(town: Any) -> str:
    name = f"mounted_{uuid4().hex[:8]}"
    town.run("gongan", f"CREATE TABLE {name} (gmsfhm varchar(18), xm text)")
    town.run("gongan", f"INSERT INTO {name} VALUES ('1', '王小明'), ('2', NULL)")
    return name


def mounted(table: str, **more: Any) -> ProbeTask:
    return task("table", columns=DECLARED, table=table, **more)


def test_as_declared(look: Look, table: str) -> None:
    seen = look(mounted(table))
    assert (seen.is_reachable, seen.is_matching, seen.mismatches, seen.problem) == (True, True, (), "")
    assert (seen.row_count, seen.kind, seen.node_id) == (2, "table", "gongan")
    assert seen.size_bytes is not None
    assert "王小明" not in seen.to_bytes().decode()


def test_missing_changed_and_extra_columns(look: Look, table: str, town: Any) -> None:
    town.run("gongan", f"ALTER TABLE {table} DROP COLUMN xm")
    town.run("gongan", f"ALTER TABLE {table} ALTER gmsfhm TYPE varchar(20)")
    town.run("gongan", f"ALTER TABLE {table} ADD beizhu text")
    seen = look(mounted(table))
    assert (seen.is_reachable, seen.is_matching) == (True, False)
    assert [(each.kind, each.column) for each in seen.mismatches] == [
        ("changed", "gmsfhm"),
        ("missing", "xm"),
        ("extra", "beizhu"),
    ]
    assert seen.mismatches[0].zh == "“gmsfhm”现为 character varying(20)，目录声明为 character varying(18)"


def test_an_undeclared_column_does_no_harm(look: Look, table: str, town: Any) -> None:
    town.run("gongan", f"ALTER TABLE {table} ADD beizhu text")
    seen = look(mounted(table))
    assert (seen.is_matching, [each.kind for each in seen.mismatches]) == (True, ["extra"])


def test_without_declared_columns_the_items_letters_count(look: Look, table: str) -> None:
    assert look(task("table", {"gmsfhm": "号码", "xm": "姓名"}, table=table)).is_matching
    assert not look(task("table", {"gmsfhm": "号码", "csrq": "出生日期"}, table=table)).is_matching


def test_gone_locked_forbidden(look: Look, table: str, town: Any) -> None:
    gone = look(mounted("no_such_table"))
    assert (gone.is_reachable, gone.is_matching, gone.problem) == (False, False, "MOUNT_GONE")
    assert "public.no_such_table 不存在" in gone.problem_zh
    with exclusively(town, table):
        assert look(mounted(table)).problem == "SOURCE_LOCKED"
    assert look(task("table", schema_name="pg_catalog", table="pg_authid")).problem == "SOURCE_DENIED"
    assert look(mounted('x"; DROP TABLE y; --')).problem == "MOUNT_GONE"


def test_a_deletion_is_noticed_by_the_counters(node: Node, table: str, town: Any) -> None:
    """Whether or not the server keeps commit times, which a deletion leaves as they were."""
    keeps_times = town.run("gongan", "SHOW track_commit_timestamp") == [("on",)]
    one = mounted(table)
    first = probe(node, one)
    assert first.changed_by == ("commit_timestamp" if keeps_times else None)
    assert probe(node, one).last_changed_at == first.last_changed_at
    town.run("gongan", f"DELETE FROM {table} WHERE gmsfhm = '1'")
    flush(town)
    changed = probe(node, one)
    assert (changed.changed_by, changed.last_changed_at) == ("statistics", changed.probed_at)
    later = probe(node, one)
    assert (later.last_changed_at, later.changed_by) == (changed.last_changed_at, "statistics")
    assert later.probed_at >= changed.probed_at


def test_a_view_has_no_counters(look: Look, table: str, town: Any) -> None:
    town.run("gongan", f"CREATE VIEW view_{table} AS SELECT * FROM {table}")
    seen = look(mounted(f"view_{table}"))
    assert (seen.is_matching, seen.row_count, seen.last_changed_at) == (True, None, None)


def test_a_department_database_that_is_down(node: Node) -> None:
    node.settings = node.settings.model_copy(
        update={"department_url": "postgresql+psycopg2://nobody@127.0.0.1:1/nothing"}
    )
    assert probe(node, mounted("any")).problem == "SOURCE_DOWN"


def test_times_are_told_with_their_zone(look: Look, table: str) -> None:
    seen = look(mounted(table))
    assert abs(seen.probed_at - datetime.now(UTC)) < timedelta(minutes=1)


@contextmanager
def exclusively(town: Any, table: str) -> Iterator[None]:
    connection = psycopg2.connect(libpq_url(town.departments["gongan"]))
    connection.cursor().execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    try:
        yield
    finally:
        connection.close()


def flush(town: Any) -> None:
    """Sessions report their counts when they end; the next one sees them."""
    town.run("gongan", "SELECT pg_stat_force_next_flush()")

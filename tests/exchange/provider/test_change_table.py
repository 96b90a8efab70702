"""The change table: written with the change, read by snapshot, pruned behind everybody; and what it does not catch."""

import psycopg2
import pytest

from exchange.errors import ExchangeError
from exchange.provider import change_table
from exchange.provider.strategy import bounds
from metadata.access import RegionFilter
from tests.sim.pair import TABLE, Pair


def _install(pair: Pair, key: tuple[str, ...] = ()) -> None:
    script = change_table.script(pair.source_url, "public", pair.grant.table, key)
    change_table.apply(pair.source_url, "public", pair.grant.table, script)


def _status(pair: Pair) -> change_table.Installed:
    found = change_table.status(pair.source_url, "public", pair.grant.table)
    assert found is not None
    return found


@pytest.fixture
def noted(pair: Pair) -> Pair:
    """Installed, and one batch since: from now on changes travel alone."""
    _install(pair)
    pair.require("increment", "change_table_later")
    return pair


def test_only_changes_travel_whatever_kind(noted: Pair) -> None:
    noted.run("UPDATE {t} SET name = '李四' WHERE id_no LIKE '%1'")
    noted.run("DELETE FROM {t} WHERE id_no LIKE '%2'")
    noted.run("UPDATE {t} SET id_no = '9' WHERE id_no LIKE '%3'")
    noted.insert(6)
    noted.run("INSERT INTO {t} VALUES ('7', '来去', '990000', 1, now())")
    noted.run("DELETE FROM {t} WHERE id_no = '7'")
    noted.require("changes", "")
    noted.require("changes", "")
    assert _status(noted).entries == 6 + 1


def test_rows_that_leave_and_enter_the_filter(ends: tuple[str, str]) -> None:
    pair = Pair.made(*ends, row_filter=RegionFilter(field="xzqh", prefixes=("9901",)))
    pair.insert(1, 2, region="990100")
    pair.insert(3, region="990200")
    _install(pair)
    pair.require("full", "first")
    pair.run("UPDATE {t} SET region = '990200' WHERE id_no LIKE '%1'")
    pair.run("UPDATE {t} SET region = '990100' WHERE id_no LIKE '%3'")
    pair.require("changes")
    assert [row[0].lstrip("0") for row in pair.held()] == ["2", "3"]


def test_late_commits_and_subtransactions_are_never_missed(noted: Pair) -> None:
    with noted.writer() as slow, noted.writer() as lost:
        slow.run("INSERT INTO {t} VALUES ('11', '迟到', '990000', 1, now())")
        slow.run("SAVEPOINT a")
        slow.run("UPDATE {t} SET name = '迟改' WHERE id_no LIKE '%5'")
        slow.run("DELETE FROM {t} WHERE id_no LIKE '%2'")
        lost.run("DELETE FROM {t} WHERE id_no LIKE '%3'")
        noted.insert(6)
        noted.require("changes")
        slow.commit()
        noted.require("changes")
        lost.rollback()
    noted.require("changes")
    assert sorted(row[0].lstrip("0") for row in noted.held()) == ["1", "11", "3", "4", "5", "6"]


def test_truncation_and_gaps_in_the_triggers_are_noticed(noted: Pair) -> None:
    noted.run("TRUNCATE {t}")
    noted.insert(8)
    noted.require("full", "rewritten")
    noted.run("ALTER TABLE {t} DISABLE TRIGGER hutong_changes")
    noted.insert(9)
    noted.require("increment", "no_change_table")
    noted.run("UPDATE {t} SET name = '没有登记'")
    noted.run("ALTER TABLE {t} ENABLE ALWAYS TRIGGER hutong_changes")
    noted.require("increment", "change_table_later")
    noted.require("changes")


def test_a_batch_with_rows_set_aside_compares_all_keys(noted: Pair) -> None:
    noted.run("UPDATE {t} SET name = NULL WHERE id_no LIKE '%1'")
    noted.require("increment", "set_aside")
    noted.run("UPDATE {t} SET name = '又有' WHERE id_no LIKE '%1'")
    noted.require("increment", "set_aside")
    noted.require("changes")


def test_entries_are_pruned_only_behind_the_base(noted: Pair) -> None:
    noted.insert(6)
    noted.require("changes")
    noted.insert(7)
    assert noted.base is not None
    first, _ = bounds(noted.base.snapshot)
    change_table.prune(noted.source_url, "public", noted.grant.table, first)
    assert _status(noted).kept_from == first
    assert 1 <= _status(noted).entries <= 2  # others' transactions, here, may hold the horizon back
    noted.require("changes")
    _, last = bounds(noted.base.snapshot)
    change_table.prune(noted.source_url, "public", noted.grant.table, last + 1)  # another route is further on
    assert _status(noted).entries == 0
    noted.insert(8)
    noted.require("increment", "change_table_later")


def test_partitions_have_it_too(ends: tuple[str, str]) -> None:
    pair = Pair.made(*ends, f"({TABLE}, PRIMARY KEY (id_no, region)) PARTITION BY LIST (region)")
    pair.run("CREATE TABLE {t}_a PARTITION OF {t} FOR VALUES IN ('990100')")
    pair.run("CREATE TABLE {t}_b PARTITION OF {t} FOR VALUES IN ('990200')")
    pair.insert(1, 2, region="990100")
    _install(pair, ("id_no",))
    pair.require("full", "first")
    pair.run("UPDATE {t} SET region = '990200' WHERE id_no LIKE '%1'")
    pair.run("INSERT INTO {t}_b VALUES ('5', '直接', '990200', 1, now())")
    pair.require("changes")
    pair.run("CREATE TABLE {t}_c PARTITION OF {t} FOR VALUES IN ('990300')")
    pair.insert(6, region="990300")
    pair.require("full", "rewritten")
    pair.insert(7, region="990300")
    pair.require("changes")


def test_keys_only_are_written_and_writers_need_no_rights(noted: Pair) -> None:
    log = change_table.log_of("public", noted.grant.table).strings[1]
    names = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum"
    assert noted.run(names, (f"hutong.{log}",)) == [("hutong_txid",), ("hutong_truncated",), ("id_no",)]
    rights = "SELECT relacl::text FROM pg_class WHERE oid = %s::regclass"
    assert "=a" not in str(noted.run(rights, (f"hutong.{log}",))).replace("=arw", "")
    secured = noted.run("SELECT bool_and(prosecdef) FROM pg_proc WHERE pronamespace = 'hutong'::regnamespace")
    assert secured == [(True,)]


def test_another_key_or_type_than_the_granted_one_is_not_used(ends: tuple[str, str]) -> None:
    pair = Pair.made(*ends)
    _install(pair, ("id_no", "name"))
    pair.insert(1)
    pair.require("full")
    pair.require("increment", "no_change_table")


def test_removed_without_a_trace_and_installed_again(noted: Pair) -> None:
    table = noted.grant.table
    change_table.apply(noted.source_url, "public", table, change_table.removal(noted.source_url, "public", table))
    assert change_table.status(noted.source_url, "public", table) is None
    noted.run("DELETE FROM {t} WHERE id_no LIKE '%1'")
    noted.require("increment", "no_change_table")
    noted.run("DELETE FROM {t} WHERE id_no LIKE '%2'")
    _install(noted)
    noted.require("increment", "change_table_later")
    noted.require("changes")


def test_what_cannot_be_installed(ends: tuple[str, str]) -> None:
    pair = Pair.made(*ends, f"({TABLE})")
    for key, code in (((), "CHANGES_NO_KEY"), (("nope",), "SOURCE_DRIFT")):
        with pytest.raises(ExchangeError) as raised:
            change_table.script(pair.source_url, "public", pair.grant.table, key)
        assert raised.value.code == code


def test_a_lost_row_at_the_target_is_noticed_by_the_count(noted: Pair) -> None:
    connection = psycopg2.connect(noted.target_url.replace("+psycopg2", ""))
    with connection, connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM shared.{noted.grant.table} WHERE gmsfhm LIKE '%5'")
    connection.close()
    noted.insert(6)
    with pytest.raises(ExchangeError) as raised:
        noted.exchange()
    assert (raised.value.code, raised.value.values["missing"]) == ("INCREMENT_GAP", 1)

"""What an increment by xmin carries: everything that may be new, whoever wrote it and however late it was committed."""

import psycopg2
import pytest
from psycopg2 import errorcodes

from exchange.errors import ExchangeError
from metadata.access import RegionFilter
from metadata.resource import Item, MountColumn
from tests.sim.pair import TABLE, Pair


def _named(pair: Pair) -> dict[str, str]:
    """Keys and names at the target."""
    return {row[0].lstrip("0"): row[1] for row in pair.held()}


def test_what_changed_travels_and_what_is_gone_goes(pair: Pair) -> None:
    pair.run("UPDATE {t} SET name = '李四' WHERE id_no LIKE '%1'")
    pair.run("DELETE FROM {t} WHERE id_no LIKE '%2'")
    pair.run("UPDATE {t} SET id_no = '9' WHERE id_no LIKE '%3'")
    pair.insert(6)
    pair.require("increment")
    assert _named(pair) == {"1": "李四", "9": "张三", "4": "张三", "5": "张三", "6": "张三"}
    pair.run("TRUNCATE {t}")
    pair.insert(7)
    pair.require("full", "rewritten")


def test_only_what_changed_carries_more_than_its_key(pair: Pair) -> None:
    pair.run("UPDATE {t} SET name = '李四' WHERE id_no LIKE '%1'")
    table = f"shared.{pair.grant.table}"
    with psycopg2.connect(pair.target_url.replace("+psycopg2", "")) as connection, connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET xm = '改过' WHERE gmsfhm LIKE '%1' OR gmsfhm LIKE '%5'")
    connection.close()
    pair.exchange()
    assert _named(pair) == {"1": "李四", "2": "张三", "3": "张三", "4": "张三", "5": "改过"}


def test_a_long_transaction_committed_after_the_batch_arrives_with_the_next(pair: Pair) -> None:
    """F03: it began, and wrote, before the snapshot that the next batch builds on."""
    with pair.writer() as slow, pair.writer() as lost:
        slow.run("INSERT INTO {t} VALUES ('11', '迟到', '990000', 1, now())")
        slow.run("UPDATE {t} SET name = '迟改' WHERE id_no LIKE '%1' AND length(id_no) > 2")
        slow.run("DELETE FROM {t} WHERE id_no LIKE '%2'")
        lost.run("UPDATE {t} SET name = '作废' WHERE id_no LIKE '%3'")
        pair.insert(6)
        pair.require("increment")
        slow.commit()
        pair.require("increment")
        assert _named(pair) == {"1": "迟改", "11": "迟到", "3": "张三", "4": "张三", "5": "张三", "6": "张三"}
        lost.rollback()
    pair.require("increment")


def test_a_late_subtransaction_arrives(pair: Pair) -> None:
    """Its id is not in the snapshot's list, and is lower than that of what committed before."""
    with pair.writer() as slow:
        slow.run("INSERT INTO {t} VALUES ('11', '主', '990000', 1, now())")
        slow.run("SAVEPOINT a")
        slow.run("INSERT INTO {t} VALUES ('12', '子', '990000', 1, now())")
        slow.run("SAVEPOINT b")
        slow.run("UPDATE {t} SET name = '孙' WHERE id_no LIKE '%5'")
        slow.run("SAVEPOINT c")
        slow.run("UPDATE {t} SET name = '退' WHERE id_no LIKE '%4'")
        slow.run("ROLLBACK TO c")
        pair.insert(6, 7)
        pair.require("increment")
        slow.commit()
    pair.require("increment")
    assert _named(pair)["12"] == "子"
    assert _named(pair)["5"] == "孙"
    assert _named(pair)["4"] == "张三"


def test_locked_frozen_and_heap_only_rows(pair: Pair) -> None:
    """Row locks, also several on one row, change no row; freezing makes an old row no older, nor a new one."""
    with pair.writer() as one, pair.writer() as other:
        one.run("SELECT 1 FROM {t} WHERE id_no LIKE '%1' FOR KEY SHARE")
        other.run("SELECT 1 FROM {t} WHERE id_no LIKE '%1' FOR KEY SHARE")
        pair.run("UPDATE {t} SET amount = amount + 1 WHERE id_no LIKE '%1'")  # over a multixact
        one.run("SELECT 1 FROM {t} WHERE id_no LIKE '%2' FOR UPDATE")
        pair.require("increment")
        one.commit()
        other.commit()
    for _ in range(3):
        pair.run("UPDATE {t} SET amount = amount + 1 WHERE id_no LIKE '%3'")  # no index changes: HOT
    connection = psycopg2.connect(pair.source_url.replace("+psycopg2", ""))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (FREEZE) {pair.grant.table}")
        pair.require("increment")
        cursor.execute(f"VACUUM (FULL) {pair.grant.table}")
        pair.require("full", "rewritten")
    connection.close()


def test_rows_that_leave_and_enter_the_filter(ends: tuple[str, str]) -> None:
    pair = Pair.made(*ends, row_filter=RegionFilter(field="xzqh", prefixes=("9901",)))
    pair.insert(1, 2, 3, region="990100")
    pair.insert(4, 5, region="990200")
    pair.require("full")
    pair.run("UPDATE {t} SET region = '990200' WHERE id_no LIKE '%1'")
    pair.run("UPDATE {t} SET region = '990100' WHERE id_no LIKE '%4'")
    pair.require("increment")
    assert sorted(_named(pair)) == ["2", "3", "4"]


def test_rows_set_aside_go_and_come_back_also_without_a_change(pair: Pair) -> None:
    pair.insert(6, name=None)
    pair.run("UPDATE {t} SET name = NULL WHERE id_no LIKE '%1'")
    pair.require("increment")
    assert sorted(_named(pair)) == ["2", "3", "4", "5"]
    pair.run("UPDATE {t} SET name = '又有' WHERE id_no LIKE '%1'")
    pair.require("increment")
    assert _named(pair)["1"] == "又有"
    assert pair.base is not None
    pair.run(  # as if it had stayed behind because of another row
        "INSERT INTO hutong.set_aside SELECT %s, %s, jsonb_build_object('gmsfhm', id_no), '{}' FROM {t}"
        " WHERE id_no LIKE '%%5'",
        (pair.grant.route_id, pair.seq),
    )
    with psycopg2.connect(pair.target_url.replace("+psycopg2", "")) as connection, connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM shared.{pair.grant.table} WHERE gmsfhm LIKE '%5'")
    connection.close()
    pair.require("increment")
    assert _named(pair)["5"] == "张三"


def test_partitions_by_their_members(ends: tuple[str, str]) -> None:
    pair = Pair.made(*ends, f"({TABLE}, PRIMARY KEY (id_no, region)) PARTITION BY LIST (region)")
    pair.run("CREATE TABLE {t}_a PARTITION OF {t} FOR VALUES IN ('990100')")
    pair.run(  # its columns stand in another order
        "CREATE TABLE {t}_b (changed_at timestamptz, amount numeric(12,2), region char(6) NOT NULL, name text,"
        " id_no varchar(18) NOT NULL)"
    )
    pair.run("ALTER TABLE {t} ATTACH PARTITION {t}_b FOR VALUES IN ('990200')")
    pair.insert(1, 2, region="990100")
    pair.insert(3, 4, region="990200")
    pair.require("full", "first")
    pair.run("UPDATE {t} SET region = '990200' WHERE id_no LIKE '%1'")
    pair.run("UPDATE {t}_b SET name = '李四' WHERE id_no LIKE '%3'")
    pair.run("DELETE FROM {t} WHERE id_no LIKE '%4'")
    pair.require("increment")
    assert _named(pair) == {"1": "张三", "2": "张三", "3": "李四"}
    pair.run("ALTER TABLE {t} DETACH PARTITION {t}_b")
    pair.run("UPDATE {t}_b SET name = '离开时改'")
    pair.require("full", "rewritten")
    pair.run("ALTER TABLE {t} ATTACH PARTITION {t}_b FOR VALUES IN ('990200')")
    pair.require("full", "rewritten")


def test_a_composite_key_and_names_like_ours(ends: tuple[str, str]) -> None:
    fields = ("r", "s", "hutong_operation")
    pair = Pair.made(
        *ends,
        '(r integer, "列 ""s" text, hutong_operation text, PRIMARY KEY (r, "列 ""s"))',
        items=tuple(Item(name=field, field=field, is_key=field != "hutong_operation") for field in fields),
        mounted=tuple(
            MountColumn(field=field, column=column, sql_type=kind)
            for field, column, kind in zip(
                fields, ("r", '列 "s', "hutong_operation"), ("integer", "text", "text"), strict=True
            )
        ),
    )
    pair.run("INSERT INTO {t} SELECT n / 3, n % 3, 'x' FROM generate_series(1, 9) n")
    pair.require("full")
    pair.run("UPDATE {t} SET hutong_operation = 'y' WHERE r = 1")
    pair.run("DELETE FROM {t} WHERE r = 2")
    pair.require("increment")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("ALTER TABLE {t} ADD COLUMN phone text DEFAULT 'x'", "increment"),
        ("ALTER TABLE {t} DROP COLUMN amount, ADD COLUMN amount numeric(12,2) DEFAULT 7", "full"),
        ("ALTER TABLE {t} ALTER COLUMN name TYPE text USING name || '!'", "full"),
        ("ALTER TABLE {t} RENAME TO {t}_old; CREATE TABLE {t} AS TABLE {t}_old", "full"),
        ("DELETE FROM hutong.source_mark", "full"),
        ("ALTER TABLE {t} SET UNLOGGED", "full"),
    ],
)
def test_what_an_increment_cannot_see_makes_all_rows_go(pair: Pair, change: str, kind: str) -> None:
    pair.run(change)
    pair.require(kind)


def test_a_target_that_lost_a_row_is_noticed_and_nothing_is_applied(pair: Pair) -> None:
    with psycopg2.connect(pair.target_url.replace("+psycopg2", "")) as connection, connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM shared.{pair.grant.table} WHERE gmsfhm LIKE '%5'")
    connection.close()
    pair.insert(6)
    before = pair.held()
    with pytest.raises(ExchangeError) as raised:
        pair.exchange()
    assert (raised.value.code, raised.value.values["missing"]) == ("INCREMENT_GAP", 1)
    assert pair.held() == before


def test_a_key_that_is_doubled_at_the_source_is_refused(ends: tuple[str, str]) -> None:
    pair = Pair.made(*ends, f"({TABLE})")
    pair.insert(1, 2)
    pair.require("full")
    pair.insert(2)
    with pytest.raises(ExchangeError) as raised:
        pair.exchange()
    assert raised.value.code == "TARGET_CONSTRAINT"
    assert raised.value.values["sqlstate"] == errorcodes.UNIQUE_VIOLATION

"""The source end: drift, locks, rows set aside, checks that hold. Nothing leaves that should not."""

from collections.abc import Iterator
from datetime import date

import psycopg2
import pytest
from psycopg2 import sql

from exchange import department
from exchange.errors import ExchangeError
from exchange.ports import Checked, CheckSubject
from exchange.provider import filters, set_aside
from metadata.access import EqualsFilter, RegionFilter, SinceFilter
from metadata.resource import Item, MountColumn
from tests.sim.checker import SmallChecker
from tests.sim.people import COLUMNS, people
from tests.sim.town import Town

COLUMNS_BY_FIELD = {column.field: column for column in COLUMNS}


def test_a_new_column_is_no_drift_and_does_not_travel(town: Town) -> None:
    route = town.route()
    town.run("gongan", f"ALTER TABLE {route.source} ADD COLUMN phone text DEFAULT '13800000000'")
    route.exchange()
    assert route.received_rows() == route.sent_rows()


def test_rows_set_aside_stay_and_are_listed_by_key_and_rule(town: Town) -> None:
    rows = people(10)
    rows[3] = (rows[3][0], None, *rows[3][2:])
    rows[7] = (rows[7][0], "长" * 21, *rows[7][2:])
    route = town.route(rows)
    seq = route.exchange()
    stayed = {rows[3][0], rows[7][0]}
    assert route.received_rows() == [row for row in route.sent_rows() if row[0] not in stayed]
    query = "SELECT row_key, rule_ids FROM hutong.set_aside WHERE route_id = %s AND seq = %s"
    kept = {key["gmsfhm"]: rule_ids for key, rule_ids in town.run("gongan", query, (route.route_id, seq))}
    assert kept == {rows[3][0]: ["not_null:xm"], rows[7][0]: ["length:xm"]}
    with town.node("gongan") as node:
        assert set_aside.listed(node, route.route_id, seq) == [
            set_aside.Listed({"gmsfhm": rows[3][0]}, {"not_null:xm": "“姓名”必填，不能为空"}),
            set_aside.Listed({"gmsfhm": rows[7][0]}, {"length:xm": "“姓名”不超过 20 个字符"}),
        ]
    with town.node("renshe") as node, pytest.raises(ExchangeError) as raised:
        set_aside.listed(node, route.route_id, seq)
    assert raised.value.code == "SET_ASIDE_AT_PROVIDER"
    for name in ("gongan", "renshe"):
        batch = route.batch(name, seq)
        assert (batch.rows, batch.set_aside) == (8, 2)
    assert route.status("renshe", seq).set_aside == 2


def test_without_a_key_a_row_is_listed_whole_however_wide(town: Town) -> None:
    """A function takes at most 100 arguments; a table has up to 1,600 columns."""
    items = tuple(Item(name=f"第{n}列", field=f"c{n}", length=3) for n in range(120))
    mounted = tuple(MountColumn(field=item.field, column=item.field, sql_type="text") for item in items)
    town.run("gongan", f"CREATE TABLE wide ({', '.join(f'{item.field} text' for item in items)})")
    town.run("gongan", "INSERT INTO wide (c0, c1, c119) VALUES ('过长的值', '\"', '也过长的'), ('短', NULL, NULL)")
    route = town.route([], items=items, columns=mounted).renew(table="wide")
    seq = route.exchange()
    with town.node("gongan") as node:
        (row,) = set_aside.listed(node, route.route_id, seq)
    filled = {"c0": "过长的值", "c1": '"', "c119": "也过长的"}
    assert row.row_key == dict.fromkeys((item.field for item in items), None) | filled
    assert list(row.rules) == ["length:c0", "length:c119"]


class _Changing(SmallChecker):
    """Changes the source while it is being checked."""

    def __init__(self, town: Town, table: str) -> None:
        self._town, self._table = town, table

    def check(self, subject: CheckSubject) -> Checked:
        self._town.run("gongan", f"UPDATE {self._table} SET name = NULL")
        return super().check(subject)


def test_extract_and_check_see_one_snapshot(town: Town) -> None:
    route = town.route()
    seq, before = route.plan(), route.sent_rows()
    assert route.drive("gongan", seq, _Changing(town, route.source)).state == "stored"
    route.arrive()
    assert route.drive("renshe", seq).state == "closed"
    assert route.received_rows() == before


@pytest.fixture
def cursor(town: Town) -> Iterator[object]:
    with department.connect(town.departments["gongan"], "source") as connection, connection.cursor() as opened:
        yield opened


def test_filters_count_what_they_say(town: Town, cursor: psycopg2.extensions.cursor) -> None:
    route = town.route(people(9))
    for row_filter, count in (
        (RegionFilter(field="xzqh", prefixes=("99",)), 9),
        (RegionFilter(field="xzqh", prefixes=("990001", "990002")), 6),
        (EqualsFilter(field="je", values=("1.50", "2.50")), 2),
        (EqualsFilter(field="xm", values=("%", "_", "'; DROP TABLE people; --")), 0),
    ):
        where = filters.condition(row_filter, COLUMNS_BY_FIELD, "people")
        cursor.execute(sql.SQL("SELECT count(*) FROM {} WHERE {}").format(sql.Identifier(route.source), where))
        assert cursor.fetchone() == (count,)


def test_a_filter_over_a_column_that_is_not_granted_is_refused() -> None:
    with pytest.raises(ExchangeError) as raised:
        filters.condition(EqualsFilter(field="mz", values=("汉族",)), COLUMNS_BY_FIELD, "people")
    assert raised.value.code == "SOURCE_DRIFT"


DAY = date(2026, 3, 1)
MOMENTS = (
    "2026-02-28 15:59:59.999999+00",  # a microsecond before midnight in Beijing
    "2026-02-28 16:00:00+00",
    "2026-03-01 00:00:00+14",  # still February there
    "2026-02-28 12:00:00-04",  # the same instant as the second
    "infinity",
    "-infinity",
)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati"])
def test_since_a_day_is_the_same_in_every_zone(cursor: psycopg2.extensions.cursor, zone: str) -> None:
    cursor.execute("SET TIME ZONE %s", (zone,))
    cursor.execute("CREATE TEMP TABLE days (number int, d date, l timestamp(3), i timestamptz) ON COMMIT DROP")
    for number, moment in enumerate(MOMENTS):
        cursor.execute(
            "INSERT INTO days VALUES (%s, timezone('Asia/Shanghai', %s::timestamptz)::date,"
            " timezone('Asia/Shanghai', %s::timestamptz)::timestamp(6), %s::timestamptz)",
            (number, moment, moment, moment),
        )
    cursor.execute("UPDATE days SET l = '2026-02-28 23:59:59.999' WHERE number = 0")  # timestamp(3) would round it up
    cursor.execute("INSERT INTO days VALUES (9, NULL, NULL, NULL)")
    for column, sql_type in (
        ("d", "date"),
        ("l", "timestamp(3) without time zone"),
        ("i", "timestamp with time zone"),
    ):
        granted = {"rq": MountColumn(field="rq", column=column, sql_type=sql_type)}
        where = filters.condition(SinceFilter(field="rq", since=DAY), granted, "days")
        cursor.execute(sql.SQL("SELECT number FROM days WHERE {} ORDER BY number").format(where))
        assert [number for (number,) in cursor.fetchall()] == [1, 3, 4], (column, zone)


@pytest.mark.parametrize(
    "sql_type", ["character varying(10)", "bigint", "time without time zone", "date[]", "interval", "timestamp"]
)
def test_since_a_day_over_what_is_no_day_is_refused(sql_type: str) -> None:
    granted = {"rq": MountColumn(field="rq", column="d", sql_type=sql_type)}
    with pytest.raises(ExchangeError) as raised:
        filters.condition(SinceFilter(field="rq", since=DAY), granted, "people")
    assert raised.value.code == "SOURCE_DRIFT"


def test_every_type_arrives_exactly(town: Town) -> None:
    types = {
        "n": ("numeric", "'NaN'"),
        "d": ("double precision", "0.1::float8 + 0.2::float8"),
        "t": ("timestamp with time zone", "'infinity'"),
        "j": ("jsonb", '\'{"b": 1.10, "a": "李"}\''),
        "b": ("bytea", "'\\x00ff'"),
        "i": ("interval", "'1 mon 2 days 03:04:05.000006'"),
        "a": ("integer[]", "'{{1,NULL},{3,4}}'"),
        "u": ("text", "E'\\t\\n\\\\N 𠮷 \\r'"),
    }
    table = "every_type"
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in types.items())
    values = ", ".join(f"{value}::{kind}" for kind, value in types.values())
    town.run("gongan", f"CREATE TABLE {table} (k integer, {columns})")
    town.run("gongan", f"INSERT INTO {table} SELECT k, {values} FROM generate_series(1, 3) k")
    items = [Item(name="键", field="k", type_code="N", is_key=True, is_nullable=False)]
    items += [Item(name=name, field=name) for name in types]
    mounted = [MountColumn(field="k", column="k", sql_type="integer")]
    mounted += [MountColumn(field=name, column=name, sql_type=kind) for name, (kind, _) in types.items()]
    for chosen in (("n", "d", "t", "j", "b", "u"), tuple(types)):  # as binary, and (for interval and array) as text
        keep = {"k", *chosen}
        route = town.route(
            [],
            items=tuple(item for item in items if item.field in keep),
            columns=tuple(column for column in mounted if column.field in keep),
        )
        renewed = route.renew(table=table)
        renewed.exchange()
        names = ", ".join(f"{name}::text" for name in ("k", *chosen))
        sent = town.run("gongan", f"SELECT {names} FROM {table} ORDER BY 1")
        received = town.run("renshe", f"SELECT {names} FROM shared.{route.grant.target_table} ORDER BY 1")
        assert received == sent


def test_reading_names_no_server_text(town: Town) -> None:
    with (
        pytest.raises(ExchangeError) as raised,
        department.connect(town.departments["gongan"], "source", "t") as connection,
        connection.cursor() as opened,
    ):
        opened.execute("SELECT '110101199001011234'::integer")
    assert raised.value.code == "SOURCE_FAILED"
    assert "110101199001011234" not in str(raised.value)

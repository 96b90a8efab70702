"""The thirty nasty kinds of values: each arrives bit for bit, or is refused by column and reason; whole exchanges.

Where each of the thirty stands (numbers of the research's list): 1-16, 18, 21 and 23 in VALUES; 17 text in a database
that declares no encoding (U+0000 and broken UTF-8 cannot stand in any other); 19, 20 the field of a hundred megabytes;
22 and money what only this database knows; 24 generated columns; 25 without a key, composite keys; 26 names; 27 widths
and no rows; 28 provider/test_increment.py; 29 test_drift.py, faults/ (F05, F06, F46); 30 kinds of sources, hidden rows,
and a table that lies elsewhere in test_odd_ends.py, which also has ends in another encoding.
"""

import io
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from psycopg2 import sql

from exchange import department, fidelity, redrive
from exchange.errors import ExchangeError
from exchange.provider import carriage
from metadata.access import Grant, route_id
from metadata.resource import Item, MountColumn
from tests.exchange.reconcile.steps import reconcile
from tests.sim.town import Route, Town

VALUES: dict[str, tuple[str, ...]] = {
    "numeric(38,18)": ("99999999999999999999.999999999999999999", "-0.000000000000000001", "1.000000000000000000"),
    "numeric": ("1e-30", "9" * 200, "1.0", "1.00", "NaN", "Infinity", "-Infinity", "0." + "0" * 100 + "7"),
    "numeric(5,-2)": ("1234500",),
    "double precision": ("-0", "5e-324", "NaN", "Infinity", "1.7976931348623157e308", "0.1", "123456789012345680"),
    "real": ("-0", "1.4e-45", "3.4028235e38", "0.1", "NaN"),
    "bigint": ("9223372036854775807", "-9223372036854775808", "4294967297"),
    "smallint": ("-32768",),
    "date": ("infinity", "-infinity", "4713-01-01 BC", "5874897-12-31"),
    "timestamp without time zone": (
        *("294276-12-31 23:59:59.999999", "4713-01-01 00:00 BC", "infinity", "2026-01-01 0:0:0.1"),
    ),
    "timestamp with time zone": ("0001-01-01 00:00:00+08:05:43 BC", "1900-12-31 23:54:17+08:05:43", "-infinity"),
    "time without time zone": ("24:00:00", "23:59:59.999999"),
    "time with time zone": ("12:00:00+15:59", "00:00:00-15:59", "24:00:00+08"),
    "interval": ("178000000 years", "-178000000 years", "1 mon -1 day", "-1 mon +30 days 00:00:00.000001", "24:00"),
    "text": (
        *("", "NULL", "\\N", "\\.", "null", " ", "a\tb", "a\nb", "\r", "\r\n", "\"'\\", "\\x41", "中\u3000文"),
        *("𠮷𡈽", "\U00030000\U0003134a", "葛\U000e0100", "\ue7d9\ue815", "㐂䶵", "👨‍👩‍👧‍👦🇨🇳", "é", "e\u0301"),
        *("\u202eabc", "\ufeff\u200b", "\u0001\u007f"),
    ),
    "character varying(20)": ("", "x ", "末尾空格  "),
    "character(6)": ("", "110101", "ab"),
    "json": ('"\\u0000"', '{"a": 1, "a": 2,  "b":1.00}', '"\\u4e2d"', "1e400"),
    "jsonb": ('{"b": 1.00, "a": 123456789012345678901234567890.5}', "null", '""', '{"中": ["文", null]}'),
    "bytea": ("\\x00ff5c0a0d09", "\\x"),
    "integer[]": ("{1,NULL,3}", "{}", "[0:1]={7,8}", "{{1,2},{3,4}}"),
    "text[]": ('{NULL,"NULL","","a,b","{}","\\\\"}', '{{"中"},{"文"}}'),
    "inet": ("10.0.0.1", "10.0.0.1/8", "::1"),
    "cidr": ("10.0.0.0/8",),
    "macaddr": ("08:00:2b:01:02:03",),
    "bit(3)": ("101",),
    "bit varying": ("", "10101"),
    "point": ("(1e308,-1e308)", "(0.1,0.2)"),
    "int4range": ("empty", "(,)", "[1,5)"),
    "tstzrange": ("[2026-01-01 00:00+08,infinity]",),
    "int4multirange": ("{[1,3),[7,9)}",),
    "tsvector": ("'a b':1A 'it''s':2",),
    "xml": ("<a>中</a>", "text &amp; more"),
    "oid": ("4294967295",),
    "uuid": ("00000000-0000-0000-0000-000000000000",),
    "boolean": ("t", "f"),
    "name": ("a_name",),
}  # fmt: skip
BINARY = ("numeric(38,18)", "numeric", "double precision", "real", "bigint", "smallint", "date", "text", "character(6)",
    "timestamp without time zone", "timestamp with time zone", "time without time zone", "time with time zone", "json",
    "character varying(20)", "jsonb", "bytea", "uuid", "boolean")  # fmt: skip


def _route(
    town: Town, table: str, key: tuple[str, ...] = (), only: tuple[str, ...] = (), schema: str = "public"
) -> Route:
    """A countersigned grant of a table as it stands, fields ``f0``, ``f1`` … for its columns."""
    described = town.run(
        "gongan",
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a"
        " WHERE a.attrelid = format('%%I.%%I', %s::text, %s::text)::regclass AND a.attnum > 0 AND NOT a.attisdropped"
        " ORDER BY a.attnum",
        (schema, table),
    )
    granted = [(name, sql_type) for name, sql_type in described if not only or name in only]
    token = uuid4().hex[:10]
    identifier = f"11000/{token.upper()}"
    grant = Grant(
        grant_id=f"g-{token}",
        route_id=route_id(identifier, "m1", "gongan", "renshe"),
        request_id=f"q-{token}",
        resource_identifier=identifier,
        resource_code="303021070100/000003",
        resource_title="各种取值",
        resource_version=1,
        mount_id="m1",
        schema_name=schema,
        table=table,
        columns=tuple(MountColumn(field=f"f{i}", column=name, sql_type=kind) for i, (name, kind) in enumerate(granted)),
        items=tuple(
            Item(name=f"项{i}", field=f"f{i}", is_key=name in key, is_nullable=name not in key)
            for i, (name, _) in enumerate(granted)
        ),
        provider=town.end("gongan"),
        consumer=town.end("renshe"),
        target_table=f"t_{token}",
        purpose="逐值核对",
        basis="依法履职",
        valid_from=date(2025, 1, 1),
        valid_until=datetime.now(UTC).date() + timedelta(days=365),
        provide_by_on=date(2027, 1, 1),
        issued_at=datetime.now(UTC),
    )
    route = Route(town, grant)
    town.directory.issue(grant)
    route.countersign()
    return route


def _image(route: Route, form: str) -> tuple[list[bytes], list[bytes]]:
    """What COPY writes of the granted rows at the source and of the received at the target, line by line, sorted."""
    grant, both = route.grant, []
    for name, schema, table, fields in (
        ("gongan", grant.schema_name, grant.table, [column.column for column in grant.columns]),
        ("renshe", "shared", grant.target_table, [column.field for column in grant.columns]),
    ):
        out = io.BytesIO()
        with department.connect(route.town.departments[name], "source") as connection, connection.cursor() as cursor:
            query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT {})").format(
                sql.SQL(", ").join(map(sql.Identifier, fields)), sql.Identifier(schema, table), sql.SQL(form)
            )
            cursor.copy_expert(query, out)
        both.append(sorted(out.getvalue().split(b"\n")))
    return both[0], both[1]


def _require_same(route: Route) -> None:
    source, target = _image(route, "text")
    assert source == target
    assert route.findings() == []


@pytest.mark.parametrize("types", [tuple(VALUES), BINARY], ids=["text", "binary"])
def test_every_value_arrives_as_it_left(town: Town, types: tuple[str, ...]) -> None:
    """Every kind of value, first load and increment, compared in COPY's text; -0, 1.0 and 1.00 are told apart there.

    The certificate says the same, and no more, of the same rows.
    """
    table = f"values_{uuid4().hex[:8]}"
    columns = ", ".join(f"c{i} {kind}" for i, kind in enumerate(types))
    town.run("gongan", f"CREATE TABLE {table} (id integer PRIMARY KEY, {columns})")
    number = 0
    for i, kind in enumerate(types):
        for value in VALUES[kind]:
            number += 1
            town.run("gongan", f"INSERT INTO {table} (id, c{i}) VALUES (%s, %s)", (number, value))
    route = _route(town, table, ("id",))
    seq = route.exchange()
    assert route.batch("renshe", seq).rows == number
    _require_same(route)
    town.run("gongan", f"UPDATE {table} SET id = id WHERE id %% 3 = 0", ())
    town.run("gongan", f"DELETE FROM {table} WHERE id %% 7 = 0", ())
    route.exchange()
    _require_same(route)
    reconcile(route)
    with town.node("gongan") as node:
        (certificate,) = fidelity.kept(node, route.route_id)
    assert certificate.rows == number - number // 7
    assert {(each.sql_type, each.carried) for each in certificate.columns} == {
        (kind, "binary" if types == BINARY else "text") for kind in ("integer", *types)
    }


def test_what_only_this_database_knows_is_refused_by_name(town: Town) -> None:
    token = uuid4().hex[:6]
    town.run(
        "gongan",
        f"""CREATE TYPE mood_{token} AS ENUM ('好', 'a,b'); CREATE DOMAIN code_{token} AS text CHECK (VALUE <> '');
        CREATE TYPE pair_{token} AS (a integer, b text); CREATE TYPE span_{token} AS RANGE (subtype = text);
        CREATE TABLE own_{token} (id integer PRIMARY KEY, mood mood_{token}, moods mood_{token}[], code code_{token},
            pair pair_{token}, span span_{token}, pay money, what regclass, at xid8, place pg_lsn, good text)""",
    )
    route = _route(town, f"own_{token}", ("id",))
    seq = route.plan()
    outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", "COLUMN_REFUSED")
    for named in (
        "mood（",
        "moods（",
        "code（",
        "pair（",
        "span（",
        "pay（money）",
        "what（regclass）",
        "at（xid8）",
        "place（pg_lsn）",
    ):
        assert named in outcome.explanation_zh
    assert "good" not in outcome.explanation_zh
    assert "枚举" in outcome.explanation_zh
    assert "区域设置" in outcome.explanation_zh
    assert route.batch("gongan", seq).digest == ""
    good = _route(town, f"own_{token}", ("id",), only=("id", "good"))
    good.exchange()


def test_hidden_rows_are_refused(town: Town) -> None:
    """Row-level security on the source would send fewer rows than granted, in silence."""
    table = f"walled_{uuid4().hex[:8]}"
    town.run("gongan", f"CREATE TABLE {table} (id integer PRIMARY KEY, open boolean)")
    town.run("gongan", f"INSERT INTO {table} VALUES (1, true), (2, false)")
    town.run("gongan", f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    town.run("gongan", f"CREATE POLICY only_open ON {table} USING (open)")
    route = _route(town, table, ("id",))
    seq = route.plan()
    assert route.drive("gongan", seq).code == "SOURCE_HIDDEN"
    town.run("gongan", f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    with town.node("gongan") as node:
        redrive.redrive(node, route.route_id, seq, "王处长")
    route.require("gongan", seq, "stored")


def test_a_database_without_an_encoding_is_refused(town: Town, cluster_url: Any) -> None:
    """SQL_ASCII takes any bytes; what it holds need not be text."""
    name = f"ascii_{uuid4().hex[:8]}"
    with _database(cluster_url, name, "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'") as connection:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE old (id integer, name text)")
            cursor.execute("INSERT INTO old VALUES (1, convert_from('\\xd6d0'::bytea, 'SQL_ASCII'))")
        grant = town.route().grant.model_copy(
            update={"table": "old", "columns": (MountColumn(field="xm", column="name", sql_type="text"),)}
        )
        with connection.cursor() as cursor, pytest.raises(ExchangeError) as caught:
            carriage.require_exact(cursor, grant)
    assert caught.value.code == "SOURCE_ENCODING"


def test_generated_and_identity_columns(town: Town) -> None:
    table = f"made_{uuid4().hex[:8]}"
    town.run(
        "gongan",
        f"""CREATE TABLE {table} (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, price numeric(8,2),
        taxed numeric GENERATED ALWAYS AS (price * 1.06) STORED, at timestamptz DEFAULT now())""",
    )
    town.run("gongan", f"INSERT INTO {table} (price) VALUES (1.00), (2.5), (NULL)")
    route = _route(town, table, ("id",))
    route.exchange()
    _require_same(route)


def test_without_a_key_duplicates_stay_as_many(town: Town) -> None:
    table = f"twice_{uuid4().hex[:8]}"
    town.run("gongan", f"CREATE TABLE {table} (a text, b numeric)")
    town.run(
        "gongan", f"INSERT INTO {table} VALUES ('', NULL), ('', NULL), (NULL, 1.0), (NULL, 1.00), ('x', 1), ('x', 1)"
    )
    route = _route(town, table)
    route.exchange()
    _require_same(route)
    town.run("gongan", f"DELETE FROM {table} WHERE ctid = (SELECT min(ctid) FROM {table} WHERE a = 'x')")
    route.exchange()
    _require_same(route)


def test_composite_keys_with_empty_and_composed_text(town: Town) -> None:
    """'' is no NULL; é and e with an accent are two keys; a row whose key changes is gone and new."""
    table = f"pair_{uuid4().hex[:8]}"
    town.run("gongan", f"CREATE TABLE {table} (a text, b integer, c text, PRIMARY KEY (a, b))")
    rows = [
        ("", 0, "空"),
        ("é", 1, "NFC"),
        ("e\u0301", 1, "NFD"),
        (" ", 1, ""),
        ("NULL", -1, None),
        ("\ue7d9", 2, "私用"),
    ]
    for row in rows:
        town.run("gongan", f"INSERT INTO {table} VALUES (%s, %s, %s)", row)
    route = _route(town, table, ("a", "b"))
    route.exchange()
    _require_same(route)
    town.run("gongan", f"UPDATE {table} SET b = b + 10 WHERE a <> ''")
    route.exchange()
    _require_same(route)


def test_names_of_all_kinds(town: Town) -> None:
    """Quoted, Chinese, keywords, spaces, 63 bytes, differing in case only."""
    long = "列" * 21
    names = ["order", "Order", "ORDER", "人员 编号", 'a"b', "a'b;--", "%s", "{}", long, "user", "r", "hutong_op"]
    schema, table = f"业务 {uuid4().hex[:6]}", "Select 表"
    columns = ", ".join('"{}" text'.format(name.replace('"', '""')) for name in names)
    town.run("gongan", f'CREATE SCHEMA "{schema}"')
    town.run("gongan", f'CREATE TABLE "{schema}"."{table}" ({columns})'.replace("%", "%%"), ())
    quoted = ", ".join(f"'{i}'" for i in range(len(names)))
    town.run("gongan", f'INSERT INTO "{schema}"."{table}" VALUES ({quoted})')
    route = _route(town, table, ("人员 编号",), schema=schema)
    route.exchange()
    _require_same(route)


def test_as_many_columns_as_there_can_be_and_no_row(town: Town) -> None:
    table = f"wide_{uuid4().hex[:8]}"
    columns = ", ".join(f"c{i} smallint" for i in range(1599))
    town.run("gongan", f"CREATE TABLE {table} (id integer PRIMARY KEY, {columns})")
    route = _route(town, table, ("id",))
    route.exchange()
    assert town.run("renshe", f"SELECT count(*) FROM shared.{route.grant.target_table}") == [(0,)]
    town.run("gongan", f"INSERT INTO {table} (id, c0, c1598) VALUES (1, 5, -6), (2, NULL, 7)")
    route.exchange()
    _require_same(route)


def test_a_field_of_a_hundred_megabytes(town: Town) -> None:
    table = f"heavy_{uuid4().hex[:8]}"
    town.run("gongan", f"CREATE TABLE {table} (id integer PRIMARY KEY, body text, raw bytea)")
    town.run("gongan", f"INSERT INTO {table} VALUES (1, repeat('重', 35000000), NULL)")
    town.run("gongan", f"INSERT INTO {table} SELECT 2, NULL, decode(repeat('00ff5c0a', 13000000), 'hex')")
    route = _route(town, table, ("id",))
    route.exchange()
    weighed = "SELECT {}, octet_length({}), md5({}), octet_length({}), md5({}) FROM {} ORDER BY 1"
    source = town.run("gongan", weighed.format("id", "body", "body", "raw", "raw", table))
    target = town.run("renshe", weighed.format("f0", "f1", "f1", "f2", "f2", f"shared.{route.grant.target_table}"))
    assert source == target
    assert [row[1] for row in source] == [105_000_000, None]


def test_partitions_children_and_views(town: Town) -> None:
    token = uuid4().hex[:8]
    town.run(
        "gongan",
        f"""CREATE TABLE parts_{token} (id integer, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
        CREATE TABLE parts_{token}_1 PARTITION OF parts_{token} FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
        CREATE TABLE parts_{token}_2 PARTITION OF parts_{token} FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');
        INSERT INTO parts_{token} SELECT i, date '2026-01-01' + i * 30 FROM generate_series(1, 10) i;
        CREATE TABLE parent_{token} (id integer, name text); CREATE TABLE child_{token} () INHERITS (parent_{token});
        INSERT INTO parent_{token} VALUES (1, '父'); INSERT INTO child_{token} VALUES (2, '子');
        CREATE VIEW seen_{token} AS SELECT id, upper(name) AS name FROM parent_{token};
        CREATE MATERIALIZED VIEW kept_{token} AS SELECT id, name FROM parent_{token}""",
    )
    for table, key in (
        (f"parts_{token}", ("id", "day")),
        (f"parent_{token}", ("id",)),
        (f"seen_{token}", ("id",)),
        (f"kept_{token}", ("id",)),
    ):
        route = _route(town, table, key)
        route.exchange()
        _require_same(route)
        if table.startswith("parts"):
            town.run("gongan", f"UPDATE {table} SET day = day + 180 WHERE day < '2026-03-15'")
            town.run("gongan", f"DELETE FROM {table} WHERE id = 9")
        elif table.startswith("parent"):
            town.run("gongan", f"UPDATE child_{token} SET name = '孙'")
        else:
            continue  # increments of what is no table are read like those of a table
        route.exchange()
        _require_same(route)


@contextmanager
def _database(cluster_url: Any, name: str, how: str) -> Iterator[Any]:
    plain = cluster_url.set(drivername="postgresql")
    with closing(psycopg2.connect(plain.render_as_string(hide_password=False))) as admin:
        admin.autocommit = True
        with admin.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0 {how}")
            try:
                with closing(
                    psycopg2.connect(plain.set(database=name).render_as_string(hide_password=False))
                ) as opened:
                    yield opened
            finally:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")

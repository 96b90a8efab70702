"""The scan against a hostile or merely odd database: it keeps no value, waits for nobody, and changes nothing."""

import json
import secrets
from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql

from exchange.department import libpq_url
from exchange.errors import ExchangeError
from exchange.scan.source import open_source
from metadata.guessing import propose
from metadata.proposal import Proposal
from tests.exchange.scan.conftest import TODAY, Database


def spelled(proposal: Proposal) -> str:
    return proposal.to_bytes().decode()


def test_no_value_is_kept(database: Database) -> None:
    """Values in rows, defaults, checks, enumerations, views, partial indexes and statistics stay where they are."""
    words = [f"机密{secrets.token_hex(6)}" for _ in range(6)]
    number = "110105194912310021"[:17] + "X"
    numbers = [number, "13912345678", "20240229", "98765432.125", "13800138000"]
    row, default, check, label, view, index = words
    database.run(
        f"CREATE TYPE mood AS ENUM ('{label}', 'x')",
        f"CREATE TABLE secrets (a text DEFAULT '{default}', b text CHECK (b <> '{check}'), m mood, n numeric, d date)",
        f"INSERT INTO secrets VALUES ('{row}', '{number}', '{label}', 98765432.125, '2024-02-29')",
        "INSERT INTO secrets (a, b, n) VALUES ('13912345678', '20240229', 13800138000)",
        f"CREATE VIEW secret_view AS SELECT a FROM secrets WHERE a <> '{view}'",
        f"CREATE UNIQUE INDEX ON secrets (a) WHERE a <> '{index}'",
        "ANALYZE secrets",
    )
    profiles = database.profiles()
    for table in ("secrets", "secret_view"):
        profile = profiles[table]
        assert profile.problem == ""
        written = profile.to_bytes().decode() + spelled(propose(profile, "gongan", "x"))
        for secret in (*words, *numbers, "2024-02-29", "98765432"):
            assert secret not in written
            assert json.dumps(secret)[1:-1] not in written
    columns = {each.name: each for each in profiles["secrets"].columns}
    assert columns["n"].values is not None
    assert (columns["n"].values.digits, columns["n"].values.scale) == (11, 3)
    assert not columns["a"].is_unique  # the index is only over some rows


def test_odd_names_and_types(database: Database) -> None:
    connection = psycopg2.connect(libpq_url(database.url))
    names = ['带"引号"', "有 空格；分号", "姓名", "SELECT", "%s", "{}", "a\nb", "a\x01b", "𠮷", "x" * 63]
    with connection, connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TABLE {} ({})").format(
                sql.Identifier('表"一'), sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(n)) for n in names)
            )
        )
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ('王小明')").format(sql.Identifier('表"一'), sql.Identifier("姓名"))
        )
    connection.close()
    database.run(
        "CREATE DOMAIN phone_number AS varchar(20)",
        "CREATE TABLE types (a int[], b jsonb, c xml, d uuid, e interval, f time, g inet, h phone_number, i money,"
        " j bit(3), k character(3), l name, m double precision, n point, o int4range, p tsvector)",
        "INSERT INTO types (a, b, d, h, i, k, m)"
        " VALUES ('{1}', '{\"x\": 1}', gen_random_uuid(), '13912345678', 3, 'a', 'NaN')",
    )
    odd = database.propose('表"一')
    assert [column.column for column in odd.draft.mounts[0].columns] == names
    assert {item.name for item in odd.draft.items} >= {'带"引号"', "姓名"}
    types = {item.field: item for item in database.propose("types").draft.items}
    assert (types["h"].sensitivity, types["d"].length, types["i"].type_code, types["b"].type_code) == (3, 36, "Y", "M")


def test_the_widest_table(database: Database) -> None:
    columns = ", ".join(f"column_number_{number} smallint" for number in range(1600))
    database.run(
        f"CREATE TABLE wide ({columns})", "INSERT INTO wide (column_number_7, column_number_1599) VALUES (1, 2)"
    )
    proposal = database.propose("wide")
    assert (len(proposal.draft.items), proposal.problem, proposal.row_count) == (1600, "", 1)
    assert len(proposal.to_bytes()) < 4 * 1024 * 1024


def test_empty_and_huge(database: Database) -> None:
    database.run(
        "CREATE TABLE empty_one (gmsfhm varchar(18))",
        "CREATE TABLE huge (doc text)",
        "INSERT INTO huge SELECT repeat('长文本', 300000) FROM generate_series(1, 20)",
        "CREATE TABLE many (id int PRIMARY KEY, v text)",
        "INSERT INTO many SELECT i, 'word ' || i FROM generate_series(1, 60000) i",
        "ANALYZE many",
        "CREATE TABLE parts (id int, region char(6)) PARTITION BY LIST (region)",
        "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN ('110000')",
        "INSERT INTO parts VALUES (1, '110000')",
    )
    profiles = database.profiles()
    assert (profiles["empty_one"].columns[0].values, profiles["empty_one"].row_count) == (None, 0)
    number = propose(profiles["empty_one"], "n", "x").draft.items[0]
    assert (number.name, number.sensitivity, number.data_element) == ("gmsfhm", 4, "")  # no library, no values
    assert propose(profiles["huge"], "n", "x").draft.items[0].type_code == "M"
    many = profiles["many"]
    assert many.row_count == 60_000
    assert many.columns[1].values is not None
    assert many.columns[1].values.sampled <= 1000
    assert "parts_1" not in profiles
    assert (profiles["parts"].row_count, profiles["parts"].kind) == (1, "partitioned_table")
    assert many.digest == database.profiles()["many"].digest  # the same look twice gives the same profile


def test_locked_and_forbidden_tables_are_named_and_keep_no_other_waiting(
    database: Database, locked: Callable[[str], None], new_database: Callable[[], str], cluster_url: Any
) -> None:
    other = new_database().split("//")[1].split(":")[0]  # somebody else's role
    admin = psycopg2.connect(
        cluster_url.set(
            drivername="postgresql", database=database.url.rsplit("/", 1)[1].split("?")[0]
        ).render_as_string(hide_password=False)
    )
    with admin, admin.cursor() as cursor:
        cursor.execute("CREATE TABLE theirs (a text)")
        cursor.execute(f'ALTER TABLE theirs OWNER TO "{other}"')
    admin.close()
    database.run("CREATE TABLE busy (a text)", "CREATE TABLE calm (a text)", "INSERT INTO calm VALUES ('x')")
    locked("busy")
    profiles = database.profiles()
    assert {name: profiles[name].problem for name in ("busy", "calm", "theirs")} == {
        "busy": "SOURCE_LOCKED",
        "calm": "",
        "theirs": "SOURCE_DENIED",
    }
    assert profiles["busy"].columns[0].name == "a"  # the structure is known all the same
    assert profiles["calm"].columns[0].values is not None


def test_a_slow_view_is_left_alone(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from exchange.scan import source as module  # noqa: PLC0415

    monkeypatch.setattr(module, "LIMITS", type(module.LIMITS)(scan_statement_seconds=1))
    database.run("CREATE SCHEMA slow", "CREATE VIEW slow.view AS SELECT 1 AS a FROM pg_sleep(60)")
    assert database.profiles("slow")["view"].problem == "SOURCE_SLOW"
    database.run("DROP SCHEMA slow CASCADE")


def test_nothing_is_written_even_by_a_view_that_would(database: Database) -> None:
    database.run(
        "CREATE SCHEMA trap",
        "CREATE TABLE trap.log (a int)",
        "CREATE FUNCTION trap.write() RETURNS int LANGUAGE sql AS 'INSERT INTO trap.log VALUES (1) RETURNING a'",
        "CREATE VIEW trap.view AS SELECT trap.write() AS a",
    )
    profiles = database.profiles("trap")
    assert (profiles["view"].problem, profiles["log"].row_count) == ("SOURCE_FAILED", 0)
    database.run("DROP SCHEMA trap CASCADE")


def test_schemas_are_chosen(database: Database) -> None:
    database.run(
        "CREATE SCHEMA archive",
        "CREATE TABLE archive.old (a int)",
        "CREATE SCHEMA shared",
        "CREATE TABLE shared.x (a int)",
    )
    assert set(database.profiles("archive")) == {"old"}
    assert "x" not in database.profiles()  # what others sent is not this department's
    assert database.propose("old").draft.mounts[0].mount_id == "gongan.archive.old"
    for name in ("shared", "pg_catalog", "没有"):
        with pytest.raises(ExchangeError) as caught, open_source(database.url) as source:
            source.relations([name])
        assert caught.value.code == "SCHEMA_UNKNOWN"


def test_text_in_no_encoding(cluster_url: Any) -> None:
    """A database that declares nothing (SQL_ASCII) may hold bytes that are no text; they are not told either."""
    name = f"ascii_{secrets.token_hex(4)}"
    admin = psycopg2.connect(cluster_url.set(drivername="postgresql").render_as_string(hide_password=False))
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    try:
        url = cluster_url.set(database=name).render_as_string(hide_password=False)
        odd = Database(url)
        odd.run("CREATE TABLE t (a text)", r"INSERT INTO t VALUES (E'\xff\xfe')", "CREATE TABLE u (a int)")
        with open_source(url) as source:
            problems = {each.table: source.profile(each, TODAY) for each in source.relations()}
        assert {table: profile and profile.problem for table, profile in problems.items()} == {
            "t": "SOURCE_TEXT_BAD",
            "u": "",
        }
    finally:
        with admin.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        admin.close()

"""The table that the exchange's benchmark moves: a register of enterprises, 12 columns, the same every time."""

from contextlib import closing
from typing import Any

import psycopg2
from psycopg2 import sql
from sqlalchemy.engine import URL

COLUMNS = (
    "id",
    "credit_code",
    "name",
    "legal_person",
    "region_code",
    "status_code",
    "registered_on",
    "capital",
    "updated_at",
    "address",
    "is_active",
    "details",
)

_CREATE = """
    CREATE TABLE {} (
        id bigint NOT NULL, credit_code char(18) NOT NULL, name text NOT NULL, legal_person varchar(50),
        region_code char(6), status_code smallint, registered_on date, capital numeric(18,2),
        updated_at timestamptz, address text, is_active boolean, details jsonb
    )
"""
_FILL = """
    INSERT INTO {} SELECT
        i,
        '91' || lpad((990000 + i %% 800000)::text, 6, '0') || upper(substr(md5(i::text), 1, 10)),
        '示例市' || (ARRAY['东城','西城','南城','北城','河东','河西','开发','高新'])[1 + i %% 8]
            || substr('华信联盛泰和顺达宏远鑫诚', 1 + (i * 7 %% 11)::int, 2) || i || '科技有限公司',
        (ARRAY['王','李','张','刘','陈','杨','赵','黄'])[1 + i %% 8]
            || substr('伟芳娜秀英敏静丽强磊军洋', 1 + (i * 13 %% 11)::int, 2),
        lpad((990101 + i %% 16)::text, 6, '0'),
        (i %% 5)::smallint,
        date '2000-01-01' + (i %% 9000)::int,
        (i::numeric * 7919 %% 100000000) / 100,
        timestamptz '2026-01-01 00:00+08' + i * interval '1 second',
        '示例市东城区中山大街' || i %% 2000 || '号' || i %% 30 || '层' || i %% 500 || '室',
        i %% 7 <> 0,
        jsonb_build_object('staff', i %% 100, 'key', substr(md5((i * 3)::text), 1, 8))
    FROM generate_series(1, %s::bigint) i
"""


def make(connection: Any, name: str, rows: int) -> None:
    """Create and fill the table, then vacuum it, so that no run pays for the first reading."""
    table = sql.Identifier(name)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(_CREATE).format(table))
        cursor.execute(sql.SQL(_FILL).format(table), [rows])
        cursor.execute(sql.SQL("VACUUM ANALYZE {}").format(table))


def make_at(url: URL, name: str, rows: int) -> None:
    """The same in a database given by its address, with the key."""
    with closing(
        psycopg2.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    ) as connection:
        make(connection, name, rows)
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY (id)").format(sql.Identifier(name)))


def make_target(connection: Any, name: str) -> None:
    """An empty table of the same columns, and a checkpoint, so that no run pays for another's writing."""
    table = sql.Identifier(name)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
        cursor.execute(sql.SQL(_CREATE).format(table))
        cursor.execute("CHECKPOINT")


def differing(connection: Any, one: str, other: str) -> int:
    """Rows that stand in one table and not in the other."""
    tables = {"one": sql.Identifier(one), "other": sql.Identifier(other)}
    query = sql.SQL(
        "SELECT count(*) FROM "
        "((TABLE {one} EXCEPT ALL TABLE {other}) UNION ALL (TABLE {other} EXCEPT ALL TABLE {one})) d"
    )
    with connection.cursor() as cursor:
        cursor.execute(query.format(**tables))
        (count,) = cursor.fetchone()
    return int(count)

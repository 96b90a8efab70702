"""Rows through COPY and a sealed batch: exact for every type, and all or nothing."""

import hashlib
import io
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql
from sqlalchemy.engine import make_url

from exchange.envelope.header import Label
from exchange.envelope.open import Opened, verify
from exchange.envelope.seal import Sealer
from exchange.errors import ExchangeError
from exchange.rows import Copied, copy_in, copy_out
from standards.crypto import DecryptionKey, SigningKey

SIGNING = SigningKey.generate()
READING = DecryptionKey.generate()
KEYS = {READING.wrapping.key_id: READING}
REPORT = hashlib.sha256(b"report").hexdigest()
COLUMNS = (
    "编号",
    "金额",
    "名称",
    "日期",
    "时刻",
    "时长",
    "字节",
    "文档",
    "标签",
    "定长",
    "实数",
    "是否",
    "地址",
    "标识",
)

TABLE = """
    CREATE TABLE {} (
        编号 bigint, 金额 numeric, 名称 text, 日期 date, 时刻 timestamptz, 时长 interval, 字节 bytea, 文档 jsonb,
        标签 text[], 定长 char(10), 实数 double precision, 是否 boolean, 地址 inet, 标识 uuid
    )
"""
VALUES = r"""
    INSERT INTO source VALUES
    (9223372036854775807, 'NaN', E'制表\t换行\n反斜\\\\N 𠮷野家🏠', 'infinity', '-infinity',
     '-1 year 2 mons -3 days 04:05:06.789', '\x00ff0a09', '{"名":[1,1.10,1e400,null]}', '{"a,b","\"",NULL,""}',
     '定长', 'NaN', true, '2001:db8::/32',
     '00000000-0000-0000-0000-000000000000'),
    (-9223372036854775808, 1234567890123456789012345678901234567890.12345678900, '', '4713-01-01 BC',
     '1900-12-31 23:59:59.999999 Asia/Shanghai', '0', '', 'null', '{}', '', 5e-324, false, '10.0.0.1', NULL),
    (0, -0.00, E'\\N', '0001-01-01', '2026-02-28 24:00:00+08', '178000000 years', NULL, '"\\u4e2d"', NULL,
     '  x', '-0', NULL, NULL, 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'Infinity', NULL, NULL, NULL)
"""
ALL = sql.SQL("SELECT * FROM source")


@pytest.fixture
def database(new_database: Callable[[], str]) -> str:
    return make_url(new_database()).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def connection(database: str) -> Iterator[Any]:
    connection = psycopg2.connect(database)
    with connection.cursor() as cursor:
        cursor.execute(TABLE.format("source") + ";" + TABLE.format("target"))
        cursor.execute(VALUES)
    connection.commit()
    yield connection
    connection.close()


def sealed_rows(
    connection: Any, query: sql.Composable = ALL, *, is_binary: bool = True, more: int = 0
) -> tuple[bytes, Copied]:
    """The query's rows as a sealed batch; ``more`` lets its trailer claim rows that are not there."""
    label = Label(
        suite=1,
        route_id="市场监管-税务-1",
        seq=1,
        previous_digest="",
        schema_digest=REPORT,
        grant_id="2026-0001",
        content="pg_copy_binary" if is_binary else "pg_copy_text",
        kind="full",
    )
    out = io.BytesIO()
    with Sealer(label, [READING.wrapping], SIGNING, out.write) as sealer:
        copied = copy_out(connection, query, sealer.write, is_binary=is_binary)
        sealed = sealer.finish(copied.rows + more, REPORT, 0, (), target_rows=copied.rows)
    assert sealed.plain_bytes == copied.plain_bytes
    return out.getvalue(), copied


def opened(data: bytes, stream: Any = None) -> Opened:
    return Opened(stream or io.BytesIO(data), verify(io.BytesIO(data), SIGNING.verifying), KEYS)


def scalar(connection: Any, query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        (value,) = cursor.fetchone()
    return value


def digest_of(connection: Any, table: str) -> str:
    """A digest of the rows as the database itself writes them in binary, in order of their text."""
    out = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY (SELECT * FROM {table} r ORDER BY r::text) TO STDOUT (FORMAT binary)", out)
    return hashlib.sha256(out.getvalue()).hexdigest()


@pytest.mark.parametrize("is_binary", [True, False], ids=["binary", "text"])
def test_every_value_arrives_as_it_left(connection: Any, is_binary: bool):
    data, copied = sealed_rows(connection, is_binary=is_binary)
    assert copied.rows == 4
    loaded = copy_in(connection, sql.Identifier("target"), COLUMNS, opened(data), is_binary=is_binary)
    assert loaded == copied
    connection.commit()
    assert digest_of(connection, "target") == digest_of(connection, "source")


@pytest.mark.parametrize("is_binary", [True, False], ids=["binary", "text"])
def test_settings_of_the_databases_make_no_difference(database: str, connection: Any, is_binary: bool):
    name = make_url(database).database
    settings = {"datestyle": "German", "intervalstyle": "sql_standard", "client_encoding": "GB18030"}
    settings |= {"extra_float_digits": "-15", "bytea_output": "escape", "timezone": "America/St_Johns"}
    with connection.cursor() as cursor:
        for setting, value in settings.items():
            cursor.execute(
                sql.SQL("ALTER DATABASE {} SET {} = %s").format(*map(sql.Identifier, (name, setting))), [value]
            )
    connection.commit()
    other = psycopg2.connect(database, client_encoding="GB18030")
    try:
        data, _ = sealed_rows(other, is_binary=is_binary)
        other.rollback()
        copy_in(connection, sql.Identifier("target"), COLUMNS, opened(data), is_binary=is_binary)
        connection.commit()
        assert digest_of(connection, "target") == digest_of(connection, "source")
        assert scalar(other, "SHOW client_encoding") == "GB18030"  # our settings last for the transaction only
    finally:
        other.close()


def test_no_rows(connection: Any):
    data, copied = sealed_rows(connection, sql.SQL("SELECT * FROM source WHERE false"))
    assert copied.rows == 0
    assert copy_in(connection, sql.Identifier("target"), COLUMNS, opened(data), is_binary=True).rows == 0


def test_columns_go_by_name(connection: Any):
    query = sql.SQL("SELECT 名称, 编号 FROM source")
    data, _ = sealed_rows(connection, query)
    copy_in(connection, sql.Identifier("target"), ("名称", "编号"), opened(data), is_binary=True)
    same = "SELECT count(*) FROM source s JOIN target t ON (s.编号, s.名称) IS NOT DISTINCT FROM (t.编号, t.名称)"
    assert scalar(connection, same) == 4


MANY = sql.SQL(
    """SELECT i::bigint, i::numeric, md5(i::text), NULL::date, NULL::timestamptz, NULL::interval, NULL::bytea,
    NULL::jsonb, NULL::text[], NULL::char(10), NULL::float8, true, NULL::inet, NULL::uuid
    FROM generate_series(1, 60000) i"""
)


def test_many_chunks(connection: Any):
    data, copied = sealed_rows(connection, MANY)
    assert copied.plain_bytes > 4 * 1024 * 1024
    assert copy_in(connection, sql.Identifier("target"), COLUMNS, opened(data), is_binary=True) == copied
    assert scalar(connection, "SELECT count(*) FROM target WHERE md5(编号::text) = 名称") == 60_000


class Changed(io.BytesIO):
    """An object that is altered on the disk between verifying and opening."""

    def __init__(self, data: bytes, at: int) -> None:
        super().__init__(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


class Broken(io.BytesIO):
    """A disk that fails in the middle of the file."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > len(self.getbuffer()) // 2:
            raise OSError("the disk is gone")
        return super().read(size)


@pytest.mark.parametrize(("part", "code"), [(0.3, "AEAD_TAG"), (0.97, "AEAD_TAG"), (1.0, "DIGEST")])
def test_what_opening_refuses_aborts_the_load(connection: Any, part: float, code: str):
    data, _ = sealed_rows(connection, MANY)
    stream = Changed(data, int((len(data) - 1) * part))
    with pytest.raises(ExchangeError) as refused:
        copy_in(connection, sql.Identifier("target"), COLUMNS, opened(data, stream), is_binary=True)
    assert refused.value.code == code
    with pytest.raises(psycopg2.errors.InFailedSqlTransaction):
        scalar(connection, "SELECT 1")
    connection.rollback()
    assert scalar(connection, "SELECT count(*) FROM target") == 0
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("open", "seal"))]


def test_a_trailer_with_another_count_of_rows(connection: Any):
    data, _ = sealed_rows(connection, more=1)
    with pytest.raises(ExchangeError) as refused:
        copy_in(connection, sql.Identifier("target"), COLUMNS, opened(data), is_binary=True)
    assert refused.value.code == "ROW_COUNT"
    assert refused.value.values == {"found": 4, "expected": 5}


@pytest.mark.parametrize("is_binary", [True, False], ids=["binary", "text"])
def test_a_target_that_cannot_take_the_rows(connection: Any, is_binary: bool):
    data, _ = sealed_rows(connection, sql.SQL("SELECT '身份证110101199003070011' AS 名称"), is_binary=is_binary)
    for columns in (("编号",), ("文档",), ("不存在",), ("名称", "编号")):
        with pytest.raises(ExchangeError) as refused:
            copy_in(connection, sql.Identifier("target"), columns, opened(data), is_binary=is_binary)
        assert refused.value.code == "COPY_REFUSED"
        assert "110101199003070011" not in str(refused.value) + str(refused.value.problem())
        connection.rollback()


def test_a_null_where_the_target_takes_none(connection: Any):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE target ALTER 编号 SET NOT NULL")
    data, _ = sealed_rows(connection)
    with pytest.raises(ExchangeError) as refused:
        copy_in(connection, sql.Identifier("target"), COLUMNS, opened(data), is_binary=True)
    assert (refused.value.code, refused.value.values) == ("TARGET_CONSTRAINT", {"sqlstate": "23502"})


def test_verifying_leaves_no_thread_behind(connection: Any):
    data, _ = sealed_rows(connection, MANY)
    verify(io.BytesIO(data), SIGNING.verifying)
    for spoiled, code in ((data[: len(data) // 2], "TRUNCATED"), (data[:-1] + bytes([data[-1] ^ 1]), "SIG_BAD")):
        with pytest.raises(ExchangeError) as refused:
            verify(io.BytesIO(spoiled), SIGNING.verifying)
        assert refused.value.code == code
    with pytest.raises(OSError, match="the disk"):
        verify(Broken(data), SIGNING.verifying)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("verify")]


def test_binary_rows_do_not_pass_for_text(connection: Any):
    data, _ = sealed_rows(connection)
    with pytest.raises(ExchangeError) as refused:
        copy_in(connection, sql.Identifier("target"), COLUMNS, opened(data), is_binary=False)
    assert refused.value.code == "COPY_REFUSED"


def test_a_missing_table_is_the_caller_s_matter(connection: Any):
    data, _ = sealed_rows(connection)
    with pytest.raises(psycopg2.errors.UndefinedTable):
        copy_in(connection, sql.Identifier("nowhere"), COLUMNS, opened(data), is_binary=True)


class Cutting(io.BytesIO):
    """A spool file during whose reading the database goes away."""

    def __init__(self, data: bytes, database: str, pid: int) -> None:
        super().__init__(data)
        self.database = database
        self.pid = pid

    def read(self, size: int | None = -1, /) -> bytes:
        if self.pid and self.tell() > 500_000:
            other = psycopg2.connect(self.database)
            scalar(other, f"SELECT pg_terminate_backend({self.pid}, 10000)")
            other.close()
            self.pid = 0
        return super().read(size)


def test_a_connection_lost_while_loading(database: str, connection: Any):
    data, _ = sealed_rows(connection, MANY)
    stream = Cutting(data, database, connection.get_backend_pid())
    with pytest.raises((psycopg2.OperationalError, psycopg2.InterfaceError, psycopg2.DatabaseError)) as lost:
        copy_in(connection, sql.Identifier("target"), COLUMNS, opened(data, stream), is_binary=True)
    assert not isinstance(lost.value, ExchangeError)
    other = psycopg2.connect(database)
    assert scalar(other, "SELECT count(*) FROM target") == 0
    other.close()


def test_a_sink_that_fails_leaves_the_connection_to_be_rolled_back(connection: Any):
    frames: list[int] = []

    def full(frame: memoryview) -> None:
        frames.append(len(frame))
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        copy_out(connection, MANY, full, is_binary=True)
    assert len(frames) == 1
    connection.rollback()
    assert scalar(connection, "SELECT count(*) FROM source") == 4


def test_a_query_that_fails_midway(connection: Any):
    query = sql.SQL("SELECT 1 / (1000 - i) AS x, repeat('x', 10000) FROM generate_series(1, 2000) i")
    out = io.BytesIO()
    with pytest.raises(ExchangeError) as refused:
        copy_out(connection, query, out.write, is_binary=True)
    assert refused.value.code == "EXTRACT_REFUSED"
    assert refused.value.values == {"sqlstate": "22012"}
    connection.rollback()


def test_frames_are_whole_rows(connection: Any):
    frames: list[bytes] = []
    copied = copy_out(connection, MANY, lambda frame: frames.append(bytes(frame)), is_binary=True)
    assert sum(map(len, frames)) == copied.plain_bytes
    assert len(frames) == 7
    assert all(1024 * 1024 * 0.99 < len(frame) <= 1024 * 1024 for frame in frames[:-1])
    fields = (len(COLUMNS)).to_bytes(2, "big")
    assert all(frame.startswith(fields) for frame in frames[1:])


def test_a_row_longer_than_a_frame_is_one(connection: Any):
    frames: list[int] = []
    query = sql.SQL("SELECT repeat('x', CASE i WHEN 2 THEN 3000000 ELSE 10 END) FROM generate_series(1, 3) i")
    copy_out(connection, query, lambda frame: frames.append(len(frame)), is_binary=False)
    assert frames == [11, 3_000_001, 11]

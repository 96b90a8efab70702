"""One batch through two COPYs at once: every row once, parted only where the sealer has said that a row ends."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql
from sqlalchemy.engine import make_url

from exchange.envelope.header import Label
from exchange.envelope.open import Opened, verify
from exchange.envelope.seal import Sealer
from exchange.errors import ExchangeError
from exchange.parted import copy_in_parts, copy_out_in_parts
from exchange.rows import BINARY_END, BINARY_HEADER, copy_out
from standards.crypto import DecryptionKey, SigningKey, digest_hex

SIGNING = SigningKey.generate()
READING = DecryptionKey.generate()
TARGET, COLUMNS = sql.Identifier("target"), ("i", "text")
# 6 MiB, and one row of 3 MiB, which is longer than a chunk
ROWS = sql.SQL(
    "SELECT i, repeat(md5(i::text), CASE i WHEN 500 THEN 98304 ELSE 196 END) FROM generate_series(1, 1000) i"
)


@pytest.fixture(scope="module")
def database(new_database: Callable[[], str]) -> str:
    dsn = make_url(new_database()).set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE target (i integer, text text)")
        connection.commit()
    return dsn


@pytest.fixture
def pair(database: str) -> Iterator[list[Any]]:
    """Two connections to the target, empty at first."""
    with closing(psycopg2.connect(database)) as one, closing(psycopg2.connect(database)) as other:
        with one.cursor() as cursor:
            cursor.execute("TRUNCATE target")
        one.commit()
        yield [one, other]


def sealed(connection: Any, *, is_binary: bool = True, is_parted: bool = True, more: int = 0) -> bytes:
    """The rows; ``is_parted``: chunks end with them. ``more`` lets the trailer claim rows that are not there."""
    label = Label(
        suite=1,
        route_id="r-1",
        seq=1,
        previous_digest="",
        schema_digest=digest_hex(b""),
        grant_id="g-1",
        content="pg_copy_binary" if is_binary else "pg_copy_text",
        kind="full",
    )
    out = io.BytesIO()
    with Sealer(label, [READING.wrapping], SIGNING, out.write) as sealer:
        copied = copy_out(connection, ROWS, sealer.write_rows if is_parted else sealer.write, is_binary=is_binary)
        sealer.finish(copied.rows + more, digest_hex(b""), 0, (), target_rows=copied.rows)
    return out.getvalue()


def opened(data: bytes, verified: bytes = b"") -> Opened:
    of = verify(io.BytesIO(verified or data), SIGNING.verifying)
    return Opened(io.BytesIO(data), of, {READING.wrapping.key_id: READING})


def held(connection: Any) -> tuple[object, ...]:
    """Rows, how many differ from what was sent, and how many transactions wrote them."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT count(*), (SELECT count(*) FROM ((TABLE target EXCEPT ALL {0}) UNION ALL"
                " ({0} EXCEPT ALL TABLE target)) d), count(DISTINCT xmin::text) FROM target"
            ).format(ROWS)
        )
        found: tuple[object, ...] = cursor.fetchone()
    connection.rollback()
    return found


@pytest.mark.parametrize("is_binary", [True, False], ids=["binary", "text"])
def test_both_load_a_part(pair: Sequence[Any], is_binary: bool) -> None:
    data = sealed(pair[0], is_binary=is_binary)
    assert copy_in_parts(pair, TARGET, COLUMNS, opened(data), is_binary=is_binary).rows == 1000
    for connection in pair:
        connection.commit()
    assert held(pair[0]) == (1000, 0, 2)


@pytest.mark.parametrize("is_binary", [True, False], ids=["binary", "text"])
def test_chunks_that_are_all_whole_are_not_parted(pair: Sequence[Any], is_binary: bool) -> None:
    """As every writer seals that knows nothing of rows."""
    data = sealed(pair[0], is_binary=is_binary, is_parted=False)
    copy_in_parts(pair, TARGET, COLUMNS, opened(data), is_binary=is_binary)
    for connection in pair:
        connection.commit()
    assert held(pair[0]) == (1000, 0, 1)


HALVES = [sql.SQL("SELECT * FROM ({}) r WHERE i {} 300").format(ROWS, sql.SQL(half)) for half in ("<", ">=")]


@pytest.mark.parametrize("is_binary", [True, False], ids=["binary", "text"])
def test_rows_from_two_connections_are_one_batch(pair: Sequence[Any], is_binary: bool) -> None:
    """As it stands in one COPY: header, rows, end; and every frame is of whole rows."""
    frames: list[bytes] = []
    copied = copy_out_in_parts(pair, HALVES, lambda frame: frames.append(bytes(frame)), is_binary=is_binary)
    assert (copied.rows, copied.plain_bytes) == (1000, sum(map(len, frames)))
    if is_binary:
        assert frames.pop(0) == BINARY_HEADER
        assert frames.pop() == BINARY_END
        assert all(frame.startswith(b"\0\2") for frame in frames)
    else:
        assert all(frame.endswith(b"\n") for frame in frames if frame)
    data = io.BytesIO(b"".join([BINARY_HEADER, *frames, BINARY_END] if is_binary else frames))
    with pair[0].cursor() as cursor:
        cursor.copy_expert(f"COPY target FROM STDIN (FORMAT {'binary' if is_binary else 'text'})", data)
    pair[0].commit()
    assert held(pair[0])[:2] == (1000, 0)


def test_a_sink_that_is_full_ends_both(pair: Sequence[Any]) -> None:
    taken: list[int] = []

    def full(frame: memoryview) -> None:
        taken.append(len(frame))
        if len(taken) > 1:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        copy_out_in_parts(pair, HALVES, full, is_binary=True)
    assert len(taken) == 2


@pytest.mark.parametrize("bad", [0, 1])
def test_a_query_that_fails_in_one_part(pair: Sequence[Any], bad: int) -> None:
    queries = [*HALVES]
    queries[bad] = sql.SQL("SELECT 1 / (1000 - i), repeat('x', 10000) FROM generate_series(1, 2000) i")
    with pytest.raises(ExchangeError) as refused:
        copy_out_in_parts(pair, queries, lambda _: None, is_binary=True)
    assert refused.value.values == {"sqlstate": "22012"}


def test_a_trailer_that_counts_otherwise(pair: Sequence[Any]) -> None:
    with pytest.raises(ExchangeError) as refused:
        copy_in_parts(pair, TARGET, COLUMNS, opened(sealed(pair[0], more=1)), is_binary=True)
    assert refused.value.values == {"found": 1000, "expected": 1001}


def test_another_batch_than_was_verified(pair: Sequence[Any]) -> None:
    """Found when all rows are in, and before either COPY has ended."""
    right = sealed(pair[0])
    wrong = right[:-1] + bytes([right[-1] ^ 1])
    with pytest.raises(ExchangeError) as refused:
        copy_in_parts(pair, TARGET, COLUMNS, opened(wrong, right), is_binary=True)
    assert refused.value.code == "DIGEST"
    for connection in pair:  # what was raised has ended both transactions
        assert connection.info.transaction_status == psycopg2.extensions.TRANSACTION_STATUS_INERROR


def test_rows_that_the_table_does_not_take(pair: Sequence[Any]) -> None:
    with pytest.raises(ExchangeError) as refused:
        copy_in_parts(pair, TARGET, ("text", "i"), opened(sealed(pair[0])), is_binary=True)
    assert refused.value.code == "COPY_REFUSED"


def test_one_connection_that_fails_ends_the_other(pair: Sequence[Any]) -> None:
    data = sealed(pair[0])
    with pair[1].cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 1")
    with pytest.raises(psycopg2.Error):
        copy_in_parts(pair, TARGET, COLUMNS, opened(data), is_binary=True)
    for connection in pair:
        connection.rollback()
    assert held(pair[0])[0] == 0

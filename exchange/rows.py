"""Rows between a database and a sealed batch, by COPY: exact for every type, and as fast as the database gives them."""

import io
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg2
from psycopg2 import errorcodes, sql

from exchange.envelope.open import Opened
from exchange.errors import ExchangeError
from exchange.limits import LIMITS

# Errors of connection, transaction, privilege and resources: they do not speak of rows. All others may quote a value.
_NOT_OF_ROWS = ("08", "25", "40", "42501", "42P01", "53", "55", "57", "58")

# What stands before and after the rows in binary: no flags, no extension; and -1 in place of a row's number of fields.
BINARY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
BINARY_END = b"\xff\xff"

# Both ends write and read the same spelling, whatever their databases are set to; all last for the transaction only.
EXACT = """
    SET LOCAL client_encoding = 'UTF8'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres';
    SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'
"""


@dataclass(frozen=True)
class Copied:
    """What one COPY carried: rows, and plaintext bytes."""

    rows: int
    plain_bytes: int


def copy_out(
    connection: Any,
    query: sql.Composable,
    sink: Callable[[memoryview], object],
    *,
    is_binary: bool,
    is_bare: bool = False,
) -> Copied:
    """Stream a SELECT's rows into ``sink`` in frames of whole rows; the transaction is the caller's.

    A frame has at most ``LIMITS.chunk_plain_bytes``, or is one row: the buffer is emptied before what does not fit.
    ``is_bare``: without COPY's header and end (``BINARY_HEADER``, ``BINARY_END``).
    ``sink`` must be done with a frame when it returns: its memory is reused. What it raises comes out unchanged and
    leaves the connection to be rolled back. A query that fails on its rows raises ``EXTRACT_REFUSED``, which quotes
    no value; psycopg2's errors of connection, transaction, privilege and resources pass through.
    """
    frames = _Frames(sink, is_bare=is_bare and is_binary)
    rows = io.BufferedWriter(frames, LIMITS.chunk_plain_bytes)
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT {})").format(query, _format(is_binary))
    try:
        with connection.cursor() as cursor:
            cursor.execute(EXACT)
            cursor.copy_expert(statement, rows)
            count = cursor.rowcount
        frames.is_last = True
        rows.flush()
    except psycopg2.Error as error:
        frames.is_open = False
        if not _may_quote_rows(error):
            raise
        raise ExchangeError("EXTRACT_REFUSED", sqlstate=error.pgcode) from None
    except BaseException:
        frames.is_open = False
        raise
    return Copied(rows=count, plain_bytes=frames.plain_bytes)


def copy_in(
    connection: Any,
    table: sql.Composable,
    columns: Sequence[str],
    opened: Opened,
    *,
    is_binary: bool,
    is_fresh: bool = False,
) -> Copied:
    """Load an opened batch into ``table (columns)``; the transaction is the caller's, who rolls it back on any error.

    ``is_fresh``: the table was made in this transaction, so that its rows are written as frozen, once and for all.

    A thread opens the next pieces while the database takes this one. Raises what opening raises, ``ROW_COUNT`` when the
    trailer counts other than the database, ``TARGET_CONSTRAINT`` for a null where the table takes none, and
    ``COPY_REFUSED`` for other rows the table cannot take; psycopg2's errors of
    connection, transaction, privilege and resources pass through. No message carries a value of a row.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="open") as worker:
        pieces = _Pieces(iter(opened), worker)
        try:
            count = copy_stream(connection, table, columns, pieces, is_binary=is_binary, is_fresh=is_fresh)
        finally:
            pieces.stop()
    if opened.trailer.rows != count:
        raise ExchangeError("ROW_COUNT", found=count, expected=opened.trailer.rows)
    return Copied(rows=count, plain_bytes=opened.trailer.plain_bytes)


class Stream(Protocol):
    """What a COPY reads, and why it broke off if it did."""

    @property
    def failure(self) -> BaseException | None: ...

    def read(self, size: int, /) -> bytes: ...


def copy_stream(
    connection: Any,
    table: sql.Composable,
    columns: Sequence[str],
    stream: Stream,
    *,
    is_binary: bool,
    is_fresh: bool = False,
) -> int:
    """One COPY from a stream; how many rows. Raises as ``copy_in``, and the stream's failure where that ended it."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT {}, FREEZE {})").format(
        table, sql.SQL(", ").join(map(sql.Identifier, columns)), _format(is_binary), sql.SQL(str(is_fresh))
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute(EXACT)
            cursor.copy_expert(statement, stream, LIMITS.copy_message_bytes)
            return int(cursor.rowcount)
    except psycopg2.Error as error:
        if stream.failure is not None:  # the database only reports that the stream broke off; this is why
            raise stream.failure from None
        if not _may_quote_rows(error):
            raise
        is_null = error.pgcode == errorcodes.NOT_NULL_VIOLATION
        raise ExchangeError("TARGET_CONSTRAINT" if is_null else "COPY_REFUSED", sqlstate=error.pgcode) from None


def _may_quote_rows(error: psycopg2.Error) -> bool:
    return error.pgcode is not None and not error.pgcode.startswith(_NOT_OF_ROWS)


def _format(is_binary: bool) -> sql.SQL:
    return sql.SQL("binary" if is_binary else "text")


class _Frames(io.RawIOBase):
    """Below a buffer that gathers rows in C: hands whole frames on."""

    def __init__(self, sink: Callable[[memoryview], object], *, is_bare: bool) -> None:
        self._sink = sink
        self._is_bare = is_bare
        self._is_begun = False
        self.plain_bytes = 0
        self.is_last = False
        self.is_open = True

    def writable(self) -> bool:
        return True

    def write(self, frame: Any) -> int:
        if self.is_open:  # after a failure the buffer above still flushes when it is collected
            rows = self._rows(frame) if self._is_bare else frame
            self._sink(rows)
            self.plain_bytes += len(rows)
        return len(frame)

    def _rows(self, frame: memoryview) -> memoryview:
        begin = 0 if self._is_begun else len(BINARY_HEADER)
        end = len(frame) - (len(BINARY_END) if self.is_last else 0)
        if frame[:begin] not in (b"", BINARY_HEADER) or frame[end:] not in (b"", BINARY_END):
            raise ValueError("COPY begins or ends in another way")  # the server lies; ``department`` gives it a code
        self._is_begun = True
        return frame[begin:end]


class _Pieces:
    """The readable that COPY pulls: plaintext pieces, opened a few ahead. It ends only after the trailer has held."""

    def __init__(self, pieces: Iterator[bytes], worker: ThreadPoolExecutor) -> None:
        self._pieces = pieces
        self._worker = worker
        self._ahead: deque[Future[bytes]] = deque()
        self._piece = b""
        self._given = 0
        self.failure: BaseException | None = None
        for _ in range(LIMITS.opening_ahead):
            self._open_next()

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes of the current piece; empty at the end."""
        if self._given == len(self._piece):
            try:
                self._piece = self._ahead.popleft().result()
            except BaseException as failure:
                self.failure = failure
                raise
            self._given = 0
            self._open_next()
        data = self._piece[self._given : self._given + size]
        self._given += len(data)
        return data

    def stop(self) -> None:
        for future in self._ahead:
            future.cancel()

    def _open_next(self) -> None:
        self._ahead.append(self._worker.submit(next, self._pieces, b""))

"""A batch's rows moved by two COPYs at once: a COPY is bound by the one processor that its server process has."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from psycopg2 import sql

from exchange.envelope.open import Opened
from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.rows import BINARY_END, BINARY_HEADER, Copied, copy_out, copy_stream


def copy_out_in_parts(
    connections: Sequence[Any], queries: Sequence[sql.Composable], sink: Callable[[Any], object], *, is_binary: bool
) -> Copied:
    """Stream the rows of several SELECTs, each through its own connection, into one ``sink`` in frames of whole rows.

    One frame at a time; which query's comes next is left to chance. Raises what ``rows.copy_out`` does; then all
    transactions are to be rolled back.
    """
    turn, failures = threading.Lock(), list[BaseException]()

    def take(frame: memoryview) -> None:
        with turn:
            if failures:
                raise failures[0]
            sink(frame)

    def read(connection: Any, query: sql.Composable) -> Copied:
        try:
            return copy_out(connection, query, take, is_binary=is_binary, is_bare=True)
        except BaseException as failure:
            failures.append(failure)
            raise

    begin, end = (BINARY_HEADER, BINARY_END) if is_binary else (b"", b"")
    sink(begin)
    with ThreadPoolExecutor(max_workers=len(connections), thread_name_prefix="extract") as workers:
        others = [workers.submit(read, *each) for each in zip(connections[1:], queries[1:], strict=True)]
        copied = [read(connections[0], queries[0]), *(each.result() for each in others)]
    sink(end)
    return Copied(
        rows=sum(each.rows for each in copied),
        plain_bytes=len(begin) + sum(each.plain_bytes for each in copied) + len(end),
    )


def copy_in_parts(
    connections: Sequence[Any], table: sql.Composable, columns: Sequence[str], opened: Opened, *, is_binary: bool
) -> Copied:
    """Load an opened batch through several connections, each in a transaction of its own that the caller ends.

    A chunk of less than a whole one ends where a row does (docs/sealed-batch.md, Chunks): there, and nowhere else,
    another connection may go on. No COPY ends before the trailer has held. Raises what ``rows.copy_in`` does; then all
    are to be rolled back.
    """
    parts = _Parts(len(connections), is_binary=is_binary)

    def load(number: int) -> int:
        try:
            return copy_stream(connections[number], table, columns, parts.streams[number], is_binary=is_binary)
        except BaseException as failure:
            parts.stop(failure)
            raise

    with ThreadPoolExecutor(max_workers=len(connections), thread_name_prefix="load") as workers:
        dealing = workers.submit(parts.deal, opened)
        others = [workers.submit(load, number) for number in range(1, len(connections))]
        count = load(0)
        dealing.result()
        count += sum(each.result() for each in others)
    if opened.trailer.rows != count:
        raise ExchangeError("ROW_COUNT", found=count, expected=opened.trailer.rows)
    return Copied(rows=count, plain_bytes=opened.trailer.plain_bytes)


class _Parts:
    """Opened pieces on their way to the streams; the first failure of anybody ends all."""

    def __init__(self, count: int, *, is_binary: bool) -> None:
        self.turn = threading.Condition()
        self.failure: BaseException | None = None
        self.streams = [_Stream(self, BINARY_HEADER if is_binary and number else b"") for number in range(count)]
        self._end = BINARY_END if is_binary else b""

    def deal(self, opened: Opened) -> None:
        """Give each run of whole rows to who waits most, of several to who got least; the end once the trailer held."""
        current: _Stream | None = self.streams[0]  # the first piece begins with COPY's header
        last = self.streams[0]
        try:
            for piece in opened:
                last = self._give(piece, current)
                current = last if len(piece) == LIMITS.chunk_plain_bytes else None
        except BaseException as failure:
            self.stop(failure)
            raise
        for stream in self.streams:
            if stream is not last:  # that one has the end of the rows themselves
                self._give(self._end, stream)
            self._give(None, stream)

    def stop(self, failure: BaseException) -> None:
        with self.turn:
            self.failure = self.failure or failure
            self.turn.notify_all()

    def _give(self, piece: bytes | None, to: "_Stream | None") -> "_Stream":
        candidates = self.streams if to is None else [to]

        def chosen() -> "_Stream":
            return min(candidates, key=lambda stream: (len(stream.waiting), stream.dealt))

        with self.turn:
            self.turn.wait_for(lambda: self.failure or len(chosen().waiting) < LIMITS.opening_ahead)
            if self.failure is not None:
                raise self.failure
            stream = chosen()
            stream.waiting.append(piece)
            stream.dealt += 1
            self.turn.notify_all()
            return stream


class _Stream:
    """The readable that one COPY pulls."""

    def __init__(self, parts: _Parts, beginning: bytes) -> None:
        self._parts = parts
        self._piece = beginning
        self._given = 0
        self._is_over = False
        self.waiting: deque[bytes | None] = deque()
        self.dealt = 0

    @property
    def failure(self) -> BaseException | None:
        """Why it broke off, which the database does not know."""
        return self._parts.failure

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes of the current piece; empty at the end."""
        while self._given == len(self._piece) and not self._is_over:
            self._next()
        data = self._piece[self._given : self._given + size]
        self._given += len(data)
        return data

    def _next(self) -> None:
        with self._parts.turn:
            self._parts.turn.wait_for(lambda: self._parts.failure or self.waiting)
            if self._parts.failure is not None:
                raise self._parts.failure
            piece = self.waiting.popleft()
            self._parts.turn.notify_all()
        self._is_over = piece is None
        self._piece, self._given = piece or b"", 0

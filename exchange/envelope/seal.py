"""Seal: plaintext of any length in, one sealed batch out, with flat memory."""

import base64
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from zstandard import ZstdCompressor

from exchange.envelope.header import Header, Label, Recipient
from exchange.envelope.stream import MAGIC, chunk_key, nonce, rows_key, signed_bytes, u32
from exchange.envelope.suites import suite_of
from exchange.envelope.trailer import Trailer
from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from standards.crypto import Signer, Wrapper, hasher, random_bytes

_ZSTD_LEVEL = 1  # the fastest that still removes most of COPY's redundancy (benchmarks/README.md)
_CONTENT_KEY_BYTES = 32


@dataclass(frozen=True)
class Sealed:
    """What a finished seal knows: digests in hex, sizes in bytes; ``chunk_count`` includes the trailer's chunk."""

    digest: str
    size_bytes: int
    plain_bytes: int
    rows_digest: str
    header_digest: str
    chunk_count: int


class Sealer:
    """Write the plaintext in pieces of any size, or whole rows, then ``finish``; use it as a context manager.

    ``sink`` takes the object's bytes whole and in order, partly from a worker thread, which compresses and encrypts one
    chunk, while a second digests its plaintext, and the sealed chunk before it, and the caller fills the next. What
    ``sink`` raises comes out of a later ``write`` or of ``finish``.
    ``random`` gives the content key.
    """

    def __init__(
        self,
        label: Label,
        recipients: Sequence[Wrapper],
        signer: Signer,
        sink: Callable[[bytes], object],
        *,
        random: Callable[[int], bytes] = random_bytes,
    ) -> None:
        suite = suite_of(label.suite)
        if signer.kind != suite.signing_kind or {key.kind for key in recipients} - {suite.wrapping_kind}:
            raise ValueError(f"a key of another suite than {suite.name}")
        self._suite = suite
        content_key = random(_CONTENT_KEY_BYTES)
        self.header = _addressed(label, recipients, content_key)
        header = self.header.to_bytes()
        Header.read(header)  # what no reader would take is not sealed either
        self._header_digest = suite.digest(header)
        self._signer = signer
        self._sink = sink
        self._aead = suite.aead(chunk_key(suite, content_key))
        self._compressor = ZstdCompressor(level=_ZSTD_LEVEL, write_content_size=True, write_checksum=False)
        self._rows_digest = suite.keyed_hasher(rows_key(suite, content_key))
        self._whole = hasher()
        self._body = suite.hasher()
        self._size_bytes = 0
        self._chunk_count = 0
        self._plain_bytes = 0
        self._is_broken = False

        self._buffer = bytearray(LIMITS.chunk_plain_bytes)
        self._filled = 0
        self._spare = [bytearray(LIMITS.chunk_plain_bytes) for _ in range(LIMITS.sealing_ahead)]
        self._under_way: deque[Future[bytearray]] = deque()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="seal")
        self._digester = ThreadPoolExecutor(max_workers=1, thread_name_prefix="seal-digest")
        self._body_digested: Future[None] = self._digester.submit(self._digest_body, b"", b"")
        self._put(MAGIC, u32(len(header)), header)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the worker. An object not finished before this stays unfinished, and no reader takes it."""
        self._is_broken = True
        self._worker.shutdown(wait=True, cancel_futures=True)
        self._digester.shutdown(wait=True)

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Add plaintext; returns its length in bytes. ``data`` may be reused by the caller at once."""
        view = memoryview(data).cast("B")
        rest = view
        while rest:
            piece = rest[: len(self._buffer) - self._filled]
            self._buffer[self._filled : self._filled + len(piece)] = piece
            self._filled += len(piece)
            rest = rest[len(piece) :]
            if self._filled == len(self._buffer):
                self._hand_over()
        return len(view)

    def write_rows(self, data: bytes | bytearray | memoryview) -> int:
        """The same for whole rows: the chunk that they end in ends with them, so that a reader can part rows there."""
        written = self.write(data)
        if self._filled:
            self._hand_over()
        return written

    def finish(
        self, rows: int, report_digest: str, set_aside: int, set_aside_digests: Sequence[str], target_rows: int
    ) -> Sealed:
        """Seal the trailer, sign and end the object.

        Raises ``ExchangeError`` ``TRAILER_TOO_LARGE`` or ``TRAILER_BAD`` for a trailer that no reader would take.
        """
        if self._filled:
            self._hand_over()
        while self._under_way:
            self._under_way.popleft().result()
        if self._is_broken:
            raise RuntimeError("this seal has failed or was closed; start a new one")
        trailer = self._trailer(rows, report_digest, set_aside, set_aside_digests, target_rows)
        self.close()
        self._body_digested.result()
        self._digest_body(*self._put_chunk(trailer.to_bytes(), is_last=True))
        message = signed_bytes(self._suite, self._header_digest, self._chunk_count, self._body.digest())
        self._put(u32(0), bytes.fromhex(self._signer.key_id), self._signer.sign(message))
        return Sealed(
            digest=self._whole.hexdigest(),
            size_bytes=self._size_bytes,
            plain_bytes=self._plain_bytes,
            rows_digest=trailer.rows_digest,
            header_digest=self._header_digest.hex(),
            chunk_count=self._chunk_count,
        )

    def _trailer(
        self, rows: int, report_digest: str, set_aside: int, set_aside_digests: Sequence[str], target_rows: int
    ) -> Trailer:
        if set_aside > LIMITS.set_aside_digests:
            raise ExchangeError("TRAILER_TOO_LARGE", count=set_aside, limit=LIMITS.set_aside_digests)
        trailer = Trailer(
            rows=rows,
            plain_bytes=self._plain_bytes,
            rows_digest=self._rows_digest.hexdigest(),
            report_digest=report_digest,
            set_aside=set_aside,
            set_aside_digests=tuple(set_aside_digests),
            target_rows=target_rows,
        )
        return Trailer.read(trailer.to_bytes())

    def _hand_over(self) -> None:
        """Give the filled buffer to the worker and take a free one, waiting for the oldest when none is."""
        full, filled, self._filled = self._buffer, self._filled, 0
        self._under_way.append(self._worker.submit(self._seal_rows, full, filled))
        self._buffer = self._spare.pop() if self._spare else self._under_way.popleft().result()

    def _seal_rows(self, buffer: bytearray, filled: int) -> bytearray:
        if self._is_broken:
            return buffer
        try:
            with memoryview(buffer)[:filled] as plain:
                digested = self._digester.submit(self._rows_digest.update, plain)
                try:
                    self._plain_bytes += filled
                    sealed = self._put_chunk(self._compressor.compress(plain), is_last=False)
                finally:
                    digested.result()  # before the buffer is filled again
                self._body_digested.result()  # one chunk behind at most, so that memory stays flat
                self._body_digested = self._digester.submit(self._digest_body, *sealed)
        except BaseException:
            self._is_broken = True  # later chunks must not follow one that did not get out
            raise
        return buffer

    def _put_chunk(self, content: bytes, *, is_last: bool) -> tuple[bytes, bytes]:
        sealed = self._aead.encrypt(nonce(self._chunk_count, is_last=is_last), content, self._header_digest)
        prefix = u32(len(sealed))
        self._chunk_count += 1
        self._put(prefix, sealed)
        return prefix, sealed

    def _digest_body(self, prefix: bytes, sealed: bytes) -> None:
        self._body.update(prefix)
        self._body.update(sealed)

    def _put(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._whole.update(piece)
            self._size_bytes += len(piece)
            self._sink(piece)


def _addressed(label: Label, recipients: Sequence[Wrapper], content_key: bytes) -> Header:
    info = label.info()
    return Header(
        **label.model_dump(exclude={"recipients"}),
        recipients=tuple(
            Recipient(key_id=key.key_id, wrapped=base64.b64encode(key.wrap(content_key, info)).decode())
            for key in recipients
        ),
    )

"""The layout of a sealed batch in bytes, walked once from front to end.

    object = MAGIC  u32 length, header  (u32 length, sealed chunk)*  u32 zero  key id  signature

All integers are big-endian. Chunks are sealed in STREAM form (Hoang, Reyhanitabar, Rogaway and Vizár 2015): the nonce
carries the chunk's number and whether it is the last, so none can be dropped, moved or repeated unnoticed.
"""

from collections.abc import Iterator
from typing import Protocol

from exchange.envelope.header import Header
from exchange.envelope.suites import Suite, suite_of
from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from standards.crypto import hasher

MAGIC = b"hutong-batch-1\n"
DOMAIN = b"hutong-batch-1"
LENGTH_BYTES = 4
KEY_ID_BYTES = 16


class Readable(Protocol):
    """Anything with ``read``; short reads are fine."""

    def read(self, size: int, /) -> bytes: ...


def u32(value: int) -> bytes:
    """Four bytes, big-endian."""
    return value.to_bytes(LENGTH_BYTES, "big")


def nonce(number: int, *, is_last: bool) -> bytes:
    """The 12-byte nonce of a chunk: seven zero bytes, its number counted from 0, and 1 for the last, else 0."""
    return bytes(7) + u32(number) + bytes([is_last])


def chunk_key(suite: Suite, content_key: bytes) -> bytes:
    """The AEAD key of the chunks: the first 32 bytes (AES-256), or 16 (SM4), of a keyed digest."""
    return suite.keyed_digest(content_key, DOMAIN + b" chunks")[: suite.aead.KEY_BYTES]


def rows_key(suite: Suite, content_key: bytes) -> bytes:
    """The HMAC key of the plaintext's digest, 32 bytes."""
    return suite.keyed_digest(content_key, DOMAIN + b" rows")


def signed_bytes(suite: Suite, header_digest: bytes, chunk_count: int, body_digest: bytes) -> bytes:
    """What the one signature covers: a digest over length-prefixed domain, header digest, count and body digest."""
    parts = (DOMAIN, header_digest, chunk_count.to_bytes(8, "big"), body_digest)
    return suite.digest(b"".join(u32(len(part)) + part for part in parts))


class ObjectReader:
    """Walks one sealed object: ``header()``, then ``sealed_chunks()`` to their end, then ``footer()``.

    It holds one chunk at a time and digests everything it passes. Raises ``ExchangeError`` ``NOT_A_BATCH``,
    ``HEADER_BAD``, ``SUITE_UNKNOWN``, ``CHUNK_BAD``, ``NO_FINAL_CHUNK``, ``TRUNCATED`` or ``TRAILING_BYTES``.
    """

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._whole = hasher()
        self._suite: Suite
        self.offset = 0
        self.chunk_count = 0
        self.header_digest = b""

    def header(self) -> Header:
        """Read magic and header."""
        self._magic()
        length = self._length()
        if not 0 < length <= LIMITS.header_bytes:
            raise ExchangeError("HEADER_BAD", reason=f"a length of {length} bytes")
        data = self._take(length)
        header = Header.read(data)
        self._suite = suite_of(header.suite)
        self.header_digest = self._suite.digest(data)
        return header

    def sealed_chunks(self) -> Iterator[tuple[bytes, bool]]:
        """Each sealed chunk, and whether it stands last."""
        prefix = self._take(LENGTH_BYTES)
        while length := int.from_bytes(prefix, "big"):
            if not self._suite.aead.TAG_BYTES < length <= LIMITS.chunk_sealed_bytes:
                raise ExchangeError("CHUNK_BAD", number=self.chunk_count, reason=f"a length of {length} bytes")
            sealed = self._take(length)
            self.chunk_count += 1
            prefix = self._take(LENGTH_BYTES)
            yield sealed, not any(prefix)
        if not self.chunk_count:
            raise ExchangeError("NO_FINAL_CHUNK")

    def footer(self) -> tuple[str, bytes]:
        """The signer's key id and the signature; nothing may follow them."""
        key_id = self._take(KEY_ID_BYTES).hex()
        signature = self._take(self._suite.signature_bytes)
        if self._stream.read(1):
            raise ExchangeError("TRAILING_BYTES")
        return key_id, signature

    def object_digest(self) -> str:
        """SHA-256 of all bytes walked so far, in hex; after ``footer()`` that of the whole object."""
        return self._whole.hexdigest()

    def _magic(self) -> None:
        found = self._read(len(MAGIC))
        if found == MAGIC:
            return
        if MAGIC.startswith(found):
            raise ExchangeError("TRUNCATED", offset=self.offset)
        raise ExchangeError("NOT_A_BATCH")

    def _length(self) -> int:
        return int.from_bytes(self._take(LENGTH_BYTES), "big")

    def _take(self, count: int) -> bytes:
        data = self._read(count)
        if len(data) < count:
            raise ExchangeError("TRUNCATED", offset=self.offset)
        return data

    def _read(self, count: int) -> bytes:
        data = self._stream.read(count)
        if len(data) < count:  # the end, or a short read of a pipe or socket
            pieces = [data]
            missing = count - len(data)
            while missing and (piece := self._stream.read(missing)):
                pieces.append(piece)
                missing -= len(piece)
            data = b"".join(pieces)
        self._whole.update(data)
        self.offset += len(data)
        return data

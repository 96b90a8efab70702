"""Open: ``verify`` needs no secret and reads the object once; ``unseal`` gives the plaintext of a verified one."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from zstandard import ZstdDecompressor, ZstdError, get_frame_parameters

from exchange.envelope.header import Header
from exchange.envelope.stream import ObjectReader, Readable, chunk_key, nonce, rows_key, signed_bytes, u32
from exchange.envelope.suites import ChunkCipher, Hasher, suite_of
from exchange.envelope.trailer import Trailer
from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from standards.crypto import Unwrapper, Verifier
from standards.errors import StandardsError

_WINDOW_BYTES = 8 * 1024 * 1024  # what RFC 8878 §3.1.1.1.2 asks every decoder to have


@dataclass(frozen=True)
class VerifiedBatch:
    """An object whose structure and signature hold: what it says of itself, and its digests in hex.

    ``digest`` is SHA-256 of the whole object, ``size_bytes`` its length; ``chunk_count`` includes the trailer's chunk.
    """

    header: Header
    header_digest: str
    digest: str
    size_bytes: int
    chunk_count: int
    signer_key_id: str

    def expect(self, **fields: object) -> None:
        """Refuse a batch that belongs elsewhere: ``expect(route_id=…, seq=…, previous_digest=…, grant_id=…)``.

        Raises ``ExchangeError HEADER_MISMATCH`` naming the first field of the header that differs.
        """
        for name, expected in fields.items():
            if getattr(self.header, name) != expected:
                raise ExchangeError("HEADER_MISMATCH", field=name)


def read_header(stream: Readable) -> Header:
    """The header alone, unverified: for looking at a file, never for deciding."""
    return ObjectReader(stream).header()


def verify(stream: Readable, signer: Verifier, *, minimum_suite: int = 0x01) -> VerifiedBatch:
    """Check structure and signature in one pass, with flat memory and without keys that open.

    Raises ``ExchangeError`` with a code that ``exchange/docs/sealed-batch.md`` names under "Reading".
    """
    reader = ObjectReader(stream)
    header = reader.header()
    if header.suite < minimum_suite:
        raise ExchangeError("SUITE_TOO_LOW", suite=f"0x{header.suite:02x}", minimum=f"0x{minimum_suite:02x}")
    suite = suite_of(header.suite)
    body_digest = _body_digest(reader, suite.hasher())
    key_id, signature = reader.footer()
    if key_id != signer.key_id:
        raise ExchangeError("SIGNER_OTHER", found=key_id, expected=signer.key_id)
    try:
        signer.verify(signature, signed_bytes(suite, reader.header_digest, reader.chunk_count, body_digest))
    except StandardsError:
        raise ExchangeError("SIG_BAD") from None
    return VerifiedBatch(
        header=header,
        header_digest=reader.header_digest.hex(),
        digest=reader.object_digest(),
        size_bytes=reader.offset,
        chunk_count=reader.chunk_count,
        signer_key_id=key_id,
    )


def unseal(
    stream: Readable,
    verified: VerifiedBatch,
    keys: Mapping[str, Unwrapper],
    sink: Callable[[bytes], object],
) -> Trailer:
    """Stream the plaintext into ``sink`` and return the trailer; see ``Opened`` for what is raised.

    ``sink`` has been given data before an error can be known: the caller must roll back whatever it did with them.
    """
    opened = Opened(stream, verified, keys)
    for plain in opened:
        sink(plain)
    return opened.trailer


class Opened:
    """The plaintext of a verified object as an iterator of pieces (at most 1 MiB), and then its ``trailer``.

    ``keys`` are the reader's own, by key id. Iterating raises ``ExchangeError`` unless every chunk, the last flag, the
    trailer, its counts and the keyed digest hold, and the object is byte for byte the one that was verified. Nothing
    given before the iterator has ended without an error may take effect.
    """

    def __init__(self, stream: Readable, verified: VerifiedBatch, keys: Mapping[str, Unwrapper]) -> None:
        self._verified = verified
        self._reader = ObjectReader(stream)  # its SHA-256 of all of it is compared with the verified object's
        self._content_key = _content_key(verified.header, keys)
        self._pieces = self._open()
        self._trailer: Trailer | None = None

    @property
    def trailer(self) -> Trailer:
        """The trailer; known only after the last piece."""
        if self._trailer is None:
            raise RuntimeError("the trailer is known after the last piece only")
        return self._trailer

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def _open(self) -> Iterator[bytes]:
        reader = self._reader
        if reader.header() != self._verified.header:
            raise ExchangeError("DIGEST")
        suite = suite_of(self._verified.header.suite)
        aead = suite.aead(chunk_key(suite, self._content_key))
        rows_digest = suite.keyed_hasher(rows_key(suite, self._content_key))
        plain_bytes = 0
        last = b""
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="open-digest") as digester:
            digested: Future[None] = digester.submit(rows_digest.update, b"")
            for content, is_last in _ahead(_contents(reader, aead)):
                if is_last:
                    last = content
                    continue
                digested.result()  # one piece behind at most, so that memory stays flat
                digested = digester.submit(rows_digest.update, content)
                plain_bytes += len(content)
                yield content
            digested.result()
        reader.footer()
        if reader.object_digest() != self._verified.digest:
            raise ExchangeError("DIGEST")
        trailer = Trailer.read(last)
        if trailer.plain_bytes != plain_bytes:
            raise ExchangeError("PLAIN_SIZE", found=plain_bytes, expected=trailer.plain_bytes)
        if trailer.rows_digest != rows_digest.hexdigest():
            raise ExchangeError("ROWS_DIGEST")
        self._trailer = trailer


def _body_digest(reader: ObjectReader, body: Hasher) -> bytes:
    """The digest of all chunks with their lengths, taken in another thread while the reader digests the next."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="verify-digest") as digester:
        digested: Future[None] = digester.submit(body.update, b"")
        for sealed, _ in reader.sealed_chunks():
            digested.result()  # one chunk behind at most, so that memory stays flat
            digested = digester.submit(_update, body, u32(len(sealed)), sealed)
        digested.result()
    return body.digest()


def _update(hasher: Hasher, *pieces: bytes) -> None:
    for piece in pieces:
        hasher.update(piece)


def _content_key(header: Header, keys: Mapping[str, Unwrapper]) -> bytes:
    for recipient in header.recipients:
        key = keys.get(recipient.key_id)
        if key is None or key.kind != suite_of(header.suite).wrapping_kind:
            continue
        try:
            return key.unwrap(recipient.wrapped_bytes(), header.info())
        except StandardsError:
            raise ExchangeError("CONTENT_KEY_BAD", key_id=recipient.key_id) from None
    raise ExchangeError("NOT_A_RECIPIENT")


def _contents(reader: ObjectReader, aead: ChunkCipher) -> Iterator[tuple[bytes, bool]]:
    """What each chunk holds, data unpacked, and whether it is the last."""
    zstd = ZstdDecompressor()
    for number, (sealed, is_last) in enumerate(reader.sealed_chunks()):
        content = _decrypt(aead, number, sealed, reader.header_digest, is_last=is_last)
        yield (content if is_last else _decompress(zstd, number, content)), is_last


def _ahead(contents: Iterator[tuple[bytes, bool]]) -> Iterator[tuple[bytes, bool]]:
    """The same, each made in another thread while the one before it is in use."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="open") as worker:
        coming = worker.submit(next, contents, None)
        while (content := coming.result()) is not None:
            coming = worker.submit(next, contents, None)
            yield content


def _decrypt(aead: ChunkCipher, number: int, sealed: bytes, associated: bytes, *, is_last: bool) -> bytes:
    """Open one chunk; when the tag does not fit, say whether only the last flag is wrong."""
    try:
        return aead.decrypt(nonce(number, is_last=is_last), sealed, associated)
    except StandardsError:
        pass
    try:
        aead.decrypt(nonce(number, is_last=not is_last), sealed, associated)
    except StandardsError:
        raise ExchangeError("AEAD_TAG", number=number) from None
    if is_last:
        raise ExchangeError("NO_FINAL_CHUNK")
    raise ExchangeError("CHUNK_AFTER_FINAL", number=number)


def _decompress(zstd: ZstdDecompressor, number: int, frame: bytes) -> bytes:
    """One zstd frame that declares its content's size, at most a chunk, and holds exactly that."""
    try:
        declared = get_frame_parameters(frame)
        if not 0 < declared.content_size <= LIMITS.chunk_plain_bytes:
            raise ExchangeError("CHUNK_BAD", number=number, reason="declares no size, or one over the limit")
        if declared.window_size > _WINDOW_BYTES:
            raise ExchangeError("CHUNK_BAD", number=number, reason="a window over the limit")
        # Unpacks into as many bytes as were declared; refuses other sizes, other kinds of frame, and what follows it.
        return zstd.decompress(frame, allow_extra_data=False)
    except ZstdError:
        raise ExchangeError("CHUNK_BAD", number=number, reason="not one whole zstd frame") from None

"""What is sealed opens again, exactly, whatever its size and however it is written."""

import hashlib
import hmac
import io
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.envelope.header import Label
from exchange.envelope.open import Opened, read_header, unseal, verify
from exchange.envelope.seal import Sealed, Sealer
from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from standards.crypto import DecryptionKey, SigningKey, WrappingKey
from tests.exchange.envelope.forge import CONTENT_KEY, LABEL, READER, ROW, SECOND_READER, SIGNER, hpke_seal
from tests.exchange.envelope.vectors import vectors
from tests.independent import stranger_reader

MIB = 1024 * 1024
SIGNING = SigningKey(SIGNER)
READING = DecryptionKey(READER)
KEYS = {READING.wrapping.key_id: READING}
REPORT = hashlib.sha256(b"report").hexdigest()


def noise(count: int) -> bytes:
    """Bytes that do not compress, the same every time."""
    return hashlib.shake_128(b"noise").digest(count)


def seal(
    pieces: list[bytes], *, rows: int = 1, recipients: tuple[DecryptionKey, ...] = (READING,)
) -> tuple[bytes, Sealed]:
    out = io.BytesIO()
    with Sealer(Label(**LABEL), [key.wrapping for key in recipients], SIGNING, out.write) as sealer:
        for piece in pieces:
            assert sealer.write(piece) == len(piece)
        sealed = sealer.finish(rows, REPORT, 0, (), target_rows=rows)
    return out.getvalue(), sealed


SIZES = [0, 1, MIB - 1, MIB, MIB + 1, 2 * MIB, 5 * MIB + 7]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("make", [bytes, noise], ids=["zeros", "noise"])
def test_sizes_around_the_chunk(size: int, make):
    plain = make(size)
    data, sealed = seal([plain])
    verified = verify(io.BytesIO(data), SIGNING.verifying)
    assert verified.digest == sealed.digest == hashlib.sha256(data).hexdigest()
    assert verified.size_bytes == sealed.size_bytes == len(data)
    assert verified.chunk_count == sealed.chunk_count == -(-size // MIB) + 1
    assert verified.header_digest == sealed.header_digest
    pieces: list[bytes] = []
    trailer = unseal(io.BytesIO(data), verified, KEYS, pieces.append)
    assert b"".join(pieces) == plain
    assert all(0 < len(piece) <= MIB for piece in pieces)
    assert (trailer.plain_bytes, trailer.rows, trailer.report_digest) == (size, 1, REPORT)
    assert trailer.rows_digest == sealed.rows_digest
    keys = [("x25519", READER.private_bytes_raw())]
    independent, members = stranger_reader.read(data, SIGNER.public_key().public_bytes_raw(), keys)
    assert independent == plain
    assert members == trailer.model_dump(mode="json") | {"set_aside_digests": []}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=3 * 1024).map(lambda piece: piece * 257), max_size=8))
def test_any_pieces_come_out_as_one_stream(pieces: list[bytes]):
    data, _ = seal(pieces)
    out = io.BytesIO()
    unseal(io.BytesIO(data), verify(io.BytesIO(data), SIGNING.verifying), KEYS, out.write)
    assert out.getvalue() == b"".join(pieces)


class Trickle(io.RawIOBase):
    """A stream that gives at most a few bytes at a time, as sockets do."""

    def __init__(self, data: bytes) -> None:
        self.rest = data

    def read(self, size: int = -1, /) -> bytes:
        piece, self.rest = self.rest[: min(size, 7)], self.rest[min(size, 7) :]
        return piece


def test_short_reads_make_no_difference():
    data, sealed = seal([noise(3000)])
    verified = verify(Trickle(data), SIGNING.verifying)
    assert verified.digest == sealed.digest
    assert b"".join(Opened(Trickle(data), verified, KEYS)) == noise(3000)


def test_the_writer_s_memory_may_be_reused_at_once():
    buffer = bytearray(MIB)
    out = io.BytesIO()
    digest = hashlib.sha256()
    with Sealer(Label(**LABEL), [READING.wrapping], SIGNING, out.write) as sealer:
        for number in range(12):
            buffer[:] = bytes([number]) * MIB
            digest.update(buffer)
            sealer.write(memoryview(buffer))
        sealer.finish(12, REPORT, 0, (), target_rows=12)
    opened = hashlib.sha256()
    data = out.getvalue()
    unseal(io.BytesIO(data), verify(io.BytesIO(data), SIGNING.verifying), KEYS, opened.update)
    assert opened.digest() == digest.digest()


def test_either_of_two_recipients_opens_and_nobody_else():
    second, stranger = DecryptionKey(SECOND_READER), DecryptionKey.generate()
    data, _ = seal([ROW], recipients=(READING, second))
    verified = verify(io.BytesIO(data), SIGNING.verifying)
    for key in (READING, second):
        assert b"".join(Opened(io.BytesIO(data), verified, {key.wrapping.key_id: key})) == ROW
    for keys in ({}, {stranger.wrapping.key_id: stranger}):
        with pytest.raises(ExchangeError) as refused:
            Opened(io.BytesIO(data), verified, keys)
        assert refused.value.code == "NOT_A_RECIPIENT"
    with pytest.raises(ExchangeError) as refused:
        Opened(io.BytesIO(data), verified, {READING.wrapping.key_id: stranger})
    assert refused.value.code == "CONTENT_KEY_BAD"


class FixedWrappingKey(WrappingKey):
    """HPKE with a known ephemeral key."""

    def wrap(self, content_key: bytes, info: bytes) -> bytes:
        return hpke_seal(READER.public_key(), content_key, info)


@pytest.mark.parametrize("name", ["good-empty", "good-one-row", "good-second-in-line", "good-escapes"])
def test_the_sealer_writes_the_vector_s_bytes(name: str):
    vector = next(vector for vector in vectors() if vector.name == name)
    header = read_header(io.BytesIO(vector.object))
    label = Label(**header.model_dump(exclude={"recipients"}))
    out = io.BytesIO()
    recipients = [FixedWrappingKey(READING.wrapping.public)]
    with Sealer(label, recipients, SIGNING, out.write, random=lambda count: CONTENT_KEY[:count]) as sealer:
        sealer.write(vector.plain)
        rows = vector.plain.count(b"\n")
        sealer.finish(rows, REPORT, 0, (), target_rows=rows)
    assert out.getvalue() == vector.object


def test_no_two_seals_are_alike():
    objects = [seal([ROW])[0] for _ in range(20)]
    assert len(set(objects)) == 20
    front = len(b"hutong-batch-1\n") + 4
    headers = [data[front : front + int.from_bytes(data[front - 4 : front], "big")] for data in objects]
    assert len(set(headers)) == 20


def test_what_can_be_seen_says_nothing_of_the_rows():
    plain = ("110101199003070011\t王小明\n" * 3).encode()
    data, sealed = seal([plain])
    for secret in (b"110101199003070011", "王小明".encode(), "王小明".encode("gb18030"), plain):
        assert secret not in data
    for digest in (hashlib.sha256(plain), hashlib.sha1(plain), hashlib.md5(plain)):
        assert digest.digest() not in data
        assert digest.hexdigest().encode() not in data
    assert zlib.crc32(plain).to_bytes(4, "big") not in data
    assert sealed.rows_digest != hmac.digest(CONTENT_KEY, plain, "sha256").hex()


def test_memory_is_flat():
    def peak(count: int) -> int:
        size = 0

        def measure(data: bytes) -> None:
            nonlocal size
            size += len(data)

        piece = noise(MIB)
        tracemalloc.start()
        with Sealer(Label(**LABEL), [READING.wrapping], SIGNING, measure) as sealer:
            for _ in range(count):
                sealer.write(piece)
            sealer.finish(count, REPORT, 0, (), target_rows=count)
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert size > count * MIB
        return highest

    peak(1)
    small, large = peak(8), peak(64)
    assert large < 12 * MIB
    assert large - small < 2 * MIB


class FullDisk:
    """Takes 2 MiB and no more."""

    given = 0

    def write(self, data: bytes) -> None:
        if self.given > 2 * MIB:
            raise OSError(28, "No space left on device")
        self.given += len(data)


def test_a_sink_that_fails_stops_the_seal():
    disk = FullDisk()

    def write(sealer: Sealer) -> None:
        for _ in range(20):
            sealer.write(noise(MIB))

    with Sealer(Label(**LABEL), [READING.wrapping], SIGNING, disk.write) as sealer:
        with pytest.raises(OSError, match="No space"):
            write(sealer)
        given = disk.given
        disk.given = 0  # room again, but nothing may follow a chunk that is missing
        with pytest.raises((OSError, RuntimeError)):
            sealer.finish(1, REPORT, 0, (), target_rows=1)
    assert given < 4 * MIB
    assert disk.given == 0


def test_a_seal_closed_early_cannot_be_finished():
    out = io.BytesIO()
    with Sealer(Label(**LABEL), [READING.wrapping], SIGNING, out.write) as sealer:
        sealer.write(ROW)
    with pytest.raises(RuntimeError):
        sealer.finish(1, REPORT, 0, (), target_rows=1)
    with pytest.raises(ExchangeError) as refused:
        verify(io.BytesIO(out.getvalue()), SIGNING.verifying)
    assert refused.value.code == "TRUNCATED"


def test_a_trailer_that_no_reader_takes_is_not_written():
    digests = ["ab" * 32] * (LIMITS.set_aside_digests + 1)
    for count, given_digests, code in (
        (len(digests), digests, "TRAILER_TOO_LARGE"),
        (2, digests[:1], "TRAILER_BAD"),
    ):
        out = io.BytesIO()
        with Sealer(Label(**LABEL), [READING.wrapping], SIGNING, out.write) as sealer:
            with pytest.raises(ExchangeError) as refused:
                sealer.finish(1, REPORT, count, given_digests, target_rows=1)
            assert refused.value.code == code


def test_as_many_digests_as_allowed_fit():
    digests = [f"{number:064x}" for number in range(LIMITS.set_aside_digests)]
    out = io.BytesIO()
    with Sealer(Label(**LABEL), [READING.wrapping], SIGNING, out.write) as sealer:
        sealer.finish(0, REPORT, len(digests), digests, target_rows=0)
    data = out.getvalue()
    trailer = unseal(io.BytesIO(data), verify(io.BytesIO(data), SIGNING.verifying), KEYS, print)
    assert trailer.set_aside_digests == tuple(digests)


def test_a_header_that_no_reader_takes_is_not_written():
    out = io.BytesIO()
    for changes, recipients in (
        ({"content": "files", "kind": "changes"}, [READING.wrapping]),
        ({}, [READING.wrapping] * 2),
    ):
        with pytest.raises(ExchangeError) as refused:
            Sealer(Label(**LABEL | changes), recipients, SIGNING, out.write)
        assert refused.value.code == "HEADER_BAD"
    assert out.getvalue() == b""

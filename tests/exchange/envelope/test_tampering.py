"""Whatever is altered, cut, moved or replayed is refused by its code and never gives a trailer."""

import contextlib
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.envelope.header import Header
from exchange.envelope.open import Opened, VerifiedBatch, unseal, verify
from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from standards.crypto import DecryptionKey, SigningKey
from tests.exchange.envelope.forge import READER, ROW, SIGNER, Batch, bomb, canonical, trailer, u32

SIGNING = SigningKey(SIGNER)
READING = DecryptionKey(READER)
KEYS = {READING.wrapping.key_id: READING}
BATCH = Batch.of(ROW, b"2\n")
OBJECT = BATCH.bytes()


def verified(data: bytes) -> VerifiedBatch:
    return verify(io.BytesIO(data), SIGNING.verifying)


def code_of_verifying(data: bytes) -> str:
    with pytest.raises(ExchangeError) as refused:
        verified(data)
    return refused.value.code


def code_of_opening(data: bytes, of: VerifiedBatch) -> str:
    """Opening alone, as if the object had changed after ``of`` was verified."""
    opened = Opened(io.BytesIO(data), of, KEYS)
    with pytest.raises(ExchangeError) as refused:
        list(opened)
    with pytest.raises(RuntimeError):
        _ = opened.trailer
    return refused.value.code


VERIFYING_CODES = {
    "NOT_A_BATCH",
    "HEADER_BAD",
    "SUITE_UNKNOWN",
    "TRUNCATED",
    "CHUNK_BAD",
    "NO_FINAL_CHUNK",
    "TRAILING_BYTES",
    "SIGNER_OTHER",
    "SIG_BAD",
}
OPENING_CODES = VERIFYING_CODES - {"SIGNER_OTHER", "SIG_BAD"} | {"DIGEST", "AEAD_TAG", "CHUNK_AFTER_FINAL"}


@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF])
def test_every_byte_flipped(mask: int):
    right = verified(OBJECT)
    seen = set()
    for at in range(len(OBJECT)):
        data = bytearray(OBJECT)
        data[at] ^= mask
        seen.add(code_of_verifying(bytes(data)))
        assert code_of_opening(bytes(data), right) in OPENING_CODES, at
    assert seen <= VERIFYING_CODES
    assert {"NOT_A_BATCH", "HEADER_BAD", "SIGNER_OTHER", "SIG_BAD"} <= seen


def test_flips_have_the_code_of_their_place():
    def flipped(at: int) -> str:
        return code_of_verifying(OBJECT[:at] + bytes([OBJECT[at] ^ 1]) + OBJECT[at + 1 :])

    assert flipped(0) == "NOT_A_BATCH"
    assert flipped(OBJECT.index(b'"seq":1') + 6) == "HEADER_BAD"  # seq 0
    body = len(BATCH.front())
    assert flipped(body) == "CHUNK_BAD"  # the first length's highest byte
    assert {flipped(at) for at in range(body + 4, body + 4 + len(BATCH.sealed[0]))} == {"SIG_BAD"}
    assert {flipped(at) for at in range(len(OBJECT) - 64, len(OBJECT))} == {"SIG_BAD"}
    assert {flipped(at) for at in range(len(OBJECT) - 80, len(OBJECT) - 64)} == {"SIGNER_OTHER"}


def test_cut_anywhere():
    right = verified(OBJECT)
    for end in range(len(OBJECT)):
        assert code_of_verifying(OBJECT[:end]) == "TRUNCATED", end
        assert code_of_opening(OBJECT[:end], right) == "TRUNCATED", end


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(OBJECT)), st.integers(0, len(OBJECT)), st.binary(max_size=40))
def test_any_splice(start: int, end: int, inserted: bytes):
    data = OBJECT[:start] + inserted + OBJECT[end:]
    if data != OBJECT:
        assert code_of_verifying(data) in VERIFYING_CODES
        assert code_of_opening(data, verified(OBJECT)) in OPENING_CODES


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes):
    assert code_of_verifying(data) in {"NOT_A_BATCH", "TRUNCATED"}
    assert code_of_verifying(BATCH.magic + data) in VERIFYING_CODES
    assert code_of_verifying(BATCH.front() + data) in VERIFYING_CODES


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_header_is_taken_only_in_its_one_spelling(data: st.DataObject):
    header = bytearray(BATCH.header)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(header) - 1))
        header[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    read = None
    with contextlib.suppress(ExchangeError):
        read = Header.read(bytes(header))
    assert read is None or read.to_bytes() == bytes(header)


def test_one_batch_in_place_of_another():
    """A whole, rightly signed batch of another sequence or route verifies, and is refused for where it belongs."""
    place = {"route_id": "市场监管-税务-1", "seq": 1, "previous_digest": "", "grant_id": "2026-0001"}
    verified(OBJECT).expect(**place)
    for field, value in (
        ("seq", 2),
        ("route_id", "公安-税务-1"),
        ("previous_digest", "ab" * 32),
        ("grant_id", "2026-2"),
    ):
        other = verified(Batch.of(ROW, **{field: value}).bytes())
        with pytest.raises(ExchangeError) as refused:
            other.expect(**place)
        assert refused.value.code == "HEADER_MISMATCH"
        assert refused.value.values == {"field": field}


def test_a_whole_other_batch_is_not_opened_for_the_verified_one():
    right = verified(OBJECT)
    with pytest.raises(ExchangeError) as refused:  # another header: before any row is given
        next(iter(Opened(io.BytesIO(Batch.of(ROW, b"2\n", seq=2).bytes()), right, KEYS)))
    assert refused.value.code == "DIGEST"
    assert code_of_opening(Batch.of(ROW, b"3\n").bytes(), right) == "DIGEST"  # same header and key, other rows
    resigned = Batch.of(ROW, b"2\n")
    assert code_of_opening(resigned.front() + resigned.body() + resigned.footer(bytes(32)), right) == "DIGEST"


def test_the_front_of_one_and_the_chunks_of_another():
    other = Batch.of(ROW, b"2\n", seq=2)
    mixed = other.front() + BATCH.body() + BATCH.footer()
    assert code_of_verifying(mixed) == "SIG_BAD"
    mine = Batch(other.header, [], sealed=BATCH.sealed).bytes()
    assert code_of_opening(mine, verified(mine)) == "AEAD_TAG"


def test_recipients_cannot_be_added_or_taken_away():
    header = json.loads(BATCH.header)
    header["recipients"].append({"key_id": "0" * 32, "wrapped": header["recipients"][0]["wrapped"]})
    assert code_of_verifying(OBJECT.replace(BATCH.front(), BATCH.magic + front(header))) == "SIG_BAD"
    resigned = Batch(canonical(header), [], sealed=BATCH.sealed).bytes()
    assert code_of_opening(resigned, verified(resigned)) == "AEAD_TAG"


def front(header: dict[str, Any]) -> bytes:
    return u32(len(canonical(header))) + canonical(header)


def test_rows_come_out_before_an_error_but_never_the_trailer():
    batch = Batch.of(ROW, b"2\n")
    batch.sealed[-1] = bytes(len(batch.sealed[-1]))
    data = batch.bytes()
    pieces: list[bytes] = []
    with pytest.raises(ExchangeError) as refused:
        unseal(io.BytesIO(data), verified(data), KEYS, pieces.append)
    assert refused.value.code == "AEAD_TAG"
    assert pieces == [ROW, b"2\n"]


def test_too_many_digests_in_a_trailer():
    count = LIMITS.set_aside_digests + 1
    batch = Batch.of(ROW).with_trailer(set_aside=count, set_aside_digests=["ab" * 32] * count)
    assert code_of_opening(batch.bytes(), verified(batch.bytes())) == "TRAILER_BAD"


def test_a_bomb_costs_no_more_than_a_chunk():
    """1 GiB behind 24 KiB: refused from its declaration, before anything is unpacked."""
    contents = [bomb(1024**3), bomb(1024**3, declared=1024**2)]
    for content in contents:
        batch = Batch.of(ROW)
        batch.contents = [content, canonical(trailer(ROW))]
        data = batch.seal().bytes()
        assert len(data) < 64 * 1024
        assert code_of_opening(data, verified(data)) == "CHUNK_BAD"


def test_messages_carry_no_bytes_of_the_object():
    secret = "身份证110101199003070011"
    header = json.loads(BATCH.header) | {"grant_id": {"x": secret}}
    data = Batch.of(ROW).with_header(canonical(header)).bytes()
    with pytest.raises(ExchangeError) as refused:
        verified(data)
    assert refused.value.code == "HEADER_BAD"
    assert secret not in str(refused.value) + str(refused.value.problem())

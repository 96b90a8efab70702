"""Suite 0x02 through the code's own sealer: round trips, alterations, keys of the wrong suite."""

import io

import pytest

from exchange.envelope.header import Label
from exchange.envelope.open import Opened, read_header, unseal, verify
from exchange.envelope.seal import Sealer
from exchange.envelope.suites import SUITES
from exchange.errors import ExchangeError
from standards.crypto import DecryptionKey, SigningKey, Wrapper
from standards.sm2 import Sm2DecryptionKey, Sm2SigningKey, Sm2WrappingKey
from tests.exchange.envelope.forge import CONTENT_KEY, LABEL, READER, ROW, SIGNER, sha256
from tests.exchange.envelope.pure_sm2 import encrypt
from tests.exchange.envelope.sm_forge import SM_LABEL, SM_READER, SM_SIGNER, SmBatch
from tests.exchange.envelope.sm_vectors import sm_vectors
from tests.independent import stranger_reader

MIB = 1024 * 1024
SIGNING = Sm2SigningKey(SM_SIGNER.private, SM_SIGNER.public)
READING = Sm2DecryptionKey(SM_READER.private, SM_READER.public)
KEYS = {READING.key_id: READING}
REPORT = sha256(b"report").hex()


def seal(plain: bytes, *recipients: Wrapper) -> bytes:
    out = io.BytesIO()
    with Sealer(Label(**SM_LABEL), recipients or (READING.wrapping,), SIGNING, out.write) as sealer:
        sealer.write(plain)
        sealer.finish(1, REPORT, 0, (), target_rows=1)
    return out.getvalue()


@pytest.mark.parametrize("size", [0, 1, MIB, MIB + 1, 3 * MIB + 7])
def test_what_is_sealed_opens(size: int):
    plain = bytes(range(256)) * (size // 256) + bytes(size % 256)
    data = seal(plain)
    verified = verify(io.BytesIO(data), SIGNING.verifying, minimum_suite=2)
    assert b"".join(Opened(io.BytesIO(data), verified, KEYS)) == plain
    assert verified.digest == sha256(data).hex()
    keys = [("sm2-wrap", SM_READER.private)]
    assert stranger_reader.read(data, SM_SIGNER.public, keys, minimum_suite=2)[0] == plain


def test_a_second_key_of_the_consumer_opens_too():
    second = Sm2DecryptionKey.generate()
    data = seal(ROW, READING.wrapping, second.wrapping)
    verified = verify(io.BytesIO(data), SIGNING.verifying)
    for key in (READING, second):
        assert b"".join(Opened(io.BytesIO(data), verified, {key.key_id: key})) == ROW


class FixedWrappingKey(Sm2WrappingKey):
    """SM2 encryption with a known random number."""

    def wrap(self, content_key: bytes, info: bytes) -> bytes:
        return encrypt(self.public, content_key + info)


@pytest.mark.parametrize("name", ["sm-good-empty", "sm-good-one-row", "sm-good-second-in-line"])
def test_the_sealer_writes_the_vector_s_bytes(name: str):
    """All but the signature, whose random number is libcrypto's own."""
    vector = next(vector for vector in sm_vectors() if vector.name == name)
    header = read_header(io.BytesIO(vector.object))
    label = Label(**header.model_dump(exclude={"recipients"}))
    out, keys = io.BytesIO(), [FixedWrappingKey(READING.public)]
    with Sealer(label, keys, SIGNING, out.write, random=lambda count: CONTENT_KEY[:count]) as sealer:
        sealer.write(vector.plain)
        rows = vector.plain.count(b"\n")
        sealer.finish(rows, REPORT, 0, (), target_rows=rows)
    assert out.getvalue()[:-64] == vector.object[:-64]
    verify(io.BytesIO(out.getvalue()), SIGNING.verifying)


def test_every_byte_flipped_or_cut_is_refused():
    data = SmBatch.of(ROW).bytes()
    for at in range(0, len(data), 3):
        for altered in (data[:at] + bytes([data[at] ^ 0x81]) + data[at + 1 :], data[:at]):
            with pytest.raises(ExchangeError):
                verify(io.BytesIO(altered), SIGNING.verifying)


def test_keys_of_the_other_suite_do_not_seal():
    first, reading = SigningKey(SIGNER), DecryptionKey(READER)
    for label, recipient, signer in (
        (SM_LABEL, READING.wrapping, first),
        (SM_LABEL, reading.wrapping, SIGNING),
        (LABEL, READING.wrapping, first),
        (LABEL, reading.wrapping, SIGNING),
    ):
        with pytest.raises(ValueError, match="another suite"):
            Sealer(Label(**label), [recipient], signer, io.BytesIO().write)


def test_unsealing_says_what_the_trailer_says():
    data = seal(ROW)
    trailer = unseal(io.BytesIO(data), verify(io.BytesIO(data), SIGNING.verifying), KEYS, lambda piece: None)
    assert (trailer.plain_bytes, trailer.rows, trailer.target_rows) == (len(ROW), 1, 1)


def test_suites_are_named_by_their_numbers():
    assert sorted(SUITES) == [1, 2]
    assert all(number == suite.number for number, suite in SUITES.items())

"""SM2: the standard's examples, two libraries and a third in plain Python that take each other's output, bad input."""

import base64
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from standards.crypto import key_id
from standards.errors import StandardsError
from standards.sm2 import Sm2DecryptionKey, Sm2SigningKey, Sm2VerifyingKey, Sm2WrappingKey, encoding
from standards.sm2.gmssl import Gmssl
from standards.sm2.libcrypto import Libcrypto
from standards.sm2.provider import Sm2Provider, choose, provider
from tests.exchange.envelope import pure_sm2

# GM/T 0003.5-2012 annex A: the signature, and the encryption, of the recommended curve.
PRIVATE = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
PUBLIC = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
DIGEST = bytes.fromhex("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640")
SIGNATURE = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
CIPHERTEXT = bytes.fromhex(
    "04"
    "04ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73"
    "e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0"
    "59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766"
    "21886ca989ca9c7d58087307ca93092d651efa"
)
PROVIDERS = [Libcrypto(), Gmssl()]
EACH = pytest.mark.parametrize("made", PROVIDERS, ids=lambda made: made.name)
SIGNING = Sm2SigningKey(PRIVATE, PUBLIC)
READING = Sm2DecryptionKey(PRIVATE, PUBLIC)


def code(call: Callable[[], object]) -> str:
    with pytest.raises(StandardsError) as refused:
        call()
    return refused.value.code


def test_examples_of_the_standard_in_plain_python():
    assert pure_sm2.public(PRIVATE) == PUBLIC
    assert pure_sm2.signed_digest(PUBLIC, b"message digest") == DIGEST
    assert encoding.signed_digest(PUBLIC, b"message digest") == DIGEST
    assert pure_sm2.sign(PRIVATE, DIGEST) == SIGNATURE
    assert pure_sm2.verify(PUBLIC, DIGEST, SIGNATURE)
    assert pure_sm2.encrypt(PUBLIC, b"encryption standard") == CIPHERTEXT


@EACH
def test_examples_of_the_standard(made: Sm2Provider):
    assert made.verify(PUBLIC, SIGNATURE, DIGEST)
    assert made.decrypt(PRIVATE, PUBLIC, CIPHERTEXT) == b"encryption standard"
    Sm2VerifyingKey(PUBLIC).verify(SIGNATURE, b"message digest")


@pytest.mark.parametrize("writer", PROVIDERS, ids=lambda made: made.name)
@pytest.mark.parametrize("reader", PROVIDERS, ids=lambda made: made.name)
def test_each_takes_what_the_other_makes(writer: Sm2Provider, reader: Sm2Provider):
    for number in range(20):  # often enough that numbers with leading zeros occur in DER
        private, public = writer.generate()
        digest = pure_sm2.sm3(bytes([number]))
        signature = writer.sign(private, public, digest)
        assert reader.verify(public, signature, digest)
        assert not reader.verify(public, signature, pure_sm2.sm3(b"other"))
        sealed = writer.encrypt(public, digest + digest)
        assert len(sealed) == 161
        assert reader.decrypt(private, public, sealed) == digest + digest
    assert pure_sm2.public(private) == public
    assert pure_sm2.verify(public, digest, signature)
    assert pure_sm2.decrypt(private, sealed) == digest + digest


@EACH
@pytest.mark.parametrize("length", [1, 31, 32, 33, 64, 250])
def test_any_length_is_encrypted(made: Sm2Provider, length: int):
    plain = bytes(range(length))
    assert pure_sm2.decrypt(PRIVATE, made.encrypt(PUBLIC, plain)) == plain


@EACH
def test_what_is_no_signature_is_refused(made: Sm2Provider):
    r, s = SIGNATURE[:32], SIGNATURE[32:]
    n, zero = encoding.N.to_bytes(32, "big"), bytes(32)
    wrong = [zero + s, r + zero, n + s, r + n, s + r, b"\xff" * 64, bytes(64), b"", SIGNATURE[:-1], SIGNATURE + b"\0"]
    wrong.append(r + ((encoding.N - int.from_bytes(r, "big")) % encoding.N).to_bytes(32, "big"))  # t = r + s = 0
    for signature in wrong:
        assert not made.verify(PUBLIC, signature, DIGEST)
    for at in range(64):
        assert not made.verify(PUBLIC, SIGNATURE[:at] + bytes([SIGNATURE[at] ^ 1]) + SIGNATURE[at + 1 :], DIGEST)


def test_another_user_id_s_signature_is_refused():
    for user_id in (b"", b"1234567812345679", b"ALICE123@YAHOO.COM"):
        digest = pure_sm2.signed_digest(PUBLIC, b"data", user_id)
        signature = pure_sm2.sign(PRIVATE, digest)
        assert pure_sm2.verify(PUBLIC, digest, signature)
        assert code(lambda signature=signature: Sm2VerifyingKey(PUBLIC).verify(signature, b"data")) == (
            "SIGNATURE_INVALID"
        )


NOT_POINTS = {
    "empty": b"",
    "zero": b"\x04" + bytes(64),
    "infinity": b"\0",
    "compressed": b"\x02" + PUBLIC[1:33],
    "hybrid": b"\x06" + PUBLIC[1:],
    "off the curve": PUBLIC[:-1] + bytes([PUBLIC[-1] ^ 1]),
    "short": PUBLIC[:-1],
    "long": PUBLIC + b"\0",
    "not reduced": b"\x04" + (encoding.P + 0).to_bytes(32, "big") + PUBLIC[33:],
    "of P-256": bytes.fromhex(
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    ),
}


@pytest.mark.parametrize("point", NOT_POINTS.values(), ids=NOT_POINTS.keys())
@EACH
def test_what_is_no_point_is_refused(made: Sm2Provider, point: bytes):
    assert code(lambda: made.verify(point, SIGNATURE, DIGEST)) == "KEY_UNREADABLE"
    assert code(lambda: made.encrypt(point, b"x")) == "KEY_UNREADABLE"
    assert code(lambda: made.decrypt(PRIVATE, PUBLIC, point + CIPHERTEXT[65:])) == "DECRYPTION_FAILED"
    assert code(lambda: Sm2VerifyingKey(point).verify(SIGNATURE, b"")) == "KEY_UNREADABLE"
    assert code(lambda: Sm2WrappingKey(point).wrap(bytes(32), bytes(32))) == "KEY_UNREADABLE"
    assert code(lambda: Sm2SigningKey(PRIVATE, point)) == "KEY_UNREADABLE"


@EACH
def test_an_altered_ciphertext_is_refused(made: Sm2Provider):
    sealed = pure_sm2.encrypt(PUBLIC, bytes(64))
    for at in range(0, len(sealed), 5):
        altered = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        assert code(lambda altered=altered: made.decrypt(PRIVATE, PUBLIC, altered)) == "DECRYPTION_FAILED"
    for cut in (b"", sealed[:65], sealed[:97], sealed[:-1]):
        assert code(lambda cut=cut: made.decrypt(PRIVATE, PUBLIC, cut)) == "DECRYPTION_FAILED"


def test_private_keys_out_of_range_are_refused():
    for number in (0, encoding.N - 1, encoding.N, 2**256 - 1):
        assert code(lambda number=number: Sm2SigningKey(number.to_bytes(32, "big"), PUBLIC)) == "KEY_UNREADABLE"
    assert code(lambda: Sm2DecryptionKey(PRIVATE[1:], PUBLIC)) == "KEY_UNREADABLE"


def test_a_content_key_is_bound_to_its_place():
    wrapped = READING.wrapping.wrap(b"k" * 32, b"i" * 32)
    assert len(wrapped) == 161
    assert READING.unwrap(wrapped, b"i" * 32) == b"k" * 32
    for call in (
        lambda: READING.unwrap(wrapped, b"j" * 32),
        lambda: READING.unwrap(pure_sm2.encrypt(PUBLIC, b"i" * 32), b"i" * 32),  # no content key before it
        lambda: READING.unwrap(pure_sm2.encrypt(PUBLIC, b"k" * 8), b"i" * 32),
        lambda: Sm2DecryptionKey.generate().unwrap(wrapped, b"i" * 32),
    ):
        assert code(call) == "DECRYPTION_FAILED"


def test_the_ids_of_one_point_differ_by_use():
    assert SIGNING.key_id == SIGNING.verifying.key_id == key_id("sm2-sign", PUBLIC)
    assert READING.key_id == READING.wrapping.key_id == key_id("sm2-wrap", PUBLIC)


@pytest.mark.parametrize("kind", [Sm2SigningKey, Sm2DecryptionKey])
@pytest.mark.parametrize("passphrase", [None, "口令".encode()])
def test_pem_is_read_back(kind: type[Sm2SigningKey] | type[Sm2DecryptionKey], passphrase: bytes | None):
    key = kind.generate()
    pem = key.to_pem(passphrase)
    assert kind.from_pem(pem, passphrase) == key
    assert key.private not in base64.b64decode(b"".join(pem.splitlines()[1:-1])) or passphrase is None
    assert code(lambda: kind.from_pem(pem, b"wrong")) == "KEY_UNREADABLE"
    if passphrase:
        assert code(lambda: kind.from_pem(pem)) == "KEY_UNREADABLE"


def test_pem_that_is_something_else_is_refused():
    pem = SIGNING.to_pem()
    other = Sm2SigningKey.generate()
    mixed = Sm2SigningKey(other.private, PUBLIC).to_pem()
    p256 = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for bad in (b"", b"key", pem[:-30], pem.replace(b"MIG", b"MII"), mixed, p256):
        assert code(lambda bad=bad: Sm2SigningKey.from_pem(bad)) == "KEY_UNREADABLE"


def test_openssl_reads_our_pem_and_we_read_its(tmp_path: Path):
    def openssl(*arguments: object) -> str:
        command = ["openssl", *map(str, arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout

    ours = tmp_path / "ours.pem"
    for passphrase in (None, b"word"):
        ours.write_bytes(SIGNING.to_pem(passphrase))
        text = openssl("pkey", "-in", ours, "-passin", "pass:word", "-noout", "-text")
        assert "ASN1 OID: SM2" in text
        assert PRIVATE.hex() in text.replace(":", "").replace("\n", "").replace(" ", "")
    plain, locked = tmp_path / "plain.pem", tmp_path / "locked.pem"
    openssl("genpkey", "-algorithm", "SM2", "-out", plain)
    openssl("pkcs8", "-topk8", "-in", plain, "-passout", "pass:word", "-out", locked)
    key = Sm2SigningKey.from_pem(plain.read_bytes())
    assert Sm2SigningKey.from_pem(locked.read_bytes(), b"word") == key
    key.verifying.verify(key.sign(b"data"), b"data")


def test_the_first_sound_provider_is_chosen():
    class Missing(Libcrypto):
        def __init__(self) -> None:
            raise OSError("no libcrypto")

    class Broken(Gmssl):
        def verify(self, public: bytes, signature: bytes, digest: bytes) -> bool:
            return True

    class WithoutSm2(Libcrypto):
        def encrypt(self, public: bytes, plain: bytes) -> bytes:
            raise StandardsError("KEY_UNREADABLE", what="")

    assert provider().name == "libcrypto"
    assert provider() is provider()
    assert choose((Missing, Broken, WithoutSm2, Gmssl)).name == "gmssl-pyx"
    assert code(lambda: choose((Missing, Broken))) == "SM2_UNAVAILABLE"


def test_private_keys_are_not_shown():
    assert PRIVATE.hex() not in repr(SIGNING) + repr(READING)
    assert repr(PRIVATE) not in repr(SIGNING) + repr(READING)

"""The named primitives against published vectors: Wycheproof, RFC 9180, GB/T 32905, GB/T 32907, RFC 8998."""

import json
from pathlib import Path
from typing import Any

import gmssl_pyx
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from standards.crypto import Aead, DecryptionKey, SigningKey, VerifyingKey, WrappingKey
from standards.errors import StandardsError
from standards.sm import Sm3, Sm4Gcm, sm3_digest, sm3_keyed_digest
from tests.exchange.envelope.forge import hpke_seal

VECTORS = Path(__file__).parents[1] / "data/vectors"


def cases(name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each test with its group."""
    content = json.loads((VECTORS / "wycheproof" / name).read_text("utf-8"))
    return [(group, test) for group in content["testGroups"] for test in group["tests"]]


def is_taken(call: Any, *codes: str) -> bool:
    try:
        call()
    except StandardsError as error:
        if error.code not in codes:
            raise
        return False
    return True


def test_wycheproof_aes_256_gcm():
    found = cases("aes_gcm_test.json")
    assert len(found) >= 60
    for _, test in found:
        data = {name: bytes.fromhex(test[name]) for name in ("key", "iv", "aad", "msg", "ct", "tag")}
        aead, sealed = Aead(data["key"]), data["ct"] + data["tag"]
        is_valid = test["result"] == "valid"
        opened = is_taken(lambda: aead.decrypt(data["iv"], sealed, data["aad"]), "DECRYPTION_FAILED")  # noqa: B023
        assert opened == is_valid, test["tcId"]
        if is_valid:
            assert aead.encrypt(data["iv"], data["msg"], data["aad"]) == sealed
            assert aead.decrypt(data["iv"], sealed, data["aad"]) == data["msg"]


def test_wycheproof_ed25519():
    found = cases("ed25519_test.json")
    assert len(found) >= 150
    for group, test in found:
        key = VerifyingKey(bytes.fromhex(group["publicKey"]["pk"]))
        signature, message = bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"])
        taken = is_taken(lambda: key.verify(signature, message), "SIGNATURE_INVALID")  # noqa: B023
        if test["result"] != "acceptable":  # where Wycheproof itself leaves it open
            assert taken == (test["result"] == "valid"), test["tcId"]


def test_wycheproof_x25519_through_hpke():
    """Content keys are wrapped to each public key and opened by the private one where the two belong together; a
    public key of low order, whose shared secret is zero, is refused (RFC 9180 §7.1.4)."""
    found = cases("x25519_test.json")
    assert len(found) >= 100
    refused = 0
    for _, test in found:
        public = bytes.fromhex(test["public"])
        taken = is_taken(lambda: WrappingKey(public).wrap(bytes(32), b"info"), "KEY_UNREADABLE")  # noqa: B023
        assert taken == (int(test["shared"], 16) != 0), test["tcId"]
        reader = DecryptionKey(X25519PrivateKey.from_private_bytes(bytes.fromhex(test["private"])))
        if taken:
            wrapped = hpke_seal(reader.private.public_key(), b"k" * 32, b"info")
            assert reader.unwrap(wrapped, b"info") == b"k" * 32
            continue
        refused += 1
        assert not is_taken(lambda: reader.unwrap(public + bytes(48), b"info"), "DECRYPTION_FAILED")  # noqa: B023
    assert refused >= 10


def test_wycheproof_x25519_shared_secrets():
    for _, test in cases("x25519_test.json"):
        key = X25519PrivateKey.from_private_bytes(bytes.fromhex(test["private"]))
        if int(test["shared"], 16):
            public = X25519PublicKey.from_public_bytes(bytes.fromhex(test["public"]))
            assert key.exchange(public).hex() == test["shared"], test["tcId"]


def test_hpke_of_rfc_9180():
    """The vector's messages have associated data, ours none: so its key and nonce seal a message that must open."""
    vector = json.loads((VECTORS / "hpke_rfc9180.json").read_text("utf-8"))
    data = {name: bytes.fromhex(vector[name]) for name in ("skRm", "pkRm", "skEm", "enc", "info", "key", "base_nonce")}
    reader = DecryptionKey(X25519PrivateKey.from_private_bytes(data["skRm"]))
    assert reader.wrapping.public == data["pkRm"]
    sealed = data["enc"] + Aead(data["key"]).encrypt(data["base_nonce"], b"content key", b"")
    assert reader.unwrap(sealed, data["info"]) == b"content key"
    ephemeral = X25519PrivateKey.from_private_bytes(data["skEm"])
    assert hpke_seal(reader.private.public_key(), b"content key", data["info"], ephemeral) == sealed
    assert not is_taken(lambda: reader.unwrap(sealed, b""), "DECRYPTION_FAILED")


SM3_EXAMPLES = {  # GB/T 32905-2016 annex A.1 and A.2; the empty message as in cryptography_vectors 50.0.2
    b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
    b"": "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b",
}


@pytest.mark.parametrize("message", SM3_EXAMPLES)
def test_sm3_examples(message: bytes):
    assert sm3_digest(message).hex() == SM3_EXAMPLES[message]
    pieces = Sm3()
    for at in range(0, len(message), 7):
        pieces.update(message[at : at + 7])
        pieces.digest()  # looking at it changes nothing
    assert pieces.hexdigest() == SM3_EXAMPLES[message]


def test_hmac_sm3_as_gmssl_has_it():
    for key in (b"\x01", b"k" * 32, b"k" * 64, b"k" * 65):
        for data in (b"", b"data", bytes(1000)):
            if len(key) >= 16:  # GmSSL takes no shorter key
                assert sm3_keyed_digest(key, data) == gmssl_pyx.sm3_hmac(key, data)
            keyed = Sm3(key)
            keyed.update(data)
            assert keyed.digest() == sm3_keyed_digest(key, data)


def test_sm4_block_examples():
    """GB/T 32907-2016 annex A.1 and A.2 (the same block encrypted a million times), and draft-ribose-cfrg-sm4 A.1.4."""
    first = "0123456789abcdeffedcba9876543210"
    for key, plain, rounds, sealed in (
        (first, first, 1, "681edf34d206965e86b3e94f536e4246"),
        (first, first, 1_000_000, "595298c7c6fd271f0402f804c33d3f66"),
        ("fedcba98765432100123456789abcdef", bytes(range(16)).hex(), 1, "f766678f13f01adeac1b3ea955adb594"),
    ):
        encryptor, block = Cipher(algorithms.SM4(bytes.fromhex(key)), modes.ECB()).encryptor(), bytes.fromhex(plain)
        for _ in range(rounds):
            block = encryptor.update(block)
        assert block.hex() == sealed


def test_sm4_gcm_of_rfc_8998():
    aead = Sm4Gcm(bytes.fromhex("0123456789abcdeffedcba9876543210"))
    nonce = bytes.fromhex("00001234567800000000abcd")
    associated = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plain = bytes.fromhex("aa" * 8 + "bb" * 8 + "cc" * 8 + "dd" * 8 + "ee" * 8 + "ff" * 8 + "ee" * 8 + "aa" * 8)
    sealed = bytes.fromhex(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    assert aead.encrypt(nonce, plain, associated) == sealed
    assert aead.decrypt(nonce, sealed, associated) == plain
    for wrong in (
        sealed[:-1] + bytes([sealed[-1] ^ 1]),
        bytes([sealed[0] ^ 1]) + sealed[1:],
        sealed[:-1],
        b"",
        sealed[-15:],
    ):
        assert not is_taken(lambda wrong=wrong: aead.decrypt(nonce, wrong, associated), "DECRYPTION_FAILED")
    assert not is_taken(lambda: aead.decrypt(nonce, sealed, b""), "DECRYPTION_FAILED")


@pytest.mark.parametrize("kind", [SigningKey, DecryptionKey])
def test_pem_is_read_back(kind: type[SigningKey] | type[DecryptionKey]):
    key = kind.generate()
    for passphrase in (None, b"word"):
        assert kind.from_pem(key.to_pem(passphrase), passphrase).key_id == key.key_id
    assert not is_taken(lambda: kind.from_pem(b"key"), "KEY_UNREADABLE")

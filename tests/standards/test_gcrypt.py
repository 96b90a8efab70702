"""libgcrypt's SM3 and SM4-GCM are those of `cryptography`, which does without it where there is none."""

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from standards import gcrypt
from standards.errors import StandardsError
from standards.sm import Sm3, Sm4Gcm, sm3_digest, sm3_keyed_digest

LENGTHS = [0, 1, 15, 16, 17, 63, 64, 65, 127, 255, 256, 257, 1023, 4096, 5003, 70_001, 1_052_672]


@pytest.fixture(params=[gcrypt._NAME, "libabsent.so"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(gcrypt, "_NAME", request.param)
    gcrypt.gcrypt.cache_clear()
    yield request.param
    gcrypt.gcrypt.cache_clear()


def test_debian_has_it():
    assert gcrypt.gcrypt() is not None


def test_without_it_all_is_the_same(library: str):
    assert (gcrypt.gcrypt() is None) == (library == "libabsent.so")
    key, nonce, associated = gcrypt.TRIAL[:16], gcrypt.TRIAL[16:28], gcrypt.TRIAL[28:60]
    for length in LENGTHS:
        data = (gcrypt.TRIAL * (length // len(gcrypt.TRIAL) + 1))[:length]
        plain, keyed = Sm3(), Sm3(key)
        for piece in (data[:7], bytearray(data[7:100]), memoryview(bytearray(data[100:200])), memoryview(data[200:])):
            plain.update(piece)
            keyed.update(piece)
            plain.digest()
        assert plain.digest() == sm3_digest(data)
        assert keyed.digest() == sm3_keyed_digest(key, data)
        encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated)
        sealed = encryptor.update(data) + encryptor.finalize() + encryptor.tag
        assert Sm4Gcm(key).encrypt(nonce, data, associated) == sealed
        assert Sm4Gcm(key).decrypt(nonce, sealed, associated) == data
        for wrong in (bytes([sealed[0] ^ 1]) + sealed[1:], sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:-1]):
            with pytest.raises(StandardsError):
                Sm4Gcm(key).decrypt(nonce, wrong, associated)


def test_a_key_of_another_length_is_refused(library: str):
    with pytest.raises(ValueError, match="256"):
        Sm4Gcm(bytes(32))


def test_a_library_that_computes_something_else_is_not_used(monkeypatch: pytest.MonkeyPatch):
    for wrong in ("_TRIAL_SM3", "_TRIAL_HMAC", "_TRIAL_SEALED"):
        with monkeypatch.context() as patched:
            patched.setattr(gcrypt, wrong, "00")
            assert gcrypt.gcrypt.__wrapped__() is None


def test_the_trial_is_what_cryptography_makes():
    digest = hashes.Hash(hashes.SM3())
    digest.update(gcrypt.TRIAL)
    assert digest.finalize().hex() == gcrypt._TRIAL_SM3

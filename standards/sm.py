"""The symmetric half of Chinese commercial cryptography: SM3 (GB/T 32905), HMAC-SM3, SM4-GCM (GB/T 32907, RFC 8998).

The same shapes as in ``standards.crypto``, so that a suite can name either. Where the system has libgcrypt it computes
what is long, else ``cryptography`` does.
"""

from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC

from standards.errors import StandardsError
from standards.gcrypt import GcryptSm3, GcryptSm4Gcm, gcrypt


class Sm3:
    """SM3 over data that come in pieces; keyed it is HMAC-SM3 (RFC 2104). 32 bytes."""

    def __init__(self, key: bytes | None = None) -> None:
        lib = gcrypt()
        self._context: hashes.Hash | HMAC | GcryptSm3
        if lib is not None:
            self._context = GcryptSm3(lib, key)
        else:
            self._context = hashes.Hash(hashes.SM3()) if key is None else HMAC(key, hashes.SM3())

    def update(self, data: bytes | bytearray | memoryview, /) -> None:
        self._context.update(data)

    def digest(self) -> bytes:
        """Of all that has come so far; more may follow."""
        return self._context.copy().finalize()

    def hexdigest(self) -> str:
        return self.digest().hex()


def sm3_digest(data: bytes) -> bytes:
    """SM3, 32 bytes."""
    context = hashes.Hash(hashes.SM3())
    context.update(data)
    return context.finalize()


def sm3_keyed_digest(key: bytes, data: bytes) -> bytes:
    """HMAC-SM3, 32 bytes."""
    context = HMAC(key, hashes.SM3())
    context.update(data)
    return context.finalize()


class Sm4Gcm:
    """SM4-GCM with 12-byte nonces; the 16-byte tag stands behind the ciphertext, as in ``standards.crypto.Aead``."""

    KEY_BYTES: ClassVar[int] = 16
    NONCE_BYTES: ClassVar[int] = 12
    TAG_BYTES: ClassVar[int] = 16

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)  # refuses a key of another length
        lib = gcrypt()
        self._gcrypt = None if lib is None else GcryptSm4Gcm(lib, key)

    def encrypt(self, nonce: bytes, plain: bytes, associated: bytes) -> bytes:
        if self._gcrypt is not None:
            return self._gcrypt.encrypt(nonce, plain, associated)
        encryptor = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated)
        return encryptor.update(plain) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, sealed: bytes, associated: bytes) -> bytes:
        """Raises ``StandardsError DECRYPTION_FAILED`` when tag, nonce or associated data do not fit."""
        if self._gcrypt is not None:
            opened = self._gcrypt.decrypt(nonce, sealed, associated)
            if opened is None:
                raise StandardsError("DECRYPTION_FAILED", what="a chunk's tag does not fit")
            return opened
        try:
            tag = sealed[-self.TAG_BYTES :]
            decryptor = Cipher(self._algorithm, modes.GCM(nonce, tag)).decryptor()
            decryptor.authenticate_additional_data(associated)
            return decryptor.update(sealed[: -self.TAG_BYTES]) + decryptor.finalize()
        except (InvalidTag, ValueError):
            raise StandardsError("DECRYPTION_FAILED", what="a chunk's tag does not fit") from None

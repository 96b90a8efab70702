"""Named primitives; the only importer of a crypto library.

Signatures are Ed25519 (RFC 8032), key agreement is HPKE base mode with X25519, HKDF-SHA256 and AES-256-GCM (RFC 9180),
digests are SHA-256 (FIPS 180-4). Which primitives a sealed batch uses is decided by its suite number, in
``exchange.envelope.suites``.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hpke, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from standards.errors import StandardsError

_HPKE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


def digest(data: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()


def digest_hex(data: bytes) -> str:
    """SHA-256 in lower-case hex, 64 characters."""
    return hashlib.sha256(data).hexdigest()


def keyed_digest(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104)."""
    return hmac.digest(key, data, "sha256")


def hasher() -> "hashlib._Hash":
    """SHA-256 over data that come in pieces; releases the interpreter lock on pieces over 2 KiB."""
    return hashlib.sha256()


def keyed_hasher(key: bytes) -> hmac.HMAC:
    """HMAC-SHA-256 over data that come in pieces."""
    return hmac.new(key, digestmod="sha256")


def random_bytes(count: int) -> bytes:
    """Bytes from the operating system's generator."""
    return os.urandom(count)


def key_id(kind: str, public: bytes) -> str:
    """The id of a public key: 32 hex digits of SHA-256 over its kind and raw bytes; this is its fingerprint too."""
    return digest_hex(kind.encode() + b"\0" + public)[:32]


class _Key(Protocol):
    """``kind`` goes into ``key_id``, so that a key is never taken for one of another use or algorithm."""

    kind: ClassVar[str]

    @property
    def key_id(self) -> str: ...


class Verifier(_Key, Protocol):
    """A public key that checks signatures."""

    @property
    def public(self) -> bytes: ...

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raises ``StandardsError SIGNATURE_INVALID``."""


class Signer(_Key, Protocol):
    """A private key that signs; the key itself may be in hardware."""

    def sign(self, data: bytes) -> bytes: ...


class Wrapper(_Key, Protocol):
    """A public key to which content keys are wrapped."""

    @property
    def public(self) -> bytes: ...

    def wrap(self, content_key: bytes, info: bytes) -> bytes:
        """Bound to ``info``: nobody can unwrap it with another."""


class Unwrapper(_Key, Protocol):
    """A private key that unwraps; the key itself may be in hardware."""

    def unwrap(self, wrapped: bytes, info: bytes) -> bytes:
        """Raises ``StandardsError DECRYPTION_FAILED``."""


@dataclass(frozen=True)
class VerifyingKey:
    """An Ed25519 public key of 32 raw bytes."""

    kind: ClassVar[str] = "ed25519"
    public: bytes

    @property
    def key_id(self) -> str:
        return key_id(self.kind, self.public)

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raise ``StandardsError SIGNATURE_INVALID`` unless the signature holds."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, data)
        except (InvalidSignature, ValueError):
            raise StandardsError("SIGNATURE_INVALID", what=f"key {self.key_id}") from None


@dataclass(frozen=True, repr=False)
class SigningKey:
    """An Ed25519 private key."""

    kind: ClassVar[str] = VerifyingKey.kind
    private: Ed25519PrivateKey

    @classmethod
    def generate(cls) -> Self:
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, pem: bytes, passphrase: bytes | None = None) -> Self:
        """Read a PKCS#8 key; raises ``StandardsError KEY_UNREADABLE``."""
        private = _private_from_pem(pem, passphrase)
        if not isinstance(private, Ed25519PrivateKey):
            raise StandardsError("KEY_UNREADABLE", what="not an Ed25519 key")
        return cls(private)

    def to_pem(self, passphrase: bytes | None = None) -> bytes:
        return _private_to_pem(self.private, passphrase)

    @property
    def verifying(self) -> VerifyingKey:
        return VerifyingKey(self.private.public_key().public_bytes_raw())

    @property
    def key_id(self) -> str:
        return self.verifying.key_id

    def sign(self, data: bytes) -> bytes:
        """64 bytes."""
        return self.private.sign(data)


@dataclass(frozen=True)
class WrappingKey:
    """An X25519 public key of 32 raw bytes, to which content keys are wrapped."""

    kind: ClassVar[str] = "x25519"
    public: bytes

    @property
    def key_id(self) -> str:
        return key_id(self.kind, self.public)

    def wrap(self, content_key: bytes, info: bytes) -> bytes:
        """HPKE seal; ``info`` binds the result to its place. 32 (enc) + 32 + 16 bytes for a 32-byte key."""
        try:
            return _HPKE.encrypt(content_key, X25519PublicKey.from_public_bytes(self.public), info=info)
        except ValueError:
            raise StandardsError("KEY_UNREADABLE", what=f"X25519 public key {self.key_id}") from None


@dataclass(frozen=True, repr=False)
class DecryptionKey:
    """An X25519 private key."""

    kind: ClassVar[str] = WrappingKey.kind
    private: X25519PrivateKey

    @classmethod
    def generate(cls) -> Self:
        return cls(X25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, pem: bytes, passphrase: bytes | None = None) -> Self:
        """Read a PKCS#8 key; raises ``StandardsError KEY_UNREADABLE``."""
        private = _private_from_pem(pem, passphrase)
        if not isinstance(private, X25519PrivateKey):
            raise StandardsError("KEY_UNREADABLE", what="not an X25519 key")
        return cls(private)

    def to_pem(self, passphrase: bytes | None = None) -> bytes:
        return _private_to_pem(self.private, passphrase)

    @property
    def wrapping(self) -> WrappingKey:
        return WrappingKey(self.private.public_key().public_bytes_raw())

    @property
    def key_id(self) -> str:
        return self.wrapping.key_id

    def unwrap(self, wrapped: bytes, info: bytes) -> bytes:
        """HPKE open; raises ``StandardsError DECRYPTION_FAILED``."""
        try:
            return _HPKE.decrypt(wrapped, self.private, info=info)
        except (InvalidTag, ValueError):
            raise StandardsError("DECRYPTION_FAILED", what="content key") from None


class Aead:
    """AES-256-GCM with 12-byte nonces and 16-byte tags."""

    KEY_BYTES: ClassVar[int] = 32
    NONCE_BYTES: ClassVar[int] = 12
    TAG_BYTES: ClassVar[int] = 16

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def encrypt(self, nonce: bytes, plain: bytes, associated: bytes) -> bytes:
        return self._cipher.encrypt(nonce, plain, associated)

    def decrypt(self, nonce: bytes, sealed: bytes, associated: bytes) -> bytes:
        """Raises ``StandardsError DECRYPTION_FAILED`` when tag, nonce or associated data do not fit."""
        try:
            return self._cipher.decrypt(nonce, sealed, associated)
        except (InvalidTag, ValueError):
            raise StandardsError("DECRYPTION_FAILED", what="a chunk's tag does not fit") from None


def _private_from_pem(pem: bytes, passphrase: bytes | None) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise StandardsError("KEY_UNREADABLE", what="not a PEM private key, or a wrong passphrase") from None


def _private_to_pem(private: Ed25519PrivateKey | X25519PrivateKey, passphrase: bytes | None) -> bytes:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase)
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)

"""SM2 keys with the methods of those in ``standards.crypto``; private keys are 32 bytes, public ones points of 65."""

import hmac
from dataclasses import dataclass
from typing import ClassVar, Self

from standards.crypto import key_id
from standards.errors import StandardsError
from standards.sm2 import pem
from standards.sm2.encoding import require_point, require_scalar, signed_digest
from standards.sm2.provider import provider


@dataclass(frozen=True)
class Sm2VerifyingKey:
    """A public key that checks signatures under the user id ``1234567812345678``."""

    kind: ClassVar[str] = "sm2-sign"
    public: bytes

    @property
    def key_id(self) -> str:
        return key_id(self.kind, self.public)

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raise ``StandardsError SIGNATURE_INVALID`` unless the signature holds, ``KEY_UNREADABLE`` for no point."""
        digest = signed_digest(require_point(self.public), data)
        if not provider().verify(self.public, signature, digest):
            raise StandardsError("SIGNATURE_INVALID", what=f"key {self.key_id}")


@dataclass(frozen=True)
class Sm2WrappingKey:
    """A public key to which content keys are wrapped."""

    kind: ClassVar[str] = "sm2-wrap"
    public: bytes

    @property
    def key_id(self) -> str:
        return key_id(self.kind, self.public)

    def wrap(self, content_key: bytes, info: bytes) -> bytes:
        """SM2 encryption of ``content_key ‖ info``: SM2 has no associated data, so ``info`` travels inside and is
        compared. 161 bytes for 32 and 32. Raises ``StandardsError KEY_UNREADABLE``."""
        return provider().encrypt(require_point(self.public), content_key + info)


@dataclass(frozen=True, repr=False)
class _PrivateKey:
    private: bytes
    public: bytes

    @classmethod
    def generate(cls) -> Self:
        return cls(*provider().generate())

    @classmethod
    def from_pem(cls, data: bytes, passphrase: bytes | None = None) -> Self:
        """Read a PKCS#8 key (``standards.sm2.pem``); raises ``StandardsError KEY_UNREADABLE``."""
        private, public = pem.from_pem(data, passphrase)
        digest = signed_digest(public, b"")
        if not provider().verify(public, provider().sign(private, public, digest), digest):
            raise StandardsError("KEY_UNREADABLE", what="an SM2 key with another's public key")
        return cls(private, public)

    def to_pem(self, passphrase: bytes | None = None) -> bytes:
        return pem.to_pem(self.private, self.public, passphrase)

    def __post_init__(self) -> None:
        require_scalar(self.private)
        require_point(self.public)


@dataclass(frozen=True, repr=False)
class Sm2SigningKey(_PrivateKey):
    """A private key that signs."""

    kind: ClassVar[str] = Sm2VerifyingKey.kind

    @property
    def verifying(self) -> Sm2VerifyingKey:
        return Sm2VerifyingKey(self.public)

    @property
    def key_id(self) -> str:
        return self.verifying.key_id

    def sign(self, data: bytes) -> bytes:
        """64 bytes."""
        return provider().sign(self.private, self.public, signed_digest(self.public, data))


@dataclass(frozen=True, repr=False)
class Sm2DecryptionKey(_PrivateKey):
    """A private key that unwraps; never the one that signs (GM/T 0015 and TLCP keep them apart too)."""

    kind: ClassVar[str] = Sm2WrappingKey.kind

    @property
    def wrapping(self) -> Sm2WrappingKey:
        return Sm2WrappingKey(self.public)

    @property
    def key_id(self) -> str:
        return self.wrapping.key_id

    def unwrap(self, wrapped: bytes, info: bytes) -> bytes:
        """The content key; raises ``StandardsError DECRYPTION_FAILED``, also when it was wrapped for other ``info``."""
        plain = provider().decrypt(self.private, self.public, wrapped)
        at = len(plain) - len(info)
        if at <= 0 or not hmac.compare_digest(plain[at:], info):
            raise StandardsError("DECRYPTION_FAILED", what="content key")
        return plain[:at]

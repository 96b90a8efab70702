"""Which primitives a suite number means. The table is append-only; nothing is negotiated (DESIGN §8)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from exchange.errors import ExchangeError
from standards.crypto import Aead, digest, hasher, keyed_digest, keyed_hasher
from standards.sm import Sm3, Sm4Gcm, sm3_digest, sm3_keyed_digest


class Hasher(Protocol):
    """A digest over data that come in pieces."""

    def update(self, data: bytes | bytearray | memoryview, /) -> None: ...

    def digest(self) -> bytes: ...

    def hexdigest(self) -> str: ...


class ChunkCipher(Protocol):
    """An AEAD with 12-byte nonces, its tag behind the ciphertext; ``decrypt`` raises ``StandardsError``."""

    KEY_BYTES: ClassVar[int]
    TAG_BYTES: ClassVar[int]

    def __init__(self, key: bytes) -> None: ...

    def encrypt(self, nonce: bytes, plain: bytes, associated: bytes) -> bytes: ...

    def decrypt(self, nonce: bytes, sealed: bytes, associated: bytes) -> bytes: ...


@dataclass(frozen=True)
class Suite:
    """One row: its primitives, the kinds of its keys, and the sizes in bytes of what it puts on the wire.

    Digests and keyed digests (HMAC) have 32 bytes in every suite.
    """

    number: int
    name: str
    aead: type[ChunkCipher]
    digest: Callable[[bytes], bytes]
    hasher: Callable[[], Hasher]
    keyed_digest: Callable[[bytes, bytes], bytes]
    keyed_hasher: Callable[[bytes], Hasher]
    signing_kind: str
    wrapping_kind: str
    wrapped_bytes: int
    signature_bytes: int


SUITES = {
    suite.number: suite
    for suite in (
        Suite(
            number=0x01,
            name="X25519-HPKE + AES-256-GCM + SHA-256 + Ed25519",
            aead=Aead,
            digest=digest,
            hasher=hasher,
            keyed_digest=keyed_digest,
            keyed_hasher=keyed_hasher,
            signing_kind="ed25519",
            wrapping_kind="x25519",
            wrapped_bytes=32 + 32 + 16,  # HPKE enc, content key, tag
            signature_bytes=64,
        ),
        Suite(
            number=0x02,
            name="SM2 + SM4-GCM + SM3 + SM2-with-SM3",
            aead=Sm4Gcm,
            digest=sm3_digest,
            hasher=Sm3,
            keyed_digest=sm3_keyed_digest,
            keyed_hasher=Sm3,
            signing_kind="sm2-sign",
            wrapping_kind="sm2-wrap",
            wrapped_bytes=65 + 32 + 64,  # point, SM3, content key and label digest
            signature_bytes=64,
        ),
    )
}


def suite_of(number: int) -> Suite:
    """The suite with this number; raises ``ExchangeError SUITE_UNKNOWN``."""
    if number not in SUITES:
        raise ExchangeError("SUITE_UNKNOWN", suite=f"0x{number:02x}")
    return SUITES[number]

"""What a golden vector is: an object and the one outcome it must have."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests.exchange.envelope.forge import READER, SIGNER
from tests.exchange.envelope.sm_forge import SmKey


def raw_public(key: Ed25519PrivateKey | SmKey | bytes) -> bytes:
    """32 bytes of Ed25519, 65 of SM2; bytes as they are."""
    if isinstance(key, bytes):
        return key
    return key.public if isinstance(key, SmKey) else key.public_key().public_bytes_raw()


@dataclass
class Vector:
    """``code`` is empty for an object that opens to ``plain``; ``at`` says at which of the two steps it is refused."""

    name: str
    about: str
    object: bytes
    code: str = ""
    at: str = ""
    plain: bytes = b""
    signer: Ed25519PrivateKey | SmKey | bytes = SIGNER
    keys: tuple[X25519PrivateKey | SmKey, ...] = field(default=(READER,))
    minimum_suite: int = 1

    def to_json(self) -> dict[str, Any]:
        outcome: dict[str, Any] = {"code": self.code, "at": self.at}
        if not self.code:
            outcome |= {"plain_sha256": hashlib.sha256(self.plain).hexdigest(), "plain_bytes": len(self.plain)}
        return {
            "name": self.name,
            "about": self.about,
            "signer": raw_public(self.signer).hex(),
            "private_keys": [key.private_bytes_raw().hex() for key in self.keys if isinstance(key, X25519PrivateKey)],
            "sm2_private_keys": [
                {"private": key.private.hex(), "public": key.public.hex()}
                for key in self.keys
                if isinstance(key, SmKey)
            ],
            "minimum_suite": self.minimum_suite,
            "outcome": outcome,
            "object": base64.b64encode(self.object).decode(),
        }

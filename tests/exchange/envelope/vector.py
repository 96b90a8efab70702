"""What a golden vector is: an object and the one outcome it must have."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests.exchange.envelope.forge import READER, SIGNER


@dataclass
class Vector:
    """``code`` is empty for an object that opens to ``plain``; ``at`` says at which of the two steps it is refused."""

    name: str
    about: str
    object: bytes
    code: str = ""
    at: str = ""
    plain: bytes = b""
    signer: Ed25519PrivateKey = SIGNER
    keys: tuple[X25519PrivateKey, ...] = field(default=(READER,))
    minimum_suite: int = 1

    def to_json(self) -> dict[str, Any]:
        outcome: dict[str, Any] = {"code": self.code, "at": self.at}
        if not self.code:
            outcome |= {"plain_sha256": hashlib.sha256(self.plain).hexdigest(), "plain_bytes": len(self.plain)}
        return {
            "name": self.name,
            "about": self.about,
            "signer": self.signer.public_key().public_bytes_raw().hex(),
            "private_keys": [key.private_bytes_raw().hex() for key in self.keys],
            "minimum_suite": self.minimum_suite,
            "outcome": outcome,
            "object": base64.b64encode(self.object).decode(),
        }

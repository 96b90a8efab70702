"""Sealed batches of suite 0x02: SM2 in plain Python with a known random number, SM3 and SM4-GCM by GmSSL."""

import base64
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import gmssl_pyx

from tests.exchange.envelope import pure_sm2
from tests.exchange.envelope.forge import CONTENT_KEY, LABEL, Batch, canonical, sha256
from tests.exchange.envelope.pure_sm2 import sm3


@dataclass(frozen=True)
class SmKey:
    """A private key of 32 bytes; the use is ``sign`` or ``wrap``."""

    private: bytes
    use: str

    @cached_property
    def public(self) -> bytes:
        return pure_sm2.public(self.private)


SM_SIGNER = SmKey(b"\x51" * 32, "sign")
OTHER_SM_SIGNER = SmKey(b"\x52" * 32, "sign")
SM_READER = SmKey(b"\x62" * 32, "wrap")
SECOND_SM_READER = SmKey(b"\x63" * 32, "wrap")
SM_STRANGER = SmKey(b"\x64" * 32, "wrap")
SM_LABEL: dict[str, Any] = LABEL | {"suite": 2}


def hmac_sm3(key: bytes, data: bytes) -> bytes:
    return bytes(gmssl_pyx.sm3_hmac(key, data))


def sm_key_id(key: SmKey) -> str:
    return sha256(f"sm2-{key.use}".encode() + b"\0" + key.public).hex()[:32]


def sm_wrapped(key: SmKey, label: dict[str, Any], content_key: bytes = CONTENT_KEY) -> bytes:
    return pure_sm2.encrypt(key.public, content_key + sm3(canonical(label)))


def sm_recipient(key: SmKey, label: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A recipient as it should be for this label, but for ``changes``."""
    return {"key_id": sm_key_id(key), "wrapped": base64.b64encode(sm_wrapped(key, label)).decode()} | changes


@dataclass
class SmBatch(Batch):
    """A batch of suite 0x02; ``user_id`` is the one it is signed under."""

    signer: SmKey = field(default=SM_SIGNER)
    user_id: bytes = b"1234567812345678"

    label = SM_LABEL
    reader = SM_READER
    digest = staticmethod(sm3)
    hmac = staticmethod(hmac_sm3)
    recipient = staticmethod(sm_recipient)
    key_id = staticmethod(sm_key_id)

    @classmethod
    def encrypt(cls, nonce: bytes, content: bytes, associated: bytes) -> bytes:
        key = hmac_sm3(CONTENT_KEY, b"hutong-batch-1 chunks")[:16]
        sealed, tag = gmssl_pyx.sm4_gcm_encrypt(key, nonce, associated, content)
        return bytes(sealed + tag)

    def signature(self, message: bytes) -> bytes:
        return pure_sm2.sign(self.signer.private, pure_sm2.signed_digest(self.signer.public, message, self.user_id))

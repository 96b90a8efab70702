"""Signed: exact bytes with their signatures. Bytes are verified first, parsed after, and kept; never re-serialised."""

import base64
import binascii
from collections.abc import Callable
from typing import Protocol, Self, TypeVar, runtime_checkable

from pydantic import Field

from metadata.errors import MetadataError
from metadata.record import MAX_RECORD_BYTES, Record
from standards.errors import StandardsError

R = TypeVar("R", bound=Record)

_DOMAIN = b"hutong-signed-1"


def _pre_image(kind: str, payload: bytes) -> bytes:
    """Length-prefixed, so that no payload can be read as another kind's."""
    name = kind.encode()
    return b"%s %d %s %d %s" % (_DOMAIN, len(name), name, len(payload), payload)


@runtime_checkable
class Signs(Protocol):
    """A private key of any suite that signs."""

    @property
    def key_id(self) -> str: ...

    def sign(self, data: bytes) -> bytes: ...


class Verifies(Protocol):
    """A public key of any suite; ``verify`` raises ``StandardsError SIGNATURE_INVALID``."""

    @property
    def key_id(self) -> str: ...

    def verify(self, signature: bytes, data: bytes) -> None: ...


class Signature(Record):
    """One signature, by the key with this id, in base64."""

    key_id: str
    value: str


class Signed(Record):
    """The exact payload (base64), the kind it was signed as, and one or more signatures."""

    kind: str = Field(pattern=r"^[a-z_]{1,40}/[0-9]{1,3}$")
    payload: str = Field(max_length=(MAX_RECORD_BYTES + 2) // 3 * 4)
    signatures: tuple[Signature, ...] = Field(min_length=1, max_length=8)

    @classmethod
    def sign(cls, kind: str, record: Record, *keys: Signs) -> Self:
        """Sign a record's canonical bytes as ``kind`` (for instance ``grant/1``), with one key or each of several."""
        payload = record.to_bytes()
        message = _pre_image(kind, payload)
        return cls(
            kind=kind,
            payload=base64.b64encode(payload).decode(),
            signatures=tuple(
                Signature(key_id=key.key_id, value=base64.b64encode(key.sign(message)).decode()) for key in keys
            ),
        )

    def payload_bytes(self) -> bytes:
        """The bytes that were signed. Not yet verified: use ``open``."""
        try:
            return base64.b64decode(self.payload, validate=True)
        except binascii.Error:
            raise MetadataError("RECORD_UNREADABLE", kind=self.kind, reason="payload is not base64") from None

    def open(self, kind: str, record_type: type[R], key_of: Callable[[str], Verifies | None]) -> R:
        """Verify, then parse. ``key_of`` gives the trusted key of an id, or None; one good signature is enough.

        Raises ``MetadataError`` ``SIGNATURE_BAD`` or ``RECORD_UNREADABLE``.
        """
        if self.kind != kind:
            raise MetadataError("SIGNATURE_BAD", kind=kind, reason=f"signed as {self.kind}")
        payload = self.payload_bytes()
        for signature in self.signatures:
            key = key_of(signature.key_id)
            if key is None:
                continue
            try:
                key.verify(base64.b64decode(signature.value, validate=True), _pre_image(kind, payload))
            except (StandardsError, binascii.Error):
                raise MetadataError("SIGNATURE_BAD", kind=kind, reason="the signature does not match") from None
            return record_type.from_bytes(payload)
        raise MetadataError("SIGNATURE_BAD", kind=kind, reason="no trusted key signed it")

"""What stands in the clear at the front of a sealed batch: where it belongs and who can open it."""

import base64
import binascii
from typing import Literal, Self

from pydantic import Field

from exchange.envelope.suites import suite_of
from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from metadata.errors import MetadataError
from metadata.exchange import Digest
from metadata.record import Record, canonical_bytes

Content = Literal["pg_copy_binary", "pg_copy_text", "files"]
Kind = Literal["full", "increment", "changes"]


class Label(Record):
    """Where a batch belongs: everything of the header but the recipients.

    ``seq`` counts from 1 on its route; ``previous_digest`` is SHA-256 of the sealed object before it (empty for the
    first); ``schema_digest`` that of what the grant says of the columns, which a header does not name
    (``exchange.columns``); ``content`` says how rows or files are written as bytes.
    ``kind`` says what the rows are to the target: ``full`` is all it will hold; in ``increment`` and ``changes`` each
    row begins with its operation (a smallint, before the columns: 0 stands unchanged, 1 new or changed, 2 gone), and
    what an increment does not name is gone. ``files`` are always ``full``.
    """

    format: Literal[1] = 1
    suite: int = Field(ge=1, le=255)
    route_id: str = Field(min_length=1, max_length=200)
    seq: int = Field(ge=1, lt=2**63)
    previous_digest: Digest | Literal[""]
    schema_digest: Digest
    grant_id: str = Field(min_length=1, max_length=200)
    content: Content
    kind: Kind

    def info(self) -> bytes:
        """What the wrapped content key is bound to: the suite's digest of the header without recipients, 32 bytes."""
        return suite_of(self.suite).digest(canonical_bytes(self.model_dump(mode="json", exclude={"recipients"})))


class Recipient(Record):
    """One key that can open the batch: its id and the content key wrapped to it (base64)."""

    key_id: str = Field(pattern=r"^[0-9a-f]{32}$")
    wrapped: str = Field(max_length=10_000)

    def wrapped_bytes(self) -> bytes:
        """The wrapped content key; raises ``ExchangeError HEADER_BAD``."""
        try:
            data = base64.b64decode(self.wrapped, validate=True)
        except (binascii.Error, ValueError):
            raise ExchangeError("HEADER_BAD", reason="wrapped key is not base64") from None
        if base64.b64encode(data).decode() != self.wrapped:
            raise ExchangeError("HEADER_BAD", reason="wrapped key is not canonical base64")
        return data


class Header(Label):
    """Label and recipients: the several keys of one consumer, never two departments (DESIGN §8)."""

    recipients: tuple[Recipient, ...] = Field(min_length=1, max_length=LIMITS.recipients)

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read exactly canonical bytes; raises ``ExchangeError`` ``HEADER_BAD`` or ``SUITE_UNKNOWN``."""
        try:
            header = cls.from_bytes(data)
            is_canonical = header.to_bytes() == data
        except MetadataError as error:
            raise ExchangeError("HEADER_BAD", reason=error.values["reason"]) from None
        except ValueError:
            raise ExchangeError("HEADER_BAD", reason="not text") from None
        if not is_canonical:
            raise ExchangeError("HEADER_BAD", reason="not in canonical form")
        suite = suite_of(header.suite)
        for recipient in header.recipients:
            if len(recipient.wrapped_bytes()) != suite.wrapped_bytes:
                raise ExchangeError("HEADER_BAD", reason="wrapped key has the wrong length")
        if len({recipient.key_id for recipient in header.recipients}) != len(header.recipients):
            raise ExchangeError("HEADER_BAD", reason="a recipient stands twice")
        if header.content == "files" and header.kind != "full":
            raise ExchangeError("HEADER_BAD", reason="files travel in full")
        return header

"""What stands, sealed too, at the end of a batch: counts and digests that say the content is whole."""

from typing import Self

from pydantic import Field

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from metadata.errors import MetadataError
from metadata.exchange import Digest
from metadata.record import Record


class Trailer(Record):
    """Row counts, size and keyed digest of the plaintext, digest of the check report, and what was set aside.

    ``rows_digest`` is the suite's HMAC under a key derived from the content key, so that it tells nothing to who cannot
    open the batch. ``set_aside`` counts the rows left at the source; ``set_aside_digests`` has one keyed
    digest for each of them. ``rows`` counts what is in the batch, ``target_rows`` what the target must hold once it has
    taken effect (files, where the content is files).
    """

    rows: int = Field(ge=0, lt=2**63)
    plain_bytes: int = Field(ge=0, lt=2**63)
    rows_digest: Digest
    report_digest: Digest
    set_aside: int = Field(ge=0, lt=2**63)
    set_aside_digests: tuple[Digest, ...] = Field(max_length=LIMITS.set_aside_digests)
    target_rows: int = Field(ge=0, lt=2**63)

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read exactly canonical bytes; raises ``ExchangeError TRAILER_BAD``."""
        try:
            trailer = cls.from_bytes(data)
        except MetadataError as error:
            raise ExchangeError("TRAILER_BAD", reason=error.values["reason"]) from None
        if trailer.to_bytes() != data:
            raise ExchangeError("TRAILER_BAD", reason="not in canonical form")
        if len(trailer.set_aside_digests) != trailer.set_aside:
            raise ExchangeError("TRAILER_BAD", reason="not one digest for each row set aside")
        return trailer

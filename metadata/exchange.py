"""What travels beside a sealed batch: Manifest (announcement) and Receipt (回执), whose contents are sealed."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from metadata.access import MAX_TABLES
from metadata.record import Record, canonical_bytes
from metadata.signed import Signed
from standards.crypto import digest, digest_hex

RECEIPT: Final = "receipt/2"
"""The kind a receipt is signed as."""
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ReceiptKind = Literal["stored", "verified", "checked", "applied", "refused"]


class Segment(Record):
    """One stored piece of a sealed batch, at most 64 MiB, named by its digest."""

    digest: Digest
    size_bytes: int = Field(ge=1, le=64 * 1024 * 1024)


class InstantMember(Record):
    """One sealed batch among those read at one instant of the source."""

    route_id: str
    seq: int = Field(ge=1)
    digest: Digest


class Manifest(Record):
    """The announcement of one sealed batch, signed by the provider's node.

    ``digest`` is SHA-256 of the whole sealed object; ``previous_digest`` that of the batch before on the route (empty
    for the first); ``replaces_seq`` names the quarantined batch that this one was sealed anew for. ``instant`` names
    all batches that must take effect with it, by route, itself among them; it is left out for one that stands alone.
    """

    route_id: str
    seq: int = Field(ge=1)
    previous_digest: str
    grant_id: str
    suite: int
    digest: Digest
    size_bytes: int = Field(ge=1)
    segments: tuple[Segment, ...] = Field(min_length=1, max_length=100_000)
    replaces_seq: int | None = None
    instant: tuple[InstantMember, ...] = Field(default=(), max_length=MAX_TABLES, exclude_if=lambda them: not them)
    created_at: datetime

    @model_validator(mode="after")
    def _is_of_its_instant(self) -> Self:
        routes = [member.route_id for member in self.instant]
        if routes != sorted(set(routes)):
            raise ValueError("an instant's routes are sorted, none twice")
        own = InstantMember(route_id=self.route_id, seq=self.seq, digest=self.digest)
        if self.instant and (len(routes) < 2 or own not in self.instant):
            raise ValueError("an instant is of two or more batches, this one among them")
        return self


class ReceiptContents(Record):
    """What a consumer says in a receipt to those who may know it, and the relay may not.

    ``refused`` carries the code of the quarantine. Counts are of rows; ``report_digest`` is of the check report.
    ``salt`` is 32 random bytes in hex, so that nobody tries counts against the digest that stands in the clear.
    """

    salt: Digest
    rows: int | None = None
    changed_rows: int | None = None
    set_aside: int | None = None
    checks_run: int | None = None
    checks_passed: int | None = None
    report_digest: str = ""
    code: str = ""

    @property
    def digest(self) -> str:
        """In hex; what the receipt's clear part names."""
        return digest_hex(self.to_bytes())


class SealedContents(Record):
    """The contents sealed to one key of the provider's node, in base64."""

    key_id: str = Field(pattern=r"^[0-9a-f]{32}$")
    sealed: str = Field(max_length=10_000)


class Receipt(Record):
    """One party's word on one batch: ``stored`` by the relay, the others by the consumer's node.

    This much is for everybody on the way. A consumer's has contents besides: ``contents_digest`` binds them, and
    ``sealed`` brings them to the provider, once for each of its keys in force; to nobody when it had none.
    """

    kind: ReceiptKind
    route_id: str
    seq: int = Field(ge=1)
    batch_digest: Digest
    by_node_id: str
    at: datetime
    contents_digest: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    sealed: tuple[SealedContents, ...] = Field(default=(), max_length=16)

    @model_validator(mode="after")
    def _has_contents(self) -> Self:
        if (self.kind == "stored") != (self.contents_digest == "") or (self.sealed and not self.contents_digest):
            raise ValueError("the relay's receipt has no contents, the consumer's has")
        return self

    @property
    def place(self) -> bytes:
        """What the sealed contents are bound to: everything else in the receipt."""
        return digest(canonical_bytes(["hutong-receipt-2", self.model_dump(mode="json", exclude={"sealed"})]))

    def says(self, contents: ReceiptContents | None) -> bool:
        """Whether these are its contents; None for one without."""
        return self.contents_digest == ("" if contents is None else contents.digest)


class OpenReceipt(Record):
    """A signed receipt with its contents, as those tell it who know them: to the directory, and on a sheet."""

    receipt: Signed
    contents: ReceiptContents | None = None


class BatchStatus(Record):
    """What a node tells the directory about a batch, for the status page: state, sizes, seconds, and why it waits."""

    route_id: str
    seq: int
    grant_id: str
    state: str
    node_id: str
    code: str = ""
    rows: int | None = None
    set_aside: int | None = None
    plain_bytes: int | None = None
    sealed_bytes: int | None = None
    duration_ms: int | None = None
    checks_run: int | None = None
    checks_passed: int | None = None
    airflow_run: str = ""
    explanation_zh: str = ""
    next_step: str = ""
    at: datetime

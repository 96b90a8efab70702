"""What a sheet carries: the signed records of one reconciliation, and the check that they hold without any trust."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from exchange.errors import ExchangeError
from metadata.access import Grant
from metadata.errors import MetadataError
from metadata.exchange import RECEIPT, Manifest, OpenReceipt, Receipt, ReceiptContents
from metadata.reconciliation import KIND, Reconciliation
from metadata.record import Record
from metadata.signed import Signed, Verifies
from standards.crypto import VerifyingKey

Role = Literal["directory", "provider", "consumer", "relay"]


class PartyKey(Record):
    """A key that signed something here; its fingerprint is compared over another channel."""

    role: Role
    node_id: Annotated[str, Field(max_length=64)]
    public: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    @property
    def key(self) -> VerifyingKey:
        return VerifyingKey(bytes.fromhex(self.public))


class Evidence(Record):
    """The records as they were signed. ``manifests`` and ``receipts`` are of the batches the sheet lists, in order."""

    format: Literal["hutong-sheet-2"] = "hutong-sheet-2"
    result: Signed
    grant: Signed
    manifests: tuple[Signed, ...] = Field(max_length=100)
    receipts: tuple[OpenReceipt, ...] = Field(max_length=400)
    keys: tuple[PartyKey, ...] = Field(max_length=50)
    made_by: Annotated[str, Field(max_length=64)]
    made_at: datetime


@dataclass(frozen=True)
class SaidOf:
    """When a receipt was signed, and what it says; None for the relay's."""

    at: datetime
    contents: ReceiptContents | None


@dataclass(frozen=True)
class BatchFacts:
    """One batch as its signed records tell it; receipts by kind."""

    manifest: Manifest
    receipts: dict[str, SaidOf]


@dataclass(frozen=True)
class Proved:
    """What the evidence proves, every signature verified."""

    result: Reconciliation
    grant: Grant
    batches: tuple[BatchFacts, ...]


def prove(evidence: Evidence) -> Proved:
    """Raises ``SHEET_BAD`` unless every signature holds and all records speak of the same route and batches."""
    try:
        return _prove(evidence)
    except MetadataError as error:
        raise ExchangeError("SHEET_BAD", reason=error.zh, reason_en=error.en) from None


def _prove(evidence: Evidence) -> Proved:
    provider, consumer, relay = (_keys(evidence, role) for role in ("provider", "consumer", "relay"))
    result = evidence.result.open(KIND, Reconciliation, provider)
    _require(
        evidence.result.open(KIND, Reconciliation, consumer) == result,
        "缺少需求方签名",
        "the consumer's signature is missing",
    )
    grant = evidence.grant.open("grant/1", Grant, _keys(evidence, "directory"))
    ends = (grant.provider.node_id, grant.consumer.node_id)
    _require(
        (grant.grant_id, grant.route_id) == (result.grant_id, result.route_id),
        "授权与结果不是同一路由",
        "grant and result are of two routes",
    )
    _require(
        ends == (result.provider_node_id, result.consumer_node_id),
        "授权与结果的双方不同",
        "grant and result name other ends",
    )
    batches: list[BatchFacts] = []
    for signed in evidence.manifests:
        manifest = signed.open("manifest/1", Manifest, provider)
        _require(
            manifest.route_id == result.route_id and manifest.seq <= result.seq,
            "批次不属于本路由",
            "a batch is of another route",
        )
        _require(not batches or manifest.seq > batches[-1].manifest.seq, "批次次序不对", "the batches are out of order")
        batches.append(BatchFacts(manifest, {}))
    _require(
        bool(batches) and batches[-1].manifest.seq == result.seq, "缺少对账的批次", "the reconciled batch is missing"
    )
    by_seq = {batch.manifest.seq: batch for batch in batches}
    for each in evidence.receipts:
        claimed = Receipt.from_bytes(each.receipt.payload_bytes())
        receipt = each.receipt.open(RECEIPT, Receipt, relay if claimed.kind == "stored" else consumer)
        _require(receipt.says(each.contents), "回执的内容不是所签的", "a receipt says other than was signed")
        batch = by_seq.get(receipt.seq)
        if batch is None or (receipt.route_id, receipt.batch_digest) != (result.route_id, batch.manifest.digest):
            raise ExchangeError("SHEET_BAD", reason="回执与批次不符", reason_en="a receipt is of another batch")
        _require(receipt.kind not in batch.receipts, "回执重复", "a receipt stands twice")
        batch.receipts[receipt.kind] = SaidOf(receipt.at, each.contents)
    return Proved(result, grant, tuple(batches))


def _keys(evidence: Evidence, role: str) -> Callable[[str], Verifies | None]:
    found: dict[str, VerifyingKey] = {item.key.key_id: item.key for item in evidence.keys if item.role == role}
    return found.get


def _require(holds: bool, reason: str, reason_en: str) -> None:
    if not holds:
        raise ExchangeError("SHEET_BAD", reason=reason, reason_en=reason_en)

"""Reconciliation (三方对账): what the two ends of a route found when they compared rows, and what the relay lists.

Counts are of rows. ``missing``: at the source and not in the target; ``extra``: in the target only; ``different``: the
same key with another content; ``pending``: changed at the source since the last batch, so no difference yet.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from metadata.exchange import Digest
from metadata.record import Record

KIND = "reconciliation/1"

ReconciliationOutcome = Literal["equal", "pending", "partial", "differs"]
RelayWord = Literal["agrees", "disagrees", "unasked"]
DifferenceKind = Literal["missing", "extra", "different", "pending"]
Rows = Annotated[int, Field(ge=0, lt=2**63)]

OUTCOMES: dict[ReconciliationOutcome, str] = {
    "equal": "两端逐行一致",
    "pending": "两端一致，另有源端在上一批之后的变更，待下一批送达",
    "partial": "已核对的部分没有差异；差异区段过多，其余未逐行核对",
    "differs": "两端不一致",
}
"""What each outcome says to a person."""


class Reconciliation(Record):
    """One comparison of one route at its last closed batch, signed by the provider's node and then the consumer's.

    ``*_digest`` are SHA-256 of each end's total under the session's secret key: equal exactly when the rows are, and to
    anybody else they say nothing. ``segments_differing`` of 4,096 were not equal, ``segments_examined`` of them were
    compared row by row. ``knows_changes``: the source could tell rows changed since the batch from others.
    """

    session_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    route_id: Annotated[str, Field(max_length=200)]
    grant_id: Annotated[str, Field(max_length=200)]
    seq: int = Field(ge=1)
    provider_node_id: Annotated[str, Field(max_length=64)]
    consumer_node_id: Annotated[str, Field(max_length=64)]
    provider_rows: Rows
    consumer_rows: Rows
    provider_digest: Digest
    consumer_digest: Digest
    provider_looked_at: datetime
    consumer_looked_at: datetime
    batches: int = Field(ge=1)
    chain_digest: Digest
    relay_by_provider: RelayWord
    relay_by_consumer: RelayWord
    outcome: ReconciliationOutcome
    missing: Rows = 0
    extra: Rows = 0
    different: Rows = 0
    pending: Rows = 0
    segments_differing: int = Field(default=0, ge=0, le=4096)
    segments_examined: int = Field(default=0, ge=0, le=4096)
    knows_changes: bool
    at: datetime

    @model_validator(mode="after")
    def _outcome_follows(self) -> "Reconciliation":
        """The outcome is computed, never claimed."""
        follows = outcome_of(
            is_equal=self.provider_digest == self.consumer_digest,
            differences=self.missing + self.extra + self.different,
            is_examined=self.segments_examined >= self.segments_differing,
        )
        if self.outcome != follows:
            raise ValueError("the outcome does not follow from the counts")
        return self

    @property
    def is_alarming(self) -> bool:
        """Whether a person must look: rows differ, or the relay's list is another than an end's."""
        return self.outcome == "differs" or "disagrees" in (self.relay_by_provider, self.relay_by_consumer)


def outcome_of(*, is_equal: bool, differences: int, is_examined: bool) -> ReconciliationOutcome:
    """What digests, differing rows and the share that was examined amount to."""
    if is_equal:
        return "equal"
    if differences:
        return "differs"
    return "pending" if is_examined else "partial"


def sentence(found: Reconciliation) -> str:
    """The result in one Chinese sentence."""
    text = OUTCOMES[found.outcome]
    counts = [
        f"{count} 行{word}"
        for count, word in (
            (found.missing, "目标缺少"),
            (found.extra, "目标多出"),
            (found.different, "内容不同"),
            (found.pending, "源端变更待送"),
        )
        if count
    ]
    if counts:
        least = "至少 " if found.segments_examined < found.segments_differing else ""
        text += f"：{least}{'、'.join(counts)}"
    if "disagrees" in (found.relay_by_provider, found.relay_by_consumer):
        text += "；中继的批次清单与台账不符"
    return text + "。"

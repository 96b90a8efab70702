"""One batch put together from what its two ends last said of it and what was signed for. Pure.

Each end knows half: the provider seals, stores and closes, the consumer fetches to applies. A batch is as far as the
end that is further; it is closed only when its provider, who holds the consumer's receipt, says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from metadata.exchange import BatchStatus, Receipt

STEPS: Final = ("due", "sealed", "stored", "fetched", "verified", "staged", "checked", "applied", "closed")
STOPPED: Final = frozenset({"held", "quarantined"})
RECEIPT_KINDS: Final = ("stored", "verified", "checked", "applied")
_CALM_CODES: Final = frozenset({"BATCH_BUSY", "WAITING_FOR_RECEIPT"})
_WORST_FIRST: Final = {"quarantined": 0, "held": 1}


@dataclass(frozen=True)
class Batch:
    """A batch as both ends together have it.

    ``said`` is the word that decides its state (and whose code is shown), ``since`` when it was given. Counts are of
    rows, sizes in bytes, the duration in milliseconds; None where nobody has said. ``followed_by`` is a later batch of
    the route that has been applied: what stands still here keeps nobody waiting.
    """

    route_id: str
    seq: int
    state: str
    reached: int
    said: BatchStatus
    provider: BatchStatus | None
    consumer: BatchStatus | None
    receipts: Mapping[str, Receipt]
    rows: int | None
    set_aside: int | None
    plain_bytes: int | None
    sealed_bytes: int | None
    duration_ms: int | None
    checks_run: int | None
    checks_passed: int | None
    followed_by: int | None = None

    @property
    def since(self) -> datetime:
        return self.said.at

    @property
    def condition(self) -> str:
        """What it asks of people: ``quarantined`` and ``held`` stand still, ``waiting`` says for what, else nothing."""
        if self.state in STOPPED:
            return self.state
        if self.state == "closed":
            return "done"
        return "waiting" if self.said.code and self.said.code not in _CALM_CODES else "running"

    @property
    def needs_people(self) -> bool:
        return self.state in STOPPED and self.followed_by is None

    @property
    def light(self) -> str:
        if self.state in STOPPED and self.followed_by is not None:
            return "off"
        return {"quarantined": "red", "held": "amber", "waiting": "amber", "running": "off", "done": "green"}[
            self.condition
        ]


def batch(statuses: Sequence[BatchStatus], receipts: Iterable[Receipt], provider_node: str) -> Batch:
    """Put one batch together; ``statuses`` has at least one and at most one of each end."""
    ends = {status.node_id == provider_node: status for status in statuses}
    provider, consumer = ends.get(True), ends.get(False)
    signed: Mapping[str, Receipt] = {receipt.kind: receipt for receipt in receipts}
    said = _deciding(provider, consumer)
    state = said.state
    if provider is not None and consumer is not None and state == "closed" and provider.state != "closed":
        state = "applied"  # the consumer is done with it; its receipt has yet to come back
    first = provider or said
    return Batch(
        route_id=said.route_id,
        seq=said.seq,
        state=state,
        reached=_reached(state, statuses, signed),
        said=said,
        provider=provider,
        consumer=consumer,
        receipts=signed,
        rows=_known(first.rows, said.rows, consumer.rows if consumer else None),
        set_aside=_known(first.set_aside, said.set_aside, consumer.set_aside if consumer else None),
        plain_bytes=_known(first.plain_bytes, said.plain_bytes),
        sealed_bytes=_known(first.sealed_bytes, said.sealed_bytes),
        duration_ms=_sum([each.duration_ms for each in statuses]),
        checks_run=_sum([each.checks_run for each in statuses]),
        checks_passed=_sum([each.checks_passed for each in statuses]),
    )


def newest_first(batches: Iterable[Batch]) -> list[Batch]:
    """What needs people first, worst first; then by time, the newest first."""
    by_time = sorted(batches, key=lambda each: (each.since, each.seq), reverse=True)
    return sorted(by_time, key=lambda each: _WORST_FIRST[each.state] if each.needs_people else len(_WORST_FIRST))


def _deciding(provider: BatchStatus | None, consumer: BatchStatus | None) -> BatchStatus:
    """The word that counts: where something stands still, the end that found the cause; else the end further on."""
    if provider is None or consumer is None:
        given = provider or consumer
        assert given is not None
        return given
    for end in (consumer, provider):  # a provider's quarantine only repeats the consumer's refusal
        if end.state == "quarantined":
            return end
    for end in (provider, consumer):
        if end.state == "held":
            return end
    if provider.state == "closed":
        return provider
    return max(consumer, provider, key=lambda end: STEPS.index(end.state) if end.state in STEPS else 0)


def _reached(state: str, statuses: Iterable[BatchStatus], signed: Mapping[str, Receipt]) -> int:
    """How many of the nine steps are done; for a batch that stands still, as far as anybody has signed or said."""
    if state in STEPS:
        return STEPS.index(state) + 1
    known = [each.state for each in statuses if each.state in STEPS] + [kind for kind in signed if kind in STEPS]
    known += ["sealed" for each in statuses if each.sealed_bytes is not None]
    return max((STEPS.index(each) + 1 for each in known), default=1)


def _known(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None

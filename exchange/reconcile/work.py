"""What an end keeps of a session under way, between one message and the next."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from exchange.reconcile import tree
from exchange.reconcile.messages import Count, Hex64, Lane, LeafNumber, SumsField
from exchange.reconcile.tree import Leaves
from metadata.reconciliation import RelayWord
from metadata.record import Record


class Secret(Record):
    """The session's key in hex; ``reply_pem`` is the provider's key that answers are sealed to."""

    session_key: Hex64
    reply_pem: Annotated[str, Field(max_length=1000)] = ""
    reply_public: str = ""

    @property
    def key(self) -> bytes:
        return bytes.fromhex(self.session_key)


class Work(Record):
    """Our leaves and when they were looked at, the other end's total and branches, and both words about the relay.

    ``chain_digest`` and ``batches`` are of the batches that took effect; ``differing`` and ``examined`` count leaves.
    """

    leaves: tuple[tuple[LeafNumber, Count, Lane, Lane], ...]
    looked_at: datetime
    batches: int
    chain_digest: Hex64
    relay: RelayWord
    knows_changes: bool = False
    other_root: SumsField = tree.NONE
    other_branches: tuple[SumsField, ...] = ()
    other_looked_at: datetime | None = None
    other_relay: RelayWord = "unasked"
    differing: int = 0
    examined: tuple[LeafNumber, ...] = ()

    @classmethod
    def packed(cls, leaves: Leaves) -> tuple[tuple[int, int, int, int], ...]:
        return tuple((number, *sums) for number, sums in sorted(leaves.items()))

    def unpacked(self) -> Leaves:
        """The leaves by number."""
        return {number: (rows, first, second) for number, rows, first, second in self.leaves}

    def but(self, **changes: object) -> Self:
        return self.model_copy(update=changes)

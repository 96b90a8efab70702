"""What the two ends say to each other, through the relay, which learns lengths and times only.

A message is signed by its sender and its content sealed (HPKE) to the receiver's key, bound to route, session,
number and both ends: it opens in its own place only. The provider's numbers are odd, the consumer's even.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import Field

from exchange.errors import ExchangeError
from exchange.node import Node
from exchange.reconcile import tree
from exchange.reconcile.classify import Entry
from exchange.reconcile.tree import BRANCHES, LEAVES, Leaves, Sums
from metadata.errors import MetadataError
from metadata.reconciliation import DifferenceKind, RelayWord
from metadata.record import Record, canonical_bytes
from metadata.signed import Signed, Verifies
from standards.crypto import digest
from standards.errors import StandardsError

KIND = "reconcile_message/1"
SEALED_CHARACTERS = 5 * 1024 * 1024

Step = Literal["ask", "branches", "leaves", "rows", "verdict", "assent", "refuse"]
Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, lt=2**63)]
Lane = Annotated[int, Field(ge=0, lt=2**64)]
LeafNumber = Annotated[int, Field(ge=0, lt=LEAVES)]
SumsField = tuple[Count, Lane, Lane]

C = TypeVar("C", bound=Record)


class Wraps(Protocol):
    """A public key to seal to; ``info`` binds the result to its place."""

    @property
    def key_id(self) -> str: ...

    def wrap(self, content_key: bytes, info: bytes) -> bytes: ...


class Unwraps(Protocol):
    """A private key that opens; raises ``StandardsError``."""

    def unwrap(self, wrapped: bytes, info: bytes) -> bytes: ...


class Message(Record):
    """The envelope: who to whom, in which place. ``key_id`` names the receiver's key."""

    route_id: Annotated[str, Field(max_length=200)]
    session_id: Hex32
    number: int = Field(ge=1, le=100)
    step: Step
    from_node_id: Annotated[str, Field(max_length=64)]
    to_node_id: Annotated[str, Field(max_length=64)]
    key_id: Hex32
    sealed: Annotated[str, Field(max_length=SEALED_CHARACTERS)]
    at: datetime

    @property
    def place(self) -> bytes:
        """What the sealed content is bound to."""
        members = self.model_dump(mode="json", include={"route_id", "session_id", "number", "step", "from_node_id"})
        return digest(canonical_bytes(["hutong-reconcile-1", members, self.to_node_id]))


class Ask(Record):
    """The provider begins: the session's key, the batch it compares at, its total, its chain of batches, and the key
    that answers are sealed to.
    """

    session_key: Hex64
    reply_public: Hex64
    grant_id: Annotated[str, Field(max_length=200)]
    seq: int = Field(ge=1)
    root: SumsField
    batches: int = Field(ge=1)
    chain_digest: Hex64


class Branches(Record):
    """The consumer's total, and if it is another one, its 256 branches."""

    root: SumsField
    branches: tuple[SumsField, ...] = Field(max_length=BRANCHES)
    looked_at: datetime
    relay: RelayWord


class LeafSums(Record):
    """The branches that differ and the provider's leaves below them: number and sums, empty ones left out."""

    branches: tuple[Annotated[int, Field(ge=0, lt=BRANCHES)], ...] = Field(max_length=BRANCHES)
    leaves: tuple[tuple[LeafNumber, Count, Lane, Lane], ...] = Field(max_length=LEAVES)


class Rows(Record):
    """The consumer's sums of the leaves that differ, and its rows of the first of them, as digests."""

    differing: tuple[tuple[LeafNumber, Count, Lane, Lane], ...] = Field(max_length=LEAVES)
    examined: tuple[LeafNumber, ...] = Field(max_length=LEAVES)
    rows: tuple[tuple[Hex32, Hex32, Count, Count | None], ...] = Field(max_length=200_000)


class Verdict(Record):
    """The provider's signed result, and for the consumer's own list which key digests differ and how."""

    result: Signed
    listed: tuple[tuple[Hex32, DifferenceKind, Count], ...] = Field(default=(), max_length=200_000)


class Assent(Record):
    """The same result, signed by the consumer."""

    result: Signed


class Refuse(Record):
    """The end of a session, with the code that says why."""

    code: Annotated[str, Field(pattern=r"^[A-Z_]{1,60}$")]


def write(
    node: Node,
    route_id: str,
    session_id: str,
    number: int,
    step: Step,
    to_node_id: str,
    key: Wraps,
    content: Record,
) -> Signed:
    """A message, sealed and signed."""
    draft = Message(
        route_id=route_id,
        session_id=session_id,
        number=number,
        step=step,
        from_node_id=node.node_id,
        to_node_id=to_node_id,
        key_id=key.key_id,
        sealed="",
        at=node.now(),
    )
    sealed = base64.b64encode(key.wrap(content.to_bytes(), draft.place)).decode()
    return Signed.sign(KIND, draft.model_copy(update={"sealed": sealed}), node.keys.identity)


def read(signed: Signed, key_of: Callable[[str], Verifies | None]) -> Message:
    """The envelope, verified under the sender's identity key. Raises ``RECONCILE_MESSAGE_BAD``."""
    try:
        return signed.open(KIND, Message, key_of)
    except MetadataError as error:
        raise ExchangeError("RECONCILE_MESSAGE_BAD", reason=error.en) from None


def unseal(message: Message, key: Unwraps | None, content_type: type[C]) -> C:
    """The content. Raises ``RECONCILE_MESSAGE_BAD`` when it is not of this place, or not ours to open."""
    if key is None:
        raise ExchangeError("RECONCILE_MESSAGE_BAD", reason="sealed to another key")
    try:
        plain = key.unwrap(base64.b64decode(message.sealed, validate=True), message.place)
        return content_type.from_bytes(plain)
    except (StandardsError, binascii.Error):
        raise ExchangeError("RECONCILE_MESSAGE_BAD", reason="the seal does not hold in this place") from None
    except MetadataError as error:
        raise ExchangeError("RECONCILE_MESSAGE_BAD", reason=error.en) from None


def leaf_sums(leaves: Leaves, branches: Sequence[int]) -> LeafSums:
    """The leaves below these branches."""
    numbers = [number for branch in branches for number in tree.leaves_of(branch) if number in leaves]
    return LeafSums(branches=tuple(branches), leaves=tuple((number, *leaves[number]) for number in numbers))


def leaves_of(content: LeafSums) -> dict[int, Sums]:
    return {number: (rows, first, second) for number, rows, first, second in content.leaves}


def differing_of(content: Rows) -> list[tuple[int, Sums]]:
    return [(number, (rows, first, second)) for number, rows, first, second in content.differing]


def rows_of(content: Rows) -> list[Entry]:
    return [Entry(key, image, rows, touched) for key, image, rows, touched in content.rows]

"""The directory's signed feed: an append-only chain of entries and a short-lived signed head.

``digest`` of n entries is H(digest of n-1 ‖ H(entry n)), beginning with 32 zero bytes; so a head signs the whole past,
and a node that has once held a prefix notices a fork or a rollback (DESIGN §7).

Everybody gets the same entries. Of grants and work orders they give a notice, which names the record by the digest of
its exact bytes; the record itself goes to its addressees only, beside the entries.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from pydantic import Field

from metadata.access import Grant, GrantNotice
from metadata.orders import OrderNotice, WorkOrder
from metadata.record import Record
from metadata.signed import Signed
from standards.crypto import SigningKey, digest, digest_hex

EntryKind = Literal["node", "grant", "countersignature", "grant_change", "key_change", "work_order"]
EMPTY_CHAIN = bytes(32)
GRANT_NOTICE: Final = "grant_notice/1"
ORDER_NOTICE: Final = "order_notice/1"


class NodeRecord(Record):
    """An enrolled party: a department's exchange node, or the relay. Keys are raw public keys in hex.

    ``sm2_*`` are points of 65 bytes (0x04 ‖ x ‖ y), for suite 0x02; empty for a node that has none.
    """

    node_id: str
    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")
    kind: Literal["node", "relay"] = "node"
    org_code: str
    org_name: str
    identity_public: str
    decryption_public: str = ""
    sm2_identity_public: str = ""
    sm2_decryption_public: str = ""
    is_revoked: bool = False
    revoked_at: datetime | None = Field(default=None, exclude_if=lambda at: at is None)


class FeedEntry(Record):
    """One thing the directory says. Its body is signed by who says it: the directory, or a node countersigning."""

    seq: int = Field(ge=1)
    kind: EntryKind
    body: Signed


class FeedHead(Record):
    """How long the feed is and what its chain's digest (hex) is, good until ``valid_until``."""

    size: int = Field(ge=0)
    digest: str
    issued_at: datetime
    valid_until: datetime


class FeedPage(Record):
    """An answer to ``GET /api/v1/feed?after=N``: entries after N in order, the signed head, and ``addressed``: the
    records named in these entries that are for the caller.
    """

    head: Signed
    entries: tuple[FeedEntry, ...]
    addressed: tuple[Signed, ...] = ()


@dataclass(frozen=True)
class Address:
    """A record that an entry names: the digest of its payload in hex, and the nodes that are given it."""

    digest: str
    node_ids: frozenset[str]


def notice_of_grant(signed: Signed, grant: Grant, key: SigningKey) -> Signed:
    """What stands in the feed for a signed grant."""
    return Signed.sign(GRANT_NOTICE, GrantNotice.of(grant, digest_hex(signed.payload_bytes())), key)


def notice_of_order(signed: Signed, order: WorkOrder, key: SigningKey) -> Signed:
    """What stands in the feed for a signed work order."""
    notice = OrderNotice(node_id=order.node_id, order_digest=digest_hex(signed.payload_bytes()))
    return Signed.sign(ORDER_NOTICE, notice, key)


def address_of(entry: FeedEntry) -> Address | None:
    """The record that an entry names and does not contain; not verified. Raises ``MetadataError``."""
    if entry.body.kind == GRANT_NOTICE:
        grant = GrantNotice.from_bytes(entry.body.payload_bytes())
        return Address(grant.grant_digest, frozenset((grant.provider.node_id, grant.consumer.node_id)))
    if entry.body.kind == ORDER_NOTICE:
        order = OrderNotice.from_bytes(entry.body.payload_bytes())
        return Address(order.order_digest, frozenset((order.node_id,)))
    return None


def extend_chain(chain: bytes, entry: FeedEntry) -> bytes:
    """The chain's digest after one more entry."""
    return digest(chain + digest(entry.to_bytes()))

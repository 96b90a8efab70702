"""The directory's signed feed: an append-only chain of entries and a short-lived signed head.

``digest`` of n entries is H(digest of n-1 ‖ H(entry n)), beginning with 32 zero bytes; so a head signs the whole past,
and a node that has once held a prefix notices a fork or a rollback (DESIGN §7).
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from metadata.record import Record
from metadata.signed import Signed
from standards.crypto import digest

EntryKind = Literal["node", "grant", "countersignature", "grant_change", "key_change", "work_order"]
EMPTY_CHAIN = bytes(32)


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
    """An answer to ``GET /api/v1/feed?after=N``: entries after N in order, and the signed head."""

    head: Signed
    entries: tuple[FeedEntry, ...]


def extend_chain(chain: bytes, entry: FeedEntry) -> bytes:
    """The chain's digest after one more entry."""
    return digest(chain + digest(entry.to_bytes()))

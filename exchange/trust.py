"""Whom and what to believe: the directory's feed, folded. Pure: pages and the clock come in, a new set or an error
goes out.

Rules (DESIGN §7): the head is signed by the pinned directory key, is not older than one seen before, and is relied on
only until ``valid_until``. Entries continue without gap what is held, and their chain must end in the head's digest,
so a fork and a rollback are noticed. Nodes, grants and changes are signed by the directory; **a grant binds only
together with a countersignature by its provider's node over the digest of its exact bytes**; a countersignature that
does not hold is as good as none. A node record once revoked stays so, and keys named in a grant must still be those
of the nodes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import NewType, TypeVar

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from metadata.access import Countersignature, Grant, GrantChange
from metadata.errors import MetadataError
from metadata.feed import EMPTY_CHAIN, FeedEntry, FeedHead, NodeRecord, extend_chain
from metadata.record import Record
from metadata.signed import Signed
from standards.crypto import VerifyingKey, WrappingKey, digest_hex

R = TypeVar("R", bound=Record)
BoundGrant = NewType("BoundGrant", Grant)
"""A grant that ``TrustSet.admit`` has found in force; nothing moves without one."""

CIVIL_TIME = timezone(timedelta(hours=8))  # the dates in grants are dates in China


@dataclass(frozen=True)
class GrantFacts:
    """A grant as issued and what has happened to it."""

    grant: Grant
    digest: str
    is_countersigned: bool = False
    state: str = "active"


@dataclass(frozen=True)
class TrustSet:
    """What a prefix of the feed says, and the newest head. Begin with ``TrustSet.of(directory_key)``."""

    directory_key: VerifyingKey
    size: int = 0
    chain: bytes = EMPTY_CHAIN
    head: FeedHead | None = None
    nodes: Mapping[str, NodeRecord] = field(default_factory=dict)
    grants: Mapping[str, GrantFacts] = field(default_factory=dict)

    @classmethod
    def of(cls, directory_public: str) -> "TrustSet":
        """The empty set that believes one directory key (hex)."""
        return cls(VerifyingKey(bytes.fromhex(directory_public)))

    def open_head(self, head: Signed) -> FeedHead:
        """A head kept earlier, its signature verified. Raises ``FEED_BAD``."""
        return self._open(head, "feed_head/1", FeedHead)

    def read_head(self, head: Signed, now: datetime) -> FeedHead:
        """The head, verified. Raises ``FEED_BAD``, ``FEED_ROLLBACK``, ``CLOCK_SKEW``."""
        found = self.open_head(head)
        if found.size < self.size or (self.head is not None and found.issued_at < self.head.issued_at):
            raise ExchangeError("FEED_ROLLBACK", held=self.size, given=found.size)
        ahead = (found.issued_at - now).total_seconds()
        if ahead > LIMITS.clock_skew_seconds:
            raise ExchangeError("CLOCK_SKEW", seconds=int(ahead), limit=int(LIMITS.clock_skew_seconds))
        return found

    def extend(self, entries: Iterable[FeedEntry]) -> "TrustSet":
        """Fold further entries in. They are believed only after ``under`` has found a head that signs them."""
        size, chain = self.size, self.chain
        nodes, grants = dict(self.nodes), dict(self.grants)
        for item in entries:
            if item.seq != size + 1:
                raise ExchangeError("FEED_BAD", reason=f"entry {item.seq} after {size}")
            size, chain = item.seq, extend_chain(chain, item)
            self._fold(item, nodes, grants)
        return replace(self, size=size, chain=chain, nodes=nodes, grants=grants)

    def under(self, head: FeedHead) -> "TrustSet":
        """This set under a head that counts exactly its entries. Raises ``FEED_FORK``."""
        if head.size != self.size or head.digest != self.chain.hex():
            raise ExchangeError("FEED_FORK", size=self.size)
        return replace(self, head=head)

    def _fold(self, item: FeedEntry, nodes: dict[str, NodeRecord], grants: dict[str, GrantFacts]) -> None:
        if item.kind == "node":
            node = self._open(item.body, "node/1", NodeRecord)
            known = nodes.get(node.node_id)
            nodes[node.node_id] = known if known is not None and known.is_revoked else node
        elif item.kind == "grant":
            grant = self._open(item.body, "grant/1", Grant)
            if grant.grant_id in grants:
                raise ExchangeError("FEED_BAD", reason=f"grant {grant.grant_id} is issued twice")
            grants[grant.grant_id] = GrantFacts(grant, digest_hex(item.body.payload_bytes()))
        elif item.kind == "grant_change":
            change = self._open(item.body, "grant_change/1", GrantChange)
            facts = grants.get(change.grant_id)
            if facts is None:
                raise ExchangeError("FEED_BAD", reason=f"a change of grant {change.grant_id}, which was never issued")
            if facts.state != "terminated":
                grants[change.grant_id] = replace(facts, state=change.to)
        else:
            _countersign(item.body, nodes, grants)

    def _open(self, signed: Signed, kind: str, record_type: type[R]) -> R:
        try:
            return signed.open(kind, record_type, {self.directory_key.key_id: self.directory_key}.get)
        except MetadataError as error:
            raise ExchangeError("FEED_BAD", reason=error.en) from None

    def key_of(self, node_id: str) -> VerifyingKey | None:
        """A node's identity key; None when unknown or revoked."""
        node = self.nodes.get(node_id)
        return None if node is None or node.is_revoked else VerifyingKey(bytes.fromhex(node.identity_public))

    def require_fresh(self, now: datetime) -> None:
        """Raises ``TRUST_STALE`` unless a head is held and still valid."""
        if self.head is None or self.head.valid_until < now:
            raise ExchangeError("TRUST_STALE", valid_until="-" if self.head is None else self.head.valid_until)

    def admit(self, grant_id: str, now: datetime) -> BoundGrant:
        """The grant, if it binds and is in force now, under a fresh head. Raises the code that says why not."""
        self.require_fresh(now)
        facts = self.grants.get(grant_id)
        if facts is None:
            raise ExchangeError("GRANT_UNKNOWN", grant_id=grant_id)
        grant, today = facts.grant, now.astimezone(CIVIL_TIME).date()
        if not facts.is_countersigned:
            raise ExchangeError("GRANT_NOT_COUNTERSIGNED", grant_id=grant_id)
        if facts.state == "terminated":
            raise ExchangeError("GRANT_TERMINATED", grant_id=grant_id)
        if facts.state == "suspended":
            raise ExchangeError("GRANT_SUSPENDED", grant_id=grant_id)
        if today < grant.valid_from:
            raise ExchangeError("GRANT_NOT_YET", grant_id=grant_id, valid_from=grant.valid_from)
        if today > grant.valid_until:
            raise ExchangeError("GRANT_EXPIRED", grant_id=grant_id, valid_until=grant.valid_until)
        self.signer(grant)
        self.recipients(grant)
        return BoundGrant(grant)

    def signer(self, grant: Grant) -> VerifyingKey:
        """The provider's identity key, which must be the one the grant names. Raises ``SIGNER_REVOKED``."""
        key = self.key_of(grant.provider.node_id)
        if key is None or key.key_id != grant.provider.identity_key_id:
            raise ExchangeError("SIGNER_REVOKED", node_id=grant.provider.node_id)
        return key

    def recipients(self, grant: Grant) -> tuple[WrappingKey, ...]:
        """The consumer's keys that the grant names. Raises ``RECIPIENT_REVOKED``."""
        node, identity = self.nodes.get(grant.consumer.node_id), self.key_of(grant.consumer.node_id)
        if node is None or identity is None or identity.key_id != grant.consumer.identity_key_id:
            raise ExchangeError("RECIPIENT_REVOKED", node_id=grant.consumer.node_id)
        key = WrappingKey(bytes.fromhex(node.decryption_public))
        if key.key_id not in grant.consumer.decryption_key_ids:
            raise ExchangeError("RECIPIENT_REVOKED", node_id=grant.consumer.node_id)
        return (key,)

    def ends_of(self, route_id: str) -> tuple[str, str] | None:
        """Provider and consumer node of a route that a countersigned grant has made; None when there is none."""
        for facts in self.grants.values():
            if facts.grant.route_id == route_id and facts.is_countersigned:
                return facts.grant.provider.node_id, facts.grant.consumer.node_id
        return None

    def relay_key(self, key_id: str) -> VerifyingKey | None:
        """The identity key with this id, if an enrolled relay has it."""
        for node in self.nodes.values():
            if node.kind == "relay" and not node.is_revoked:
                key = VerifyingKey(bytes.fromhex(node.identity_public))
                if key.key_id == key_id:
                    return key
        return None


def _countersign(body: Signed, nodes: Mapping[str, NodeRecord], grants: dict[str, GrantFacts]) -> None:
    """Mark the grant as binding if its provider's own node says so of exactly these bytes; else change nothing."""
    try:
        claimed = Countersignature.from_bytes(body.payload_bytes())
        facts = grants.get(claimed.grant_id)
        if facts is None:
            return
        provider = nodes.get(facts.grant.provider.node_id)
        if provider is None or provider.is_revoked:
            return
        key = VerifyingKey(bytes.fromhex(provider.identity_public))
        if key.key_id != facts.grant.provider.identity_key_id:
            return
        said = body.open("countersignature/1", Countersignature, {key.key_id: key}.get)
    except MetadataError:
        return
    if said.grant_digest == facts.digest and said.node_id == facts.grant.provider.node_id:
        grants[said.grant_id] = replace(facts, is_countersigned=True)

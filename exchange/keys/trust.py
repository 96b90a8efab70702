"""Whom and what to believe: the directory's feed, folded. Pure: pages and the clock come in, a new set or an error
goes out.

Rules (DESIGN §7): the head is signed by the pinned directory key, is not older than one seen before, and is relied on
only until ``valid_until``. Entries continue without gap what is held, and their chain must end in the head's digest,
so a fork and a rollback are noticed. Nodes, grants and changes are signed by the directory; **a grant binds only
together with a countersignature by its provider's node over the digest of its exact bytes**, made with the key that
was the node's when it entered the feed. The feed has a notice of each grant; the grant itself is given to its two
ends, and must have the digest and the facts of its notice. A node's first record gives its keys; later ones come only
by the node's own ``key_change``, and a later record that names others revokes it. What a node has said and does not
hold changes nothing: no node can stop the feed for the others. A grant admits the keys it names and their successors,
each until its overlap is over. A node once revoked stays so.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta, timezone
from typing import NewType

from exchange.errors import ExchangeError
from exchange.keys.granted import GrantFacts, change_grant, change_key, countersign, enrol, issue
from exchange.keys.opening import addressed_to, open_grant, open_order, open_signed
from exchange.limits import LIMITS
from metadata.access import Grant, GrantChange, GrantEnd, GrantNotice
from metadata.feed import (
    EMPTY_CHAIN,
    FeedEntry,
    FeedHead,
    NodeRecord,
    extend_chain,
)
from metadata.keys import FIRST_SUITE, AnyVerifyingKey, AnyWrappingKey, KeyChain, NodeKey, Purpose
from metadata.orders import WorkOrder
from metadata.signed import Signed
from standards.crypto import VerifyingKey, WrappingKey, digest_hex

AnyGrant = Grant | GrantNotice
BoundGrant = NewType("BoundGrant", Grant)
"""A grant that ``TrustSet.admit`` has found in force; nothing moves without one."""

_BEGINNING = datetime.min.replace(tzinfo=UTC)
CIVIL_TIME = timezone(timedelta(hours=8))  # the dates in grants are dates in China


@dataclass(frozen=True)
class TrustSet:
    """What a prefix of the feed says to ``node_id``, and the newest head. Begin with ``TrustSet.of``.

    Which keys count depends on the time: the reader's (``at``), and never one before the newest head's.
    """

    directory_key: VerifyingKey
    node_id: str = ""
    size: int = 0
    chain: bytes = EMPTY_CHAIN
    head: FeedHead | None = None
    nodes: Mapping[str, NodeRecord] = field(default_factory=dict)
    grants: Mapping[str, GrantFacts] = field(default_factory=dict)
    keys: Mapping[str, KeyChain] = field(default_factory=dict)
    orders: Mapping[str, WorkOrder] = field(default_factory=dict)
    now: datetime = _BEGINNING

    @classmethod
    def of(cls, directory_public: str, node_id: str) -> "TrustSet":
        """The empty set that believes one directory key (hex), of the party with this id."""
        return cls(VerifyingKey(bytes.fromhex(directory_public)), node_id)

    def open_head(self, head: Signed) -> FeedHead:
        """A head kept earlier, its signature verified. Raises ``FEED_BAD``."""
        return open_signed(self.directory_key, head, "feed_head/1", FeedHead)

    def read_head(self, head: Signed, now: datetime) -> FeedHead:
        """The head, verified. Raises ``FEED_BAD``, ``FEED_ROLLBACK``, ``CLOCK_SKEW``."""
        found = self.open_head(head)
        if found.size < self.size or (self.head is not None and found.issued_at < self.head.issued_at):
            raise ExchangeError("FEED_ROLLBACK", held=self.size, given=found.size)
        _require_past(found, now)
        return found

    def extend(self, entries: Iterable[FeedEntry], addressed: Iterable[Signed] = ()) -> "TrustSet":
        """Fold further entries in, with the records they name that are for this party. They are believed only after
        ``under`` has found a head that signs them. Raises ``FEED_BAD``, also when such a record is not there.
        """
        given = {digest_hex(signed.payload_bytes()): signed for signed in addressed}
        size, chain = self.size, self.chain
        nodes, grants, keys, orders = dict(self.nodes), dict(self.grants), dict(self.keys), dict(self.orders)
        for item in entries:
            if item.seq != size + 1:
                raise ExchangeError("FEED_BAD", reason=f"entry {item.seq} after {size}")
            size, chain = item.seq, extend_chain(chain, item)
            whole = addressed_to(self.node_id, item, given)
            if item.kind == "work_order":
                order = open_order(self.directory_key, item.body, whole)
                if order is not None:
                    orders.setdefault(order.order_id, order)
            else:
                self._fold(item, whole, nodes, grants, keys)
        return replace(self, size=size, chain=chain, nodes=nodes, grants=grants, keys=keys, orders=orders)

    def under(self, head: FeedHead) -> "TrustSet":
        """This set under a head that counts exactly its entries. Raises ``FEED_FORK``."""
        if head.size != self.size or head.digest != self.chain.hex():
            raise ExchangeError("FEED_FORK", size=self.size)
        return replace(self, head=head)

    def at(self, now: datetime) -> "TrustSet":
        """This set as it is to be read at an instant."""
        return replace(self, now=now)

    def _fold(
        self,
        item: FeedEntry,
        whole: Signed | None,
        nodes: dict[str, NodeRecord],
        grants: dict[str, GrantFacts],
        keys: dict[str, KeyChain],
    ) -> None:
        if item.kind == "node":
            enrol(open_signed(self.directory_key, item.body, "node/1", NodeRecord), nodes, keys)
        elif item.kind == "key_change":
            change_key(item.body, nodes, keys)
        elif item.kind == "grant":
            issue(open_grant(self.directory_key, item.body, whole), grants)
        elif item.kind == "grant_change":
            change_grant(open_signed(self.directory_key, item.body, "grant_change/1", GrantChange), grants)
        else:
            countersign(item.body, nodes, grants, keys)

    def identities(self, node_id: str) -> tuple[VerifyingKey, ...]:
        """A node's identity keys that count now, newest first; none when it is unknown or revoked."""
        found = self._in_force(node_id, "identity", FIRST_SUITE, None)
        return tuple(VerifyingKey(bytes.fromhex(key.public)) for key in found)

    def identity(self, node_id: str, key_id: str) -> VerifyingKey | None:
        """That of a node's identity keys which has this id; None when it does not count now."""
        return next((key for key in self.identities(node_id) if key.key_id == key_id), None)

    def _in_force(
        self, node_id: str, purpose: Purpose, suite: int, named: Collection[str] | None
    ) -> tuple[NodeKey, ...]:
        node, chain = self.nodes.get(node_id), self.keys.get(node_id)
        if node is None or chain is None or node.is_revoked:
            return ()
        now = self.now if self.head is None else max(self.now, self.head.issued_at)
        return chain.in_force(purpose, suite, now, named)

    def require_fresh(self, now: datetime) -> None:
        """Raises ``TRUST_STALE`` unless a head is held and still valid, ``CLOCK_SKEW`` when it is from the future."""
        if self.head is None or self.head.valid_until < now:
            until = "-" if self.head is None else f"{self.head.valid_until.astimezone(CIVIL_TIME):%Y-%m-%d %H:%M:%S}"
            raise ExchangeError("TRUST_STALE", valid_until=until)
        _require_past(self.head, now)

    def admit(self, grant_id: str, now: datetime) -> BoundGrant:
        """The grant, if it binds and is in force now, under a fresh head. Raises the code that says why not, and
        ``GRANT_NOT_OURS`` to who is no end of it.
        """
        self.admit_notice(grant_id, now)
        return BoundGrant(self.grants[grant_id].grant)

    def admit_notice(self, grant_id: str, now: datetime) -> GrantNotice:
        """The same for who needs to know only that it binds and is in force."""
        self.require_fresh(now)
        facts = self.grants.get(grant_id)
        if facts is None:
            raise ExchangeError("GRANT_UNKNOWN", grant_id=grant_id)
        grant, today = facts.notice, now.astimezone(CIVIL_TIME).date()
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
        read = self.at(now)
        read.signer(grant, grant.minimum_suite)
        read.recipients(grant, grant.minimum_suite)
        return grant

    def ended_at(self, facts: GrantFacts) -> datetime:
        """From then on nothing moves under a grant any more, now or ever: its term, its termination, or the revocation
        of an end.
        """
        notice = facts.notice
        nodes = [self.nodes.get(end.node_id) for end in (notice.provider, notice.consumer)]
        ends = [facts.terminated_at, *(None if node is None else node.revoked_at for node in nodes)]
        return min([datetime.combine(notice.valid_until, time.max, CIVIL_TIME), *filter(None, ends)])

    def signer(self, grant: AnyGrant, suite: int) -> AnyVerifyingKey:
        """The newest of ``signers``. Raises ``SIGNER_REVOKED``."""
        return self.signers(grant, suite)[0]

    def signers(self, grant: AnyGrant, suite: int) -> tuple[AnyVerifyingKey, ...]:
        """The provider's identity keys of a suite that the grant admits now, newest first; two during an overlap.

        Raises ``SIGNER_REVOKED`` when there is none, or the node's own identity is not one that the grant admits.
        """
        end = grant.provider
        named = (end.identity_key_id,)
        found = self._in_force(end.node_id, "identity", FIRST_SUITE, named)
        if found and suite != FIRST_SUITE:
            found = self._in_force(end.node_id, "identity", suite, (end.sm2_identity_key_id,))
        if not found:
            raise ExchangeError("SIGNER_REVOKED", node_id=end.node_id)
        return tuple(key.verifying for key in found)

    def recipients(self, grant: AnyGrant, suite: int) -> tuple[AnyWrappingKey, ...]:
        """The consumer's keys of a suite that the grant admits now, newest first. Raises ``RECIPIENT_REVOKED``."""
        end = grant.consumer
        identity = self._in_force(end.node_id, "identity", FIRST_SUITE, (end.identity_key_id,))
        found = self._in_force(end.node_id, "decryption", suite, end.decryption_key_ids)
        if not identity or not found:
            raise ExchangeError("RECIPIENT_REVOKED", node_id=end.node_id)
        return tuple(key.wrapping for key in found[: LIMITS.recipients])

    def readers(self, route_id: str) -> tuple[WrappingKey, ...]:
        """The keys to which the consumer of a route seals what it says of it: the provider's of suite 1 that count now
        and that a countersigned grant of the route admits, newest first; none when its provider is revoked.

        Others' notices prove nothing: nobody but a grant's ends can tell whether its route is of these ends.
        """
        made = self.ends_of(route_id)
        if made is None:
            return ()
        binding = [facts.notice for facts in self.grants.values() if facts.is_countersigned]
        ends = [notice.provider for notice in binding if notice.route_id == route_id]
        named = {key_id for end in ends if end.node_id == made[0] for key_id in end.decryption_key_ids}
        found = self._in_force(made[0], "decryption", FIRST_SUITE, named)
        return tuple(WrappingKey(bytes.fromhex(key.public)) for key in found[: LIMITS.recipients])

    def witness(self, node_id: str, key_id: str, at: datetime, end: GrantEnd | None = None) -> AnyVerifyingKey | None:
        """The key with which a node, or one end of a grant, may have signed earlier, whether revoked since or not."""
        chain = self.keys.get(node_id)
        if chain is None:
            return None
        found = chain.in_force("identity", FIRST_SUITE, at, None if end is None else (end.identity_key_id,))
        return next((key.verifying for key in found if key.key_id == key_id), None)

    def ends_of(self, route_id: str) -> tuple[str, str] | None:
        """Provider and consumer node of a route that a countersigned grant has made; None when there is none."""
        for facts in self.grants.values():
            if facts.notice.route_id == route_id and facts.is_countersigned:
                return facts.notice.provider.node_id, facts.notice.consumer.node_id
        return None

    def relay_key(self, key_id: str) -> VerifyingKey | None:
        """The identity key with this id, if an enrolled relay has it."""
        for node in self.nodes.values():
            if node.kind == "relay" and (key := self.identity(node.node_id, key_id)) is not None:
                return key
        return None


def _require_past(head: FeedHead, now: datetime) -> None:
    ahead = (head.issued_at - now).total_seconds()
    if ahead > LIMITS.clock_skew_seconds:
        raise ExchangeError("CLOCK_SKEW", seconds=int(ahead), limit=int(LIMITS.clock_skew_seconds))

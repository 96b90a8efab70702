"""What nodes and grants come to as entries of the feed are folded in, one after the other. Pure; for ``trust.py``."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from exchange.errors import ExchangeError
from metadata.access import Countersignature, Grant, GrantChange, GrantNotice
from metadata.errors import MetadataError
from metadata.feed import NodeRecord
from metadata.keys import FIRST_SUITE, KeyChain, KeyChange
from metadata.signed import Signed


@dataclass(frozen=True)
class GrantFacts:
    """A grant as issued and what has happened to it; ``terminated_at`` is the time that the termination names.

    ``whole`` is the grant itself, which only its two ends are given.
    """

    notice: GrantNotice
    whole: Grant | None
    is_countersigned: bool = False
    state: str = "active"
    terminated_at: datetime | None = None

    @property
    def digest(self) -> str:
        return self.notice.grant_digest

    @property
    def grant(self) -> Grant:
        """The grant itself. Raises ``GRANT_NOT_OURS``."""
        if self.whole is None:
            raise ExchangeError("GRANT_NOT_OURS", grant_id=self.notice.grant_id)
        return self.whole

    def is_end(self, node_id: str) -> bool:
        return node_id in (self.notice.provider.node_id, self.notice.consumer.node_id)


def enrol(node: NodeRecord, nodes: dict[str, NodeRecord], keys: dict[str, KeyChain]) -> None:
    """A new node with its first keys, or further word on a known one."""
    known = nodes.get(node.node_id)
    if known is None:
        try:
            keys[node.node_id] = KeyChain.of(node)
        except ValueError:
            raise ExchangeError("FEED_BAD", reason=f"a key of node {node.node_id} is not hex") from None
        nodes[node.node_id] = node
    elif not known.is_revoked:
        is_other = not keys[node.node_id].names(node)
        nodes[node.node_id] = known.model_copy(update={"is_revoked": True}) if is_other else node


def change_key(body: Signed, nodes: Mapping[str, NodeRecord], keys: dict[str, KeyChain]) -> None:
    """One more key of a node, if the node itself says so with the key it has; else change nothing."""
    try:
        node_id = KeyChange.from_bytes(body.payload_bytes()).node_id
        if node_id in nodes and not nodes[node_id].is_revoked:
            keys[node_id] = keys[node_id].extend(body)
    except MetadataError:
        return


def issue(facts: GrantFacts, grants: dict[str, GrantFacts]) -> None:
    """A new grant. Raises ``FEED_BAD`` where one with its id was issued already."""
    if facts.notice.grant_id in grants:
        raise ExchangeError("FEED_BAD", reason=f"grant {facts.notice.grant_id} is issued twice")
    grants[facts.notice.grant_id] = facts


def change_grant(change: GrantChange, grants: dict[str, GrantFacts]) -> None:
    """Suspend, resume or terminate a grant; a terminated one stays so. Raises ``FEED_BAD`` for one never issued."""
    known = grants.get(change.grant_id)
    if known is None:
        raise ExchangeError("FEED_BAD", reason=f"a change of grant {change.grant_id}, which was never issued")
    if known.state != "terminated":
        ended = change.at if change.to == "terminated" else None
        grants[change.grant_id] = replace(known, state=change.to, terminated_at=ended)


def countersign(
    body: Signed, nodes: Mapping[str, NodeRecord], grants: dict[str, GrantFacts], keys: Mapping[str, KeyChain]
) -> None:
    """Mark the grant as binding if its provider's own node says so of exactly these bytes; else change nothing.

    The key must be the newest here in the feed, whatever the clock says: a replaced one, stolen later, binds nothing.
    """
    try:
        claimed = Countersignature.from_bytes(body.payload_bytes())
        facts = grants.get(claimed.grant_id)
        if facts is None:
            return
        end = facts.notice.provider
        provider = nodes.get(end.node_id)
        if provider is None or provider.is_revoked:
            return
        key = keys[end.node_id].current("identity", FIRST_SUITE)
        if key is None or key.key_id not in keys[end.node_id].and_successors((end.identity_key_id,)):
            return
        said = body.open("countersignature/1", Countersignature, {key.key_id: key.verifying}.get)
    except MetadataError:
        return
    if said.grant_digest == facts.digest and said.node_id == end.node_id:
        grants[said.grant_id] = replace(facts, is_countersigned=True)

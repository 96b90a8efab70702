"""This node changes its own keys, takes new ones into use, and destroys what no batch needs any more (DESIGN §7).

In this order, so that it may end anywhere and be run again: the new key's file, the signed change at the directory, the
change seen in the feed, the new key in use. An old identity key's file goes then; an old decryption key's when its
overlap is over and no open batch can be opened by it alone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, get_args

from exchange import audit, ledger, plan
from exchange.envelope import open as envelope
from exchange.errors import ExchangeError
from exchange.keys.keystore import KeyFile, public_of
from exchange.keys.trust import TrustSet
from exchange.ledger import Batch
from exchange.node import Node
from metadata.exchange import Manifest
from metadata.keys import FIRST_SUITE, KIND, SUITES, KeyChain, KeyChange, NodeKey, Purpose
from metadata.orders import ARGUMENTS
from metadata.signed import Signed, Signs
from standards.crypto import SigningKey

OVERLAP: Final = timedelta(days=14)
SERVES_AT_LEAST: Final = timedelta(days=7)
_NEEDS_NO_KEY: Final = ("applied", "closed", "quarantined")


@dataclass(frozen=True)
class HeldKey:
    """A key of this node as the feed has it, and whether its private part is (still) here."""

    key: NodeKey
    is_here: bool


def rotate(node: Node, purpose: Purpose, suite: int, overlap: timedelta = OVERLAP) -> NodeKey:
    """Replace one key of this node, or go on where an earlier run stopped; the key now in use.

    Raises ``DIRECTORY_DOWN`` and ``DIRECTORY_REFUSED``; run again it goes on.
    """
    node.rekey(node.keys.add(purpose, suite))
    node.failpoints.reach("rotate.made")
    return _complete(node, purpose, suite, overlap)


def ordered(node: Node, purpose: str, suite: int) -> NodeKey:
    """The same as a work order may have it: with the usual overlap, and no key that has served less than a week.

    So an order, whoever gave it, neither ends a key early nor has keys made without end. Raises ``ORDER_ARGUMENT``,
    ``KEY_YOUNG``, and what ``rotate`` raises.
    """
    if purpose not in get_args(Purpose):
        raise ExchangeError("ORDER_ARGUMENT", name=ARGUMENTS["purpose"], name_en="purpose")
    if suite not in SUITES:
        raise ExchangeError("ORDER_ARGUMENT", name=ARGUMENTS["suite"], name_en="suite")
    wanted: Purpose = "identity" if purpose == "identity" else "decryption"
    current = _chain(node, node.trust()).current(wanted, suite)
    if current is not None and current.since is not None and node.now() - current.since < SERVES_AT_LEAST:
        raise ExchangeError("KEY_YOUNG", since=current.since, days=SERVES_AT_LEAST.days)
    return rotate(node, wanted, suite)


def upkeep(node: Node) -> int:
    """Finish changes that stopped on their way, and destroy what is over; how many keys were destroyed."""
    node.rekey(node.keys.fresh())
    for found in [each for each in node.keys.held if each.is_new]:
        _complete(node, found.purpose, found.suite, OVERLAP)
    _drop_identities(node)
    return retire(node)


def keys(node: Node) -> list[HeldKey]:
    """All keys this node has had, oldest first."""
    here = {public_of(key) for key in node.keys.held.values()}
    return [HeldKey(key, key.public in here) for key in _chain(node, node.trust()).keys]


def retire(node: Node) -> int:
    """Destroy the decryption keys that are over: replaced, past their overlap, and not the only way into a batch."""
    trust = node.feed.load()
    if node.node_id not in trust.keys:
        return 0
    known = {key.public: key for key in trust.keys[node.node_id].keys}
    over = {
        found: known[public_of(key)]
        for found, key in node.keys.held.items()
        if found.purpose == "decryption" and not found.is_new and not _counts(known.get(public_of(key)), node.now())
    }
    if not over:
        return 0
    plan.arrivals(node)  # what waits at the relay may need one; unless the relay answers, none is destroyed
    needed = _needed(node, {key.key_id: key for key in over.values()})
    gone = [(found, key) for found, key in over.items() if key.key_id not in needed]
    for found, key in gone:
        _destroy(node, found, key.key_id)
    return len(gone)


def _complete(node: Node, purpose: Purpose, suite: int, overlap: timedelta) -> NodeKey:
    found = node.keys.pending(purpose, suite)
    if found is None:  # another process was faster
        return _in_use(node, _chain(node, node.trust()), purpose, suite)
    public = public_of(node.keys.held[found])
    chain = _chain(node, _pull(node, found))
    if public not in {key.public for key in chain.keys}:
        node.directory.change_key(_statement(node, chain, found, overlap))
        node.failpoints.reach("rotate.told")
        chain = _chain(node, _pull(node, found))
    if public not in {key.public for key in chain.keys}:
        raise ExchangeError("FEED_BAD", reason="the directory took a change of key and does not show it")
    made = next(key for key in chain.keys if key.public == public)
    entry = node.entry("node:key", node.node_id, details={"fingerprint": made.key_id, "replaces": made.replaces})
    with node.engine.begin() as connection:
        audit.enqueue(connection, entry)
    node.rekey(node.keys.use(found))
    node.failpoints.reach("rotate.used")
    _drop_identities(node)
    return made


def _drop_identities(node: Node) -> None:
    """An identity key that another has followed signs nothing more, whatever its overlap: that is for verifying."""
    for old in node.keys.replaced_identities():
        node.rekey(node.keys.destroy(old))


def _statement(node: Node, chain: KeyChain, found: KeyFile, overlap: timedelta) -> Signed:
    """The change, signed by all whose word it needs (``KeyChain.extend``)."""
    now, current, new = node.now(), chain.current(found.purpose, found.suite), node.keys.held[found]
    change = KeyChange.model_validate(
        {
            "node_id": node.node_id,
            "purpose": found.purpose,
            "suite": found.suite,
            "public": public_of(new),
            "replaces_key_id": "" if current is None else current.key_id,
            "valid_from": now,
            "overlap_until": now + overlap,
        }
    )
    signers: list[Signs] = [node.keys.identity]
    if found.purpose == "identity":
        if current is not None and found.suite != FIRST_SUITE:
            signers.append(node.keys.signer(found.suite))
        if isinstance(new, Signs):
            signers.append(new)
    return Signed.sign(KIND, change, *signers)


def _pull(node: Node, found: KeyFile) -> TrustSet:
    """The newest feed. When an answer was lost the directory may know us by the new key only."""
    try:
        return node.feed.pull(node.directory.feed, node.now())
    except ExchangeError as error:
        new = node.keys.held[found]
        is_stranger = error.code == "DIRECTORY_REFUSED" and error.values["refusal"] == "SIGNATURE_INVALID"
        if not is_stranger or not isinstance(new, SigningKey):
            raise
    with node.calling_as(new):
        return node.feed.pull(node.directory.feed, node.now())


def _chain(node: Node, trust: TrustSet) -> KeyChain:
    if node.node_id not in trust.keys:
        raise ExchangeError("FEED_BAD", reason=f"it has no node {node.node_id}")
    return trust.keys[node.node_id]


def _in_use(node: Node, chain: KeyChain, purpose: Purpose, suite: int) -> NodeKey:
    key = chain.current(purpose, suite)
    if key is None:
        raise ExchangeError("KEY_MISSING", path=node.keys.folder)
    return key


def _counts(key: NodeKey | None, now: datetime) -> bool:
    """A key that the feed does not have is not over: it is not this function's to judge."""
    return key is None or key.is_in_force(now)


def _needed(node: Node, over: dict[str, NodeKey]) -> set[str]:
    """Those without which an open batch could not be opened; of a batch not here yet, all of its time."""
    with node.engine.connect() as connection:
        open_batches = [
            batch
            for batch in ledger.batches(connection, only_open=True)
            if batch.role == "consumer" and batch.state not in _NEEDS_NO_KEY
        ]
    needed: set[str] = set()
    for batch in open_batches:
        named = _recipients(node, batch)
        if named is None:
            sealed_at = Manifest.from_bytes(Signed.from_bytes(batch.manifest).payload_bytes()).created_at
            needed |= {key_id for key_id, key in over.items() if key.until is not None and sealed_at < key.until}
        elif not named & (node.keys.decryption.keys() - over.keys()):
            needed |= named & over.keys()
    return needed


def _recipients(node: Node, batch: Batch) -> set[str] | None:
    """The keys to which a batch in the spool is sealed; None for one that is not here."""
    if not batch.digest:
        return None
    try:
        with node.spool.open(batch.route_id, batch.seq, batch.digest) as file:
            return {recipient.key_id for recipient in envelope.read_header(file).recipients}
    except ExchangeError:
        return None


def _destroy(node: Node, found: KeyFile, key_id: str) -> None:
    entry = node.entry("node:key_destroy", node.node_id, details={"fingerprint": key_id})
    with node.engine.begin() as connection:
        audit.enqueue(connection, entry)
    node.failpoints.reach("rotate.destroying")
    node.rekey(node.keys.destroy(found))

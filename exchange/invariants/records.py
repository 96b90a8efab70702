"""What the audit queues say against what the ledger and the target say: I10; and the log that they go to: I11."""

from collections.abc import Iterator, Mapping

from exchange.consumer import undo
from exchange.invariants.evidence import Evidence, finding
from exchange.ledger import Batch
from exchange.node import Node
from exchange.states import Role, State
from standards.findings import Finding

# What was recorded on the way to a state; each includes those before it.
_ACTIONS: Mapping[Role, tuple[tuple[State, str], ...]] = {
    "provider": (("due", "plan"), ("sealed", "seal"), ("stored", "store"), ("closed", "close")),
    "consumer": (
        ("stored", "arrive"),
        ("fetched", "fetch"),
        ("verified", "verify"),
        ("staged", "stage"),
        ("checked", "check"),
        ("applied", "follow"),
        ("closed", "reply"),
    ),
}
_STOPPED = {("provider", "held"): {"hold"}, ("consumer", "held"): {"hold"}, ("consumer", "quarantined"): {"quarantine"}}


def recorded(_: Node, found: Evidence) -> Iterator[Finding]:
    """I10: every state a batch has come to has its audit entry, and no entry is about a batch that is not there."""
    for batch in found.batches.values():
        missing = _needed(batch) - found.actions.get(batch.subject, frozenset())
        if missing:
            zh = f"状态变化缺少审计记录：{'、'.join(sorted(missing))}"
            yield finding("I10", batch.subject, zh, f"no audit entry {', '.join(sorted(missing))}")
    known = {batch.subject for batch in found.batches.values()}
    for subject, actions in found.actions.items():
        if subject not in known and any(action.startswith("batch:") for action in actions):
            yield finding("I10", subject, "审计记录所指的批次不在台账里", "an audit entry of an unknown batch")
    applied = {f"{route_id}/{seq}" for route_id, seq in found.applied}
    entered = {subject for subject, actions in found.target_actions.items() if "batch:apply" in actions}
    for subject in sorted(applied ^ entered):
        zh = "目标库的登记与其审计记录不相符：有一方缺失"
        yield finding("I10", subject, zh, "a mark without its audit entry, or the reverse")


def witnessed(node: Node, _: Evidence) -> Iterator[Finding]:
    """I11: the directory's audit log has never contradicted what this node had seen of it."""
    yield from node.witness.findings()


def _needed(batch: Batch) -> set[str]:
    """By the state, or the state it stopped in."""
    path = _ACTIONS[batch.role]
    states = [state for state, _ in path]
    reached = batch.held_from or batch.state
    count = states.index(reached) + 1 if reached in states else 1
    stopped = {"undo"} if batch.code == undo.CODE else _STOPPED.get((batch.role, batch.state), set())
    return {f"batch:{verb}" for verb in {verb for _, verb in path[:count]} | stopped}

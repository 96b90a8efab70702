"""What the pipelines do, as plain functions: ids in, ids out, over the homes of the nodes that this machine drives.

Airflow gives the time and the queue; how far a batch has come stands in its node's ledger. So each function may be
called again at any time, and what fails here with a transient error (``is_transient``) is worth another try later.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypedDict

from sqlalchemy.exc import OperationalError

from exchange import plan, steps
from exchange.agent import actions
from exchange.errors import ExchangeError
from exchange.node import SETTINGS_FILE, Node
from exchange.peers import orders, sync
from exchange.plan import BatchRef
from exchange.ports import Checker
from exchange.probe.run import probe_all
from exchange.reconcile.turn import nightly
from pipelines.errors import PipelinesError

STOPPED = frozenset({"held", "quarantined"})
# Waiting that is no fault: the other end has its turn, or a person has said to wait.
GOES_ON_LATER = frozenset({"WAITING_FOR_RECEIPT", "WAITING_FOR_SEQ", "INSTANT_WAITS", "GRANT_SUSPENDED"})

_log = logging.getLogger(__name__)


class Batch(TypedDict):
    """What names a batch at one end; all that travels between tasks."""

    node: str
    route_id: str
    seq: int


def node_names(nodes_folder: Path) -> list[str]:
    """The nodes whose homes (settings, keys, connections) are on this machine."""
    return sorted(path.parent.name for path in nodes_folder.glob(f"*/{SETTINGS_FILE}"))


def sync_nodes(nodes_folder: Path) -> None:
    """Pull the directory's feed and deliver statuses, receipts and audit entries for every node.

    :raises PipelinesError: NODES_FAILED after all were tried, naming those that failed and why.
    """
    failed: list[PipelinesError] = []
    for name in node_names(nodes_folder):
        try:
            with _opened(nodes_folder, name) as node:
                sync.sync(node)
        except PipelinesError as error:
            failed.append(error)
    if failed:
        raise PipelinesError(
            "NODES_FAILED",
            reasons="；".join(each.zh for each in failed),
            reasons_en="; ".join(each.en for each in failed),
        )


def due_batches(nodes_folder: Path, now: datetime, is_forced: bool) -> list[Batch]:
    """What is to be sent: batches newly due (``is_forced``: as if every time had come), and those begun before.

    A node that fails does not keep the others from sending; it is logged here, and ``sync_nodes`` names it at the end.
    """
    found: list[Batch] = []
    for name in node_names(nodes_folder):
        with _alone(), _opened(nodes_folder, name) as node:
            try:
                sync.sync(node)  # so that a grant countersigned a moment ago is seen now, not at the next feed head
                plan.plan(node, now, force=is_forced)
            finally:
                found += _batches(plan.open_batches(node, "provider"))
    return found


def arrived(nodes_folder: Path) -> list[Batch]:
    """What is to be received: batches announced at the relay, and those whose receiving was begun before."""
    found: list[Batch] = []
    for name in node_names(nodes_folder):
        with _alone(), _opened(nodes_folder, name) as node:
            try:
                sync.sync(node)
                plan.arrivals(node)
            finally:
                found += _batches(plan.open_batches(node, "consumer"))
    return found


def drive(nodes_folder: Path, batch: Batch, checker: Checker, run_id: str) -> str:
    """Take one batch as far as it goes now; the state it reached. Waiting for the other end's receipt is far enough.

    :raises PipelinesError: NOT_MY_NODE where its node's home is not on this machine; BATCH_WAITING (transient) with the
        code it waits for; BATCH_STOPPED when it is held or quarantined and waits for a person.
    """
    with _opened(nodes_folder, batch["node"]) as node:
        outcome = steps.drive(node, batch["route_id"], batch["seq"], checker, run_id)
    name = f"{batch['route_id']}/{batch['seq']}"
    if outcome.state in STOPPED:
        raise PipelinesError("BATCH_STOPPED", batch=name, state=outcome.state, why=outcome.code)
    if outcome.is_waiting and outcome.code not in GOES_ON_LATER:
        raise PipelinesError("BATCH_WAITING", batch=name, why=outcome.code)
    return str(outcome.state)


def ordered(nodes_folder: Path) -> list[str]:
    """The nodes for which there is a work order to carry out; the feed is pulled first."""
    found: list[str] = []
    for name in node_names(nodes_folder):
        with _alone(), _opened(nodes_folder, name) as node:
            sync.sync(node)
            if orders.waiting(node):
                found.append(name)
    return found


def carry_out_orders(nodes_folder: Path, name: str, checker: Checker) -> int:
    """Carry out one node's work orders, at most once each, and send its signed answers; how many orders.

    What an order could not do stands in its answer and fails nothing here.

    :raises PipelinesError: NOT_MY_NODE, NODE_BUSY (transient), NODE_FAILED.
    """
    with _opened(nodes_folder, name) as node:
        return orders.carry_out(node, actions(checker))


def probe_mounts(nodes_folder: Path, name: str) -> int:
    """Look at every mount that lies with one node and tell the directory; how many there are.

    :raises PipelinesError: NOT_MY_NODE, NODE_BUSY (transient), NODE_FAILED.
    """
    with _opened(nodes_folder, name) as node:
        found, _ = probe_all(node)
    return len(found)


def reconcile_routes(nodes_folder: Path, name: str) -> int:
    """Begin one node's nightly reconciliations and answer what others ask; how many messages were dealt with.

    :raises PipelinesError: NOT_MY_NODE, NODE_BUSY (transient), NODE_FAILED.
    """
    with _opened(nodes_folder, name) as node:
        return nightly(node, node.now())


@contextmanager
def _opened(nodes_folder: Path, name: str) -> Iterator[Node]:
    """A node of this machine; faults of its database or of a peer come out as ours, saying whether to try again."""
    if name not in node_names(nodes_folder):
        raise PipelinesError("NOT_MY_NODE", node=name, folder=nodes_folder)
    try:
        with Node.open(nodes_folder / name) as node:
            yield node
    except ExchangeError as error:
        raise PipelinesError(
            "NODE_BUSY" if error.is_transient else "NODE_FAILED", node=name, reason=error.zh, reason_en=error.en
        ) from error
    except OperationalError as error:
        raise PipelinesError(
            "NODE_BUSY",
            node=name,
            reason="数据库连不上或中断",
            reason_en="its database cannot be reached, or broke off",
        ) from error


@contextmanager
def _alone() -> Iterator[None]:
    """One node's fault is not the others'."""
    try:
        yield
    except PipelinesError as error:
        _log.warning("%s", error)


def _batches(found: list[BatchRef]) -> list[Batch]:
    return [Batch(node=each.node, route_id=each.route_id, seq=each.seq) for each in found]

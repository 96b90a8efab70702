"""step() and drive(): the one way a batch is moved, by Airflow, the command line or the agent alike.

A step reads the state, does one thing and commits the next state. Running it twice, late or at once with another is
normal.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import exc

from exchange import audit, disk, instants, ledger, receipts
from exchange.consumer import apply, load, receive
from exchange.errors import ExchangeError
from exchange.files import apply as files_apply
from exchange.files import seal as files_seal
from exchange.files import stage as files_stage
from exchange.ledger import Batch
from exchange.limits import LIMITS
from exchange.node import Node
from exchange.peers import sync
from exchange.ports import Checker
from exchange.provider import send
from exchange.states import FINAL, OVER_A_KEY, Role, State, verdict
from standards.errors import ExplainedError

T = TypeVar("T")
_Step = Callable[[Node, Batch, Checker], Batch]
_JointStep = Callable[[Node, Sequence[Batch], Checker], tuple[Batch, ...]]


@dataclass(frozen=True)
class Outcome:
    """Where a batch is after a step. ``is_waiting``: another step now would not get further, and the code says why.

    ``explanation_zh`` and ``next_step`` are the code's sentences; all three are empty while the batch simply goes on.
    """

    state: State
    is_waiting: bool
    code: str = ""
    explanation_zh: str = ""
    next_step: str = ""


def _by_content(rows: _Step, files: Callable[[Node, Batch], Batch]) -> _Step:
    """The step for rows, or the one for files where the batch's grant is of a file or folder."""

    def chosen(node: Node, batch: Batch, checker: Checker) -> Batch:
        facts = node.feed.load().grants.get(batch.grant_id)
        if facts is not None and facts.whole is not None and facts.whole.kind != "table":
            return files(node, batch)
        return rows(node, batch, checker)

    return chosen


def _alone(joint: _JointStep) -> _Step:
    """A joint step for a batch that is of no instant: what goes wrong is simply its own."""

    def chosen(node: Node, batch: Batch, checker: Checker) -> Batch:
        try:
            return joint(node, [batch], checker)[0]
        except instants.MemberError as failed:
            raise failed.error from None

    return chosen


def _apply(node: Node, batches: Sequence[Batch], _: Checker) -> tuple[Batch, ...]:
    return apply.apply(node, batches)


_STEPS: Mapping[tuple[Role, State], _Step] = {
    ("provider", "due"): _by_content(_alone(send.seal), files_seal.seal),
    ("provider", "sealed"): lambda node, batch, _: send.store(node, batch),
    ("provider", "stored"): lambda node, batch, _: send.close(node, batch),
    ("consumer", "stored"): lambda node, batch, _: receive.fetch(node, batch),
    ("consumer", "fetched"): lambda node, batch, _: receive.verify(node, batch),
    ("consumer", "verified"): _by_content(lambda node, batch, _: load.stage(node, batch), files_stage.stage),
    ("consumer", "staged"): _by_content(load.check, files_stage.check),
    ("consumer", "checked"): _by_content(_alone(_apply), files_apply.apply),
    ("consumer", "applied"): _by_content(lambda node, batch, _: apply.reply(node, batch), files_apply.reply),
}

# Where an instant has several members: of all of them at once (``instants.JOINT``).
_JOINT_STEPS: Mapping[tuple[Role, State], _JointStep] = {
    ("provider", "due"): send.seal,
    ("consumer", "checked"): _apply,
}

# Steps after which data are somewhere they were not before: none of them while audit entries pile up unsent.
_SENSITIVE: frozenset[tuple[Role, State]] = frozenset(
    {("provider", "due"), ("provider", "sealed"), ("consumer", "verified"), ("consumer", "checked")}
)


def step(node: Node, route_id: str, seq: int, checker: Checker, *, run_id: str = "") -> Outcome:
    """Do the next thing for one batch. ``run_id`` is the Airflow run that asks, for the record.

    Every fault becomes an outcome: it waits, is held for a person, or is quarantined. Only an unknown batch and a
    ledger that cannot be reached raise (``BATCH_UNKNOWN``, ``LEDGER_DOWN``).
    """
    try:
        with node.engine.connect() as connection:
            seen = ledger.find(connection, route_id, seq)
        if seen.state in FINAL:
            return _outcome(seen)
        try:
            with instants.leased(node.engine, instants.take(node.engine, seen), run_id) as batches:
                if len(batches) == 1:
                    return _outcome(seen if batches[0].state in FINAL else _advance(node, batches[0], checker))
                if any(batch.state != seen.state for batch in batches):
                    raise ExchangeError("BATCH_BUSY")
                _advance_all(node, batches, checker)
            with node.engine.connect() as connection:
                return _outcome(ledger.find(connection, route_id, seq))
        except ExchangeError as error:
            if error.code not in ("BATCH_BUSY", "STALE_LEASE", "AUDIT_UNAVAILABLE"):
                raise
            with node.engine.connect() as connection:
                state = ledger.find(connection, route_id, seq).state
            return Outcome(state, is_waiting=True, code=error.code, explanation_zh=error.zh, next_step=error.next_step)
    except (exc.OperationalError, exc.InterfaceError):
        raise ExchangeError("LEDGER_DOWN") from None


def drive(node: Node, route_id: str, seq: int, checker: Checker, run_id: str = "") -> Outcome:
    """Step until the batch waits or has ended."""
    while True:
        outcome = step(node, route_id, seq, checker, run_id=run_id)
        if outcome.is_waiting or outcome.state in FINAL:
            return outcome


def _advance(node: Node, batch: Batch, checker: Checker) -> Batch:
    try:
        if (batch.role, batch.state) in _SENSITIVE:
            _require_audit(node)
        take = _STEPS[batch.role, batch.state]
        return _with_newest_keys(node, lambda: take(node, batch, checker))
    except ExchangeError as error:
        if error.code == "STALE_LEASE":
            raise
        return _fail(node, batch, error)
    except ExplainedError as error:
        return _fail(node, batch, error)
    except OSError as error:  # whoever may meet another's files or network has its own codes: this is our disk
        return _fail(node, batch, disk.explain(error, node.spool.folder))


def _advance_all(node: Node, batches: Sequence[Batch], checker: Checker) -> None:
    """The joint step of an instant's members: all go on, or that which went wrong stops and the others wait for it."""
    take = _JOINT_STEPS[batches[0].role, batches[0].state]
    try:
        _require_audit(node)
        _with_newest_keys(node, lambda: take(node, batches, checker))
    except instants.MemberError as failed:
        place = instants.Place(failed.batch.route_id, failed.batch.seq)
        stopped = _stop(node, failed.batch, failed.error)
        error = instants.refused(stopped) if stopped.state == "quarantined" else instants.waits(place, stopped)
        for batch in batches:
            if batch is not failed.batch:
                _fail(node, batch, error)
    except (ExplainedError, OSError) as error:
        if isinstance(error, ExchangeError) and error.code == "STALE_LEASE":
            raise
        for batch in batches:
            _stop(node, batch, error)


def _stop(node: Node, batch: Batch, error: ExplainedError | OSError) -> Batch:
    return _fail(node, batch, disk.explain(error, node.spool.folder) if isinstance(error, OSError) else error)


def _with_newest_keys(node: Node, take: Callable[[], T]) -> T:
    """The step. One that fails over a key is taken again if the feed has news: the other end may have changed it."""
    held = node.feed.load().size
    try:
        return take()
    except (ExchangeError, instants.MemberError) as error:
        if error.code not in OVER_A_KEY:
            raise
        with contextlib.suppress(ExchangeError):
            node.feed.pull(node.directory.feed, node.now())
        if node.feed.load().size == held:
            raise
    return take()


def _fail(node: Node, batch: Batch, error: ExplainedError) -> Batch:
    """Wait, hold or quarantine, with the reason on the batch and in the audit queue."""
    decided = verdict(batch.role, batch.state, error.code, is_transient=error.is_transient)
    if decided == "wait":
        entry = node.entry("batch:wait", batch.subject, outcome="waiting", code=error.code)
        with node.engine.begin() as connection:
            return ledger.note(connection, batch, error, entry, node.now())
    because = {"code": error.code, "explanation_zh": error.zh, "next_step": error.next_step}
    if decided == "hold":
        entry = node.entry("batch:hold", batch.subject, outcome="held", code=error.code)
        with node.engine.begin() as connection:
            return ledger.move(connection, batch, "held", entry, node.now(), held_from=batch.state, **because)
    entry = node.entry("batch:quarantine", batch.subject, outcome="quarantined", code=error.code)
    with node.engine.begin() as connection:
        moved = ledger.move(connection, batch, "quarantined", entry, node.now(), **because)
        receipts.issue(connection, node, moved, "refused", code=error.code)
    with contextlib.suppress(ExchangeError):  # a whole object is evidence, a part of one is none
        node.spool.keep_only(batch.route_id, batch.seq, moved.digest)
    with contextlib.suppress(ExchangeError):  # fsck finds what stays staged
        load.discard(node, moved)
        node.received.forget(batch.route_id, batch.seq)
    with contextlib.suppress(ExchangeError):  # the refusal stays in the queue; sync delivers it
        receipts.deliver(node, batch.route_id, batch.seq)
    return moved


def _require_audit(node: Node) -> None:
    """Raises ``AUDIT_BACKLOG`` when entries have waited too long and cannot be shipped now either."""
    if _backlog_seconds(node) <= LIMITS.audit_backlog_seconds:
        return
    with contextlib.suppress(ExchangeError):
        sync.ship_audit(node)
    waited = _backlog_seconds(node)
    if waited > LIMITS.audit_backlog_seconds:
        raise ExchangeError("AUDIT_BACKLOG", seconds=int(waited))


def _backlog_seconds(node: Node) -> float:
    with node.engine.connect() as connection:
        return audit.backlog_seconds(connection)


def _outcome(batch: Batch) -> Outcome:
    return Outcome(
        batch.state,
        is_waiting=bool(batch.code) and batch.state not in FINAL,
        code=batch.code,
        explanation_zh=batch.explanation_zh,
        next_step=batch.next_step,
    )

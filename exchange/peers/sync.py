"""Keep up with the directory: pull the feed; ship audit entries, receipts and statuses. Safe to repeat at any time."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Engine, Row, select, text, update

from exchange import audit, department, fidelity, ledger, receipts
from exchange.errors import ExchangeError
from exchange.keys import countersign, rotate
from exchange.limits import LIMITS
from exchange.node import Node
from exchange.reconcile import sessions
from exchange.store import AUDIT_OUT, BATCH, RECEIPT
from metadata.audit import AuditEntry
from metadata.exchange import BatchStatus

T = TypeVar("T")
Ship = Callable[[Sequence[AuditEntry]], None]


@dataclass(frozen=True)
class Synced:
    """What one run has done: the feed's size, and how many of each were shipped."""

    feed_size: int
    keys_destroyed: int
    audit_entries: int
    countersignatures: int
    receipts: int
    statuses: int
    reconciliations: int = 0


def sync(node: Node) -> Synced:
    """Pull, then ship each kind, whatever became of the others; then raise the first error there was.

    Raises the codes of the feed (``FEED_FORK``, ``FEED_ROLLBACK`` …) and of the audit log (``LOG_FORK`` …),
    ``DIRECTORY_DOWN``, ``DIRECTORY_REFUSED`` and the like. A relay that is down is no error here: receipts wait for
    the next run.
    """
    failures: list[ExchangeError] = []

    def attempt(work: Callable[[Node], int]) -> int:
        try:
            return work(node)
        except ExchangeError as error:
            failures.append(error)
            return 0

    done = Synced(
        feed_size=attempt(_pull),
        keys_destroyed=attempt(rotate.upkeep),
        audit_entries=attempt(ship_audit),
        countersignatures=attempt(countersign.send_waiting),
        receipts=attempt(_ship_receipts),
        statuses=attempt(_ship_statuses),
        reconciliations=attempt(_ship_reconciliations),
    )
    if not failures:
        attempt(receipts.seal_anew)
        attempt(receipts.deliver)
    attempt(_witness)
    if failures and failures[0].code not in ("RELAY_DOWN", "RELAY_NOT_READY"):
        raise failures[0]
    return done


def _pull(node: Node) -> int:
    return node.feed.pull(node.directory.feed, node.now()).size


def _witness(node: Node) -> int:
    """What the directory's log has become is what this node has seen of it, grown."""

    def tell(code: str, size: int) -> None:
        action, outcome = ("log:contradict", "refused") if code else ("log:witness", "done")
        entry = node.entry(action, "audit-log", outcome=outcome, code=code, details={"size": size})
        with node.engine.begin() as connection:
            audit.enqueue(connection, entry)

    return node.witness.look(node.directory.log_growth, tell)


def ship_audit(node: Node) -> int:
    """Both queues, the node's and its department database's; returns how many entries went."""
    return ship_queue(node.engine, node.directory.send_audit) + _ship_target_queue(node)


def ship_queue(engine: Engine, ship: Ship) -> int:
    """A queue in our own database, oldest first. An entry is marked after it was taken; sent twice it counts once."""
    count = 0
    while True:
        with engine.connect() as connection, audit.available(connection):
            rows = connection.execute(
                select(AUDIT_OUT.c.id, AUDIT_OUT.c.body)
                .where(AUDIT_OUT.c.shipped_at.is_(None))
                .order_by(AUDIT_OUT.c.id)
                .limit(LIMITS.audit_page)
            ).all()
        if not rows:
            return count
        ship([AuditEntry.from_bytes(bytes(row.body)) for row in rows])
        with engine.begin() as connection, audit.available(connection):
            connection.execute(
                update(AUDIT_OUT)
                .where(AUDIT_OUT.c.id.in_([row.id for row in rows]))
                .values(shipped_at=text("clock_timestamp()"))
            )
        count += len(rows)


def _ship_target_queue(node: Node) -> int:
    count = 0
    with department.connect(node.settings.department_url, "target", "hutong.audit_out") as connection:
        while rows := _waiting(connection):
            node.directory.send_audit([AuditEntry.from_bytes(bytes(body)) for _, body in rows])
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE hutong.audit_out SET shipped_at = clock_timestamp() WHERE id = ANY(%s)",
                    ([number for number, _ in rows],),
                )
            connection.commit()
            count += len(rows)
    return count


def _waiting(connection: Any) -> list[tuple[int, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, body FROM hutong.audit_out WHERE shipped_at IS NULL ORDER BY id LIMIT %s", (LIMITS.audit_page,)
        )
        rows: list[tuple[int, bytes]] = cursor.fetchall()
    connection.rollback()  # nothing stays locked while the directory answers
    return rows


def _ship(items: Sequence[T], page_size: int, send: Callable[[Sequence[T]], None], done: Callable[[T], None]) -> int:
    """Send page by page. A page that is refused goes one by one, so that one bad record keeps no other back.

    Raises the first refusal after everything else was sent, and any other error at once.
    """
    count, refusal = 0, None
    for start in range(0, len(items), page_size):
        page = items[start : start + page_size]
        try:
            send(page)
        except ExchangeError as error:
            if error.code != "DIRECTORY_REFUSED":
                raise
            refusal = refusal or error
            if len(page) > 1:
                with contextlib.suppress(ExchangeError):
                    count += _ship(page, 1, send, done)
            continue
        for item in page:
            done(item)
        count += len(page)
    if refusal is not None:
        raise refusal
    return count


def _ship_receipts(node: Node) -> int:
    with node.engine.connect() as connection:
        rows = connection.execute(
            select(RECEIPT).where(RECEIPT.c.reported_at.is_(None)).order_by(RECEIPT.c.created_at)
        ).all()

    def send(page: Sequence[Row[Any]]) -> None:
        node.directory.send_receipts([receipts.as_kept(bytes(row.body), row.contents) for row in page])

    def done(row: Row[Any]) -> None:
        same = (RECEIPT.c.route_id == row.route_id, RECEIPT.c.seq == row.seq, RECEIPT.c.kind == row.kind)
        with node.engine.begin() as connection:
            connection.execute(update(RECEIPT).where(*same).values(reported_at=node.now()))

    return _ship(rows, LIMITS.receipt_page, send, done)


def _ship_statuses(node: Node) -> int:
    with node.engine.connect() as connection:
        batches = [batch for batch in ledger.batches(connection) if batch.changes > batch.reported_changes]

    def send(page: Sequence[ledger.Batch]) -> None:
        node.directory.send_status([status_of(node.node_id, batch) for batch in page])

    def done(batch: ledger.Batch) -> None:
        same = (BATCH.c.route_id == batch.route_id, BATCH.c.seq == batch.seq)
        with node.engine.begin() as connection:
            connection.execute(update(BATCH).where(*same).values(reported_changes=batch.changes))

    return _ship(batches, LIMITS.status_page, send, done)


def _ship_reconciliations(node: Node) -> int:
    """The results, and with each the certificates of its route: what it proved, and what earlier ones did."""
    with node.engine.connect() as connection:
        found = sessions.unreported(connection)

    def send(page: Sequence[sessions.Session]) -> None:
        node.directory.send_reconciliations([signed for item in page if (signed := item.signed()) is not None])
        with node.engine.connect() as connection:
            certificates = fidelity.signed_of(connection, {item.route_id for item in page})
        if certificates:
            node.directory.send_certificates(certificates)

    def done(item: sessions.Session) -> None:
        with node.engine.begin() as connection:
            sessions.reported(connection, item.session_id, node.now())

    return _ship(found, LIMITS.receipt_page, send, done)


def status_of(node_id: str, batch: ledger.Batch) -> BatchStatus:
    """A ledger row as the status page shows it, with its code's sentences."""
    return BatchStatus(
        route_id=batch.route_id,
        seq=batch.seq,
        grant_id=batch.grant_id,
        state=batch.state,
        node_id=node_id,
        code=batch.code,
        explanation_zh=batch.explanation_zh,
        next_step=batch.next_step,
        rows=batch.rows,
        set_aside=batch.set_aside,
        plain_bytes=batch.plain_bytes,
        sealed_bytes=batch.size_bytes,
        duration_ms=batch.duration_ms,
        checks_run=batch.checks_run,
        checks_passed=batch.checks_passed,
        airflow_run=batch.run_id,
        at=batch.updated_at,
    )

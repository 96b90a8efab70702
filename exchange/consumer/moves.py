"""What the node writes down of a batch between fetching and applying it, alike for rows and for files."""

from exchange import ledger, receipts
from exchange.audit import Details
from exchange.envelope.header import Kind
from exchange.envelope.trailer import Trailer
from exchange.ledger import Batch
from exchange.node import Node
from metadata.quality import CheckReport


def staged(node: Node, batch: Batch, trailer: Trailer, kind: Kind | None = None) -> Batch:
    """verified -> staged: what the trailer counted now stands beside the target; ``kind`` is said of rows."""
    said: dict[str, Kind] = {} if kind is None else {"kind": kind}
    details: Details = {**said, "rows": trailer.rows, "set_aside": trailer.set_aside}
    node.failpoints.reach("stage.before_commit")
    with node.engine.begin() as connection:
        return ledger.move(
            connection,
            batch,
            "staged",
            node.entry("batch:stage", batch.subject, details=details),
            node.now(),
            **said,
            rows=trailer.rows,
            target_rows=trailer.target_rows,
            set_aside=trailer.set_aside,
            plain_bytes=trailer.plain_bytes,
        )


def checked(node: Node, batch: Batch, report: CheckReport) -> Batch:
    """staged -> checked, with the report and the receipt for it."""
    details: Details = {"run": report.run, "passed": report.passed}
    node.failpoints.reach("check.before_commit")
    with node.engine.begin() as connection:
        moved = ledger.move(
            connection,
            batch,
            "checked",
            node.entry("batch:check", batch.subject, details=details),
            node.now(),
            checks_run=report.run,
            checks_passed=report.passed,
            report=report.to_bytes(),
        )
        receipts.issue(connection, node, moved, "checked")
        return moved


def load_again(node: Node, batch: Batch) -> Batch:
    """Back to verified: the staging table is gone (a target restored from a backup) and is made again from the
    spool.
    """
    with node.engine.begin() as connection:
        entry = node.entry("batch:restage", batch.subject)
        return ledger.move(connection, batch, "verified", entry, node.now())

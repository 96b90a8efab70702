"""The consumer's middle steps: stage the rows, check them again where they have arrived."""

from exchange import columns, department, ledger, receipts
from exchange.audit import Details
from exchange.consumer import filling, marks, merge, staging, target
from exchange.consumer.receive import announced, verified_batch
from exchange.envelope.open import Opened
from exchange.errors import ExchangeError
from exchange.ledger import Batch
from exchange.node import Node
from exchange.ports import Checker, CheckSubject
from metadata.quality import rules_of


def stage(node: Node, batch: Batch) -> Batch:
    """verified -> staged: open the batch into its staging table, in one transaction that any fault rolls back.

    Where there is no received table yet, the staging table gets its key, for it will be that table (``target.adopt``).

    Signature and digest are verified again on the way, so what is opened is what was verified.
    """
    trust = node.trust()
    _, grant = announced(node, trust, batch)
    verified = verified_batch(node, trust, batch, grant)
    kind = verified.header.kind
    with filling.connections(node, batch) as connections:
        connection = connections[0]
        with connection.cursor() as cursor:
            marks.fence(cursor, batch.route_id, batch.lease_epoch)
            is_first = kind == "full" and not target.exists(cursor, grant)
        with node.spool.open(batch.route_id, batch.seq, batch.digest) as file:
            opened = Opened(file, verified, node.keys.decryption)
            filling.fill(node, connections, batch, grant, opened, verified.header, is_first=is_first)
        with department.faults("target", staging.SCHEMA), connection.cursor() as cursor:
            staging.complete(cursor, batch, grant, kind, is_first=is_first)
        node.failpoints.reach("stage.loaded")
        connection.commit()
    trailer = opened.trailer
    details: Details = {"kind": kind, "rows": trailer.rows, "set_aside": trailer.set_aside}
    node.failpoints.reach("stage.before_commit")
    with node.engine.begin() as ledger_connection:
        return ledger.move(
            ledger_connection,
            batch,
            "staged",
            node.entry("batch:stage", batch.subject, details=details),
            node.now(),
            kind=kind,
            rows=trailer.rows,
            target_rows=trailer.target_rows,
            set_aside=trailer.set_aside,
            plain_bytes=trailer.plain_bytes,
        )


def check(node: Node, batch: Batch, checker: Checker) -> Batch:
    """staged -> checked: every rule again, over the rows that the target will hold. Every failure condemns it."""
    trust = node.trust()
    _, grant = announced(node, trust, batch)
    url = node.settings.department_url
    with department.connect(url, "target", staging.SCHEMA) as connection, connection.cursor() as cursor:
        is_staged = staging.exists(cursor, batch)
        is_applied = marks.applied(cursor, batch.route_id, batch.seq) is not None
        if is_staged and batch.kind != "full" and not is_applied:
            merge.require_base(cursor, batch, grant, marks.head(cursor, batch.route_id))
    if not is_staged:
        return load_again(node, batch)
    checked = checker.check(
        CheckSubject(
            dsn=department.libpq_url(url),
            snapshot_id=None,
            relation=merge.relation(batch, grant),
            rules=rules_of(columns.items(grant), box_mas=grant.box_mas),
            key=columns.key(grant),
            place="staging",
            subject=batch.subject,
        ),
    )
    checked.settle()
    with department.connect(url, "target", staging.SCHEMA) as connection, connection.cursor() as cursor:
        merge.require_no_gap(cursor, batch, grant, checked.report.rows)  # else what is left is judged as if it were all
    failed = checked.holds or tuple(
        result.rule_id for result in checked.report.results if not result.passed and result.action != "report"
    )
    if failed or checked.report.set_aside:
        raise ExchangeError("QUALITY_FAILED_TARGET", rules="、".join(failed))
    if checked.report.rows != batch.target_rows:
        raise ExchangeError("QUALITY_FAILED_TARGET", rules="row_count")
    details: Details = {"run": checked.report.run, "passed": checked.report.passed}
    node.failpoints.reach("check.before_commit")
    with node.engine.begin() as ledger_connection:
        moved = ledger.move(
            ledger_connection,
            batch,
            "checked",
            node.entry("batch:check", batch.subject, details=details),
            node.now(),
            checks_run=checked.report.run,
            checks_passed=checked.report.passed,
            report=checked.report.to_bytes(),
        )
        receipts.issue(ledger_connection, node, moved, "checked")
        return moved


def load_again(node: Node, batch: Batch) -> Batch:
    """Back to verified: the staging table is gone (a target restored from a backup) and is made again from the
    spool.
    """
    with node.engine.begin() as connection:
        entry = node.entry("batch:restage", batch.subject)
        return ledger.move(connection, batch, "verified", entry, node.now())


def discard(node: Node, batch: Batch) -> None:
    """Take away what a quarantined batch has staged; the sealed object stays as evidence."""
    with department.connect(node.settings.department_url, "target", staging.SCHEMA) as connection:
        with connection.cursor() as cursor:
            staging.drop(cursor, batch)
        connection.commit()

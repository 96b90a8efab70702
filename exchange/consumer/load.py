"""The consumer's middle steps: stage the rows, check them again where they have arrived."""

from exchange import columns, department
from exchange.consumer import filling, marks, merge, moves, staging, target
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
    return moves.staged(node, batch, opened.trailer, kind)


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
        return moves.load_again(node, batch)
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
        raise ExchangeError("QUALITY_FAILED_TARGET", rules=failed)
    if checked.report.rows != batch.target_rows:
        raise ExchangeError("QUALITY_FAILED_TARGET", rules="row_count")
    return moves.checked(node, batch, checked.report)


def discard(node: Node, batch: Batch) -> None:
    """Take away what a quarantined batch has staged; the sealed object stays as evidence."""
    with department.connect(node.settings.department_url, "target", staging.SCHEMA) as connection:
        with connection.cursor() as cursor:
            staging.drop(cursor, batch)
        connection.commit()

"""What came of it: the newest batch of every route, both ends compared, the log verified. Computed from what stands."""

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from directory.audit.queries import verify_live
from directory.settings import DirectorySettings
from directory.signing import open_key
from exchange import ledger
from exchange.node import Node
from hutong.demo.city import DEPARTMENTS
from hutong.demo.databases import connected
from hutong.demo.reconcile import is_equal
from hutong.demo.report import AuditResult, Batch, Checks
from metadata.access import Grant
from metadata.exchange import Manifest
from metadata.quality import CheckReport
from metadata.signed import Signed

SetAsideKey = dict[str, str | None]
_SHORT = {department.name: department.short_title for department in DEPARTMENTS}


def newest_batch(grant: Grant, provider: Node, consumer: Node) -> Batch | None:
    """The newest batch of a grant's route as both ledgers have it, its tables compared; None before the first."""
    with provider.engine.connect() as connection:
        sent = ledger.last(connection, grant.route_id)
    with consumer.engine.connect() as connection:
        received = ledger.last(connection, grant.route_id)
    if sent is None:
        return None
    checks = [CheckReport.from_bytes(batch.report) for batch in (sent, received) if batch and batch.report]
    manifest = Manifest.from_bytes(Signed.from_bytes(sent.manifest).payload_bytes()) if sent.manifest else None
    return Batch(
        route=grant.route_id,
        resource=grant.resource_title,
        suite=f"0x{manifest.suite:02x}" if manifest else "",
        rows=sent.rows or 0,
        plain_bytes=sent.plain_bytes or 0,
        sealed_bytes=sent.size_bytes or 0,
        seconds=round((sent.duration_ms + (received.duration_ms if received else 0)) / 1000, 2),
        state=sent.state,
        airflow_run=sent.run_id,
        set_aside=sent.set_aside or 0,
        checks=Checks(run=sum(report.run for report in checks), passed=sum(report.passed for report in checks)),
        seq=sent.seq,
        provider=_SHORT[grant.provider.node_id],
        consumer=_SHORT[grant.consumer.node_id],
        changed_rows=received.changed_rows if received else None,
        is_equal=is_equal(
            provider.settings.department_url,
            consumer.settings.department_url,
            grant,
            _set_aside(provider, grant.route_id, sent.seq),
        ),
        code=sent.code or (received.code if received else ""),
    )


def _set_aside(provider: Node, route_id: str, seq: int) -> list[SetAsideKey]:
    """The provider's own list of what stayed behind, as text by field."""
    with connected(provider.settings.department_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT row_key FROM hutong.set_aside WHERE route_id = %s AND seq = %s", (route_id, seq))
        return [
            {field: None if value is None else str(value) for field, value in row_key.items()}
            for (row_key,) in cursor.fetchall()
        ]


def verify_audit(settings: DirectorySettings) -> AuditResult:
    """Recompute the whole log under its own key, in one snapshot of the database."""
    key = open_key(settings.home / "directory" / "keys" / "log.pem").verifying
    engine = create_engine(settings.database_url, isolation_level="REPEATABLE READ", hide_parameters=True)
    try:
        with Session(engine) as session:
            verdict = verify_live(session, key)
    finally:
        engine.dispose()
    return AuditResult(verdict.size, verdict.root, verdict.is_verified, verdict.problem)

"""A table's batch from the open snapshot to the spool, and into the ledger: what the step ``seal`` is made of."""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass

from psycopg2 import sql
from sqlalchemy import Connection

from exchange import allowance, columns, department, ledger
from exchange.audit import Details
from exchange.envelope.header import Label
from exchange.envelope.seal import Sealed, Sealer
from exchange.errors import ExchangeError
from exchange.keys.keystore import AnySigningKey
from exchange.keys.trust import BoundGrant, TrustSet
from exchange.ledger import Batch
from exchange.node import Node
from exchange.parted import copy_out_in_parts
from exchange.ports import Checked, Checker, CheckSubject
from exchange.provider import increment, set_aside, source, source_facts, source_state
from exchange.provider.strategy import Choice, SourceFacts, SourceState, choose, is_too_small
from exchange.rows import Copied, copy_out
from exchange.spool import name_of
from metadata.quality import rules_of
from standards.crypto import digest_hex


@dataclass(frozen=True)
class Sealing:
    """A batch that lies sealed in the spool and is not yet committed: how it was made, and what the ledger will say."""

    batch: Batch
    grant: BoundGrant
    facts: SourceFacts
    last: SourceState | None
    chosen: Choice
    checked: Checked
    left: list[set_aside.LeftBehind]
    previous_digest: str
    sealed: Sealed
    rows: int
    target_rows: int


def write(
    node: Node,
    batch: Batch,
    grant: BoundGrant,
    trust: TrustSet,
    signer: AnySigningKey,
    taken: source.Snapshot,
    checker: Checker,
) -> Sealing:
    """Check, choose the kind, extract and seal what the snapshot shows of the grant's table.

    Raises ``QUALITY_FAILED``; ``ROW_CAP`` for more rows than the grant lets a batch have; ``DELETE_RATIO`` when too
    much would go at the target; ``SOURCE_DRIFT`` when nothing keeps the key unique any more.
    """
    with node.engine.connect() as connection:
        last = source_state.last_closed(connection, batch)
        base = last if last is not None and source_state.is_base(connection, batch, last) else None
        is_asked = allowance.is_allowed(connection, batch, allowance.FULL)
        may_shrink = allowance.is_allowed(connection, batch, "DELETE_RATIO")
        before = ledger.before(connection, batch)
    with taken.connection.cursor() as cursor:
        facts = source_facts.read(cursor, grant, 0 if base is None else base.seq)
    scope = source_facts.scope(grant)
    _require_key(grant, base, facts, scope)
    checked = _check(node, batch, grant, taken, checker)
    left = source.left_behind(taken, grant, checked)
    target_rows = checked.report.rows - len(left)
    if is_too_small(last, scope, target_rows) and not may_shrink:
        raise ExchangeError("DELETE_RATIO", was=last.rows if last else 0, now=target_rows)
    is_keyed = bool(columns.key(grant)) and columns.has_room_for_operation(grant)
    chosen = choose(base, facts, scope, is_keyed=is_keyed, is_asked=is_asked, set_aside=len(left))
    if chosen.kind != "changes":
        _require_within_cap(grant, target_rows)
    node.spool.require_space(source.estimated_bytes(taken, grant))
    label = Label(
        suite=grant.minimum_suite,
        route_id=batch.route_id,
        seq=batch.seq,
        previous_digest="" if before is None else before.digest,
        schema_digest=columns.schema_digest(grant),
        grant_id=grant.grant_id,
        content=columns.content(grant),
        kind=chosen.kind,
    )
    references = sorted(node.keys.reference(f"{batch.route_id}\0{row.row_key}".encode()) for row in left)

    def rows(relation: sql.Composable) -> sql.Composable:
        return increment.rows(grant, relation, chosen.kind, base, facts.snapshot, checked.set_aside)

    with node.spool.part(batch.route_id, batch.seq, batch.lease_epoch) as part:
        with Sealer(label, trust.recipients(grant, grant.minimum_suite), signer, part.write) as sealer:
            node.failpoints.reach("seal.begun")
            with department.faults("source", f"{grant.schema_name}.{grant.table}"):
                copied = _extract(node, grant, taken, label, rows, sealer.write_rows)
            _require_within_cap(grant, copied.rows)
            node.failpoints.reach("seal.copied")
            checked.settle()
            target_rows = target_rows if chosen.kind == "changes" else copied.rows
            report_digest = digest_hex(checked.report.to_bytes())
            sealed = sealer.finish(copied.rows, report_digest, len(references), references, target_rows)
        part.keep(name_of(batch.route_id, batch.seq, sealed.digest))
    return Sealing(
        batch, grant, facts, last, chosen, checked, left, label.previous_digest, sealed, copied.rows, target_rows
    )


def note(node: Node, made: Sealing) -> None:
    """Beside the source: the rows that stayed behind, and that this database saw the batch sealed."""
    url = node.settings.department_url
    set_aside.keep(url, made.batch.route_id, made.batch.seq, made.left, made.sealed.digest)


def commit(connection: Connection, node: Node, made: Sealing) -> Batch:
    """due -> sealed, with what the next batch builds on; the transaction is the caller's."""
    details: Details = {
        "kind": made.chosen.kind,
        "because": made.chosen.because,
        "rows": made.rows,
        "target_rows": made.target_rows,
        "set_aside": len(made.left),
        "digest": made.sealed.digest,
        "size_bytes": made.sealed.size_bytes,
    }
    moved = ledger.move(
        connection,
        made.batch,
        "sealed",
        node.entry("batch:seal", made.batch.subject, details=details),
        node.now(),
        digest=made.sealed.digest,
        size_bytes=made.sealed.size_bytes,
        plain_bytes=made.sealed.plain_bytes,
        kind=made.chosen.kind,
        rows=made.rows,
        target_rows=made.target_rows,
        set_aside=len(made.left),
        checks_run=made.checked.report.run,
        checks_passed=made.checked.report.passed,
        report=made.checked.report.to_bytes(),
        previous_digest=made.previous_digest,
        sealed_at=node.now(),
    )
    since_full = 0 if made.last is None or made.chosen.kind == "full" else made.last.since_full + 1
    source_state.keep(connection, moved, made.grant, made.facts, source_facts.scope(made.grant), since_full)
    return moved


def _require_within_cap(grant: BoundGrant, count: int) -> None:
    if grant.most_rows is not None and count > grant.most_rows:
        raise ExchangeError("ROW_CAP", count=count, most=grant.most_rows)


def _extract(
    node: Node,
    grant: BoundGrant,
    taken: source.Snapshot,
    label: Label,
    rows: Callable[[sql.Composable], sql.Composable],
    sink: Callable[[memoryview], object],
) -> Copied:
    """The rows into ``sink``: all rows of a large table through two connections at once, if there is a processor for
    the second and the source has room for it; else through one.
    """
    is_binary = label.content == "pg_copy_binary"
    halves = source.halves(taken, grant) if label.kind == "full" and len(os.sched_getaffinity(0)) > 1 else ()
    with contextlib.ExitStack() as opened:
        connections = [taken.connection]
        if halves:
            with contextlib.suppress(ExchangeError):
                beside = source.beside(node.settings.department_url, grant, taken)
                connections.append(opened.enter_context(beside))
        if len(connections) == 1:
            return copy_out(taken.connection, rows(taken.relation), sink, is_binary=is_binary)
        return copy_out_in_parts(connections, [rows(half) for half in halves], sink, is_binary=is_binary)


def _check(node: Node, batch: Batch, grant: BoundGrant, taken: source.Snapshot, checker: Checker) -> Checked:
    checked = checker.check(
        CheckSubject(
            dsn=department.libpq_url(node.settings.department_url),
            snapshot_id=taken.snapshot_id,
            relation=taken.relation,
            rules=rules_of(columns.items(grant), box_mas=grant.box_mas),
            key=columns.key(grant),
            place="source",
            subject=batch.subject,
        ),
    )
    if checked.holds:
        checked.settle()
        raise ExchangeError("QUALITY_FAILED", rules=checked.holds)
    return checked


def _require_key(grant: BoundGrant, base: SourceState | None, facts: SourceFacts, scope: str) -> None:
    """A key that an index kept unique at the last batch must still be kept so under the same grant."""
    if base is not None and base.scope == scope and base.is_key_unique and not facts.is_key_unique:
        names = columns.names(grant)
        key = [names[field] for field in columns.key(grant)]
        what = f"主键变了：已没有主键或唯一索引保证 {'、'.join(key)} 不重复"
        what_en = f"its key changed: no primary key or unique index keeps {', '.join(key)} unique any more"
        table = f"{grant.schema_name}.{grant.table}"
        raise ExchangeError("SOURCE_DRIFT", table=table, what=what, what_en=what_en)

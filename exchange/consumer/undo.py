"""A person takes back the last merge of a route: the received table is again, bit by bit, what it was before.

One transaction of the target, as the merge was one; then the ledger follows. The route stands still until the same or
another person redrives the batch, so that the next run does not simply apply it again (decisions/0023).
"""

from collections.abc import Sequence
from typing import Any

from psycopg2 import sql

from exchange import audit, columns, department, instants, ledger
from exchange.audit import Details
from exchange.consumer import last_merge, marks, merge, target, together
from exchange.consumer.last_merge import LastMerge
from exchange.consumer.together import Part
from exchange.errors import ExchangeError
from exchange.keys.trust import BoundGrant
from exchange.ledger import Batch
from exchange.node import Node

CODE = "MERGE_UNDONE"


def undo(node: Node, route_id: str, seq: int | None, actor: str, *, may_empty: bool = False) -> tuple[Batch, ...]:
    """Take back the batch last applied on a route, ``seq`` if it is that one, with all members of its instant; those.

    ``may_empty``: also where the batch made the table, which is then empty. Raises ``UNDO_NOTHING``,
    ``UNDO_NOT_NEWEST``, ``UNDO_FIRST_LOAD``, ``UNDO_ALTERED``, ``UNDO_ALREADY``, ``MOVE_ILLEGAL``, ``BATCH_BUSY``,
    ``TARGET_DRIFT`` and the like. Ended anywhere, the same again goes on.
    """
    head = marks.head_seq(node.settings.department_url, route_id)
    if head == 0:
        raise ExchangeError("UNDO_NOTHING", route_id=route_id)
    if seq not in (None, head):
        raise ExchangeError("UNDO_NOT_NEWEST", route_id=route_id, head=head, seq=seq)
    with node.engine.connect() as connection:
        places = instants.members(connection, ledger.find(connection, route_id, head))
    try:
        with instants.leased(node.engine, places, "") as batches:
            return _undo(node, batches, actor, may_empty=may_empty)
    except instants.MemberError as failed:
        raise failed.error from None


def resume(node: Node, batch: Batch) -> None:
    """A person lets the route go on: what comes next is applied, on the table as it is now."""
    url = node.settings.department_url
    with department.connect(url, "target", "hutong.last_merge") as connection, connection.cursor() as cursor:
        with department.faults("target", "hutong.last_merge"):
            marks.fence(cursor, batch.route_id, batch.lease_epoch)
            cursor.execute(
                "UPDATE hutong.last_merge SET resumed_at = clock_timestamp()"
                " WHERE route_id = %s AND seq = %s AND resumed_at IS NULL",
                (batch.route_id, batch.seq),
            )
        connection.commit()


def _undo(node: Node, batches: Sequence[Batch], actor: str, *, may_empty: bool) -> tuple[Batch, ...]:
    with department.connect(node.settings.department_url, "target", "hutong.last_merge") as connection:
        with connection.cursor() as cursor:
            found = {}
            for batch in batches:
                with department.faults("target", "hutong.last_merge"):
                    found[batch.subject] = _last_of(cursor, batch)
            if all(last.is_paused for last in found.values()):  # an earlier commit whose ledger did not follow
                return _follow(node, batches, actor)
            parts = []
            for batch in batches:
                if batch.state not in ("applied", "closed"):
                    raise ExchangeError("MOVE_ILLEGAL", state=batch.state, to="held")
                parts.append(Part(batch, _grant(node, batch)))
            for part in parts:
                with department.faults("target", part.grant.target_table):
                    _require_possible(cursor, part, found[part.batch.subject], may_empty=may_empty)
            changed = together.in_order(
                node,
                cursor,
                parts,
                lambda part: merge.run(cursor, _out(part, found[part.batch.subject])),
                lambda part: merge.run(cursor, _back(part, found[part.batch.subject])),
            )
            for part in parts:
                with department.faults("target", part.grant.target_table):
                    _note(node, cursor, part, sum(changed[part.batch.subject]), actor)
        node.failpoints.reach("undo.merged")
        connection.commit()
    return _follow(node, batches, actor)


def _last_of(cursor: Any, batch: Batch) -> LastMerge:
    """Under the locked head. Raises ``STALE_LEASE``, and as ``undo`` where this is not what can be taken back."""
    head = marks.fence(cursor, batch.route_id, batch.lease_epoch)
    if head != batch.seq:
        raise ExchangeError("UNDO_NOT_NEWEST", route_id=batch.route_id, head=head, seq=batch.seq)
    last = last_merge.find(cursor, batch.route_id)
    if last is None or last.seq != batch.seq:
        raise ExchangeError("UNDO_NOTHING", route_id=batch.route_id)
    if last.is_undone and (batch.state == "held" or not last.is_paused):
        raise ExchangeError("UNDO_ALREADY", seq=batch.seq)
    return last


def _grant(node: Node, batch: Batch) -> BoundGrant:
    """What the batch came under, in force or not: the table is the department's own."""
    facts = node.feed.load().grants.get(batch.grant_id)
    if facts is None:
        raise ExchangeError("GRANT_UNKNOWN", grant_id=batch.grant_id)
    return BoundGrant(facts.grant)


def _require_possible(cursor: Any, part: Part, last: LastMerge, *, may_empty: bool) -> None:
    """What it would be taken back to is there, and the table is as the merge left it."""
    batch, grant = part
    if last.is_first and not may_empty:
        raise ExchangeError("UNDO_FIRST_LOAD", rows=last.tally.rows)
    if not (last.is_first or last.is_kept):
        raise ExchangeError("UNDO_NOTHING", route_id=batch.route_id)
    target.require_shape(cursor, grant)
    cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(target.table(grant)))
    altered = abs(target.tally(cursor, grant).rows - last.tally.rows) + _altered(cursor, part, last)
    if altered:
        raise ExchangeError("UNDO_ALTERED", rows=altered)


def _altered(cursor: Any, part: Part, last: LastMerge) -> int:
    """How many of the rows that the merge wrote were written by somebody since."""
    batch, grant = part
    own = sql.SQL("t.xmin::text = ANY ({})").format(sql.Literal(marks.writers_of(cursor, batch.route_id, batch.seq)))
    if last.is_first or not columns.key(grant):
        return _count(cursor, sql.SQL("FROM {} t WHERE NOT {}").format(target.table(grant), own))
    names = {"t": target.table(grant), "own": own, "same": _same(grant)}
    brought = sql.SQL("FROM {kept} k WHERE NOT EXISTS (SELECT 1 FROM {t} t WHERE {same} AND {own})")
    changed = sql.SQL("FROM {kept} k JOIN {t} t ON {same} WHERE NOT {own}")
    return _count(cursor, brought.format(**names, kept=last_merge.added(batch.route_id))) + _count(
        cursor, changed.format(**names, kept=last_merge.before(batch.route_id))
    )


def _count(cursor: Any, rows: sql.Composable) -> int:
    cursor.execute(sql.SQL("SELECT count(*) {}").format(rows))
    return int(cursor.fetchone()[0])


def _out(part: Part, last: LastMerge) -> tuple[sql.Composable, ...]:
    """Takes out what the merge brought; where nothing or no key tells which, all."""
    batch, grant = part
    if last.is_first or not columns.key(grant):
        return (sql.SQL("DELETE FROM {}").format(target.table(grant)),)
    added = last_merge.added(batch.route_id)
    return (sql.SQL("DELETE FROM {} t USING {} k WHERE {}").format(target.table(grant), added, _same(grant)),)


def _back(part: Part, last: LastMerge) -> tuple[sql.Composable, ...]:
    """Brings back what the merge changed or deleted."""
    batch, grant = part
    if last.is_first:
        return ()
    fields = columns.fields(grant)
    names = {
        "t": target.table(grant),
        "before": last_merge.before(batch.route_id),
        "same": _same(grant),
        "fields": sql.SQL(", ").join(map(sql.Identifier, fields)),
        "kept": sql.SQL(", ").join(sql.Identifier("k", field) for field in fields),
        "assigned": sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(field), sql.Identifier("k", field)) for field in fields
        ),
    }
    if not columns.key(grant):
        return (sql.SQL("INSERT INTO {t} ({fields}) SELECT {fields} FROM {before}").format(**names),)
    return (
        sql.SQL("UPDATE {t} t SET {assigned} FROM {before} k WHERE {same}").format(**names),
        sql.SQL(
            "INSERT INTO {t} ({fields}) SELECT {kept} FROM {before} k"
            " WHERE NOT EXISTS (SELECT 1 FROM {t} t WHERE {same})"
        ).format(**names),
    )


def _same(grant: BoundGrant) -> sql.Composable:
    """The kept row's key is the table's."""
    return sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier("k", field), sql.Identifier("t", field))
        for field in columns.key(grant)
    )


def _note(node: Node, cursor: Any, part: Part, changed_rows: int, actor: str) -> None:
    batch, grant = part
    last_merge.note_undone(cursor, batch, target.tally(cursor, grant), actor)
    details: Details = {"changed_rows": changed_rows, "digest": batch.digest}
    producer = f"target:{node.node_id}"
    audit.enqueue_target(
        cursor, node.entry("batch:undo", batch.subject, producer=producer, actor=actor, code=CODE, details=details)
    )


def _follow(node: Node, batches: Sequence[Batch], actor: str) -> tuple[Batch, ...]:
    """The ledger after the target: held, with the reason and what to do."""
    node.failpoints.reach("undo.before_commit")
    error = ExchangeError(CODE, actor=actor)
    because = {"code": error.code, "explanation_zh": error.zh, "next_step": error.next_step}
    with node.engine.begin() as connection:
        return tuple(
            ledger.move(
                connection,
                batch,
                "held",
                node.entry("batch:undo", batch.subject, actor=actor, outcome="held", code=CODE),
                node.now(),
                held_from=batch.state,
                **because,
            )
            for batch in batches
        )

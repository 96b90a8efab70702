"""The rows of a batch come into its staging table: by one connection, or many rows by two at once (decisions/0024)."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg2
from psycopg2 import sql

from exchange import department
from exchange.consumer import marks, staging
from exchange.envelope.header import Header
from exchange.envelope.open import Opened
from exchange.errors import ExchangeError
from exchange.keys.trust import BoundGrant
from exchange.ledger import Batch
from exchange.limits import LIMITS
from exchange.node import Node
from exchange.parted import copy_in_parts
from exchange.rows import copy_in


@contextmanager
def connections(node: Node, batch: Batch) -> Iterator[tuple[Any, ...]]:
    """To the target: one, and for a batch of some size another beside it, if there is a processor for it, the target
    has room for one more and nobody else is seen at work there. Rolled back and closed on leaving.
    """
    url = node.settings.department_url
    with contextlib.ExitStack() as opened:
        found = [opened.enter_context(department.connect(url, "target", staging.SCHEMA))]
        is_large = (batch.size_bytes or 0) >= LIMITS.parted_bytes
        if is_large and len(os.sched_getaffinity(0)) > 1 and _is_alone(found[0]):
            with contextlib.suppress(ExchangeError):
                found.append(opened.enter_context(department.connect(url, "target", staging.SCHEMA)))
        yield tuple(found)


def fill(
    node: Node,
    connections: Sequence[Any],
    batch: Batch,
    grant: BoundGrant,
    opened: Opened,
    header: Header,
    *,
    is_first: bool,
) -> None:
    """Make the staging table and COPY the rows into it, in the first connection's transaction, which holds the fence.

    With another connection the table is made in a transaction before, under a name that only this lease's worker knows,
    and gets its own with that of the first: until then nobody takes it for whole, and whoever comes next removes it.
    Of a first load it gets that in one more, which holds the fence again: in between, both are known to be seen by all.
    """
    first, kind = connections[0], header.kind
    is_binary, columns = header.content == "pg_copy_binary", staging.filled(grant, kind)
    if len(connections) == 1:
        with first.cursor() as cursor:
            staging.create(cursor, batch, grant, kind, is_first=is_first)
        copy_in(first, staging.table(batch), columns, opened, is_binary=is_binary, is_fresh=True)
        return
    with first.cursor() as cursor:
        staging.create(cursor, batch, grant, kind, is_first=is_first, at=staging.loading(batch))
        cursor.execute(sql.SQL("CREATE TABLE {} (is_seen boolean)").format(staging.witness(batch)))
        first.commit()
        marks.fence(cursor, batch.route_id, batch.lease_epoch)
    try:
        copy_in_parts(connections, staging.loading(batch), columns, opened, is_binary=is_binary)
        xids = tuple(_transaction(connection) for connection in connections)
        for other in connections[1:]:
            other.commit()
    except Exception:
        _clear(connections, batch)
        raise
    node.failpoints.reach("stage.parted")
    is_seen = False
    with first.cursor() as cursor:
        if is_first:
            first.commit()
            is_seen = _is_seen(first, batch, xids)
            node.failpoints.reach("stage.seen")
            marks.fence(cursor, batch.route_id, batch.lease_epoch)
        staging.show(cursor, batch, staging.Writers(xids, is_seen))


def _is_alone(connection: Any) -> bool:
    """No transaction is open here but ours, as far as the account may see: others keep the processors busy, and rows
    from being frozen.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND xact_start IS NOT NULL AND pid <> pg_backend_pid())"
        )
        is_alone = bool(cursor.fetchone()[0])
    connection.rollback()
    return is_alone


def _is_seen(connection: Any, batch: Batch, xids: Sequence[str]) -> bool:
    """Whether what several transactions have filled can become the received table, for nobody may ever see only the
    rows of one: not while somebody has a snapshot from before, nor where that cannot be told.
    """
    connection.autocommit = True
    try:
        with contextlib.suppress(psycopg2.Error), connection.cursor() as cursor:
            return staging.is_seen(cursor, batch, xids)
    finally:
        connection.autocommit = False
    return False


def _transaction(connection: Any) -> str:
    """The id of its transaction as rows have it in ``xmin``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::xid::text")
        return str(cursor.fetchone()[0])


def _clear(connections: Sequence[Any], batch: Batch) -> None:
    """Leave nothing of a try that has failed; if that fails too, the next one does it."""
    with contextlib.suppress(psycopg2.Error):
        for connection in connections:
            connection.rollback()
        with connections[0].cursor() as cursor:
            cursor.execute(
                sql.SQL("DROP TABLE IF EXISTS {}, {}").format(staging.loading(batch), staging.witness(batch))
            )
        connections[0].commit()

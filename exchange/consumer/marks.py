"""The target's own marks, schema ``hutong``: which batch of a route it holds, and which worker may write. They
decide.
"""

from collections.abc import Sequence
from typing import Any

from psycopg2 import sql

from exchange import department
from exchange.errors import ExchangeError
from exchange.ledger import Batch


def head_seq(url: str, route_id: str) -> int:
    """The last applied sequence of a route, 0 before the first."""
    with department.connect(url, "target") as connection, connection.cursor() as cursor:
        return head(cursor, route_id)


def head(cursor: Any, route_id: str) -> int:
    """The same on a connection that is open."""
    cursor.execute("SELECT seq FROM hutong.route_head WHERE route_id = %s", (route_id,))
    row = cursor.fetchone()
    return 0 if row is None else int(row[0])


def fence(cursor: Any, route_id: str, epoch: int) -> int:
    """Lock the route's head for this transaction under this lease and return the last applied sequence.

    Raises ``STALE_LEASE`` when a later lease has been here: of two workers only the later one writes, whatever the
    node's database says.
    """
    cursor.execute("INSERT INTO hutong.route_head (route_id) VALUES (%s) ON CONFLICT DO NOTHING", (route_id,))
    cursor.execute("SELECT seq, lease_epoch FROM hutong.route_head WHERE route_id = %s FOR UPDATE", (route_id,))
    seq, newest = cursor.fetchone()
    if newest > epoch:
        raise ExchangeError("STALE_LEASE")
    cursor.execute("UPDATE hutong.route_head SET lease_epoch = %s WHERE route_id = %s", (epoch, route_id))
    return int(seq)


def applied(cursor: Any, route_id: str, seq: int) -> tuple[str, int] | None:
    """Digest and changed rows of a batch that has taken effect; None when it has not."""
    cursor.execute(
        "SELECT digest, changed_rows FROM hutong.applied_batch WHERE route_id = %s AND seq = %s", (route_id, seq)
    )
    row = cursor.fetchone()
    return None if row is None else (str(row[0]), int(row[1]))


def granted(cursor: Any, route_id: str, seq: int) -> str:
    """The grant under which a batch has taken effect; empty when it has not."""
    cursor.execute("SELECT grant_id FROM hutong.applied_batch WHERE route_id = %s AND seq = %s", (route_id, seq))
    row = cursor.fetchone()
    return "" if row is None else str(row[0])


def require_next(newest: int, seq: int, replaces_seq: int | None) -> None:
    """The next sequence, or one sealed anew for the batch just before it, which then may leave a gap.

    Raises ``REPLAYED``, or ``TARGET_BEHIND`` when the target lacks batches that were acknowledged: it was restored.
    """
    if seq <= newest:
        raise ExchangeError("REPLAYED", seq=seq, found=newest)
    if seq != newest + 1 and replaces_seq != seq - 1:
        raise ExchangeError("TARGET_BEHIND", head=newest, acknowledged=seq - 1)


def claim_table(cursor: Any, route_id: str, table: str) -> bool:
    """Note which table the route fills; whether it was noted before. Raises ``TARGET_TAKEN`` for another route's."""
    cursor.execute("SELECT route_id FROM hutong.route_head WHERE target_table = %s", (table,))
    row = cursor.fetchone()
    if row is not None and row[0] != route_id:
        raise ExchangeError("TARGET_TAKEN", table=table)
    if row is not None:
        return True
    cursor.execute("UPDATE hutong.route_head SET target_table = %s WHERE route_id = %s", (table, route_id))
    return False


def mark(cursor: Any, batch: Batch, changed_rows: int) -> None:
    """The batch has taken effect: its mark, and the route's head."""
    cursor.execute(
        "INSERT INTO hutong.applied_batch"
        " (route_id, seq, digest, grant_id, rows, changed_rows, lease_epoch, applied_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, clock_timestamp())",
        (batch.route_id, batch.seq, batch.digest, batch.grant_id, batch.rows, changed_rows, batch.lease_epoch),
    )
    cursor.execute("UPDATE hutong.route_head SET seq = %s WHERE route_id = %s", (batch.seq, batch.route_id))


def note_writers(cursor: Any, batch: Batch, table: sql.Identifier, writers: Sequence[str]) -> None:
    """Keep which transactions have written the rows of a first load, which another one makes the received table: these,
    or the one that wrote the first row and so all.
    """
    if writers:
        cursor.execute(
            "INSERT INTO hutong.first_load (route_id, seq, written_by) VALUES (%s, %s, %s)",
            (batch.route_id, batch.seq, " ".join(writers)),
        )
        return
    cursor.execute(
        sql.SQL(
            "INSERT INTO hutong.first_load (route_id, seq, written_by) SELECT %s, %s, xmin::text FROM {} LIMIT 1"
        ).format(table),
        (batch.route_id, batch.seq),
    )


def writers_of(cursor: Any, route_id: str, seq: int) -> list[str]:
    """Those by which it has written one batch."""
    cursor.execute(
        "SELECT xmin::text FROM hutong.applied_batch WHERE route_id = %s AND seq = %s"
        " UNION SELECT unnest(string_to_array(written_by, ' ')) FROM hutong.first_load"
        " WHERE route_id = %s AND seq = %s",
        (route_id, seq, route_id, seq),
    )
    return [xid for (xid,) in cursor.fetchall()]


def writers(cursor: Any, route_id: str) -> list[str]:
    """The transactions (``xmin``) by which the exchange has written rows of this route."""
    cursor.execute(
        "SELECT xmin::text FROM hutong.applied_batch WHERE route_id = %s"
        " UNION SELECT unnest(string_to_array(written_by, ' ')) FROM hutong.first_load WHERE route_id = %s",
        (route_id, route_id),
    )
    return [xid for (xid,) in cursor.fetchall()]

"""What the relay no longer needs to keep. Safe to stop anywhere and to repeat; one sweeps at a time.

A batch's ciphertext goes ``keep_days`` after its consumer signed that it is applied, or refused and a later batch of
the route applied; and, whatever was said of it, ``keep_days`` after the end of the grant under which it was sent (its
term, its termination, or the revocation of either end's node), since nobody may open it any more. What an unfinished
batch of a grant in force needs always stays. Announcements and receipts stay for good: they are the order of the route
and everybody's word. An upload that nobody announced or asked for goes after ``LIMITS.unreferenced_seconds``, and so do
bytes in the store that the tables do not know. Messages go after ``LIMITS.message_days``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, Select, and_, delete, exists, or_, select, text, update
from sqlalchemy.orm import aliased

from exchange.keys.trust import TrustSet
from exchange.limits import LIMITS
from exchange.relay.store import Store
from exchange.relay.tables import BATCH, MESSAGE, OBJECT, RECEIPT, SEGMENT, lock
from metadata.exchange import Manifest
from metadata.signed import Signed

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Swept:
    """How many batches gave up their ciphertext, objects and their bytes went, uploads of a killed relay, messages."""

    batches: int = 0
    objects: int = 0
    bytes: int = 0
    parts: int = 0
    messages: int = 0


def sweep(engine: Engine, store: Store, keep_days: int, clock: Clock, trust: TrustSet) -> Swept:
    """Everything that is due; nothing when another sweeps. ``trust`` says which grants have ended, and may be stale: an
    end is not taken back. Raises ``STORE_DOWN``.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as one_at_a_time:
        if not one_at_a_time.scalar(text("SELECT pg_try_advisory_lock(hashtextextended('relay.sweep', 0))")):
            return Swept()
        try:
            before = clock() - timedelta(days=keep_days)
            batches = _release(engine, before, clock()) + _release_ended(engine, trust, before, clock())
            idle = clock() - timedelta(seconds=LIMITS.unreferenced_seconds)
            gone = [*_remove_unreferenced(engine, store, idle), *_remove_unknown(engine, store, idle)]
            parts = store.sweep_incoming(clock() - timedelta(seconds=LIMITS.incoming_seconds))
            messages = _remove_messages(engine, clock() - timedelta(days=LIMITS.message_days))
        finally:
            one_at_a_time.scalar(text("SELECT pg_advisory_unlock(hashtextextended('relay.sweep', 0))"))
    return Swept(batches, len(gone), sum(gone), parts, messages)


def _release(engine: Engine, before: datetime, now: datetime) -> int:
    """Take the segments from batches that were over before this time, a page at a time; how many batches."""
    count = 0
    while True:
        with engine.begin() as connection:
            over = connection.execute(_over(before).limit(LIMITS.sweep_page)).all()
            for row in over:
                _let_go(connection, row.route_id, row.seq, now)
        count += len(over)
        if len(over) < LIMITS.sweep_page:
            return count


def _release_ended(engine: Engine, trust: TrustSet, before: datetime, now: datetime) -> int:
    """The same for batches of grants that ended before this time, a route at a time."""
    ended = {name: facts.notice.route_id for name, facts in trust.grants.items() if trust.ended_at(facts) < before}
    count = 0
    for route_id in sorted(set(ended.values())):
        with engine.begin() as connection:
            standing = select(BATCH.c.seq, BATCH.c.manifest).where(
                BATCH.c.route_id == route_id, BATCH.c.swept_at.is_(None)
            )
            for seq, manifest in connection.execute(standing).all():
                if Manifest.from_bytes(Signed.from_bytes(bytes(manifest)).payload_bytes()).grant_id in ended:
                    _let_go(connection, route_id, seq, now)
                    count += 1
    return count


def _let_go(connection: Connection, route_id: str, seq: int, now: datetime) -> None:
    """Nothing needs the batch's segments any more."""
    connection.execute(delete(SEGMENT).where(SEGMENT.c.route_id == route_id, SEGMENT.c.seq == seq))
    connection.execute(update(BATCH).where(BATCH.c.route_id == route_id, BATCH.c.seq == seq).values(swept_at=now))


def _over(before: datetime) -> Select[tuple[str, int]]:
    """Batches applied, or refused with a later one of their route applied, before this time; still with ciphertext."""
    said, later = aliased(RECEIPT), aliased(RECEIPT)
    mine = and_(said.c.route_id == BATCH.c.route_id, said.c.seq == BATCH.c.seq, said.c.created_at < before)
    applied_later = and_(
        later.c.route_id == BATCH.c.route_id,
        later.c.seq > BATCH.c.seq,
        later.c.kind == "applied",
        later.c.created_at < before,
    )
    return (
        select(BATCH.c.route_id, BATCH.c.seq)
        .where(
            BATCH.c.swept_at.is_(None),
            or_(
                exists().where(mine, said.c.kind == "applied"),
                and_(exists().where(mine, said.c.kind == "refused"), exists().where(applied_later)),
            ),
        )
        .order_by(BATCH.c.route_id, BATCH.c.seq)
    )


def _remove_unreferenced(engine: Engine, store: Store, before: datetime) -> Sequence[int]:
    """Objects that no announced batch has and nobody asked for since; their sizes."""
    gone = []
    with engine.connect() as connection:
        candidates = connection.scalars(
            select(OBJECT.c.digest).where(
                OBJECT.c.touched_at < before, ~exists().where(SEGMENT.c.digest == OBJECT.c.digest)
            )
        ).all()
    for digest in candidates:
        with engine.begin() as connection:
            lock(connection, digest)  # an upload of the same waits, and then stores it anew
            row = connection.execute(select(OBJECT).where(OBJECT.c.digest == digest).with_for_update()).one_or_none()
            is_wanted = connection.scalar(select(SEGMENT.c.seq).where(SEGMENT.c.digest == digest).limit(1)) is not None
            if row is None or row.touched_at >= before or is_wanted:
                continue
            connection.execute(delete(OBJECT).where(OBJECT.c.digest == digest))
            store.remove(digest)
            gone.append(int(row.size_bytes))
    return gone


def _remove_unknown(engine: Engine, store: Store, before: datetime) -> Sequence[int]:
    """Bytes in the store without a row, as a crash between the two leaves them; their sizes."""
    gone = []
    for item in store.standing():
        if item.stored_at >= before:
            continue
        with engine.begin() as connection:
            lock(connection, item.digest)
            if connection.scalar(select(OBJECT.c.digest).where(OBJECT.c.digest == item.digest)) is None:
                store.remove(item.digest)
                gone.append(item.size_bytes)
    return gone


def _remove_messages(engine: Engine, before: datetime) -> int:
    """Those that nobody has come for in their time, also on routes where nothing is said any more; how many."""
    with engine.begin() as connection:
        return int(connection.execute(delete(MESSAGE).where(MESSAGE.c.created_at < before)).rowcount)

"""I9: the relay has every object that an announced batch needs, whole, and none that nothing needs. Reads only."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Engine, exists, func, select

from exchange.limits import LIMITS
from exchange.relay.store import Store
from exchange.relay.tables import BATCH, OBJECT, SEGMENT
from metadata.exchange import Manifest
from metadata.signed import Signed
from standards.crypto import hasher
from standards.findings import Finding


def fsck(engine: Engine, store: Store, now: datetime, *, reads_all: bool = False) -> list[Finding]:
    """What is broken; an empty list when all holds. ``reads_all`` also reads every byte and compares its digest.

    Raises ``STORE_DOWN``.
    """
    # What a sweep has not come round to yet is not broken.
    before = now - timedelta(seconds=LIMITS.unreferenced_seconds + 2 * LIMITS.sweep_seconds)
    return [
        *_announced(engine),
        *_kept(engine, store, reads_all=reads_all),
        *_unreferenced(engine, before),
        *_unknown(engine, store, before),
    ]


def _announced(engine: Engine) -> Iterator[Finding]:
    """A batch has the very segments of its manifest, until they are swept."""
    with engine.connect() as connection:
        rows = connection.execute(
            select(BATCH, func.array_agg(SEGMENT.c.digest).label("segments"))
            .outerjoin(SEGMENT, (SEGMENT.c.route_id == BATCH.c.route_id) & (SEGMENT.c.seq == BATCH.c.seq))
            .group_by(BATCH.c.route_id, BATCH.c.seq)
        ).all()
    for row in rows:
        manifest = Manifest.from_bytes(Signed.from_bytes(bytes(row.manifest)).payload_bytes())
        wanted = set() if row.swept_at is not None else {segment.digest for segment in manifest.segments}
        if wanted != set(row.segments) - {None}:
            yield _finding(
                f"{row.route_id}/{row.seq}", "已公告的批次与其分段登记不符", "not the segments of its manifest"
            )


def _kept(engine: Engine, store: Store, *, reads_all: bool) -> Iterator[Finding]:
    """Every object in the tables is in the store, of its size."""
    with engine.connect() as connection:
        rows = connection.execute(select(OBJECT.c.digest, OBJECT.c.size_bytes).order_by(OBJECT.c.digest)).all()
    for digest, size_bytes in rows:
        found = store.size(digest)
        if found is None:
            yield _finding(digest, "登记的对象不在存储中", "in the tables, but not in the store")
        elif found != size_bytes:
            yield _finding(digest, f"对象大小应为 {size_bytes}，实为 {found}", f"{found} bytes instead of {size_bytes}")
        elif reads_all and _digest(store, digest, size_bytes) != digest:
            yield _finding(digest, "对象内容已损坏", "its content is damaged")


def _digest(store: Store, digest: str, size_bytes: int) -> str:
    whole = hasher()
    for piece in store.read(digest, 0, size_bytes):
        whole.update(piece)
    return whole.hexdigest()


def _unreferenced(engine: Engine, before: datetime) -> Iterator[Finding]:
    with engine.connect() as connection:
        digests = connection.scalars(
            select(OBJECT.c.digest).where(
                OBJECT.c.touched_at < before, ~exists().where(SEGMENT.c.digest == OBJECT.c.digest)
            )
        ).all()
    for digest in digests:
        yield _finding(digest, "无人公告的对象超期未清理", "announced by nobody, and not swept")


def _unknown(engine: Engine, store: Store, before: datetime) -> Iterator[Finding]:
    with engine.connect() as connection:
        known = frozenset(connection.scalars(select(OBJECT.c.digest)))
    for item in store.standing():
        if item.digest not in known and item.stored_at < before:
            yield _finding(item.digest, "存储中有未登记的对象", "in the store, but not in the tables")


def _finding(path: str, zh: str, en: str) -> Finding:
    return Finding(path=path, rule="fsck.I9", severity="error", zh=zh, en=en)

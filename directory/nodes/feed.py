"""The signed feed: append in the caller's transaction, read in pages under a short-lived signed head."""

from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from directory.limits import LIMITS
from directory.nodes.models import FeedEntryRow
from metadata.feed import EMPTY_CHAIN, EntryKind, FeedEntry, FeedHead, FeedPage, extend_chain
from metadata.signed import Signed
from standards.crypto import SigningKey

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('hutong.feed', 0))")


def append(session: Session, kind: EntryKind, body: Signed, now: datetime) -> int:
    """Add an entry and return its number; it exists when the caller's transaction commits.

    The lock is held until then, so numbers have no gaps and no two transactions extend the same chain.
    """
    session.execute(_LOCK)
    size, chain = _tip(session)
    entry = FeedEntry(seq=size + 1, kind=kind, body=body)
    session.add(
        FeedEntryRow(seq=entry.seq, kind=kind, body=entry.to_bytes(), chain=extend_chain(chain, entry), appended_at=now)
    )
    session.flush()
    return entry.seq


def page(session: Session, key: SigningKey, after: int, now: datetime, valid_for: timedelta) -> FeedPage:
    """The entries after number ``after``, a page of them, and the head, which is signed anew for every answer.

    A reader asks again until it holds as many entries as the head counts.
    """
    size, chain = _tip(session)
    head = FeedHead(size=size, digest=chain.hex(), issued_at=now, valid_until=now + valid_for)
    bodies = session.scalars(
        select(FeedEntryRow.body)
        .where(FeedEntryRow.seq > after, FeedEntryRow.seq <= size)
        .order_by(FeedEntryRow.seq)
        .limit(LIMITS.feed_page_count)
    )
    return FeedPage(
        head=Signed.sign("feed_head/1", head, key), entries=tuple(FeedEntry.from_bytes(body) for body in bodies)
    )


def _tip(session: Session) -> tuple[int, bytes]:
    """How many entries there are and the chain's digest over them; what is not yet committed elsewhere is not seen."""
    last = session.execute(
        select(FeedEntryRow.seq, FeedEntryRow.chain).order_by(FeedEntryRow.seq.desc()).limit(1)
    ).one_or_none()
    return (last.seq, last.chain) if last else (0, EMPTY_CHAIN)

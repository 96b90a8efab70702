"""The signed feed: append in the caller's transaction, read in pages under a short-lived signed head.

Everybody reads the same entries; a record named in one goes to its addressees only (decision 0013).
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from directory.db import Base
from directory.limits import LIMITS
from directory.nodes.models import FeedEntryRow
from directory.statements.gather import insert_rows
from directory.statements.question import Question
from metadata.feed import EMPTY_CHAIN, EntryKind, FeedEntry, FeedHead, FeedPage, address_of, extend_chain
from metadata.signed import Signed
from standards.crypto import SigningKey

_APPEND: Final = insert(Base.metadata.tables[FeedEntryRow.__tablename__]).inline()
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('hutong.feed', 0))")


def hold(session: Session) -> None:
    """Hold the feed until the transaction ends, for who takes other locks after it and appends later."""
    _HELD(session, None)


def append(session: Session, kind: EntryKind, body: Signed, now: datetime, *, whole: Signed | None = None) -> int:
    """Add an entry and return its number; it exists when the caller's transaction commits. ``whole`` is the record
    that its notice names, which only the addressees are given.

    The lock is held until then, so numbers have no gaps and no two transactions extend the same chain.
    """
    hold(session)
    size, chain = _TIP(session, None)
    entry = FeedEntry(seq=size + 1, kind=kind, body=body)
    row: dict[str, Any] = {
        "seq": entry.seq,
        "kind": kind,
        "body": entry.to_bytes(),
        "whole": None if whole is None else whole.to_bytes(),
        "chain": extend_chain(chain, entry),
        "appended_at": now,
    }
    insert_rows(session, _APPEND, [row])
    _TIP.becomes(session, None, (entry.seq, row["chain"]))
    return entry.seq


def page(session: Session, key: SigningKey, node_id: str, after: int, now: datetime, valid_for: timedelta) -> FeedPage:
    """The entries after number ``after``, a page of them, the records they name that are for this node, and the head,
    which is signed anew for every answer.

    A reader asks again until it holds as many entries as the head counts.
    """
    size, chain = _tip(session)
    head = FeedHead(size=size, digest=chain.hex(), issued_at=now, valid_until=now + valid_for)
    rows = session.execute(
        select(FeedEntryRow.body, FeedEntryRow.whole)
        .where(FeedEntryRow.seq > after, FeedEntryRow.seq <= size)
        .order_by(FeedEntryRow.seq)
        .limit(LIMITS.feed_page_count)
    )
    told = [(FeedEntry.from_bytes(row.body), row.whole) for row in rows]
    return FeedPage(
        head=Signed.sign("feed_head/1", head, key),
        entries=tuple(entry for entry, _ in told),
        addressed=tuple(Signed.from_bytes(whole) for entry, whole in told if whole and _is_for(entry, node_id)),
    )


def _is_for(entry: FeedEntry, node_id: str) -> bool:
    address = address_of(entry)
    return address is not None and node_id in address.node_ids


def _tip(session: Session) -> tuple[int, bytes]:
    """How many entries there are and the chain's digest over them; what is not yet committed elsewhere is not seen."""
    last = session.execute(
        select(FeedEntryRow.seq, FeedEntryRow.chain).order_by(FeedEntryRow.seq.desc()).limit(1)
    ).one_or_none()
    return (last.seq, last.chain) if last else (0, EMPTY_CHAIN)


def _hold(session: Session, keys: Collection[None]) -> Mapping[None, None]:
    session.execute(_LOCK)
    return dict.fromkeys(keys)


_HELD: Final = Question(_hold, lasts=True)
_TIP: Final = Question[None, tuple[int, bytes]](lambda session, _: {None: _tip(session)}, lasts=True)
"""The same, for who holds the feed: with what this transaction appends."""

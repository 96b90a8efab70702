"""The feed as this party holds it: entries and head in its own database, the trust folded from them in memory."""

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

from sqlalchemy import Engine, delete, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from exchange.errors import ExchangeError
from exchange.keys.trust import TrustSet
from exchange.limits import LIMITS, Limits
from exchange.store import FEED_ENTRY, FEED_HEAD
from metadata.feed import FeedEntry, FeedHead, FeedPage, address_of
from metadata.signed import Signed
from standards.crypto import digest_hex


class _Row(TypedDict):
    """An entry as it is kept."""

    seq: int
    body: bytes
    whole: bytes | None


class FeedStore:
    """One party's copy. Entries are verified again when they are read back, so the database need not be believed."""

    def __init__(self, engine: Engine, directory_public: str, node_id: str, limits: Limits = LIMITS) -> None:
        self.engine, self._limits = engine, limits
        self._trust = TrustSet.of(directory_public, node_id)
        self._read: bytes | None = None  # the head that it stands under, as it was kept

    def load(self) -> TrustSet:
        """What is held now, also what another process has pulled since. Raises ``FEED_BAD`` or ``FEED_FORK``."""
        with self.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            kept = connection.scalar(select(FEED_HEAD.c.body))
            body = None if kept is None else bytes(kept)
            if body is None or body == self._read:
                return self._trust
            rows = connection.execute(
                select(FEED_ENTRY).where(FEED_ENTRY.c.seq > self._trust.size).order_by(FEED_ENTRY.c.seq)
            ).all()
        grown = self._trust.extend(
            (FeedEntry.from_bytes(bytes(row.body)) for row in rows),
            (Signed.from_bytes(bytes(row.whole)) for row in rows if row.whole is not None),
        )
        self._trust, self._read = grown.under(grown.open_head(Signed.from_bytes(body))), body
        return self._trust

    def pull(self, page_after: Callable[[int], FeedPage], now: datetime) -> TrustSet:
        """Ask until as many entries are held as the newest head counts, verify, and only then keep them.

        Raises the codes of ``TrustSet``, what ``page_after`` raises, and ``FEED_BAD`` for a directory that has no end:
        pages of few entries under a head that counts without measure, all of which have to be held until then.
        """
        grown = self.load()
        rows: list[_Row] = []
        page_count = held_bytes = 0
        while True:
            if page_count >= self._limits.feed_pages or held_bytes > self._limits.feed_bytes:
                raise ExchangeError("FEED_BAD", reason=f"{held_bytes} bytes in {page_count} pages, and no end")
            page = page_after(grown.size)
            head = grown.read_head(page.head, now)
            grown = grown.extend(page.entries, page.addressed)
            new = _rows(page, grown.node_id)
            rows.extend(new)
            page_count, held_bytes = page_count + 1, held_bytes + sum(_size(row) for row in new)
            if grown.size >= head.size:
                break
            if not page.entries:
                raise ExchangeError("FEED_BAD", reason=f"no entries after {grown.size}, the head counts {head.size}")
        self._save(rows, head, page.head, grown.under(head))
        return self.load()

    def _save(self, rows: list[_Row], head: FeedHead, signed: Signed, grown: TrustSet) -> None:
        """Keep what two processes may have pulled at once: the entries are the same, the newer head stays."""
        with self.engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('hutong.feed', 0))"))
            if rows:
                connection.execute(upsert(FEED_ENTRY).on_conflict_do_nothing(), rows)
            kept = connection.scalar(select(FEED_HEAD.c.body))
            if kept is not None:
                known = grown.open_head(Signed.from_bytes(bytes(kept)))
                if (known.size, known.issued_at) > (head.size, head.issued_at):
                    return
                connection.execute(delete(FEED_HEAD))
            connection.execute(insert(FEED_HEAD).values(id=1, body=signed.to_bytes()))


def _rows(page: FeedPage, node_id: str) -> list[_Row]:
    """The entries of a page, each with the record it names if that is for this party; nobody else's is kept."""
    given = {digest_hex(signed.payload_bytes()): signed.to_bytes() for signed in page.addressed}
    rows: list[_Row] = []
    for entry in page.entries:
        address = address_of(entry)
        is_ours = address is not None and node_id in address.node_ids
        whole = given[address.digest] if address is not None and is_ours else None
        rows.append({"seq": entry.seq, "body": entry.to_bytes(), "whole": whole})
    return rows


def _size(row: _Row) -> int:
    return len(row["body"]) + len(row["whole"] or b"")

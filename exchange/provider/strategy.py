"""What the next batch of a route carries: all rows, an increment, or the changes alone. Pure.

Nothing here is configured. A batch is smaller only where it is proven that what it builds on still stands: the target
holds the batch before (it is closed), under the same scope; the source is the same table in the same files of the same
database with the same history, and its transaction counter has not come round. Else all rows go.
"""

from dataclasses import dataclass

from exchange.envelope.header import Kind
from exchange.limits import LIMITS

# Within this distance 32-bit transaction ids compare as the 64-bit ones do.
_WINDOW = 2**31


@dataclass(frozen=True)
class SourceFacts:
    """What tells a source now, as of the open snapshot.

    ``snapshot`` is ``pg_current_snapshot()``; ``identity`` a digest of all that must stay as it was for old rows to be
    known as old (empty: a view, a foreign table, a standby … of which that cannot be said); ``triggers`` a digest of
    the change table and its triggers (empty: there are none that catch everything); ``kept_from`` the transaction from
    which on the change table has not been pruned; ``mark`` the digest of the batch that this database saw sealed last.
    """

    snapshot: str
    identity: str
    triggers: str
    is_key_unique: bool
    kept_from: int | None
    mark: str


@dataclass(frozen=True)
class SourceState:
    """The same, kept with a sealed batch, whose digest, seq and count of rows at the target stand beside it.

    ``since_full``: how many batches ago all rows went. ``set_aside``: rows that stayed behind then.
    """

    seq: int
    digest: str
    snapshot: str
    identity: str
    triggers: str
    scope: str
    is_key_unique: bool
    rows: int
    set_aside: int
    since_full: int


@dataclass(frozen=True)
class Choice:
    """Which kind of batch, and why not a smaller one."""

    kind: Kind
    because: str


def bounds(snapshot: str) -> tuple[int, int]:
    """First transaction not yet over, and first not yet begun, when the snapshot was taken."""
    first, last, _ = snapshot.split(":")
    return int(first), int(last)


def choose(
    base: SourceState | None, now: SourceFacts, scope: str, *, is_keyed: bool, is_asked: bool, set_aside: int
) -> Choice:
    """``base`` is the state of the batch before, if the target holds it; ``is_asked``: a person wants all rows."""
    because = _why_full(base, now, scope, is_keyed=is_keyed, is_asked=is_asked)
    if base is None or because:
        return Choice("full", because)
    if not now.triggers:
        return Choice("increment", "no_change_table")
    if now.triggers != base.triggers or now.kept_from is None or now.kept_from > bounds(base.snapshot)[0]:
        return Choice("increment", "change_table_later")  # it does not reach back to the base
    if base.set_aside or set_aside:
        return Choice("increment", "set_aside")  # a row may come or go because of another row
    return Choice("changes", "")


def _why_full(base: SourceState | None, now: SourceFacts, scope: str, *, is_keyed: bool, is_asked: bool) -> str:
    """The first reason to send all rows; empty when there is none."""
    if base is None:
        return "first"
    (first, last), (first_now, last_now) = bounds(base.snapshot), bounds(now.snapshot)
    reasons = {
        "asked": is_asked,
        "keyless": not is_keyed,
        "renewed": base.scope != scope,
        "not_plain": not now.identity,
        "rewritten": base.identity != now.identity,
        "restored": now.mark != base.digest or first_now < first or last_now < last,
        "wraparound": last_now - first >= _WINDOW,
        "self_check": base.since_full >= LIMITS.batches_between_full,
    }
    return next((because for because, holds in reasons.items() if holds), "")


def is_too_small(base: SourceState | None, scope: str, rows: int) -> bool:
    """Whether so many rows have gone since the last batch of the same scope that a person should look first."""
    if base is None or base.scope != scope or rows >= base.rows:
        return False
    gone = base.rows - rows
    return rows == 0 or (gone > LIMITS.delete_rows and gone > LIMITS.delete_share * base.rows)

"""Whether a batch changes a received table more than a person should let pass unseen.

A signature says who sends, not that the rows are right: a provider that was broken into, or a script gone wrong, signs
too. So the consumer compares what the table would hold with what the last merge left, before that takes effect.
"""

from typing import Any

from exchange import allowance, columns
from exchange.consumer import last_merge, marks
from exchange.consumer.last_merge import LastMerge, Tally
from exchange.consumer.merge import Changed
from exchange.errors import ExchangeError
from exchange.keys.trust import BoundGrant
from exchange.ledger import Batch
from exchange.limits import LIMITS
from exchange.node import Node


def require_allowed(node: Node, cursor: Any, batch: Batch, grant: BoundGrant, now: Tally, changed: Changed) -> None:
    """Raises ``TARGET_SHIFT``, unless a person has let this very batch through.

    Nothing to compare with: before the first merge, after one under another grant, and after one taken back.
    """
    last = last_merge.find(cursor, batch.route_id)
    if last is None or last.is_undone or changed.is_first:
        return
    if marks.granted(cursor, batch.route_id, last.seq) != batch.grant_id:
        return
    gone = changed.gone if columns.key(grant) else 0
    found = told(last, now, gone, node.settings.shift_share)
    if found and not _is_allowed(node, batch):
        raise ExchangeError(
            "TARGET_SHIFT",
            table=grant.target_table,
            what="；".join(zh for zh, _ in found),
            what_en="; ".join(en for _, en in found),
        )


def told(last: LastMerge, now: Tally, gone: int, share: float) -> list[tuple[str, str]]:
    """Every limit that is passed, in Chinese and English: rows more or fewer, rows deleted, values that are now missing
    or no longer are. ``share`` is of the rows before; up to ``LIMITS.shift_rows`` of them are never many. Pure.
    """
    was, found = last.tally, []
    if _is_much(abs(now.rows - was.rows), was.rows, share):
        found.append((f"行数由 {was.rows} 变为 {now.rows}", f"rows: {was.rows} before, {now.rows} now"))
    if _is_much(gone, was.rows, share):
        found.append((f"{was.rows} 行中 {gone} 行的主键消失", f"the keys of {gone} of {was.rows} rows are gone"))
    for field in sorted(was.nulls.keys() & now.nulls.keys()):
        before, after = _share(was.nulls[field], was.rows), _share(now.nulls[field], now.rows)
        if abs(after - before) > share and min(was.rows, now.rows) > LIMITS.shift_rows:
            zh = f"列 {field} 的空值由 {before:.0%} 变为 {after:.0%}"
            found.append((zh, f"missing values of column {field}: {before:.0%} before, {after:.0%} now"))
    return found


def _is_much(rows: int, of: int, share: float) -> bool:
    return rows > LIMITS.shift_rows and rows > share * of


def _share(rows: int, of: int) -> float:
    return rows / of if of else 0.0


def _is_allowed(node: Node, batch: Batch) -> bool:
    with node.engine.connect() as connection:
        return allowance.is_allowed(connection, batch, "TARGET_SHIFT")

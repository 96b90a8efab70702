"""Reads reconciliations: the newest of each route, as pages show it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from directory.reconciliations.models import ReconciliationRow
from metadata.reconciliation import Reconciliation, sentence
from metadata.signed import Signed


@dataclass(frozen=True)
class Reconciled:
    """The last comparison of a route: at which batch, its light, a word and a sentence."""

    seq: int
    light: str
    words: str
    sentence: str
    at: datetime


def newest_of(session: Session, route_ids: Collection[str]) -> Mapping[str, Reconciled]:
    """By route; a route that was never compared is not in it."""
    rows = session.scalars(
        select(ReconciliationRow)
        .where(ReconciliationRow.route_id.in_(route_ids))
        .ext(distinct_on(ReconciliationRow.route_id))
        .order_by(ReconciliationRow.route_id, ReconciliationRow.said_at.desc())
    )
    return {
        row.route_id: _shown(Reconciliation.from_bytes(Signed.from_bytes(row.body).payload_bytes())) for row in rows
    }


def _shown(found: Reconciliation) -> Reconciled:
    light = "red" if found.is_alarming else "amber" if found.outcome == "partial" else "green"
    words = {"red": "不一致", "amber": "部分核对", "green": "一致"}[light]
    return Reconciled(found.seq, light, words, sentence(found), found.at)

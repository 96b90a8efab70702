"""What one decision would come to for each of many requests, and taking it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from directory.access.ahead import ask_ahead
from directory.access.aside import entry_of
from directory.access.batch import move_many
from directory.access.lines import RequestLine, lines
from directory.access.models import RequestRow
from directory.access.permitted import legal_acts
from directory.access.queries import seen
from directory.access.refusals import LEGAL_REASONS, accepted_reasons
from directory.access.said import Said
from directory.access.states import Act
from directory.actors import Actor
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.resources.queries import AT_HAND
from standards.crypto import SigningKey

TOGETHER: Final = (
    Act.REQ_APPROVED,
    Act.SUBMITTED,
    Act.ACCEPTED,
    Act.AGREED,
    Act.REFUSED,
    Act.EXTENDED,
    Act.EXTENSION_REFUSED,
    Act.URGED,
    Act.DISCARDED,
)
"""What can be said of many in the same words. What lists parts, days or items of one request is done on that one."""


@dataclass(frozen=True)
class Chosen:
    """The requests chosen, as lists show them; the acts open to some of them, with how many; reasons valid for all."""

    lines: Sequence[RequestLine]
    acts: Mapping[Act, int]
    reasons: Sequence[str]
    unseen: int


class _Undone(Exception):
    """Ends a trial."""


def chosen(session: Session, actor: Actor, ids: Sequence[UUID], now: datetime) -> Chosen:
    """What of these requests this actor sees, in the order given. Raises ``BATCH_SIZE`` for none or too many."""
    wanted = list(dict.fromkeys(ids))
    if not 1 <= len(wanted) <= LIMITS.batch_count:
        raise DirectoryError("BATCH_SIZE", count=len(wanted), limit=LIMITS.batch_count)
    rows = sorted(seen(session, actor, wanted), key=lambda row: wanted.index(row.id))
    ask_ahead(session, rows)
    today = day_of(now)
    legal = Counter(act for row in rows for act in legal_acts(session, actor, row, today))
    return Chosen(
        lines=lines(session, rows, today),
        acts={act: legal[act] for act in TOGETHER if legal[act]},
        reasons=_reasons(session, actor, rows) if legal[Act.REFUSED] else (),
        unseen=len(wanted) - len(rows),
    )


def take(
    session: Session,
    actor: Actor,
    key: SigningKey,
    ids: Sequence[UUID],
    act: Act,
    said: Said,
    now: datetime,
    *,
    suite_2: AbstractSet[str],
    is_trial: bool,
) -> Mapping[UUID, DirectoryError | None]:
    """What becomes of each; with ``is_trial`` all of it is taken back, and nothing has happened.

    Raises ``DECISION_MISSING`` for an act that is not done on many.
    """
    if act not in TOGETHER:
        raise DirectoryError("DECISION_MISSING")
    outcomes: Mapping[UUID, DirectoryError | None] = {}
    try:
        with session.begin_nested():
            outcomes = move_many(session, actor, key, ids, act, now, said, suite_2=suite_2)
            if is_trial:
                raise _Undone
    except _Undone:
        session.expire_all()
    return outcomes


def _reasons(session: Session, actor: Actor, rows: Sequence[RequestRow]) -> Sequence[str]:
    """The reasons by which every one of them may be refused: what all their entries declare, then the law's."""
    AT_HAND.ahead(session, {row.resource_id for row in rows})
    entries = (entry_of(session, actor, row) for row in rows)
    declared = [entry.sharing.refusal_reasons if entry else () for entry in entries]
    common = [reason for reason in (declared[0] if declared else ()) if all(reason in each for each in declared)]
    return accepted_reasons(tuple(common)) if declared else LEGAL_REASONS

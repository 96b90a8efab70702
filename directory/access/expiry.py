"""使用时限: a use ends by itself after its last day; the nodes refuse its grants from then on anyway."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, sessionmaker

from directory.access.bind import change_grant
from directory.access.grant_models import GrantRow
from directory.access.models import RequestRow
from directory.access.moments import not_before
from directory.access.moves import MOVES, Facts, NoMove, move
from directory.access.queries import has_taken_over, is_chain_locked, is_renewed
from directory.access.states import Act, Stage, State
from directory.access.steps import Decider, leave_step
from directory.clock.deadlines import day_of
from directory.limits import LIMITS
from directory.process.beside import Beside, in_transaction
from standards.crypto import SigningKey

WORDS: Final = "使用时限已到"
LIVE: Final = tuple(state.value for (state, _), acts in MOVES.items() if Act.EXPIRED in acts)
_EVERY_SECONDS: Final = 60.0


def expire(session: Session, key: SigningKey, now: datetime) -> int:
    """End what is past its last day, at most ``LIMITS.batch_count`` at once; how many.

    Rows that somebody is working on, or on whose renewal, are left for the next time: we never wait, and two of us at
    once do no work twice.
    """
    is_over = exists().where(GrantRow.request_id == RequestRow.id, GrantRow.valid_until < day_of(now))
    query = select(RequestRow).where(RequestRow.state.in_(LIVE), is_over).order_by(RequestRow.id)
    rows = session.scalars(query.limit(LIMITS.batch_count).with_for_update(skip_locked=True)).all()
    return sum(end(session, key, row, now) for row in rows if is_chain_locked(session, row.id))


def end(session: Session, key: SigningKey, row: RequestRow, now: datetime) -> bool:
    """End the use of one locked request; whether it was in use at all."""
    now = not_before(row, now)
    arrived, renewed = row.arrived_at is not None, is_renewed(session, row)
    facts = Facts(row.needs_office, arrived, renewed, has_taken_over(session, row), office_first=row.office_first)
    moved = move(State(row.state), Stage(row.stage), Act.EXPIRED, facts)
    if isinstance(moved, NoMove):
        return False
    leave_step(session, row, Act.EXPIRED, moved, Decider.calendar(), now, comment=WORDS)
    change_grant(session, key, row, Act.EXPIRED, now)
    return True


def ender(sessions: sessionmaker[Session], key: SigningKey) -> Beside:
    """Ends uses on their day, beside the service; what is over is refused by the nodes meanwhile."""
    return Beside("expiry", _EVERY_SECONDS, in_transaction(sessions, lambda session: _is_more(session, key)))


def _is_more(session: Session, key: SigningKey) -> bool:
    return expire(session, key, datetime.now(UTC)) == LIMITS.batch_count

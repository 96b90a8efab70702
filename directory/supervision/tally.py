"""The kept counts of terms, read and made small again.

They are right by construction (migration 0041): whatever changes a running or ended term leaves, in its own
transaction, a row of one more or one less, so that whoever sees the change sees the count, and nobody waits for
anybody. Reading adds up a few rows for each day that terms end on, not a row for each request.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Text, bindparam, cast, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from directory.process.beside import Beside, in_transaction
from directory.statements.prepared import Prepared
from directory.supervision.models import EndedTally, RunningTally

_EVERY_SECONDS: Final = 60.0
_FOLD: Final = text("SELECT hutong_fold_tallies()")


class Term(NamedTuple):
    """A running term, as many requests may share it."""

    counted_from: date
    limit_days: int
    due_on: date


class Running(NamedTuple):
    """How many terms of a provider run that are alike."""

    provider_org: str
    term: Term
    number: int


class Ended(NamedTuple):
    """How many terms of a provider ended in a year, and how many of them after their day."""

    provider_org: str
    number: int
    late: int


def running(session: Session, org_code: str | None = None) -> Sequence[Running]:
    """Of one provider, or of all."""
    rows = _RUNNING.rows(session, org=org_code)
    return [Running(org, Term(*term), number) for org, *term, number in rows]


def ended(session: Session, year: int, org_code: str | None = None) -> Sequence[Ended]:
    """Those that ended in this year (of Shanghai) or later: of one provider, or of all."""
    return [Ended(*row) for row in _ENDED.rows(session, year=year, org=org_code)]


def fold(session: Session) -> None:
    """Make the rows of a kind into one; harmless at any time, by anybody, and beside anything."""
    session.execute(_FOLD)


def folder(sessions: sessionmaker[Session]) -> Beside:
    """Folds beside the service; until it does, the sums are the same."""
    return Beside("tallies", _EVERY_SECONDS, in_transaction(sessions, _turn))


def _turn(session: Session) -> bool:
    fold(session)
    return False


_ORG: Final = bindparam("org", type_=Text())  # null for every provider
_ALIKE: Final = (
    RunningTally.provider_org,
    RunningTally.counted_from,
    RunningTally.limit_days,
    RunningTally.due_on,
)
_RUNNING: Final = Prepared(
    "running_tally",
    select(*_ALIKE, cast(func.sum(RunningTally.number), BigInteger))
    .where(RunningTally.provider_org == func.coalesce(_ORG, RunningTally.provider_org))
    .group_by(*_ALIKE)
    .having(func.sum(RunningTally.number) != 0),
)
_LATE: Final = func.sum(EndedTally.number).filter(EndedTally.is_late)
_ENDED: Final = Prepared(
    "ended_tally",
    select(
        EndedTally.provider_org,
        cast(func.sum(EndedTally.number), BigInteger),
        cast(func.coalesce(_LATE, 0), BigInteger),
    )
    .where(
        EndedTally.year >= bindparam("year"), EndedTally.provider_org == func.coalesce(_ORG, EndedTally.provider_org)
    )
    .group_by(EndedTally.provider_org)
    .having(func.sum(EndedTally.number) != 0),
)

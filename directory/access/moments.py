"""When a step is taken, by a clock that may have been put back: a request's steps never go backwards."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Uuid, bindparam, func, select
from sqlalchemy.orm import Session

from directory.access.models import RequestRow, RequestStep
from directory.errors import DirectoryError
from directory.prepared import Prepared

TOLERANCE: Final = timedelta(minutes=5)
"""How far the clocks of two processes may be apart."""
_LAST: Final = Prepared(
    "last_step_of_request",
    select(func.max(RequestStep.decided_at)).where(RequestStep.request_id == bindparam("id", None, Uuid())),
)


def not_before(session: Session, row: RequestRow, now: datetime) -> datetime:
    """Now, or the last step's instant where the clock shows an earlier one.

    Who opened a request later than another closed it did so later, whatever a clock says.
    """
    session.flush()
    last: datetime | None = _LAST.rows(session, id=str(row.id))[0][0]
    return now if last is None or last <= now else last


def moment(session: Session, row: RequestRow, now: datetime) -> datetime:
    """The same for what people decide, from which terms are counted: raises ``CLOCK_BEHIND`` for a clock that is behind
    by more than two clocks can differ, since every due day would be wrong.
    """
    at = not_before(session, row, now)
    if at - now > TOLERANCE:
        raise DirectoryError(
            "CLOCK_BEHIND", now=now.isoformat(timespec="seconds"), last=at.isoformat(timespec="seconds")
        )
    return at

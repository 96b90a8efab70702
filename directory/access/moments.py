"""When a step is taken, by a clock that may have been put back: a request's steps never go backwards."""

from datetime import datetime, timedelta
from typing import Final

from directory.access.models import RequestRow
from directory.errors import DirectoryError

TOLERANCE: Final = timedelta(minutes=5)
"""How far the clocks of two processes may be apart."""


def not_before(row: RequestRow, now: datetime) -> datetime:
    """Now, or the last step's instant where the clock shows an earlier one.

    Who opened a request later than another closed it did so later, whatever a clock says.
    """
    return max([now, *(step.decided_at for step in row.steps)])


def moment(row: RequestRow, now: datetime) -> datetime:
    """The same for what people decide, from which terms are counted: raises ``CLOCK_BEHIND`` for a clock that is behind
    by more than two clocks can differ, since every due day would be wrong.
    """
    at = not_before(row, now)
    if at - now > TOLERANCE:
        raise DirectoryError(
            "CLOCK_BEHIND", now=now.isoformat(timespec="seconds"), last=at.isoformat(timespec="seconds")
        )
    return at

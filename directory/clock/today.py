"""What day it is: read at the edge only (API, pages, commands); what decides is given its ``now``."""

from datetime import UTC, date, datetime

from directory.clock.deadlines import day_of


def shanghai_today() -> date:
    """Today's day in Shanghai, in which every term and every period is counted."""
    return day_of(datetime.now(UTC))

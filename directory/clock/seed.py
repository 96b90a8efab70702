"""The first filling of the calendar table, from the State Council's notices as ``chinesecalendar`` has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import chinese_calendar.constants as notices
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from directory.clock.models import CalendarDay, CalendarYear

SOURCE = "国务院办公厅历年通知（据 chinesecalendar 整理）"
NAMES: Mapping[str, str] = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利 70 周年纪念日",
}
"""What the package calls the holidays, and what the notices do."""


@dataclass(frozen=True)
class NoticeDay:
    """A rest day, or a weekend day that is worked instead, by name of the holiday."""

    day: date
    kind: Literal["off", "make_up"]
    name: str


def notice_days() -> list[NoticeDay]:
    """Every day the package knows, in order; weekends that nobody moved are not among them."""
    off = [NoticeDay(day, "off", NAMES[name]) for day, name in notices.holidays.items()]
    make_up = [NoticeDay(day, "make_up", NAMES[name]) for day, name in notices.workdays.items()]
    return sorted(off + make_up, key=lambda notice: notice.day)


def seed(connection: Connection) -> int:
    """Add the years the table does not have yet; how many were added.

    A year that stands in the table belongs to the administrators, who enter the new notice every November, and is not
    touched. Safe to repeat and to run twice at once.
    """
    days = notice_days()
    known = set(connection.scalars(select(CalendarYear.year)))
    years = {notice.day.year for notice in days if notice.kind == "off"} - known
    if not years:
        return 0
    connection.execute(
        insert(CalendarYear).on_conflict_do_nothing(), [{"year": year, "source": SOURCE} for year in sorted(years)]
    )
    connection.execute(
        insert(CalendarDay).on_conflict_do_nothing(),
        [{"day": n.day, "kind": n.kind, "name": n.name} for n in days if n.day.year in years],
    )
    return len(years)

"""A term accounted for day by day: which days counted, which did not and why. Pure; what is printed as evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from directory.clock.deadlines import Calendar

DAYS_SHOWN_LATE: Final = 20
"""How many days after the due day are shown one by one."""

DayKind = Literal["received", "counted", "make_up", "weekend", "holiday"]
KIND_WORDS: Final[Mapping[DayKind, str]] = {
    "received": "收到当日，不计",
    "counted": "工作日，计入",
    "make_up": "调休上班，计入",
    "weekend": "周末，不计",
    "holiday": "放假，不计",
}


@dataclass(frozen=True)
class AccountedDay:
    """One day: why it counts or not, the number it gets if it does, and whether it lies after the due day."""

    day: date
    kind: DayKind
    name: str
    number: int | None
    is_late: bool

    @property
    def words(self) -> str:
        return f"{self.name}{KIND_WORDS[self.kind]}" if self.kind == "holiday" else KIND_WORDS[self.kind]


def account(
    received_on: date, due_on: date, until: date, calendar: Calendar, names: Mapping[date, str]
) -> tuple[AccountedDay, ...]:
    """Every day from receipt to the due day, and on to ``until`` when that is later, at most ``DAYS_SHOWN_LATE`` more.

    ``names`` are the holidays' names; numbers go on counting after the due day.
    """
    last = min(max(due_on, until), due_on + timedelta(days=DAYS_SHOWN_LATE))
    days, number = [AccountedDay(received_on, "received", "", None, False)], 0
    for offset in range(1, (last - received_on).days + 1):
        day = received_on + timedelta(days=offset)
        is_worked = calendar.is_working_day(day)
        number += is_worked
        days.append(
            AccountedDay(day, _kind(day, calendar), names.get(day, ""), number if is_worked else None, day > due_on)
        )
    return tuple(days)


def _kind(day: date, calendar: Calendar) -> DayKind:
    if day in calendar.make_up_days:
        return "make_up"
    if calendar.is_working_day(day):
        return "counted"
    return "holiday" if day in calendar.off_days else "weekend"

"""Days and terms as people read them, in Shanghai's days. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from directory.clock.deadlines import SHANGHAI, Calendar, Due, working_days_between

WEEKDAYS = "一二三四五六日"


def day_words(day: date, today: date) -> str:
    """11-20 within the year, 2026-11-20 elsewhere."""
    return day.strftime("%m-%d" if day.year == today.year else "%Y-%m-%d")


def moment_words(at: datetime, today: date) -> str:
    """The same with the minute, 11-20 10:20."""
    local = at.astimezone(SHANGHAI)
    return f"{day_words(local.date(), today)} {local:%H:%M}"


def stamp_words(at: datetime) -> str:
    """2026-11-20 10:20, whole: what stands on paper or in a file is read on another day."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def term_words(due_on: date, today: date, calendar: Calendar) -> str:
    """How much of a term is left, or how far it is past, in working days."""
    if today > due_on:
        late = working_days_between(due_on, today, calendar)
        return f"超期 {late} 个工作日" if late else "已超期"
    if today == due_on:
        return "今天到期"
    return f"还有 {working_days_between(today, due_on, calendar)} 个工作日"


def unknown_year_words(years: Iterable[int]) -> tuple[str, ...]:
    """What to say beside a due date that rests on years whose notice is not entered yet."""
    return tuple(f"{year} 年放假安排尚未录入，期限暂按周一至周五计算" for year in years)


@dataclass(frozen=True)
class Day:
    """One cell of a drawn term: a working day, above it the year where it is another, a word beneath, its light."""

    year: str
    day: str
    word: str
    light: str
    is_past: bool
    is_today: bool


def drawn_days(term: Due, today: date, calendar: Calendar) -> tuple[Day, ...]:
    """Every working day of a term and the first one after it, which is red."""
    cells: list[Day] = []
    day, limit = term.received_on, term.limit_days
    while len(cells) <= limit:
        day += timedelta(days=1)
        if not calendar.is_working_day(day):
            continue
        number = len(cells) + 1
        light = "red" if day > term.due_on else "amber" if limit == 1 or 2 * number >= limit else "green"
        word = "起超期" if day > term.due_on else "截止" if day == term.due_on else WEEKDAYS[day.weekday()]
        is_today = day == today
        year, month_day = "" if day.year == today.year else str(day.year), f"{day:%m-%d}"
        cells.append(Day(year, month_day, "今天" if is_today else word, light, day < today, is_today))
    return tuple(cells)

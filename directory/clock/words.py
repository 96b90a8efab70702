"""Days and terms as people read them, in Shanghai's days. Pure."""

from datetime import date, datetime

from directory.clock.deadlines import SHANGHAI, Calendar, working_days_between

WEEKDAYS = "一二三四五六日"


def day_words(day: date, today: date) -> str:
    """11-20 within the year, 2026-11-20 elsewhere."""
    return day.strftime("%m-%d" if day.year == today.year else "%Y-%m-%d")


def moment_words(at: datetime, today: date) -> str:
    """The same with the minute, 11-20 10:20."""
    local = at.astimezone(SHANGHAI)
    return f"{day_words(local.date(), today)} {local:%H:%M}"


def term_words(due_on: date, today: date, calendar: Calendar) -> str:
    """How much of a term is left, or how far it is past, in working days."""
    if today > due_on:
        late = working_days_between(due_on, today, calendar)
        return f"超期 {late} 个工作日" if late else "已超期"
    if today == due_on:
        return "今天到期"
    return f"还有 {working_days_between(today, due_on, calendar)} 个工作日"

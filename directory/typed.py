"""What somebody typed: a day, a number, an id, a text that is longer than it may be."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from directory.errors import DirectoryError

EARLIEST: Final = date(1949, 10, 1)
"""Nothing that a department did or decided lies before it."""
DAY_WANTED: Final = "请填写日期，如 2026-12-31"


def day_in(text: str) -> date | None:
    """The day; None where it is none, for a form that says so in words of its own."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def day_typed(text: str) -> date:
    """The day; raises ``DAY_UNREADABLE``."""
    day = day_in(text)
    if day is None:
        raise DirectoryError("DAY_UNREADABLE", typed=text.strip()[:20])
    return day


def day_if_typed(text: str) -> date | None:
    """The day, None where nothing was typed; raises ``DAY_UNREADABLE``."""
    return day_typed(text) if text.strip() else None


def require_near(day: date, today: date, most_days: int) -> None:
    """Raise ``DAY_FAR`` for a day farther ahead than this: a year mistyped, or one that stands for never."""
    if day > today + timedelta(days=most_days):
        last = today + timedelta(days=most_days)
        raise DirectoryError("DAY_FAR", day=day.isoformat(), last=last.isoformat())


def number_in(text: str, digits: int = 9) -> int | None:
    """The whole number; None where it is none, or has more digits than anything counted here."""
    typed = text.strip()
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= digits else None


def id_in(text: str) -> UUID | None:
    """The id; None where it is none."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def is_legible(text: str) -> bool:
    """Whether it says anything: blanks, marks and characters that nobody sees are no basis and no reason."""
    return any(character.isalnum() for character in text)


def require_words(text: str) -> None:
    """Raise ``COMMENT_REQUIRED`` where nothing is said: a reason, a basis or an opinion that cannot be done without."""
    if not is_legible(text):
        raise DirectoryError("COMMENT_REQUIRED")


def lengths(form: object, longest: Mapping[str, int]) -> dict[str, str]:
    """A sentence for each field that is longer than it may be."""
    return {
        name: f"最多 {most} 个字，现有 {len(getattr(form, name))} 个"
        for name, most in longest.items()
        if len(getattr(form, name)) > most
    }

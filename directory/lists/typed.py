"""What was typed into a form of the lists: too long, or no day."""

from collections.abc import Mapping
from datetime import date
from typing import Final

DAY_WANTED: Final = "请填写日期，如 2026-12-31"


def lengths(form: object, longest: Mapping[str, int]) -> dict[str, str]:
    """A sentence for each field that is longer than it may be."""
    return {
        name: f"最多 {most} 个字，现有 {len(getattr(form, name))} 个"
        for name, most in longest.items()
        if len(getattr(form, name)) > most
    }


def day(text: str) -> date | None:
    """The day that was typed, None where it is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def number(text: str) -> int:
    """The whole number that was typed, 0 where it is none of ours."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else 0

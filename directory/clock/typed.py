"""A day as somebody typed it into a form."""

from datetime import date

from directory.errors import DirectoryError


def day_typed(text: str) -> date:
    """The day; raises ``DirectoryError DAY_UNREADABLE``."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise DirectoryError("DAY_UNREADABLE", typed=text.strip()[:20]) from None

"""The shape in which features tell of what waits and of what was begun: one statement reads them all."""

from typing import Any

from sqlalchemy import Date, Integer, Select, Text, Uuid, cast, literal, null, select


def task(kind: str, act: str, *, about: Any, title: Any, org_code: Any, due_on: Any = None) -> Select[Any]:
    """What waits for somebody: of which kind, what to do, about which row, from or for whom, by when (None: no day)."""
    return select(
        literal(kind, Text).label("kind"),
        literal(act, Text).label("act"),
        cast(about, Uuid).label("about"),
        cast(title, Text).label("title"),
        cast(org_code, Text).label("org_code"),
        cast(null() if due_on is None else due_on, Date).label("due_on"),
    )


def trace(
    kind: Any, *, about: Any, title: Any, state: Any, at: Any, year: Any = None, number: Any = None
) -> Select[Any]:
    """What somebody began or dealt with: of which kind, which row, how it stands, and since when (``at``)."""
    return select(
        (literal(kind, Text) if isinstance(kind, str) else cast(kind, Text)).label("kind"),
        cast(about, Uuid).label("about"),
        cast(title, Text).label("title"),
        (literal(state, Text) if isinstance(state, str) else cast(state, Text)).label("state"),
        at.label("at"),
        cast(null() if year is None else year, Integer).label("year"),
        cast(null() if number is None else number, Integer).label("number"),
    )

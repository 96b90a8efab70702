"""A person's worklist: requests in three lists, and what else waits for them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access.views import RequestLine, lines
from directory.actors import Actor
from directory.duties.views import DutyLine
from directory.duties.views import waiting as waiting_duties
from directory.limits import LIMITS
from directory.matters.views import MatterLine
from directory.matters.worklist import waiting as waiting_matters
from directory.rectifications.queries import Rectification
from directory.rectifications.queries import waiting as waiting_rectifications
from directory.uses.views import Asked, asked_of
from directory.worklist.entries import EntryLine, waiting_entries
from directory.worklist.requests import Tab, counts, listed


class Counts(BaseModel):
    """How long each list is; ``todo`` with all that waits, requests or not."""

    model_config = ConfigDict(frozen=True)

    todo: int
    done: int
    mine: int


class Worklist(BaseModel):
    """One list: its requests a page at a time, with ``next`` to go on, and how many are in it (``total``) and ``late``.

    ``dealt_at`` says of each of them when the reader dealt with it (``done``). On the first page of what waits stand
    also changes of law or duty, suspended uses to be put right and use records asked for by due date, and entries by
    how long they have lain; ``entries_total`` and ``uses_total`` count those not shown too.
    """

    model_config = ConfigDict(frozen=True)

    tab: Literal["todo", "done", "mine"]
    counts: Counts
    total: int
    late: int
    items: Sequence[RequestLine]
    dealt_at: Sequence[datetime | None]
    next: str | None
    duties: Sequence[DutyLine]
    entries_total: int
    entries: Sequence[EntryLine]
    uses_total: int
    uses: Sequence[Asked]
    matters: Sequence[MatterLine]
    rectifications: Sequence[Rectification]


def worklist(
    session: Session, actor: Actor, today: date, tab: Tab = "todo", *, size: int = LIMITS.page_count, after: str = ""
) -> Worklist:
    """One page of one list; raises ``CURSOR_INVALID``."""
    found = listed(session, actor, tab, size=size, after=after)
    numbers = counts(session, actor, today)
    duties, entries = waiting_duties(session, actor, today), waiting_entries(session, actor)
    shows_all = tab == "todo" and not after
    uses_total, uses = asked_of(session, actor, today, LIMITS.page_count if shows_all else 0)
    matters = waiting_matters(session, actor, today)
    rectifications = waiting_rectifications(session, actor, today)
    shows_all = tab == "todo" and not after
    others = len(duties) + len(entries) + uses_total + len(matters) + len(rectifications)
    return Worklist(
        tab=tab,
        counts=Counts(todo=numbers["todo"].number + others, done=numbers["done"].number, mine=numbers["mine"].number),
        total=numbers[tab].number,
        late=numbers[tab].late,
        items=lines(session, found.rows, today),
        dealt_at=found.at,
        next=found.next,
        duties=duties if shows_all else (),
        entries_total=len(entries),
        entries=entries[: LIMITS.list_count] if shows_all else (),
        uses_total=uses_total,
        uses=uses if shows_all else (),
        matters=matters if shows_all else (),
        rectifications=rectifications if shows_all else (),
    )

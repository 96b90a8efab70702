"""A person's worklist: requests in three lists, and what else waits for them, was dealt with or begun by them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access.lines import RequestLine, lines
from directory.actors import Actor
from directory.clock.deadlines import day_of
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
from directory.worklist.tasks import TaskLine, waiting_tasks
from directory.worklist.traces import TraceLine, Traces, trace_counts, traces
from directory.worklist.upkeep import Upkeep, upkeep

_NONE = Traces((), None)


class Counts(BaseModel):
    """How long each list is, with all that is in it, requests or not."""

    model_config = ConfigDict(frozen=True)

    todo: int
    done: int
    mine: int


class Worklist(BaseModel):
    """One list: its requests a page at a time, with ``next`` to go on, and how many are in it (``total``) and ``late``.

    ``dealt_at`` says of each of them when the reader dealt with it (``done``). On the first page of what waits stand
    also changes of law or duty, suspended uses to be put right and use records asked for by due date, what else waits
    (``tasks``), and entries by how long they have lain; ``entries_total``, ``uses_total`` and ``tasks_total`` count
    those not shown too. There ``upkeep`` is what waits for who keeps the service running, by kind and with no day:
    ``upkeep_total`` things that are in no other number. What else was dealt with or begun are ``others``,
    ``others_total`` of them, the latest first; ``others_next`` goes on.
    """

    model_config = ConfigDict(frozen=True)

    tab: Literal["todo", "done", "mine"]
    counts: Counts
    total: int
    late: int
    items: list[RequestLine]
    dealt_at: list[datetime | None]
    next: str | None
    duties: Sequence[DutyLine]
    entries_total: int
    entries: Sequence[EntryLine]
    uses_total: int
    uses: Sequence[Asked]
    matters: Sequence[MatterLine]
    rectifications: Sequence[Rectification]
    tasks_total: int
    tasks: Sequence[TaskLine]
    others_total: int
    others: Sequence[TraceLine]
    others_next: str | None
    upkeep_total: int = 0
    upkeep: Sequence[Upkeep] = ()


def desk(
    session: Session,
    actor: Actor,
    now: datetime,
    tab: Tab = "todo",
    *,
    size: int = LIMITS.page_count,
    after: str = "",
    others_after: str = "",
) -> Worklist:
    """The worklist with what else stands on the desk of an administrator; raises ``CURSOR_INVALID``."""
    found = worklist(session, actor, day_of(now), tab, size=size, after=after, others_after=others_after)
    if tab != "todo" or after:
        return found
    kept = upkeep(session, actor, now)
    return found.model_copy(update={"upkeep": kept, "upkeep_total": sum(each.count for each in kept)})


def worklist(
    session: Session,
    actor: Actor,
    today: date,
    tab: Tab = "todo",
    *,
    size: int = LIMITS.page_count,
    after: str = "",
    others_after: str = "",
) -> Worklist:
    """One page of one list, of its requests and of what else is in it; raises ``CURSOR_INVALID``."""
    found = listed(session, actor, tab, size=size, after=after)
    counted = counts(session, actor, today, tab)
    duties, entries = waiting_duties(session, actor, today), waiting_entries(session, actor)
    shows_all = tab == "todo" and not after
    uses_total, uses = asked_of(session, actor, today, LIMITS.page_count if shows_all else 0)
    matters = waiting_matters(session, actor, today)
    rectifications = waiting_rectifications(session, actor, today)
    tasks_total, tasks = waiting_tasks(session, actor, today)
    waiting = len(duties) + len(entries) + uses_total + len(matters) + len(rectifications) + tasks_total
    traced = trace_counts(session, actor)
    others = _NONE if tab == "todo" else traces(session, actor, tab, size=size, after=others_after)
    return Worklist(
        tab=tab,
        counts=Counts(
            todo=counted.numbers["todo"] + waiting,
            done=counted.numbers["done"] + traced["done"],
            mine=counted.numbers["mine"] + traced["mine"],
        ),
        total=counted.numbers[tab],
        late=counted.late,
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
        tasks_total=tasks_total,
        tasks=tasks if shows_all else (),
        others_total=0 if tab == "todo" else traced[tab],
        others=others.lines,
        others_next=others.next,
    )

"""What a person began, and what they dealt with, besides requests: a page at a time, and how many there are.

Each kind is one part of one statement, told by its feature's ``worklist.py``; the latest come first.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, Text, func, literal, select, tuple_, union_all
from sqlalchemy.orm import Session

from directory.access.names import STATE_NAMES as REQUEST_STATES
from directory.actors import Actor
from directory.demands import worklist as demands
from directory.duties import worklist as duties
from directory.entrustments import worklist as entrustments
from directory.entrustments.queries import STATUS_NAMES as ENTRUSTMENT_STATES
from directory.errors import DirectoryError
from directory.matters import worklist as matters
from directory.matters.kinds import ADDRESSES, PROCEDURES
from directory.negatives import worklist as negatives
from directory.negatives.views import STATE_NAMES as NEGATIVE_STATES
from directory.resources import worklist as entries
from directory.resources.states import STATUSES
from directory.responsibilities import worklist as responsibilities
from directory.responsibilities.states import STATE_NAMES as RESPONSIBILITY_STATES
from directory.services import worklist as services
from directory.situations import worklist as situations
from directory.situations.queries import STATUS_NAMES as SITUATION_STATES
from directory.statements.spelled import Planned, Spelled
from directory.statements.unchanged import while_unchanged
from directory.uses import worklist as uses
from directory.worklist import disputes

Traced = Literal["done", "mine"]
_BEGUN: Final[tuple[Callable[[Actor], Select[Any]], ...]] = (
    demands.begun,
    disputes.begun,
    duties.begun,
    entries.begun,
    entrustments.begun,
    matters.begun,
    negatives.begun,
    responsibilities.begun,
    services.begun,
    situations.begun,
)
_KINDS: Final[Mapping[str, str]] = {
    "demand": "需求",
    "dispute": "申请争议",
    "duty": "法规与职责变化",
    "entrustment": "委托登记",
    "entry": "目录",
    "item_change": "在用数据项变化",
    "negative": "负面清单",
    "responsibility": "责任清单",
    "service": "服务变更",
    "situation": "违规情形",
    "use": "使用记录",
} | {kind: procedure.name for kind, procedure in PROCEDURES.items()}
_LINKS: Final[Mapping[str, str]] = {
    "demand": "/lists/demands/{about}",
    "dispute": "/requests/{about}",
    "duty": "/duties/{about}",
    "entrustment": "/entrustments/{about}",
    "entry": "/resources/{about}",
    "item_change": "/requests/{about}#changed-items",
    "negative": "/lists/negatives/{about}",
    "responsibility": "/lists/responsibilities/{about}",
    "service": "/services/{about}",
    "situation": "/situations/{about}",
    "use": "/requests/{about}/uses",
} | {kind: address + "/{about}" for kind, address in ADDRESSES.items()}
_STATES: Final[Mapping[str, Mapping[str, str]]] = {
    "demand": {"open": "有待匹配的数据项", "running": "都有了着落，办理中", "withdrawn": "已撤回"},
    "dispute": {f"{state.value}/{stage.value}": name for (state, stage), name in REQUEST_STATES.items()},
    "duty": {"reported": "已报告"},
    "entrustment": ENTRUSTMENT_STATES,
    "entry": STATUSES,
    "item_change": {"noted": "已知悉"},
    "negative": NEGATIVE_STATES,
    "responsibility": RESPONSIBILITY_STATES,
    "service": {"announced": "协商中", "filed": "已备案", "withdrawn": "已撤回"},
    "situation": SITUATION_STATES,
    "use": {"recorded": "已记录"},
} | {kind: procedure.names for kind, procedure in PROCEDURES.items()}


class TraceLine(BaseModel):
    """One thing begun or dealt with, how it stands now, and when this person last had it in hand (``at``)."""

    model_config = ConfigDict(frozen=True)

    kind: str
    kind_name: str
    id: UUID
    number: str
    title: str
    state: str
    state_name: str
    link: str
    at: datetime


@dataclass(frozen=True)
class Traces:
    """A page of them, the latest first; ``next`` goes on."""

    lines: Sequence[TraceLine]
    next: str | None


def traces(session: Session, actor: Actor, tab: Traced, *, size: int, after: str) -> Traces:
    """One page; raises ``CURSOR_INVALID``."""
    query = _FURTHER_PAGE if after else _FIRST_PAGE
    rows = query.rows(session, actor, tab, size, after)
    shown = rows[:size]
    end = f"{shown[-1].at.isoformat()}~{shown[-1].kind}~{shown[-1].about}" if len(rows) > size else None
    return Traces([_line(row) for row in shown], end)


def trace_counts(session: Session, actor: Actor) -> Mapping[Traced, int]:
    """How many there are of each, in one statement, as long as nothing changes."""
    found = while_unchanged(session, ("traces", actor), lambda: tuple(_COUNTING.rows(session, actor)[0]))
    return {"done": int(found[0]), "mine": int(found[1])}


def _parts(actor: Actor, tab: Traced) -> Iterable[Select[Any]]:
    if tab == "mine":
        return [each(actor) for each in _BEGUN]
    single = (
        entries.dealt,
        entrustments.dealt,
        matters.dealt,
        negatives.dealt,
        responsibilities.dealt,
        situations.dealt,
        uses.dealt,
    )
    return [*(each(actor) for each in single), *services.dealt(actor)]


def _counting(actor: Actor) -> Select[Any]:
    numbers = []
    for tab in ("done", "mine"):
        parts = [select(func.count().label("number")).select_from(each.subquery()) for each in _parts(actor, tab)]
        each = union_all(*parts).subquery()
        numbers.append(select(func.sum(each.c.number)).scalar_subquery().label(tab))
    return select(*numbers)


def _page(actor: Actor, tab: Traced, size: int, after: str) -> Select[Any]:
    further = _place(after)
    first = []
    for each in _parts(actor, tab):
        part = each.subquery()
        key = tuple_(part.c.at, part.c.kind, part.c.about)
        query = select(part).where(key < tuple_(*further)) if further else select(part)
        latest = query.order_by(part.c.at.desc(), part.c.kind.desc(), part.c.about.desc()).limit(size + 1)
        first.append(select(latest.subquery()))
    found = union_all(*first).subquery()
    return select(found).order_by(found.c.at.desc(), found.c.kind.desc(), found.c.about.desc()).limit(size + 1)


_COUNTING: Final = Planned("traces_counted", _counting)
_FIRST_PAGE: Final = Planned("traces", _page)
_FURTHER_PAGE: Final = Spelled(_page)


def _place(after: str) -> tuple[Any, ...]:
    if not after:
        return ()
    at, _, rest = after.partition("~")
    kind, _, about = rest.partition("~")
    try:
        place = datetime.fromisoformat(at).astimezone(UTC), literal(kind, Text), UUID(about)
    except (ValueError, OverflowError):
        raise DirectoryError("CURSOR_INVALID") from None
    if kind not in _KINDS:
        raise DirectoryError("CURSOR_INVALID")
    return place


def _line(row: Any) -> TraceLine:
    procedure = PROCEDURES.get(row.kind)
    return TraceLine(
        kind=row.kind,
        kind_name=_KINDS[row.kind],
        id=row.about,
        number=procedure.number(row.year, row.number) if procedure else "",
        title=row.title,
        state=row.state,
        state_name=_STATES[row.kind][row.state],
        link=_LINKS[row.kind].format(about=row.about),
        at=row.at,
    )

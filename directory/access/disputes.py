"""争议 (Art. 28): negotiation, then the authority, then the people's government; read off the request's steps."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access.models import RequestRow, RequestStep
from directory.access.states import Act, Stage
from directory.organisations.queries import organisation, organisations

Level = Literal["negotiation", "authority", "government"]
Outcome = Literal["open", "upheld", "escalated", "reconsidered", "settled"]

LEVEL_NAMES: Final = {"negotiation": "协商", "authority": "同级主管部门处理", "government": "本级人民政府决定"}
GOVERNMENT: Final = "本级人民政府"
_ENDS: Final[dict[Act, Outcome]] = {
    Act.ESCALATED: "escalated",
    Act.RECONSIDERED: "reconsidered",
    Act.SETTLED: "settled",
}
ACTS: Final = frozenset({Act.DISPUTED, Act.DISPUTE_ANSWERED, *_ENDS})


_OPENING: Final = frozenset({Act.DISPUTED, Act.ESCALATED})


class DisputeLevel(BaseModel):
    """A dispute at one level: who it is before, what was brought forward and answered, how it ended, each with its day.

    ``upheld`` is an answer that the refusal stands, with which nothing has been done yet.
    """

    model_config = ConfigDict(frozen=True)

    level: Level
    level_name: str
    addressee: str
    opened_at: datetime
    opened_by: str
    words: str
    answered_at: datetime | None = None
    answered_by: str = ""
    answer: str = ""
    outcome: Outcome = "open"
    ended_at: datetime | None = None


def addressees(session: Session, row: RequestRow) -> tuple[str, str, str]:
    """Before whom a dispute about this request comes, level by level."""
    office = next((each.name for each in organisations(session) if each.is_office), "政务数据共享主管部门")
    return organisation(session, row.provider_org).name, office, GOVERNMENT


def answerers(row: RequestRow) -> frozenset[UUID]:
    """Who has answered since the last refusal, and whoever they did it for: the next one is somebody else's."""
    found: frozenset[UUID] = frozenset()
    for step in reversed(row.steps):
        if step.act == Act.REFUSED:
            break
        if step.act == Act.DISPUTE_ANSWERED:
            found |= step.hands
    return found


def levels(session: Session, row: RequestRow, steps: Sequence[RequestStep]) -> tuple[DisputeLevel, ...]:
    """Every dispute about a request from its steps, oldest first; one refused again may be disputed again."""
    found: list[DisputeLevel] = []
    if not any(step.act in _OPENING for step in steps):
        return ()
    before = dict(zip(("negotiation", "authority", "government"), addressees(session, row), strict=True))
    for step in steps:
        act = Act(step.act)
        if act in _ENDS:
            found[-1] = found[-1].model_copy(update={"outcome": _ENDS[act], "ended_at": step.decided_at})
        if act is Act.DISPUTE_ANSWERED:
            said = {"answered_at": step.decided_at, "answered_by": _who(step), "answer": step.comment}
            is_last = step.stage == Stage.NONE
            ended = {"ended_at": step.decided_at} if is_last else {}
            found[-1] = found[-1].model_copy(update={**said, **ended, "outcome": "upheld"})
        if act in _OPENING:
            level: Level = "negotiation"
            if act is Act.ESCALATED:
                level = "authority" if step.stage == Stage.AUTHORITY else "government"
            opened = DisputeLevel(
                level=level,
                level_name=LEVEL_NAMES[level],
                addressee=before[level],
                opened_at=step.decided_at,
                opened_by=_who(step),
                words=step.comment,
            )
            found.append(opened)
    return tuple(found)


def _who(step: RequestStep) -> str:
    return f"{step.org_name} {step.decider_name}"

"""What an objection looks like from outside: one shape for the API, the command line and the pages."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access.disputes import GOVERNMENT, LEVEL_NAMES
from directory.actors import Actor
from directory.clock.queries import calendar
from directory.matters.models import Matter
from directory.matters.papers import papers_of
from directory.matters.steps import legal_acts
from directory.matters.views import MatterLine, StepView, line, lines, step_views, steps_of
from directory.objections.queries import objection, topics
from directory.objections.states import OBJECTIONS, OUTCOME_NAMES, TOPICS, Act, State, Topic
from directory.organisations.names import organisation_names
from directory.papers import Paper, paper_of

_LEVEL_OF = {
    State.NEGOTIATION: "negotiation",
    State.NEGOTIATION_ANSWERED: "negotiation",
    State.AUTHORITY: "authority",
    State.AUTHORITY_ANSWERED: "authority",
    State.GOVERNMENT: "government",
}


class ObjectionLine(MatterLine):
    """An objection in a list, with its kind."""

    topic: Topic
    topic_name: str


class Level(BaseModel):
    """One level of Article 28's chain, before whom, and whether it is reached or being dealt with."""

    model_config = ConfigDict(frozen=True)

    level: str
    name: str
    addressee: str
    is_reached: bool
    is_now: bool


class ObjectionView(ObjectionLine):
    """An objection whole."""

    article: int
    words: str
    wish: str
    request_id: UUID | None
    correction_id: UUID | None
    levels: tuple[Level, ...]
    steps: tuple[StepView, ...]
    files: tuple[Paper, ...]
    acts: tuple[str, ...]
    may_add_papers: bool


def objection_lines(session: Session, rows: Sequence[Matter], today: date) -> list[ObjectionLine]:
    """Objections as lines of a list."""
    kinds = topics(session, [row.id for row in rows])
    return [
        ObjectionLine(**dict(each), topic=Topic(kinds[each.id]), topic_name=TOPICS[Topic(kinds[each.id])].name)
        for each in lines(session, rows, today)
    ]


def view(session: Session, actor: Actor, matter_id: UUID, today: date) -> ObjectionView:
    """One objection; raises ``MATTER_NOT_FOUND``."""
    row, own = objection(session, actor, matter_id)
    topic = Topic(own.topic)
    names = organisation_names(session, frozenset(code for code in (row.from_org, row.to_org) if code))
    shown = line(row, names, calendar(session), today)
    steps = steps_of(session, row)
    return ObjectionView(
        **dict(shown),
        topic=topic,
        topic_name=TOPICS[topic].name,
        article=TOPICS[topic].article,
        words=row.words,
        wish=own.wish,
        request_id=own.request_id,
        correction_id=own.correction_id,
        levels=_levels(row, shown.to_name, [each.act for each in steps].count(Act.ESCALATED.value)),
        steps=step_views(OBJECTIONS, steps, OUTCOME_NAMES),
        files=tuple(paper_of(each) for each in papers_of(session, row)),
        acts=legal_acts(session, OBJECTIONS, actor, row),
        may_add_papers=actor.org_code in (row.from_org, row.to_org) and not OBJECTIONS.is_end(row.state),
    )


def _levels(row: Matter, to_name: str, escalated: int) -> tuple[Level, ...]:
    now = _LEVEL_OF.get(State(row.state), "")
    before = {"negotiation": to_name, "authority": "信息办", "government": GOVERNMENT}
    return tuple(
        Level(
            level=level,
            name=name,
            addressee=before[level],
            is_reached=place <= escalated,
            is_now=level == now,
        )
        for place, (level, name) in enumerate(LEVEL_NAMES.items())
    )

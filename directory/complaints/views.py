"""What a complaint looks like from outside, by who looks: one shape for the API, the command line and the pages."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.clock.queries import calendar
from directory.complaints.queries import Found, Sight, complaint, complaints, sight, tally
from directory.complaints.states import CHANNEL_NAMES, COMPLAINTS, STATE_NAMES, TOPIC_NAMES, Act
from directory.matters.papers import papers_of
from directory.matters.steps import legal_acts
from directory.matters.views import MatterLine, StepView, line, lines, step_views, steps_of
from directory.organisations.names import organisation_names
from directory.papers import Paper, paper_of

_THE_OFFICE: Final = "信息办"
_COMPLAINANT: Final = "投诉人"
_SEEN_STEPS: Final[Mapping[Sight, frozenset[str]]] = {
    Sight.OFFICE: frozenset(Act),
    Sight.COMPLAINANT: frozenset({Act.RAISED, Act.ACCEPTED, Act.DECLINED, Act.ANSWERED, Act.WITHDRAWN}),
    Sight.DEPARTMENT: frozenset({Act.ASSIGNED, Act.REPORTED}),
}
"""Which steps are whose to read: the answer is the complainant's, the report the office's."""


class ComplaintLine(MatterLine):
    """A complaint in a list."""

    topic: str
    topic_name: str


class ComplaintView(ComplaintLine):
    """A complaint as its reader sees it. ``words`` and who sent them are the office's and the complainant's alone;
    ``brief`` is what a department was told.
    """

    seen_as: Sight
    channel_name: str
    about_name: str
    words: str
    brief: str
    raised_by: str
    contact: str
    received_on: date
    steps: tuple[StepView, ...]
    files: tuple[Paper, ...]
    acts: tuple[str, ...]
    may_add_papers: bool


class Count(BaseModel):
    """So many of one sort."""

    model_config = ConfigDict(frozen=True)

    code: str
    name: str
    number: int


class Statistics(BaseModel):
    """The complaints of a year, counted."""

    model_config = ConfigDict(frozen=True)

    year: int
    total: int
    topics: tuple[Count, ...]
    states: tuple[Count, ...]
    channels: tuple[Count, ...]
    departments: tuple[Count, ...]


def complaint_lines(session: Session, actor: Actor, today: date) -> list[ComplaintLine]:
    """The complaints this actor sees, as lines; a department does not learn the topic somebody chose."""
    found = complaints(session, actor)
    topic_of = {
        each.matter.id: each.complaint.topic for each in found if sight(actor, each.matter) is not Sight.DEPARTMENT
    }
    return [
        ComplaintLine(
            **dict(each), topic=topic_of.get(each.id, ""), topic_name=TOPIC_NAMES.get(topic_of.get(each.id, ""), "")
        )
        for each in lines(session, [each.matter for each in found], today)
    ]


def view(session: Session, actor: Actor, matter_id: UUID, today: date) -> ComplaintView:
    """One complaint; raises ``MATTER_NOT_FOUND``."""
    found = complaint(session, actor, matter_id)
    row, own = found
    seen_as = sight(actor, row)
    is_department = seen_as is Sight.DEPARTMENT
    codes = frozenset(code for code in (row.to_org, own.about_org) if code)
    names = organisation_names(session, codes)
    return ComplaintView(
        **dict(line(row, names, calendar(session), today)),
        topic="" if is_department else own.topic,
        topic_name="" if is_department else TOPIC_NAMES[own.topic],
        seen_as=seen_as,
        channel_name="" if is_department else CHANNEL_NAMES[own.channel],
        about_name="" if is_department else names.get(own.about_org or "", ""),
        words="" if is_department else row.words,
        brief=own.brief if seen_as is not Sight.COMPLAINANT else "",
        raised_by=_raised_by(session, found) if not is_department else "",
        contact=own.contact if not is_department else "",
        received_on=own.received_on,
        steps=_steps(session, found, seen_as),
        files=() if is_department else tuple(paper_of(each) for each in papers_of(session, row)),
        acts=legal_acts(session, COMPLAINTS, actor, row),
        may_add_papers=not is_department and not COMPLAINTS.is_end(row.state),
    )


def statistics(session: Session, year: int) -> Statistics:
    """The year's complaints, counted."""
    found = tally(session, year)
    names = organisation_names(session, frozenset(found.by_department))
    return Statistics(
        year=year,
        total=found.total,
        topics=_counts(found.by_topic, TOPIC_NAMES),
        states=_counts(found.by_state, STATE_NAMES),
        channels=_counts(found.by_channel, CHANNEL_NAMES),
        departments=_counts(found.by_department, {code: names.get(code, code) for code in found.by_department}),
    )


def _counts(numbers: Mapping[str, int], names: Mapping[str, str]) -> tuple[Count, ...]:
    return tuple(Count(code=code, name=name, number=numbers[code]) for code, name in names.items() if numbers[code])


def _raised_by(session: Session, found: Found) -> str:
    """Who complained: a paper's sender, or whoever was signed in."""
    if found.complaint.channel == "paper":
        return found.complaint.name or "未署名"
    first = steps_of(session, found.matter)[0]
    return f"{first.org_name} {first.decider_name}"


def _steps(session: Session, found: Found, seen_as: Sight) -> tuple[StepView, ...]:
    """The steps that are this reader's; outside the office it is the office that acted, and not one of its people."""
    steps = [each for each in steps_of(session, found.matter) if each.act in _SEEN_STEPS[seen_as]]
    if seen_as is Sight.DEPARTMENT:  # what a department asked before was told is not the next one's to read
        last = max((each.seq for each in steps if each.act == Act.ASSIGNED), default=0)
        steps = [each for each in steps if each.seq >= last]
    shown = step_views(COMPLAINTS, steps, {})
    if seen_as is Sight.OFFICE:
        return shown
    return tuple(step.model_copy(update=_signed(step)) for step in shown)


def _signed(step: StepView) -> dict[str, str]:
    if step.act == Act.REPORTED:
        return {}
    own = step.act in (Act.RAISED, Act.WITHDRAWN)
    return {"by": "", "organisation": _COMPLAINANT if own else _THE_OFFICE}

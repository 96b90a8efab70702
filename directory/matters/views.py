"""What matters look like from outside, as far as the kinds are alike: a line of a list, steps, a term by the day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.clock.deadlines import Calendar, Due, Light, light
from directory.clock.queries import calendar
from directory.clock.words import unknown_year_words
from directory.matters.kinds import ADDRESSES, PROCEDURES
from directory.matters.models import Matter, MatterStep
from directory.matters.procedure import Party, Procedure
from directory.organisations.names import organisation_names


class MatterLine(BaseModel):
    """A matter in a list. Of a complaint it does not say who it came from."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    kind: str
    kind_name: str
    number: str
    address: str
    resource_id: UUID | None
    resource_title: str
    from_org: str
    from_name: str
    to_org: str
    to_name: str
    state: str
    state_name: str
    is_done: bool
    waits_for: tuple[str, ...]
    created_at: datetime
    due_on: date | None
    light: Light | None
    warnings: tuple[str, ...]


class StepView(BaseModel):
    """A step of a matter: what, by whom, in which words; the words empty where they are not the reader's to read."""

    model_config = ConfigDict(frozen=True)

    seq: int
    act: str
    act_name: str
    state: str
    by: str
    organisation: str
    at: datetime
    comment: str
    outcome: str


def lines(session: Session, rows: Iterable[Matter], today: date) -> list[MatterLine]:
    """Matters as lines of a list."""
    rows = list(rows)
    days = calendar(session) if rows else None
    codes = frozenset(code for row in rows for code in (row.from_org, row.to_org) if code)
    names = organisation_names(session, codes) if rows else {}
    return [line(row, names, days, today) for row in rows if days is not None]


def line(row: Matter, names: Mapping[str, str], days: Calendar, today: date) -> MatterLine:
    """One matter as a line."""
    procedure, term = PROCEDURES[row.kind], term_of(row)
    is_secret = row.kind == "complaint"
    from_name = "" if is_secret else names.get(row.from_org, "")
    to_name = names.get(row.to_org or "", "")
    return MatterLine(
        id=row.id,
        kind=row.kind,
        kind_name=procedure.name,
        number=procedure.number(row.year, row.number),
        address=f"{ADDRESSES[row.kind]}/{row.id}",
        resource_id=row.resource_id,
        resource_title=row.resource_title,
        from_org="" if is_secret else row.from_org,
        from_name=from_name,
        to_org=row.to_org or "",
        to_name=to_name,
        state=row.state,
        state_name=procedure.names[row.state],
        is_done=procedure.is_end(row.state),
        waits_for=_waits_for(procedure, row.state, from_name, to_name),
        created_at=row.created_at,
        due_on=row.due_on,
        light=light(term, today, days) if term else None,
        warnings=unknown_year_words(days.unknown_years(term.received_on, term.due_on)) if term else (),
    )


def term_of(row: Matter) -> Due | None:
    """The running term, if one runs."""
    if row.counted_from is None or row.limit_days is None or row.due_on is None:
        return None
    return Due(row.counted_from, row.limit_days, row.due_on)


def steps_of(session: Session, row: Matter) -> Sequence[MatterStep]:
    """A matter's whole history, oldest first."""
    return session.scalars(select(MatterStep).where(MatterStep.matter_id == row.id).order_by(MatterStep.seq)).all()


def step_views(
    procedure: Procedure, steps: Iterable[MatterStep], outcomes: Mapping[str, str], *, has_words: bool = True
) -> tuple[StepView, ...]:
    """The steps as the reader sees them; without the words where ``has_words`` is false."""
    return tuple(
        StepView(
            seq=each.seq,
            act=each.act,
            act_name=procedure.acts[each.act],
            state=each.state,
            by=each.decider_name,
            organisation=each.org_name,
            at=each.decided_at,
            comment=each.comment if has_words else "",
            outcome=outcomes.get(each.outcome, ""),
        )
        for each in steps
    )


def _waits_for(procedure: Procedure, state: str, from_name: str, to_name: str) -> tuple[str, ...]:
    words = {
        Party.CREATOR: "提出人",
        Party.RAISER: from_name,
        Party.ANSWERER: to_name,
        Party.OFFICE: "信息办",
        Party.CONSUMER: "收到更正通知的部门",
    }
    return tuple(words[party] for party in procedure.waits_for(state))

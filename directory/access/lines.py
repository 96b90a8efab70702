"""A request as a line of a list: whose turn it is, by when, and its light."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access.extend import undecided
from directory.access.moves import waits_for
from directory.access.names import PARTY_NAMES, STATE_NAMES
from directory.access.shown import Shown
from directory.access.states import Party, Stage, State
from directory.accounts.queries import display_names
from directory.clock.deadlines import Calendar, Due, Light, light
from directory.clock.queries import calendar
from directory.clock.words import unknown_year_words
from directory.organisations.names import organisation_names


class RequestLine(BaseModel):
    """A request in a list: whose turn it is, by when, and its light; no light while no clock runs.

    ``handed_to`` goes on with it in the place of whoever made it, who no longer may; empty while they do so themselves.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    resource_id: UUID
    resource_title: str
    requester_org: str
    requester_name: str
    provider_org: str
    provider_name: str
    case_no: str | None
    state: State
    stage: Stage
    state_name: str
    waits_for: tuple[str, ...]
    handed_to: str
    created_at: datetime
    submitted_at: datetime | None
    due_on: date | None
    light: Light | None
    warnings: tuple[str, ...]


def lines(session: Session, rows: Iterable[Shown], today: date) -> list[RequestLine]:
    """Rows as lines of a list, in their order."""
    shown = list(rows)
    asked = undecided(session, [row.id for row in shown])
    return [RequestLine.model_validate(each) for each in line_values(session, shown, today, asked)]


def line_values(
    session: Session, rows: Sequence[Shown], today: date, extension_asked: Collection[UUID]
) -> list[Mapping[str, object]]:
    """The same as values, for a view that says more of a request. ``extension_asked`` are the requests whose extension
    the office has yet to decide.
    """
    days, taken = calendar(session), _taken(session, rows)
    codes = frozenset(code for row in rows for code in (row.requester_org, row.provider_org))
    names = organisation_names(session, codes)
    return [_line(row, names, days, today, taken, is_extension_asked=row.id in extension_asked) for row in rows]


def _taken(session: Session, rows: Iterable[Shown]) -> Mapping[object, str]:
    """Who goes on with what others made, by account; nothing is asked where nothing was handed over."""
    found = [row.handler for row in rows if row.handler != row.created_by]
    return display_names(session, found) if found else {}


def _line(
    row: Shown,
    names: Mapping[str, str],
    days: Calendar,
    today: date,
    taken: Mapping[object, str],
    *,
    is_extension_asked: bool,
) -> Mapping[str, object]:
    state, stage = State(row.state), Stage(row.stage)
    is_to_be_extended = is_extension_asked and state is State.SUBMITTED
    also = {Party.OFFICE_APPROVER} if is_to_be_extended else set()
    matter = _clock(row, days)
    return {
        "id": row.id,
        "resource_id": row.resource_id,
        "resource_title": row.resource_title,
        "requester_org": row.requester_org,
        "requester_name": names[row.requester_org],
        "provider_org": row.provider_org,
        "provider_name": names[row.provider_org],
        "case_no": row.case_no,
        "state": state,
        "stage": stage,
        "state_name": STATE_NAMES[state, stage] + ("；延期申请待信息办决定" if is_to_be_extended else ""),
        "waits_for": tuple(sorted(PARTY_NAMES[party] for party in waits_for(state, stage) | also)),
        "handed_to": taken[row.handler] if row.handler != row.created_by else "",
        "created_at": row.created_at,
        "submitted_at": row.submitted_at,
        "due_on": row.due_on,
        "light": light(matter, today, days) if matter else None,
        "warnings": unknown_year_words(matter.unknown_years if matter else ()),
    }


def _clock(row: Shown, days: Calendar) -> Due | None:
    if row.counted_from is None or row.limit_days is None or row.due_on is None:
        return None
    return Due(row.counted_from, row.limit_days, row.due_on, days.unknown_years(row.counted_from, row.due_on))

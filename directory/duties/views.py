"""What a change of law or duty looks like from outside: one shape for the API and the pages."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.accounts.queries import display_names
from directory.actions import Action
from directory.actors import Actor
from directory.clock.deadlines import Calendar, Due, Light, light
from directory.clock.queries import calendar
from directory.clock.words import unknown_year_words
from directory.duties.models import DutyExtension
from directory.duties.queries import Change, changes
from directory.duties.report import why_closed
from directory.duties.states import KINDS, STAGE_NAMES, Progress, Stage
from directory.organisations.queries import organisation
from directory.permissions import PERMISSIONS
from directory.policy import allows
from directory.resources.models import ResourceEntry
from directory.resources.states import STATUSES
from directory.roles import ROLE_NAMES, Role
from directory.situations.codes import NOT_UPDATED, situation

_GRAVITY: Final[Mapping[Light | None, int]] = {None: 0, "green": 1, "amber": 2, "red": 3}
_WAITING: Final = "信息办答复延期"


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class DutyEntry(_View):
    """An affected entry: whose term runs, by when, its light, and who has to do something.

    ``situation``: what Article 39 calls it where the department is late, by our code and in words.
    """

    id: UUID
    title: str
    status: str
    status_name: str
    stage: Stage
    stage_name: str
    waits_for: tuple[str, ...]
    due_on: date | None
    light: Light | None
    situation: str | None
    submitted_on: date | None
    done_on: date | None
    was_late: bool


class Extension(_View):
    """The extension asked for; ``is_granted`` is None while it is undecided."""

    days: int
    reason: str
    requested_by: str
    requested_at: datetime
    is_granted: bool | None
    decided_by: str
    decided_at: datetime | None
    comment: str


class DutyLine(_View):
    """A change in a list: the first day due among its entries, and the gravest light; neither once it is done."""

    id: UUID
    org_code: str
    org_name: str
    kind: str
    kind_name: str
    title: str
    article: str
    changed_on: date
    reported_at: datetime
    state: Stage
    state_name: str
    due_on: date | None
    light: Light | None
    waits_for: tuple[str, ...]
    done_count: int
    entry_count: int
    warnings: tuple[str, ...]


class DutyView(DutyLine):
    """A change whole. ``update_due_on`` is the department's last day, extension included; ``acts`` are the reader's."""

    description: str
    reported_by: str
    limit_days: int
    update_due_on: date
    update_light: Light
    extension: Extension | None
    entries: tuple[DutyEntry, ...]
    acts: tuple[str, ...]


def lines(session: Session, found: Iterable[Change], today: date) -> list[DutyLine]:
    """Changes as lines of a list."""
    days = calendar(session)
    return [DutyLine.model_validate(_line(session, each, days, today)) for each in found]


def waiting(session: Session, actor: Actor, today: date) -> list[DutyLine]:
    """The open changes in which the next step is this actor's, those due first at the front.

    The day due is that of the entries waiting for this actor; an extension to decide is due when the term ends.
    """
    rows = changes(session, actor, is_open=True)
    if not rows:
        return []
    days, found = calendar(session), []
    for each in rows:
        mine = [progress for _, progress in each.entries if _is_turn(actor, each, progress)]
        if not mine and _is_undecided(each) and _may_decide(actor, each):
            mine = [progress for _, progress in each.entries if progress.stage is Stage.DEPARTMENT]
        if mine:
            found.append(DutyLine.model_validate({**_line(session, each, days, today), **_term(mine, days, today)}))
    return sorted(found, key=lambda line: (line.due_on or date.max, line.title))


def view(session: Session, actor: Actor, found: Change, today: date) -> DutyView:
    """One change."""
    days, row, asked = calendar(session), found.row, found.extension
    people = [row.reported_by, *([asked.requested_by, asked.decided_by] if asked else [])]
    names = display_names(session, [person for person in people if person is not None])
    return DutyView.model_validate(
        {
            **_line(session, found, days, today),
            "description": row.description,
            "reported_by": names.get(row.reported_by, ""),
            "limit_days": found.update.limit_days,
            "update_due_on": found.update.due_on,
            "update_light": light(found.update, today, days),
            "extension": _extension(asked, names) if asked else None,
            "entries": tuple(_entry(entry, progress, days, today) for entry, progress in found.entries),
            "acts": tuple(_acts(actor, found, today)),
        }
    )


def _line(session: Session, found: Change, days: Calendar, today: date) -> Mapping[str, object]:
    row, stage = found.row, found.stage
    waits = {word for _, progress in found.entries for word in _waits_for(progress.actions)}
    if _is_undecided(found):
        waits.add(_WAITING)
    return {
        "id": row.id,
        "org_code": row.org_code,
        "org_name": organisation(session, row.org_code).name,
        "kind": row.kind,
        "kind_name": KINDS[row.kind],
        "title": row.title,
        "article": row.article,
        "changed_on": row.changed_on,
        "reported_at": row.reported_at,
        "state": stage,
        "state_name": STAGE_NAMES[stage],
        "waits_for": tuple(sorted(waits)),
        "done_count": sum(progress.stage is Stage.DONE for _, progress in found.entries),
        "entry_count": len(found.entries),
        **_term([progress for _, progress in found.entries], days, today),
    }


def _term(entries: Iterable[Progress], days: Calendar, today: date) -> Mapping[str, object]:
    """The first day due among these entries, the gravest light, and the years this rests on that are not known yet."""
    terms = [progress.due for progress in entries if progress.due is not None]
    years = {year for term in terms for year in term.unknown_years}
    return {
        "due_on": min((term.due_on for term in terms), default=None),
        "light": max((light(term, today, days) for term in terms), key=_GRAVITY.__getitem__, default=None),
        "warnings": unknown_year_words(sorted(years)),
    }


def _entry(entry: ResourceEntry, progress: Progress, days: Calendar, today: date) -> DutyEntry:
    term: Due | None = progress.due
    colour = light(term, today, days) if term else None
    is_owed = progress.stage is Stage.DEPARTMENT and colour == "red"
    return DutyEntry(
        id=entry.id,
        title=entry.title,
        status=entry.status,
        status_name=STATUSES[entry.status],
        stage=progress.stage,
        stage_name=STAGE_NAMES[progress.stage],
        waits_for=_waits_for(progress.actions),
        due_on=term.due_on if term else None,
        light=colour,
        situation=f"{NOT_UPDATED} {situation(NOT_UPDATED)}" if is_owed else None,
        submitted_on=progress.submitted_on,
        done_on=progress.done_on,
        was_late=progress.was_late,
    )


def _extension(asked: DutyExtension, names: Mapping[object, str]) -> Extension:
    return Extension(
        days=asked.days,
        reason=asked.reason,
        requested_by=names.get(asked.requested_by, ""),
        requested_at=asked.requested_at,
        is_granted=asked.is_granted,
        decided_by=names.get(asked.decided_by, "") if asked.decided_by else "",
        decided_at=asked.decided_at,
        comment=asked.comment,
    )


def _waits_for(actions: Iterable[Action]) -> tuple[str, ...]:
    """The roles that may take the next step, by the table of permissions."""
    able = {role for action in actions for role in PERMISSIONS[action]}
    return tuple(ROLE_NAMES[role] for role in Role if role in able)


def _is_turn(actor: Actor, found: Change, progress: Progress) -> bool:
    return any(allows(actor, action, found.row.org_code) for action in progress.actions)


def _acts(actor: Actor, found: Change, today: date) -> Iterable[str]:
    may_ask = allows(actor, Action.DUTY_CHANGE_REPORT, found.row.org_code)
    if may_ask and not why_closed(found, 1, today):
        yield "ask_extension"
    if _is_undecided(found) and _may_decide(actor, found):
        yield "decide_extension"


def _is_undecided(found: Change) -> bool:
    return found.extension is not None and found.extension.is_granted is None


def _may_decide(actor: Actor, found: Change) -> bool:
    asked = found.extension
    is_other = asked is not None and asked.requested_by != actor.account_id
    return is_other and allows(actor, Action.DUTY_EXTENSION_DECIDE, found.row.org_code)

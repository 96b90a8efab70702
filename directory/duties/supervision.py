"""The running terms of duty changes for supervision: entry by entry, whose they are, and what is late as what (P1)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.clock.deadlines import Light, light, working_days_between
from directory.clock.queries import calendar
from directory.duties.queries import running
from directory.duties.states import STAGE_NAMES, Stage
from directory.limits import LIMITS
from directory.matters.supervision import Lights
from directory.organisations.names import organisation_names
from directory.organisations.queries import office_code
from directory.policy import NOWHERE, allows, require
from directory.situations.codes import NOT_UPDATED, situation


class SupervisedDuty(BaseModel):
    """An entry that has yet to follow a change of law or duty. ``situation`` is the regulation's where the department
    is late; the office's own lateness has none of Article 39.
    """

    model_config = ConfigDict(frozen=True)

    change_id: UUID
    change_title: str
    resource_id: UUID
    resource_title: str
    responsible_org: str
    responsible_name: str
    stage_name: str
    due_on: date
    light: Light
    late_days: int
    situation: str | None
    situation_name: str | None


def supervised(session: Session, actor: Actor, today: date) -> Sequence[SupervisedDuty]:
    """Every running term, those due first; a department's own for its people. Raises ``FORBIDDEN``."""
    require(actor, Action.SUPERVISION_READ, actor.org_code)
    days = calendar(session)
    own = None if allows(actor, Action.SUPERVISION_READ, NOWHERE) else actor.org_code
    found = [each for each in running(session, days) if own in (None, each.row.org_code)]
    if not found:
        return []
    names, office = organisation_names(session), office_code(session)
    lines = []
    for change in found:
        for entry, progress in change.entries:
            if progress.due is None:
                continue
            is_owed = progress.stage is Stage.DEPARTMENT
            colour, code = light(progress.due, today, days), entry.org_code if is_owed else office
            is_filed = is_owed and colour == "red"
            lines.append(
                SupervisedDuty(
                    change_id=change.row.id,
                    change_title=change.row.title,
                    resource_id=entry.id,
                    resource_title=entry.title,
                    responsible_org=code,
                    responsible_name=names.get(code, code),
                    stage_name=STAGE_NAMES[progress.stage],
                    due_on=progress.due.due_on,
                    light=colour,
                    late_days=working_days_between(progress.due.due_on, today, days),
                    situation=NOT_UPDATED if is_filed else None,
                    situation_name=situation(NOT_UPDATED) if is_filed else None,
                )
            )
    return sorted(lines, key=lambda each: (each.due_on, each.change_title, each.resource_title))[: LIMITS.list_count]


def lights(running: Iterable[SupervisedDuty]) -> Mapping[str, Lights]:
    """Each department's counts of these, by its code."""
    colours: dict[str, Counter[Light]] = defaultdict(Counter)
    for each in running:
        colours[each.responsible_org][each.light] += 1
    return {code: Lights(counted) for code, counted in colours.items()}

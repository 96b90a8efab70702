"""How far an entry has come in following a change, read off its own steps. Pure; nothing of this is stored.

The department's ten working days run from the day of the change (Art. 17), whenever it was reported. A version later
than the one at the report, submitted, ends them and starts the office's two; a return or a recall puts the entry back
under the department's term, which goes on as it was. Published in a later version, or withdrawn, the entry is done.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from directory.actions import Action
from directory.clock.deadlines import Calendar, Due, due

UPDATE: Final = "CAT_UPDATE"
PUBLISH: Final = "CAT_REVIEW_PUBLISH"


class Stage(StrEnum):
    """Whose term is running."""

    DEPARTMENT = "department"
    OFFICE = "office"
    DONE = "done"


STAGE_NAMES: Final[Mapping[Stage, str]] = {
    Stage.DEPARTMENT: "待部门更新",
    Stage.OFFICE: "待审核发布",
    Stage.DONE: "已办结",
}
KINDS: Final[Mapping[str, str]] = {"law": "法律、法规或国务院决定调整", "duty": "部门职责变化"}


@dataclass(frozen=True)
class Step:
    """One step of an entry's life, as far as it matters here: what, in which version, on which day."""

    step: str
    version: int
    on: date


@dataclass(frozen=True)
class Facts:
    """An entry as it stands, the version it had at the report, and its steps, oldest first."""

    status: str
    version: int
    at_version: int
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Progress:
    """Where an entry is: whose term runs, until when, and what is to be done by whoever may; no term once done."""

    stage: Stage
    due: Due | None
    actions: frozenset[Action]
    submitted_on: date | None
    done_on: date | None
    was_late: bool


_NEXT: Final[Mapping[str, frozenset[Action]]] = {
    "draft": frozenset({Action.RESOURCE_EDIT, Action.RESOURCE_HEAD_APPROVE}),
    "head_approved": frozenset({Action.RESOURCE_SUBMIT}),
    "submitted": frozenset({Action.RESOURCE_REVIEW}),
    "reviewed": frozenset({Action.RESOURCE_PUBLISH}),
    "suspended": frozenset({Action.RESOURCE_RESUME}),
}
"""What brings an update forward from each status; who may do it is the table of permissions' to say."""

# The version at the report does not yet follow the change: while it is under way it has to come back first.
_BEFORE_UPDATE: Final[Mapping[str, frozenset[Action]]] = {
    "head_approved": frozenset({Action.RESOURCE_RECALL}),
    "submitted": frozenset({Action.RESOURCE_RECALL}),
    "reviewed": frozenset({Action.RESOURCE_RETURN}),
    "suspended": frozenset({Action.RESOURCE_RESUME}),
}


def progress(facts: Facts, update: Due, publish_days: int, calendar: Calendar) -> Progress:
    """Where the entry is, under the department's term ``update`` and the office's of ``publish_days``."""
    submitted_on, done_on = _milestones(facts)
    publish = due(submitted_on, publish_days, calendar) if submitted_on is not None else None
    was_late = (submitted_on is not None and submitted_on > update.due_on) or (
        publish is not None and done_on is not None and done_on > publish.due_on
    )
    if done_on is not None:
        return Progress(Stage.DONE, None, frozenset(), submitted_on, done_on, was_late)
    if publish is not None:
        return Progress(Stage.OFFICE, publish, _NEXT[facts.status], submitted_on, None, was_late)
    if facts.version > facts.at_version:
        actions = _NEXT[facts.status]
    else:
        actions = _BEFORE_UPDATE.get(facts.status, frozenset({Action.RESOURCE_EDIT}))
    return Progress(Stage.DEPARTMENT, update, actions, None, None, was_late)


def _milestones(facts: Facts) -> tuple[date | None, date | None]:
    """When the update was submitted and not taken back, and when all was done."""
    submitted_on: date | None = None
    for step in facts.steps:
        if step.step in {"withdraw", "discard"}:
            return submitted_on, step.on
        if step.version <= facts.at_version:
            continue
        if step.step == "submit":
            submitted_on = step.on
        elif step.step in {"return", "recall", "suspend"}:  # a suspended update comes back as a draft
            submitted_on = None
        elif step.step == "publish":
            return submitted_on, step.on
    return submitted_on, None


def stage_of(entries: Iterable[Progress]) -> Stage:
    """The change as a whole: the department's while one entry is, then the office's, done when all are."""
    stages = {entry.stage for entry in entries}
    return next((stage for stage in (Stage.DEPARTMENT, Stage.OFFICE) if stage in stages), Stage.DONE)

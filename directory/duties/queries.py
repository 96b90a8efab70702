"""Changes with all that their state is read from. Who sees them: the department's own people and the office."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select, true
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.clock.deadlines import Calendar, Due, Rule, day_of, due, rules_on
from directory.clock.queries import calendar, local_limits, rules
from directory.duties.models import DutyChange, DutyChangeEntry, DutyExtension
from directory.duties.states import PUBLISH, UPDATE, Facts, Progress, Stage, Step, progress, stage_of
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.policy import visible_resources
from directory.resources.models import ResourceEntry, ResourceStep
from directory.statements.prepared import Prepared
from directory.statements.spelled import Planned

_STEPS = ("submit", "publish", "return", "recall", "suspend", "withdraw", "discard")


@dataclass(frozen=True)
class Change:
    """A change, its extension, the department's term, and each entry with how far it is."""

    row: DutyChange
    extension: DutyExtension | None
    update: Due
    most_extension_days: int
    entries: tuple[tuple[ResourceEntry, Progress], ...]

    @property
    def stage(self) -> Stage:
        return stage_of(progress for _, progress in self.entries)


def change(session: Session, actor: Actor, change_id: UUID) -> Change:
    """One change; raises ``DUTY_CHANGE_NOT_FOUND``."""
    row = session.scalar(select(DutyChange).where(DutyChange.id == change_id, visible(actor)))
    if row is None:
        raise DirectoryError("DUTY_CHANGE_NOT_FOUND", ref=change_id)
    return _with_facts(session, [row])[0]


def changes(session: Session, actor: Actor, *, is_open: bool | None = None) -> list[Change]:
    """The changes this actor sees, the newest first, at most ``LIMITS.list_count``; only open or only done ones."""
    return _with_facts(session, _rows(session, _CHANGES.rows(session, actor, is_open)))


def _changes(actor: Actor, is_open: bool | None) -> Select[Any]:
    query = select(DutyChange.id).where(visible(actor))
    if is_open is not None:
        query = query.where(_is_open() if is_open else ~_is_open())
    return query.order_by(DutyChange.changed_on.desc(), DutyChange.reported_at).limit(LIMITS.list_count)


def _rows(session: Session, found: Sequence[Sequence[UUID]]) -> list[DutyChange]:
    """In this order; there are seldom any, and a page asks each time."""
    ids = [each[0] for each in found]
    rows = {row.id: row for row in session.scalars(select(DutyChange).where(DutyChange.id.in_(ids)))} if ids else {}
    return [rows[each] for each in ids if each in rows]


def terms_of(session: Session, actor: Actor, entry: ResourceEntry) -> list[tuple[DutyChange, Due]]:
    """The changes that this entry has yet to follow, each with the term now running, if the actor sees them."""
    touched = select(DutyChangeEntry.change_id).where(DutyChangeEntry.resource_id == entry.id)
    query = select(DutyChange).where(visible(actor), DutyChange.id.in_(touched), _is_open())
    rows = session.scalars(query).all()
    return [
        (each.row, progress.due)
        for each in _with_facts(session, rows)
        for affected, progress in each.entries
        if affected.id == entry.id and progress.due is not None
    ]


def running(session: Session, days: Calendar) -> list[Change]:
    """Every open change of every department under this calendar; for what moves when it is another."""
    session.flush()
    return _with_facts(session, _rows(session, _RUNNING.rows(session)), days)


def visible(actor: Actor) -> ColumnElement[bool]:
    """The one answer to who sees which changes, as a condition."""
    seen = visible_resources(actor)
    return true() if seen.is_everything else DutyChange.org_code == seen.org_code


def _is_open() -> ColumnElement[bool]:
    """Some entry is neither withdrawn nor published in a version after the report."""
    published = func.coalesce(ResourceEntry.published_version, 0)
    return exists().where(
        DutyChangeEntry.change_id == DutyChange.id,
        ResourceEntry.id == DutyChangeEntry.resource_id,
        ResourceEntry.status != "withdrawn",
        published <= DutyChangeEntry.at_version,
    )


_CHANGES: Final = Planned("duty_changes", _changes)
_RUNNING: Final = Prepared(
    "running_duties", select(DutyChange.id).where(_is_open()).order_by(DutyChange.changed_on, DutyChange.id)
)


def _with_facts(session: Session, rows: Sequence[DutyChange], days: Calendar | None = None) -> list[Change]:
    """The rows with everything else, in three queries however many there are; under ``days``, else as they stand."""
    if not rows:
        return []
    days = days or calendar(session)
    ids = [row.id for row in rows]
    affected = session.execute(
        select(DutyChangeEntry, ResourceEntry)
        .join(ResourceEntry, ResourceEntry.id == DutyChangeEntry.resource_id)
        .where(DutyChangeEntry.change_id.in_(ids))
        .order_by(ResourceEntry.title)
    ).all()
    extensions = {
        each.change_id: each for each in session.scalars(select(DutyExtension).where(DutyExtension.change_id.in_(ids)))
    }
    steps = _steps(session, {entry.id for _, entry in affected})
    found: dict[UUID, list[tuple[ResourceEntry, Facts]]] = defaultdict(list)
    for each, entry in affected:
        facts = Facts(entry.status, entry.current_version, each.at_version, tuple(steps.get(entry.id, ())))
        found[each.change_id].append((entry, facts))
    local = local_limits(session)
    return [
        _change(row, extensions.get(row.id), found[row.id], days, rules_on(row.changed_on, rules(), local))
        for row in rows
    ]


def _steps(session: Session, resource_ids: Iterable[UUID]) -> Mapping[UUID, list[Step]]:
    found: dict[UUID, list[Step]] = defaultdict(list)
    query = (
        select(ResourceStep)
        .where(ResourceStep.resource_id.in_(list(resource_ids)), ResourceStep.step.in_(_STEPS))
        .order_by(ResourceStep.resource_id, ResourceStep.seq)
    )
    for step in session.scalars(query):
        found[step.resource_id].append(Step(step.step, step.version, day_of(step.decided_at)))
    return found


def _change(
    row: DutyChange,
    extension: DutyExtension | None,
    affected: list[tuple[ResourceEntry, Facts]],
    days: Calendar,
    in_force: Mapping[str, Rule],
) -> Change:
    rule = in_force[UPDATE]
    more = extension.days if extension is not None and extension.is_granted else 0
    update = due(row.changed_on, rule.limit_days + more, days)
    entries = [(entry, progress(facts, update, in_force[PUBLISH].limit_days, days)) for entry, facts in affected]
    return Change(row, extension, update, rule.extension_days, tuple(entries))

"""Who may see what a notice is about: the features' own conditions, asked when the notice is read."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import ColumnElement, Exists, and_, exists, or_, select, true

from directory.access.models import RequestRow
from directory.access.queries import visible as sees_request
from directory.actors import Actor
from directory.complaints.queries import visible as sees_complaint
from directory.corrections.queries import visible as sees_correction
from directory.demands.models import Demand
from directory.demands.queries import visible_demands as sees_demand
from directory.duties.models import DutyChange
from directory.duties.queries import visible as sees_duty
from directory.entrustments.models import Entrustment
from directory.entrustments.queries import visible as sees_entrustment
from directory.matters.models import Matter
from directory.negatives.models import NegativeEntry
from directory.negatives.queries import visible as sees_negative
from directory.notices.kinds import KINDS
from directory.notices.models import Notice
from directory.objections.queries import visible as sees_objection
from directory.resources.models import ResourceEntry
from directory.resources.queries import visible_to as sees_entry
from directory.responsibilities.models import Responsibility
from directory.responsibilities.queries import visible as sees_responsibility
from directory.services.models import ServiceNotice
from directory.services.queries import visible as sees_service
from directory.situations.models import Situation
from directory.situations.queries import visible as sees_situation

SUBJECTS: Final[Mapping[str, Callable[[Actor], Exists]]] = {
    "request": lambda actor: exists().where(RequestRow.id == Notice.about, sees_request(actor)),
    "duty": lambda actor: exists().where(DutyChange.id == Notice.about, sees_duty(actor)),
    "correction": lambda actor: exists().where(Matter.id == Notice.about, sees_correction(actor)),
    "objection": lambda actor: exists().where(Matter.id == Notice.about, sees_objection(actor)),
    "complaint": lambda actor: exists().where(Matter.id == Notice.about, sees_complaint(actor)),
    "entry": lambda actor: exists().where(ResourceEntry.id == Notice.about, sees_entry(actor)),
    "demand": lambda actor: exists().where(Demand.id == Notice.about, sees_demand(actor)),
    "negative": lambda actor: exists().where(NegativeEntry.id == Notice.about, sees_negative(actor)),
    "responsibility": lambda actor: exists().where(Responsibility.id == Notice.about, sees_responsibility(actor)),
    "entrustment": lambda actor: exists().where(Entrustment.id == Notice.about, sees_entrustment(actor)),
    "situation": lambda actor: exists().where(Situation.id == Notice.about, sees_situation(actor)),
    "service": lambda actor: exists().where(ServiceNotice.id == Notice.about, sees_service(actor)),
}


def visible(actor: Actor) -> ColumnElement[bool]:
    """The condition under which what a notice is about is still this actor's to see."""
    free = [kind for kind, declared in KINDS.items() if not declared.subject]
    seen: list[ColumnElement[bool]] = [Notice.kind.in_(free)] if free else []
    for subject, condition in SUBJECTS.items():
        kinds = [kind for kind, declared in KINDS.items() if declared.subject == subject]
        if kinds:
            seen.append(and_(Notice.kind.in_(kinds), _row_by_row(condition(actor))))
    return or_(*seen)


def _row_by_row(condition: Exists) -> ColumnElement[bool]:
    """The same, asked of each notice as it is come to: a page is short, and what it is about are many more."""
    return select(true()).where(condition.correlate(Notice)).limit(1).scalar_subquery().is_(True)

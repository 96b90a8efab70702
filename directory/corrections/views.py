"""What a correction looks like from outside: one shape for the API, the command line and the pages."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.clock.queries import calendar
from directory.corrections.decide import leads
from directory.corrections.queries import Found, correction, referrals, sees_whole, told
from directory.corrections.states import CORRECTIONS, Act, State
from directory.matters.models import Matter
from directory.matters.papers import papers_of
from directory.matters.steps import legal_acts
from directory.matters.views import MatterLine, StepView, line, step_views, steps_of
from directory.organisations.names import organisation_names
from directory.papers import Paper, paper_of
from directory.resources.models import ResourceEntry
from directory.resources.queries import published_record


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class ItemMeant(_View):
    """An item by field and name."""

    field: str
    name: str


class Notice(_View):
    """A consumer that was told, and when it said that it took the data again."""

    org_code: str
    org_name: str
    request_id: UUID
    told_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str


class Lead(_View):
    """A department it may be passed on to."""

    org_code: str
    org_name: str


class CorrectionView(MatterLine):
    """A correction whole. To whom it was only told, ``is_whole`` is false and words, keys and papers are left out."""

    is_whole: bool
    words: str
    record_keys: str
    record_count: int | None
    items: tuple[ItemMeant, ...]
    request_id: UUID | None
    corrected_from_on: date | None
    corrected_from_batch: int | None
    steps: tuple[StepView, ...]
    files: tuple[Paper, ...]
    notices: tuple[Notice, ...]
    passed_on_by: tuple[str, ...]
    leads: tuple[Lead, ...]
    acts: tuple[str, ...]
    may_add_papers: bool


def view(session: Session, actor: Actor, matter_id: UUID, today: date) -> CorrectionView:
    """One correction as this actor sees it; raises ``MATTER_NOT_FOUND``."""
    found = correction(session, actor, matter_id)
    row, own = found
    is_whole = sees_whole(session, actor, row)
    names = organisation_names(session, frozenset(code for code in (row.from_org, row.to_org) if code))
    offered = leads(session, found)
    acts = _acts(session, actor, row, may_pass_on=bool(offered))
    is_party = actor.org_code in (row.from_org, row.to_org)
    return CorrectionView(
        **dict(line(row, names, calendar(session), today)),
        is_whole=is_whole,
        words=row.words if is_whole else "",
        record_keys=own.record_keys if is_whole else "",
        record_count=own.record_count if is_whole else None,
        items=_items(session, found),
        request_id=own.request_id if actor.org_code == row.from_org else None,
        corrected_from_on=own.corrected_from_on,
        corrected_from_batch=own.corrected_from_batch,
        steps=step_views(CORRECTIONS, steps_of(session, row), {}, has_words=is_whole),
        files=tuple(paper_of(each) for each in papers_of(session, row)) if is_whole else (),
        notices=_notices(session, row, None if is_whole else actor.org_code),
        passed_on_by=tuple(names_of(session, [each.from_org for each in referrals(session, row)])),
        leads=tuple(Lead(org_code=each.code, org_name=each.name) for each in offered) if Act.FORWARDED in acts else (),
        acts=acts,
        may_add_papers=is_party and row.state == State.CHECKING.value,
    )


def names_of(session: Session, codes: Sequence[str]) -> list[str]:
    """What these departments are called."""
    names = organisation_names(session, frozenset(codes))
    return [names.get(code, code) for code in codes]


def _acts(session: Session, actor: Actor, row: Matter, *, may_pass_on: bool) -> tuple[str, ...]:
    """What this account may do now; of acknowledging and passing on only where there is something to."""
    waits = any(each.acknowledged_at is None for each in told(session, row, actor.org_code))
    idle = {Act.ACKNOWLEDGED: not waits, Act.FORWARDED: not may_pass_on}
    return tuple(act for act in legal_acts(session, CORRECTIONS, actor, row) if not idle.get(Act(act), False))


def _items(session: Session, found: Found) -> tuple[ItemMeant, ...]:
    entry = session.get(ResourceEntry, found.matter.resource_id)
    named = {}
    if entry is not None and entry.published_version is not None:
        named = {item.field: item.name for item in published_record(session, entry).items}
    return tuple(ItemMeant(field=field, name=named.get(field, field)) for field in found.correction.items)


def _notices(session: Session, row: Matter, org_code: str | None) -> tuple[Notice, ...]:
    rows = told(session, row, org_code)
    names = organisation_names(session, frozenset(each.org_code for each in rows))
    return tuple(
        Notice(
            org_code=each.org_code,
            org_name=names.get(each.org_code, each.org_code),
            request_id=each.request_id,
            told_at=each.told_at,
            acknowledged_at=each.acknowledged_at,
            acknowledged_by=each.acknowledged_name,
        )
        for each in rows
    )

"""The brief put together: what, for whom, which law, what may be too much, what was decided before, what to reply."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access.aside import entry_of, items_of
from directory.access.filter_words import filter_words
from directory.access.grants import grants_of
from directory.access.models import RequestRow
from directory.access.names import STATE_NAMES
from directory.access.permitted import is_term_over
from directory.access.queries import text_of
from directory.access.refusals import accepted_reasons
from directory.access.states import Stage, State
from directory.actors import Actor
from directory.briefs.draft import Draft, drafts
from directory.briefs.earlier import Earlier, earlier
from directory.briefs.law import TITLE, articles
from directory.briefs.minimum import suggestions
from directory.briefs.queries import briefed
from directory.clock.deadlines import Due, Light, light
from directory.clock.queries import calendar, rule_for
from directory.clock.words import term_words, unknown_year_words
from directory.deciders.models import DeciderRow
from directory.deciders.rules import HAND_NAMES, LAW, PUBLISHED, Hand
from directory.negatives.queries import NO_SHARING, hits
from directory.negatives.views import HitShown, hits_shown
from directory.organisations.queries import organisation
from directory.resources.models import ResourceEntry
from metadata.access import AccessRequest
from metadata.resource import Item, LegalBasis, Resource

CITED: Final = (15, 20, 21, 22, 25, 27, 37)
"""The articles a reply rests on."""


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class BriefItem(_View):
    """An item asked for: its sensitivity, 1 to 4, and why it may not be needed, if anything says so."""

    field: str
    name: str
    sensitivity: int
    description: str
    doubts: tuple[str, ...]
    held_back_by: tuple[str, ...]


class BriefLaw(_View):
    """A law or article, and what it says in key words."""

    name: str
    words: str


class BriefTerm(_View):
    """The running term: what is left in words, its last day and light."""

    left: str
    due_on: date
    light: Light
    warnings: tuple[str, ...]


class BriefDeciders(_View):
    """Who decides, in order, and why; the rule of the office's that says so, if one does."""

    names: tuple[str, ...]
    why: str
    rule_id: UUID | None


class Conditions(_View):
    """What the entry declares about its sharing."""

    share_type: str
    conditions: str
    scope: str
    purposes: tuple[str, ...]
    refusal_reasons: tuple[str, ...]


class Brief(_View):
    """One page for who decides. ``suggested`` counts the items somebody may not need; nothing is left out for them."""

    id: UUID
    resource_id: UUID
    resource_title: str
    requester_name: str
    provider_name: str
    state: State
    stage: Stage
    state_name: str
    submitted_at: datetime | None
    term: BriefTerm | None
    is_term_over: bool
    deciders: BriefDeciders
    basis: str
    scenario: str
    scope: str
    rows: str
    method: str
    frequency: str
    valid_until: date
    items: tuple[BriefItem, ...]
    suggested: int
    conditions: Conditions | None
    laws: tuple[BriefLaw, ...]
    negatives: tuple[HitShown, ...]
    earlier: tuple[Earlier, ...]
    reasons: tuple[str, ...]
    drafts: tuple[Draft, ...]


def brief(session: Session, actor: Actor, request_id: UUID, today: date) -> Brief:
    """The brief of a request that this actor decides on; raises ``FORBIDDEN``, ``REQUEST_NOT_FOUND``."""
    row = briefed(session, actor, request_id)
    asked, resource = text_of(session, row), entry_of(session, actor, row)
    items = items_of(session, actor, row, asked, grants_of(session, row))
    before, agreed = earlier(session, actor, row, asked)
    suggested = suggestions(asked, items, agreed)
    doubts = {each.item: each.reasons for each in suggested}
    held = hits_shown(hits(session, session.get_one(ResourceEntry, row.resource_id), items, today, NO_SHARING))
    reasons = accepted_reasons(resource.sharing.refusal_reasons) if resource else ()
    requester = organisation(session, row.requester_org).name
    drawn = _drawn(row, asked, items, resource)
    return Brief(
        requester_name=requester,
        provider_name=organisation(session, row.provider_org).name,
        term=_term(session, row, today),
        is_term_over=is_term_over(session, row, today),
        deciders=_deciders(session, row),
        items=tuple(
            BriefItem(
                field=item.field,
                name=item.name,
                sensitivity=item.sensitivity,
                description=item.description or item.data_element,
                doubts=doubts.get(item.field, ()),
                held_back_by=tuple(each.law for each in held if item.field in each.fields),
            )
            for item in items
        ),
        suggested=len(suggested),
        laws=_laws(resource),
        negatives=held,
        earlier=tuple(before),
        reasons=tuple(reasons),
        drafts=drafts(
            requester,
            asked,
            items,
            resource,
            reasons,
            suggested,
            provide_days=rule_for(session, "PROVIDE", today).limit_days,
            law_forbids="；".join(dict.fromkeys(each.law for each in held)),
            held_back={field for each in held for field in each.fields},
        )
        if resource
        else (),
        **drawn,
    )


def _drawn(
    row: RequestRow, asked: AccessRequest, items: Sequence[Item], resource: Resource | None
) -> Mapping[str, object]:
    """What stands in the request itself, and in its entry."""
    state, stage = State(row.state), Stage(row.stage)
    sharing = resource.sharing if resource else None
    return {
        "id": row.id,
        "resource_id": row.resource_id,
        "resource_title": row.resource_title,
        "state": state,
        "stage": stage,
        "state_name": STATE_NAMES[state, stage],
        "submitted_at": row.submitted_at,
        "basis": asked.basis,
        "scenario": asked.scenario,
        "scope": asked.scope,
        "rows": filter_words(asked.row_filter, {item.field: item.name for item in items}),
        "method": asked.method,
        "frequency": asked.frequency,
        "valid_until": asked.valid_until,
        "conditions": Conditions(
            share_type=row.share_type,
            conditions=sharing.conditions,
            scope=sharing.scope,
            purposes=sharing.purposes,
            refusal_reasons=sharing.refusal_reasons,
        )
        if sharing
        else None,
    }


def _term(session: Session, row: RequestRow, today: date) -> BriefTerm | None:
    if row.counted_from is None or row.limit_days is None or row.due_on is None:
        return None
    days = calendar(session)
    return BriefTerm(
        left=term_words(row.due_on, today, days),
        due_on=row.due_on,
        light=light(Due(row.counted_from, row.limit_days, row.due_on), today, days),
        warnings=unknown_year_words(days.unknown_years(row.counted_from, row.due_on)),
    )


def _deciders(session: Session, row: RequestRow) -> BriefDeciders:
    """As they stood when the request was submitted, whatever was entered since."""
    hands = [Hand.PROVIDER, Hand.OFFICE] if row.needs_office else [Hand.PROVIDER]
    if row.office_first:
        hands.reverse()
    rule = session.get(DeciderRow, row.decider_rule_id) if row.decider_rule_id else None
    if rule is None or (row.needs_office and Hand.OFFICE not in rule.deciders.split(",")):
        why = PUBLISHED if row.needs_office else LAW.basis
    else:
        why = rule.basis
    return BriefDeciders(names=tuple(HAND_NAMES[hand] for hand in hands), why=why, rule_id=row.decider_rule_id)


def _laws(resource: Resource | None) -> tuple[BriefLaw, ...]:
    """What the entry rests on, then the articles of the regulation that a reply rests on."""
    own = [BriefLaw(name=f"{law.title}{law.article}", words="目录列明的依据") for law in _basis(resource)]
    cited = (articles()[number] for number in CITED)
    return (*own, *(BriefLaw(name=f"{TITLE}{each.name}", words=f"{each.subject}：{each.keywords}") for each in cited))


def _basis(resource: Resource | None) -> Sequence[LegalBasis]:
    return resource.sharing.legal_basis if resource else ()

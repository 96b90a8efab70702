"""What a demand looks like from outside: one shape for the API, the pages, the command line and the workbook."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.accounts.queries import display_names
from directory.actions import Action
from directory.actors import Actor
from directory.demands.queries import DemandFacts, ItemFacts
from directory.demands.states import DONE, STANDING_NAMES, Standing
from directory.item_match.compare import SURE, Wanted
from directory.item_match.queries import Match, matches
from directory.organisations.queries import organisations
from directory.policy import allows


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class MatchShown(_View):
    """An item of a published entry that is or may be what is asked for: how surely (60–100), why, how to have it."""

    resource_id: UUID
    title: str
    org_code: str
    org_name: str
    item_name: str
    item_field: str
    score: int
    is_sure: bool
    reason: str
    how: str
    is_lead: bool
    is_own: bool

    @classmethod
    def of(cls, match: Match, own: str) -> "MatchShown":
        return cls(
            resource_id=match.resource_id,
            title=match.title,
            org_code=match.org_code,
            org_name=match.org_name,
            item_name=match.item_name,
            item_field=match.item_field,
            score=match.score,
            is_sure=match.score >= SURE,
            reason=match.reason,
            how=match.how,
            is_lead=match.is_lead,
            is_own=match.org_code == own,
        )


class MatchesShown(_View):
    """For items, by number, what may be they; ``uncompared_count`` entries will be compared in ``wait_seconds``."""

    matches: Mapping[int, tuple[MatchShown, ...]] = {}
    uncompared_count: int = 0
    wait_seconds: int = 0


class ItemShown(_View):
    """One item asked for, and what became of it."""

    number: int
    name: str
    description: str
    standing: Standing
    standing_name: str
    is_done: bool
    resource_id: UUID | None
    resource_title: str
    resource_org: str
    item_field: str
    score: int
    reason: str
    request_id: UUID | None
    responsibility_id: UUID | None
    responsible_org: str
    responsible_by: date | None


class DemandLine(_View):
    """A demand in a list."""

    id: UUID
    org_code: str
    org_name: str
    title: str
    service: str
    needed_by: date
    is_late: bool
    standing: Standing
    standing_name: str
    done_count: int
    item_count: int
    created_at: datetime


class DemandView(DemandLine):
    """A demand whole; ``acts`` are the reader's."""

    purpose: str
    law_title: str
    law_article: str
    created_by: str
    withdraw_reason: str
    items: tuple[ItemShown, ...]
    acts: tuple[str, ...]


def lines(session: Session, found: Sequence[DemandFacts], today: date) -> list[DemandLine]:
    """Demands as lines of a list."""
    names = _names(session)
    return [DemandLine.model_validate(_line(each, names, today)) for each in found]


def view(session: Session, actor: Actor, found: DemandFacts, today: date) -> DemandView:
    """One demand."""
    names, row = _names(session), found.row
    return DemandView.model_validate(
        {
            **_line(found, names, today),
            "purpose": row.purpose,
            "law_title": row.law_title,
            "law_article": row.law_article,
            "created_by": display_names(session, [row.created_by]).get(row.created_by, ""),
            "withdraw_reason": row.withdraw_reason,
            "items": tuple(item_shown(each, names) for each in found.items),
            "acts": tuple(_acts(actor, found)),
        }
    )


def matches_of(session: Session, actor: Actor, found: DemandFacts) -> MatchesShown:
    """For each item still without a source, by its number, what the catalogue has."""
    looked_for = [each.row for each in found.items if each.standing not in DONE and each.row.request_id is None]
    if not looked_for:
        return MatchesShown()
    held = matches(session, actor, [Wanted(row.name) for row in looked_for])
    return MatchesShown(
        matches={
            row.number: tuple(MatchShown.of(match, found.row.org_code) for match in each)
            for row, each in zip(looked_for, held.matches, strict=True)
        },
        uncompared_count=held.uncompared,
        wait_seconds=held.wait_seconds,
    )


def item_shown(item: ItemFacts, names: Mapping[str, str]) -> ItemShown:
    """An item; of an entry that was chosen the title as it is now."""
    row, entry, duty = item.row, item.entry, item.responsibility
    return ItemShown(
        number=row.number,
        name=row.name,
        description=row.description,
        standing=item.standing,
        standing_name=STANDING_NAMES[item.standing],
        is_done=item.standing in DONE,
        resource_id=row.resource_id,
        resource_title=entry.title if entry else "",
        resource_org=names.get(entry.org_code, "") if entry else "",
        item_field=row.item_field,
        score=row.score,
        reason=row.reason,
        request_id=row.request_id,
        responsibility_id=duty.id if duty else None,
        responsible_org=names.get(duty.org_code, "") if duty else "",
        responsible_by=duty.due_on if duty else None,
    )


def _line(found: DemandFacts, names: Mapping[str, str], today: date) -> Mapping[str, object]:
    row, how_far = found.row, found.standing
    return {
        "id": row.id,
        "org_code": row.org_code,
        "org_name": names.get(row.org_code, row.org_code),
        "title": row.title,
        "service": row.service,
        "needed_by": row.needed_by,
        "is_late": how_far not in DONE and row.needed_by < today,
        "standing": how_far,
        "standing_name": STANDING_NAMES[how_far],
        "done_count": found.done_count,
        "item_count": len(found.items),
        "created_at": row.created_at,
    }


def _acts(actor: Actor, found: DemandFacts) -> Sequence[str]:
    acts = []
    if found.row.withdrawn_at is None and found.standing not in DONE:
        if actor.org_code == found.row.org_code and allows(actor, Action.DEMAND_RAISE, found.row.org_code):
            acts += ["choose", "withdraw"]
        if allows(actor, Action.RESPONSIBILITY_ASSIGN, None):
            acts.append("assign")
    return acts


def _names(session: Session) -> Mapping[str, str]:
    return {each.code: each.name for each in organisations(session)}

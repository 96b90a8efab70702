"""What an entry of the negative list looks like from outside."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.queries import display_names
from directory.actions import Action
from directory.actors import Actor
from directory.negatives.models import NegativeEntry
from directory.negatives.queries import Hit
from directory.organisations.queries import organisations
from directory.policy import allows, capacities
from directory.resources.models import ResourceEntry
from directory.resources.queries import visible_to

COVERS_NAMES: Final[Mapping[str, str]] = {"share": "不予共享", "open": "不予开放", "both": "不予共享、不予开放"}
STATE_NAMES: Final[Mapping[str, str]] = {
    "proposed": "待信息办决定",
    "listed": "在列",
    "declined": "未列入",
    "removed": "已移出",
    "over": "已到期",
    "ahead": "未到起始日期",
}
_SOON_DAYS: Final = 60


class NegativeView(BaseModel):
    """An entry. ``state`` is ``over`` after its last day and ``ahead`` before its first; ``acts`` are the reader's."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    org_code: str
    org_name: str
    title: str
    covers: str
    covers_name: str
    resource_id: UUID | None
    resource_title: str
    items: tuple[str, ...]
    law_title: str
    law_article: str
    reason: str
    since: date
    until: date
    is_ending: bool
    state: str
    state_name: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    decision_words: str
    end_words: str
    acts: tuple[str, ...]


class HitShown(BaseModel):
    """What of an entry the list holds back, and on which law."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    title: str
    covers: str
    covers_name: str
    law: str
    since: date
    until: date
    fields: tuple[str, ...]
    names: tuple[str, ...]


def hits_shown(found: Sequence[Hit]) -> tuple[HitShown, ...]:
    """Hits as they are told."""
    return tuple(
        HitShown(
            id=each.entry.id,
            title=each.entry.title,
            covers=each.entry.covers,
            covers_name=COVERS_NAMES[each.entry.covers],
            law=each.law,
            since=each.entry.since,
            until=each.entry.until,
            fields=each.fields,
            names=each.names,
        )
        for each in found
    )


def views(session: Session, actor: Actor, rows: Sequence[NegativeEntry], today: date) -> list[NegativeView]:
    """Entries with names; of a catalogue entry that the reader may not see only that there is one."""
    names = {each.code: each.name for each in organisations(session)}
    people = display_names(session, [who for row in rows for who in (row.proposed_by, row.decided_by) if who])
    wanted = [row.resource_id for row in rows if row.resource_id]
    query = select(ResourceEntry.id, ResourceEntry.title).where(ResourceEntry.id.in_(wanted), visible_to(actor))
    titles = {row.id: row.title for row in session.execute(query)}
    return [_view(actor, row, names, people, titles, today) for row in rows]


def _view(
    actor: Actor,
    row: NegativeEntry,
    names: Mapping[str, str],
    people: Mapping[object, str],
    titles: Mapping[UUID, str],
    today: date,
) -> NegativeView:
    state = row.state
    if state == "listed":
        state = "over" if row.until < today else "ahead" if row.since > today else "listed"
    seen = row.resource_id in titles
    return NegativeView(
        id=row.id,
        org_code=row.org_code or "",
        org_name=names.get(row.org_code, row.org_code) if row.org_code else "全部部门",
        title=row.title,
        covers=row.covers,
        covers_name=COVERS_NAMES[row.covers],
        resource_id=row.resource_id if seen else None,
        resource_title=titles[row.resource_id]
        if row.resource_id and seen
        else "未公开的目录"
        if row.resource_id
        else "",
        items=tuple(row.items),
        law_title=row.law_title,
        law_article=row.law_article,
        reason=row.reason,
        since=row.since,
        until=row.until,
        is_ending=state == "listed" and (row.until - today).days <= _SOON_DAYS,
        state=state,
        state_name=STATE_NAMES[state],
        proposed_by=people.get(row.proposed_by, ""),
        proposed_at=row.proposed_at,
        decided_by=people.get(row.decided_by, "") if row.decided_by else "",
        decided_at=row.decided_at,
        decision_words=row.decision_words,
        end_words=row.end_words,
        acts=_acts(actor, row),
    )


def _acts(actor: Actor, row: NegativeEntry) -> tuple[str, ...]:
    deciding = [each for each in capacities(actor) if allows(each, Action.NEGATIVE_DECIDE, row.org_code or "")]
    if not deciding:
        return ()
    if row.state == "proposed" and any(row.proposed_by not in each.people for each in deciding):
        return ("decide",)
    return ("remove",) if row.state == "listed" else ()

"""The negative list, and whether an entry or some of its items are on it.

``hits`` is what others ask: the approver's brief, publication, and agreeing to a request.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.errors import DirectoryError
from directory.item_match.compare import Standards
from directory.limits import LIMITS
from directory.negatives.models import NegativeEntry
from directory.policy import visible_resources
from directory.resources.models import ResourceEntry
from directory.roles import Role
from directory.statements.question import Question
from metadata.dictionary import plain
from metadata.resource import Item

NO_SHARING: Final = frozenset({"share", "both"})
NO_OPENING: Final = frozenset({"open", "both"})


@dataclass(frozen=True)
class Hit:
    """A listed entry in force and the items (field names) that it holds back; none of them named: the entry whole."""

    entry: NegativeEntry
    fields: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def law(self) -> str:
        return f"{self.entry.law_title}{self.entry.law_article}"


def hits(
    session: Session,
    resource: ResourceEntry,
    items: Iterable[Item],
    on: date,
    covers: frozenset[str] = NO_SHARING | NO_OPENING,
) -> tuple[Hit, ...]:
    """What of the negative list is in force on this day for these items of the entry, the earliest listed first.

    An entry of the list that names a catalogue entry concerns only that one, by field names. One that names items
    concerns every item called so, by name, field name or as the same standard item, of its department or of anybody.
    """
    return _hits(resource, items, _of(session, [resource], on)[resource.id], covers)


def held_back(session: Session, resource: ResourceEntry, items: Iterable[Item], on: date) -> tuple[Hit, ...]:
    """The same of what may not be shared, for who decides on many requests: one transaction goes by one list."""
    listed = CONCERNING(session, (resource.id, on))
    return _hits(resource, items, [each for each in listed if each.since <= on], NO_SHARING)


def listed_ahead(session: Session, resource_id: UUID, on: date) -> Sequence[NegativeEntry]:
    """What of the list may hold back items of an entry from a later day, for who has just agreed to some of them."""
    listed = CONCERNING(session, (resource_id, on))
    return [each for each in listed if each.since > on and each.covers in NO_SHARING]


def _hits(
    resource: ResourceEntry, items: Iterable[Item], listed: Iterable[NegativeEntry], covers: frozenset[str]
) -> tuple[Hit, ...]:
    asked = tuple(items)
    found = (held_by(row, asked) for row in listed if row.covers in covers)
    return tuple(each for each in found if each is not None)


def held_by(row: NegativeEntry, items: Sequence[Item]) -> Hit | None:
    """What an entry of the list that concerns theirs holds back of these items, if anything."""
    is_meant = meaning(row)
    held = tuple(item for item in items if is_meant(item.name, item.field, item.base_item))
    if not held and (row.resource_id is None or row.items):
        return None
    return Hit(row, tuple(each.field for each in held), tuple(each.name for each in held))


def meaning(row: NegativeEntry) -> Callable[[str, str, str], bool]:
    """Whether an item of this name, field and standard item is meant by an entry of the list that concerns its own."""
    if row.resource_id is not None:
        fields = frozenset(row.items)
        return lambda _name, field, _base_item: not fields or field in fields
    names, standards = frozenset(map(plain, row.items)), _SPELLINGS.meant_by(*row.items)

    def is_meant(name: str, field: str, base_item: str) -> bool:
        if not names.isdisjoint((plain(name), plain(field))):
            return True
        return not standards.isdisjoint(_SPELLINGS.meant_by(name) | {base_item} - {""})

    return is_meant


def coming(session: Session, resource: ResourceEntry, today: date) -> Sequence[NegativeEntry]:
    """What is in force for an entry today or will be from a later day, whatever it covers."""
    return _of(session, [resource], today, since_by=date.max)[resource.id]


def _of(
    session: Session, entries: Collection[ResourceEntry], on: date, since_by: date | None = None
) -> Mapping[UUID, Sequence[NegativeEntry]]:
    """What is in force on this day for each of these entries, or may be by what its items are called."""
    query = select(NegativeEntry).where(
        NegativeEntry.state == "listed",
        NegativeEntry.since <= (since_by or on),
        NegativeEntry.until >= on,
        or_(
            NegativeEntry.resource_id.in_({each.id for each in entries}),
            NegativeEntry.resource_id.is_(None)
            & or_(NegativeEntry.org_code.is_(None), NegativeEntry.org_code.in_({each.org_code for each in entries})),
        ),
    )
    listed = session.scalars(query.order_by(NegativeEntry.decided_at, NegativeEntry.id)).all()
    return {
        each.id: [
            row
            for row in listed
            if row.resource_id == each.id or (row.resource_id is None and row.org_code in (None, each.org_code))
        ]
        for each in entries
    }


def _concerning(
    session: Session, asked: Collection[tuple[UUID, date]]
) -> Mapping[tuple[UUID, date], Sequence[NegativeEntry]]:
    entries = [session.get_one(ResourceEntry, each) for each in sorted({resource_id for resource_id, _ in asked})]
    by_day = {on: _of(session, entries, on, since_by=date.max) for on in {on for _, on in asked}}
    return {(resource_id, on): by_day[on][resource_id] for resource_id, on in asked}


CONCERNING: Final = Question(_concerning, lasts=True)
"""What of the list is in force for an entry on a day or will be from a later one, whatever it covers."""


def negative(session: Session, actor: Actor, negative_id: UUID, *, lock: bool = False) -> NegativeEntry:
    """One entry; raises ``NEGATIVE_NOT_FOUND``."""
    query = select(NegativeEntry).where(NegativeEntry.id == negative_id, visible(actor))
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise DirectoryError("NEGATIVE_NOT_FOUND", ref=negative_id)
    return row


def negatives(
    session: Session, actor: Actor, *, state: str = "", org_code: str = "", limit: int = LIMITS.list_count
) -> Sequence[NegativeEntry]:
    """What this actor sees of the list, what ends first at the front; of one state, of one department."""
    query = select(NegativeEntry).where(visible(actor)).order_by(NegativeEntry.until, NegativeEntry.title)
    if state:
        query = query.where(NegativeEntry.state == state)
    if org_code:
        query = query.where(NegativeEntry.org_code == org_code)
    return session.scalars(query.limit(limit)).all()


def visible(actor: Actor) -> ColumnElement[bool]:
    """Listed entries are for everybody who may ask for data; proposals for the department and the office."""
    seen = visible_resources(actor)
    if seen.is_everything or Role.AUDITOR in actor.roles:
        return true()
    return or_(NegativeEntry.state.in_(("listed", "removed")), NegativeEntry.org_code == seen.org_code)


_SPELLINGS: Final = Standards({})

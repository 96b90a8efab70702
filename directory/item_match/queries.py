"""Published items that hold what is looked for, the surest first, with how each can be had.

Only what everybody signed in sees is compared: an entry that is a draft, suspended or withdrawn can be had by nobody.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Integer,
    Select,
    String,
    Text,
    Uuid,
    and_,
    case,
    cast,
    collate,
    func,
    inspect,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.item_match.compare import Comparer, Held, Likeness, Standards, Wanted
from directory.item_match.keep import is_held, wait_seconds
from directory.item_match.models import HeldEntry, HeldItem, HeldSpelling
from directory.libraries.models import LibraryItem
from directory.organisations.models import Organisation
from directory.organisations.queries import organisations
from directory.resources.models import ResourceEntry, ResourceVersion
from directory.resources.queries import is_its_published, is_public, visible_to
from directory.statements.given_rows import given_rows
from metadata.words import SHARE_TYPES

MOST_EACH: Final = 12
"""Matches shown of one name; what is less sure than these helps nobody."""
MOST_WANTED: Final = 500
MOST_READ: Final = 500
"""Entries read from their records for one answer, about a second's work; of more it says that they are missing."""
_EASE: Final[Mapping[str, int]] = {"unconditional": 0, "conditional": 1}


@dataclass(frozen=True)
class Match:
    """One item of one entry. ``is_lead``: its department is the item's 数源部门; ``lead_name``: who is, if known."""

    resource_id: UUID
    title: str
    org_code: str
    org_name: str
    item_name: str
    item_field: str
    sensitivity: int
    score: int
    reason: str
    share_type: str
    is_open: bool
    is_lead: bool
    lead_name: str

    @property
    def how(self) -> str:
        """How it can be had, in the users' words."""
        if self.is_open:
            return "已向社会开放"
        return SHARE_TYPES.get(self.share_type, "共享类型未定")


@dataclass(frozen=True)
class Found:
    """For each of what was wanted its matches, the best first; ``uncompared`` published entries were not looked at."""

    matches: Sequence[tuple[Match, ...]]
    uncompared: int

    @property
    def wait_seconds(self) -> int:
        """About when they will be."""
        return wait_seconds(self.uncompared)


def matches(session: Session, actor: Actor, wanted: Sequence[Wanted]) -> Found:
    """For each of ``wanted`` the items that are or may be it, at most ``MOST_EACH``: the surest first, then those of
    the lead department, then those easier to have.

    Compared are the spellings there are; of what was published since they were kept (``keep.py``), the records of
    ``MOST_READ``. Who decides by what is *not* found looks at ``uncompared`` first.
    """
    standards, leads = _standards(session)
    names = {each.code: each.name for each in organisations(session)}
    comparer = Comparer(wanted, standards)
    found: list[list[Match]] = [[] for _ in wanted]
    # What is not kept is noted first: what is kept while this goes on is then seen twice, never left out unsaid.
    fresh = set(session.scalars(_seen(actor, ResourceEntry.id).where(~is_held()).limit(MOST_READ)))
    uncompared = 0
    if len(fresh) == MOST_READ:
        uncompared = max((session.scalar(_seen(actor, func.count()).where(~is_held())) or 0) - MOST_READ, 0)
    for number, match in _kept(session, actor, comparer, leads, names):
        if match.resource_id not in fresh:
            found[number].append(match)
    for number, match in _read(session, actor, fresh, comparer, leads, names):
        found[number].append(match)
    return Found([tuple(sorted(each, key=_order)[:MOST_EACH]) for each in found], uncompared)


def match_with(session: Session, actor: Actor, wanted: Wanted, resource_id: UUID, field: str) -> Match | None:
    """How one item of one entry is what is wanted, by the record; None where they are not alike."""
    standards, leads = _standards(session)
    names = {each.code: each.name for each in organisations(session)}
    alike = _read(session, actor, {resource_id}, Comparer([wanted], standards), leads, names)
    return min((match for _, match in alike if match.item_field == field), key=_order, default=None)


def _kept(
    session: Session, actor: Actor, comparer: Comparer, leads: Mapping[str, str], names: Mapping[str, str]
) -> Iterator[tuple[int, Match]]:
    """The best of each from what is kept, by the number of what was wanted."""
    alike: dict[tuple[int, UUID], Likeness] = {}
    asked = []
    kept = inspect(HeldSpelling).local_table.c  # all of them are read: as they come, and a key made of those alike only
    for key, *spelled in session.execute(select(cast(kept.id, Text), kept.name, kept.field, kept.base_item)):
        for number, likeness in comparer.like(held := Held(*spelled)).items():
            spelling_id = UUID(key)
            alike[number, spelling_id] = likeness
            lead_code = leads.get(held.base_item, "")
            asked.append((number, spelling_id, likeness.score, lead_code, names.get(lead_code, "")))
    if not asked:
        return
    for row in session.execute(_best(actor, asked)):
        likeness = alike[row.number, row.spelling_id]
        yield row.number, _match(row, likeness, leads, names)


def _best(actor: Actor, asked: Sequence[tuple[Any, ...]]) -> Select[Any]:
    """The items so spelled, of each number the first ``MOST_EACH`` in the order of ``_order``."""
    types = (Integer(), Uuid(), Integer(), Text(), Text())
    given = given_rows(asked, types, ("number", "spelling_id", "score", "lead_code", "lead_name"))
    entry, item, named = (
        ResourceEntry,
        HeldItem,
        func.coalesce(func.nullif(given.c.lead_name, ""), HeldItem.lead_department),
    )
    is_lead = or_(given.c.lead_code == entry.org_code, named == Organisation.name)
    order = (
        given.c.score.desc(),
        is_lead.desc(),
        HeldEntry.is_open.desc(),
        case(dict(_EASE), value=HeldEntry.share_type, else_=len(_EASE)),
        collate(HeldEntry.title, "C"),
        entry.id,
    )
    found = (
        select(
            given.c.number,
            given.c.spelling_id,
            entry.id,
            entry.org_code,
            HeldEntry.title,
            HeldEntry.share_type,
            HeldEntry.is_open,
            HeldSpelling.name,
            HeldSpelling.field,
            HeldSpelling.base_item,
            item.lead_department,
            item.sensitivity,
            func.row_number().over(partition_by=given.c.number, order_by=order).label("place"),
        )
        .select_from(given)
        .join(item, item.spelling_id == given.c.spelling_id)
        .join(HeldSpelling, HeldSpelling.id == item.spelling_id)
        .join(HeldEntry, HeldEntry.resource_id == item.resource_id)
        .join(entry, and_(entry.id == HeldEntry.resource_id, entry.published_version == HeldEntry.version))
        .join(Organisation, Organisation.code == entry.org_code)
        .where(is_public(), visible_to(actor))
        .subquery()
    )
    return select(found).where(found.c.place <= MOST_EACH)


def _read(
    session: Session,
    actor: Actor,
    ids: Set[UUID],
    comparer: Comparer,
    leads: Mapping[str, str],
    names: Mapping[str, str],
) -> Iterator[tuple[int, Match]]:
    """Those of these entries, from their records."""
    if not ids:
        return
    alike: dict[Held, Mapping[int, Likeness]] = {}
    for row in session.execute(_items(actor).where(ResourceEntry.id.in_(ids))):
        held = Held(row.name, row.field, row.base_item or "")
        if held not in alike:
            alike[held] = comparer.like(held)
        for number, likeness in alike[held].items():
            yield number, _match(row, likeness, leads, names)


def _match(row: Any, likeness: Likeness, leads: Mapping[str, str], names: Mapping[str, str]) -> Match:
    lead_code = leads.get(row.base_item or "", "")
    lead_name = names.get(lead_code, "") or row.lead_department or ""
    return Match(
        resource_id=row.id,
        title=row.title,
        org_code=row.org_code,
        org_name=names.get(row.org_code, row.org_code),
        item_name=row.name,
        item_field=row.field,
        sensitivity=int(row.sensitivity or 1),
        score=likeness.score,
        reason=likeness.reason,
        share_type=row.share_type or "",
        is_open=row.is_open in (True, "true"),
        is_lead=lead_code == row.org_code or lead_name == names.get(row.org_code),
        lead_name=lead_name,
    )


def _order(match: Match) -> tuple[int, bool, bool, int, str, str]:
    ease = _EASE.get(match.share_type, len(_EASE))
    return -match.score, not match.is_lead, not match.is_open, ease, match.title, str(match.resource_id)


def _standards(session: Session) -> tuple[Standards, Mapping[str, str]]:
    """The register's items in force by key, and their lead departments' codes."""
    rows = session.execute(
        select(LibraryItem.library, LibraryItem.field, LibraryItem.name, LibraryItem.lead_org).where(
            ~LibraryItem.is_retired
        )
    ).all()
    keyed = {f"{row.library}/{row.field}": row for row in rows}
    return (
        Standards({key: row.name for key, row in keyed.items()}),
        {key: row.lead_org for key, row in keyed.items() if row.lead_org},
    )


def _seen(actor: Actor, *columns: Any) -> Select[Any]:
    """Of the published entries that are compared for this actor."""
    return select(*columns).select_from(ResourceEntry).where(is_public(), visible_to(actor))


def _items(actor: Actor) -> Select[*tuple[Any, ...]]:
    each = func.jsonb_array_elements(literal_column("resource_version.record -> 'items'", JSONB)).table_valued(
        "value", name="each_item"
    )
    of_record = {
        "title": "->> 'title'",
        "share_type": "#>> '{sharing,share_type}'",
        "is_open": "#>> '{openness,is_open}'",
    }
    of_item = ("name", "field", "base_item", "lead_department", "sensitivity")
    return (
        select(
            ResourceEntry.id,
            ResourceEntry.org_code,
            *(literal_column(f"resource_version.record {way}", String).label(name) for name, way in of_record.items()),
            *(literal_column(f"each_item.value ->> '{name}'", String).label(name) for name in of_item),
        )
        .join(ResourceVersion, is_its_published())
        .join(each, true())
        .where(is_public(), visible_to(actor))
        .order_by(ResourceEntry.id)
    )

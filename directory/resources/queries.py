"""Look up entries. Who sees which is one condition here, from ``policy.visible_resources``, and nowhere else."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from directory.actions import Action
from directory.actors import Actor
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.organisations.models import Organisation
from directory.policy import require, visible_resources
from directory.resources.models import ResourceEntry, ResourceRemark, ResourceStep, ResourceVersion
from directory.resources.states import HIDDEN
from directory.statements.question import Question
from metadata.resource import Resource

_ROWS_AT_ONCE = 500
_AtHand = tuple[ResourceEntry, ResourceVersion | None, Organisation]


def is_public() -> ColumnElement[bool]:
    """The condition under which everybody signed in sees an entry."""
    return and_(ResourceEntry.published_version.is_not(None), ResourceEntry.status.not_in(HIDDEN))


def is_open() -> ColumnElement[bool]:
    """The condition under which the published record of an entry says that it is open to society, and no secret."""
    published = aliased(ResourceVersion)
    record = type_coerce(published.record, JSONB)
    return exists().where(
        published.resource_id == ResourceEntry.id,
        published.version == ResourceEntry.published_version,
        record["openness"]["is_open"].as_boolean(),
        record["secrecy"].as_string() == "非涉密",
    )


def is_findable() -> ColumnElement[bool]:
    """The condition under which an entry is found by searching at all: a discarded draft never was anything."""
    return or_(ResourceEntry.status != "withdrawn", ResourceEntry.published_version.is_not(None))


def visible_to(actor: Actor | None) -> ColumnElement[bool]:
    """The condition under which this actor, or the public, sees an entry."""
    visible = visible_resources(actor)
    if visible.is_only_open:
        return and_(is_public(), is_open())
    if visible.is_everything:
        return true()
    return or_(is_public(), ResourceEntry.org_code == visible.org_code)


def known_to(actor: Actor | None) -> ColumnElement[bool]:
    """The condition under which this actor may know that there is an entry, or was: once published, all know it.

    Its record is another matter (``visible_to``): of a suspended or withdrawn one they learn what ``seen_by`` says.
    """
    visible = visible_resources(actor)
    if visible.is_only_open:
        return visible_to(actor)
    return or_(ResourceEntry.published_version.is_not(None), visible_to(actor))


def is_inside(actor: Actor, entry: ResourceEntry) -> bool:
    """Whether the actor sees the version being worked on, and not only the published one."""
    visible = visible_resources(actor)
    return visible.is_everything or entry.org_code == visible.org_code


def find(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> ResourceEntry:
    """The entry of a UUID or an identifier (``~`` for ``/``); with ``lock`` its row is held until the transaction ends.

    Raises ``RESOURCE_NOT_FOUND``, also when this actor may not know of it; for outsiders ``RESOURCE_SUSPENDED`` and
    ``RESOURCE_WITHDRAWN`` once everybody could.
    """
    condition = _named(ref)
    query = select(ResourceEntry).where(condition)
    entry = session.scalar(query.with_for_update() if lock else query)
    if entry is None:
        raise DirectoryError("RESOURCE_NOT_FOUND", ref=ref[:100])
    return seen_by(session, actor, entry, ref)


def seen_by(session: Session, actor: Actor, entry: ResourceEntry, ref: str) -> ResourceEntry:
    """The entry if this actor may see it, else the refusal that tells them no more than they knew."""
    require(actor, Action.RESOURCE_READ, entry.org_code)
    if is_inside(actor, entry) or (entry.published_version is not None and entry.status not in HIDDEN):
        return entry
    if entry.published_version is not None and entry.status == "withdrawn":
        raise DirectoryError("RESOURCE_WITHDRAWN", ref=ref[:100], on=day_of(_last_step(session, entry).decided_at))
    if entry.published_version is not None and entry.status == "suspended":
        raise DirectoryError("RESOURCE_SUSPENDED", ref=ref[:100], on=day_of(_last_step(session, entry).decided_at))
    raise DirectoryError("RESOURCE_NOT_FOUND", ref=ref[:100])


def current_record(session: Session, entry: ResourceEntry) -> Resource:
    """The record being worked on."""
    return _record(session, entry, entry.current_version)


def published_record(session: Session, entry: ResourceEntry) -> Resource:
    """The record everybody sees, with the day it was published; raises ``RESOURCE_NOT_FOUND`` where there is none."""
    if entry.published_version is None:
        raise DirectoryError("RESOURCE_NOT_FOUND", ref=entry.identifier or str(entry.id))
    return _record(session, entry, entry.published_version)


def shown_record(session: Session, actor: Actor, entry: ResourceEntry) -> Resource:
    """The version this actor sees: inside, the one being worked on; outside, the published one."""
    return current_record(session, entry) if is_inside(actor, entry) else published_record(session, entry)


def version_record(session: Session, actor: Actor, entry: ResourceEntry, version: int) -> Resource:
    """One version: for outsiders only the published one; raises ``RESOURCE_NOT_FOUND``."""
    if not 1 <= version <= entry.current_version or not (is_inside(actor, entry) or version == entry.published_version):
        ref = entry.identifier or entry.id
        raise DirectoryError("RESOURCE_NOT_FOUND", ref=f"{ref} 第 {version} 版", ref_en=f"{ref} version {version}")
    return _record(session, entry, version)


def versions(session: Session, actor: Actor, entry: ResourceEntry) -> Sequence[ResourceVersion]:
    """The versions this actor sees, newest first."""
    query = select(ResourceVersion).where(ResourceVersion.resource_id == entry.id)
    if not is_inside(actor, entry):
        query = query.where(ResourceVersion.version == entry.published_version)
    return session.scalars(query.order_by(ResourceVersion.version.desc())).all()


def steps(session: Session, entry: ResourceEntry) -> Sequence[ResourceStep]:
    """The life of an entry, oldest first; for insiders, since comments are theirs."""
    return session.scalars(
        select(ResourceStep).where(ResourceStep.resource_id == entry.id).order_by(ResourceStep.seq)
    ).all()


@dataclass(frozen=True)
class Remark:
    """Why one field was returned: its path in the record (``metadata.paths``), and the reason in words."""

    path: str
    reason: str


def remarks(session: Session, entry: ResourceEntry) -> tuple[Remark, ...]:
    """What the last return said field by field, while the entry is a draft that nobody has approved since."""
    if entry.status != "draft":
        return ()
    last = select(func.max(ResourceStep.seq)).where(
        ResourceStep.resource_id == entry.id, ResourceStep.step.in_(("return", "head_approve"))
    )
    query = (
        select(ResourceRemark)
        .where(ResourceRemark.resource_id == entry.id, ResourceRemark.seq == last.scalar_subquery())
        .order_by(ResourceRemark.number)
    )
    return tuple(Remark(each.path, each.reason) for each in session.scalars(query))


def authors_since_published(session: Session, entry: ResourceEntry) -> set[UUID]:
    """Everybody who wrote a version that is not yet published."""
    return set(
        session.scalars(
            select(ResourceVersion.created_by).where(
                ResourceVersion.resource_id == entry.id, ResourceVersion.version > (entry.published_version or 0)
            )
        )
    )


def entries_in(session: Session, actor: Actor, statuses: Collection[str], org_code: str | None) -> list[ResourceEntry]:
    """Visible entries in these statuses, of one department or all, the longest untouched first: a worklist."""
    query = select(ResourceEntry).where(ResourceEntry.status.in_(statuses), visible_to(actor))
    if org_code is not None:
        query = query.where(ResourceEntry.org_code == org_code)
    return list(session.scalars(query.order_by(ResourceEntry.updated_on, ResourceEntry.title)))


def is_its_published() -> ColumnElement[bool]:
    """Whether a version is the published one of an entry: what joins the two."""
    return and_(
        ResourceVersion.resource_id == ResourceEntry.id, ResourceVersion.version == ResourceEntry.published_version
    )


def published_records(session: Session, actor: Actor | None, offset: int, limit: int) -> list[Resource]:
    """Published entries that this actor, or the public, sees, by their numbers: what a catalogue hands out."""
    query = (
        select(ResourceEntry, ResourceVersion.record)
        .join(ResourceVersion, is_its_published())
        .where(is_public(), visible_to(actor))
        .order_by(ResourceEntry.identifier, ResourceEntry.id)
    )
    rows = session.execute(query.offset(offset).limit(limit))
    return [_as_it_stands(session, record, entry) for entry, record in rows]


@dataclass(frozen=True)
class SearchRow:
    """What the search index holds of one entry: its row, the record to find it by, whether everybody may find it."""

    entry: ResourceEntry
    record: Resource
    is_public: bool


def search_rows(session: Session, ids: Collection[UUID] | None = None) -> Iterator[SearchRow]:
    """Every entry, or those with these ids, with its published record or else the one being worked on; streamed."""
    shown = func.coalesce(ResourceEntry.published_version, ResourceEntry.current_version)
    query = select(ResourceEntry, ResourceVersion.record, is_public()).join(
        ResourceVersion, and_(ResourceVersion.resource_id == ResourceEntry.id, ResourceVersion.version == shown)
    )
    if ids is not None:
        query = query.where(ResourceEntry.id.in_(ids))
    for entry, record, public in session.execute(query.execution_options(yield_per=_ROWS_AT_ONCE)):
        yield SearchRow(entry, _as_it_stands(session, record, entry), bool(public))


def extent(session: Session) -> tuple[int, int]:
    """How many entries can be found and how many steps they took together, which differs after any change."""
    sums = select(func.count(), func.coalesce(func.sum(ResourceEntry.step_seq), 0)).where(is_findable())
    row = session.execute(sums.select_from(ResourceEntry)).one()
    return row[0], row[1]


def _named(ref: str) -> ColumnElement[bool]:
    try:
        return ResourceEntry.id == UUID(ref)
    except ValueError:
        return ResourceEntry.identifier == ref.replace("~", "/")


def _last_step(session: Session, entry: ResourceEntry) -> ResourceStep:
    return session.get_one(ResourceStep, (entry.id, entry.step_seq))


def _record(session: Session, entry: ResourceEntry, version: int) -> Resource:
    record = session.get_one(ResourceVersion, (entry.id, version)).record
    if version == entry.published_version:
        return _as_it_stands(session, record, entry)
    return with_provider(session, record, entry) if version == entry.current_version else record


def held_still(session: Session, resource_id: UUID) -> ResourceEntry:
    """An entry that somebody gives something by, as it is now, and as it stays until the transaction ends."""
    return HELD_STILL(session, resource_id)[0]


def _at_hand(session: Session, ids: Collection[UUID]) -> Mapping[UUID, _AtHand]:
    return {entry.id: (entry, version, own) for entry, version, own in session.execute(_of_entries(ids))}


def _held(session: Session, ids: Collection[UUID]) -> Mapping[UUID, _AtHand]:
    """The same with the entries' rows locked against who takes a step with one, not against who refers to it."""
    query = _of_entries(ids).order_by(ResourceEntry.id).with_for_update(read=True, key_share=True, of=ResourceEntry)
    held = session.execute(query.execution_options(populate_existing=True))
    return {entry.id: (entry, version, own) for entry, version, own in held}


def _of_entries(ids: Collection[UUID]) -> Select[ResourceEntry, ResourceVersion, Organisation]:
    return (
        select(ResourceEntry, ResourceVersion, Organisation)
        .outerjoin(ResourceVersion, is_its_published())
        .join(Organisation, Organisation.code == ResourceEntry.org_code)
        .where(ResourceEntry.id.in_(ids))
    )


AT_HAND: Final = Question(_at_hand, lasts=True)
"""Entries with what is published of them and their departments, kept where the session finds them by their keys."""
HELD_STILL: Final = Question(_held, lasts=True)
"""The same for who agrees: nobody suspends, withdraws or publishes anew what is being granted, before it is."""


def with_provider(session: Session, record: Resource, entry: ResourceEntry) -> Resource:
    """The record with its provider as the register has it now: departments are renamed, merged and split after a
    version is written, which says for ever what they were called then.
    """
    own = session.get_one(Organisation, entry.org_code)
    if (record.provider.name, record.provider.code) == (own.name, own.real_code):
        return record
    registered = {"name": own.name, "code": own.real_code}
    return record.model_copy(update={"provider": record.provider.model_copy(update=registered)})


def _as_it_stands(session: Session, record: Resource, entry: ResourceEntry) -> Resource:
    return with_provider(session, _dated(record, entry), entry)


def _dated(record: Resource, entry: ResourceEntry) -> Resource:
    """The day of publication is known only after the version is written; it stands beside it, and is put in here."""
    if record.published_on is not None or entry.published_on is None:
        return record
    return record.model_copy(update={"published_on": entry.published_on})

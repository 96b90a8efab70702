"""Bulletins as they are read: the days, the latest first, and one day's lines, a page at a time.

Numbers and lists are of the same steps: a day that is over was counted once, the others are counted when asked.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, case, func, select, tuple_, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from directory.actors import Actor
from directory.bulletins.changes import MOST, Changed, changes
from directory.bulletins.counting import KINDS, Kind, counted, is_public_step, kind, midnight, next_day
from directory.bulletins.models import Bulletin
from directory.errors import DirectoryError
from directory.organisations.names import organisation_names
from directory.resources.models import ResourceEntry, ResourceStep, ResourceVersion
from directory.resources.queries import known_to, visible_to
from directory.statements.unchanged import while_unchanged
from metadata.resource import ShareType


class BulletinNumbers(BaseModel):
    """How many entries of each kind one day has; ``is_over`` when it was counted for good and told."""

    model_config = ConfigDict(frozen=True)

    day: date
    published: int = 0
    changed: int = 0
    suspended: int = 0
    resumed: int = 0
    withdrawn: int = 0
    is_over: bool = False

    @property
    def total(self) -> int:
        return sum(self.of(each) for each in Kind)

    def of(self, kind: Kind) -> int:
        return int(getattr(self, kind.value))


class Bulletins(BaseModel):
    """Days with something to tell, the latest first; ``next`` is the day before which the list goes on."""

    model_config = ConfigDict(frozen=True)

    items: Sequence[BulletinNumbers]
    next: date | None


class BulletinLine(BaseModel):
    """One thing that happened to a published entry. ``title`` and ``share_type`` are those of the version then public.

    ``reason`` is that of a withdrawal, which everybody is told. ``is_open`` when the reader can open the entry now.
    ``changes`` are the first of what a changed entry changed, which fields and items; ``changes_more`` says how many
    more there are. Both are empty where the reader cannot open it.
    """

    model_config = ConfigDict(frozen=True)

    resource_id: UUID
    identifier: str
    title: str
    provider_org: str
    provider_name: str
    share_type: ShareType | None
    kind: Kind
    kind_name: str
    version: int
    at: datetime
    reason: str
    is_open: bool
    changes: tuple[str, ...]
    changes_more: int


class BulletinDay(BaseModel):
    """One day: its numbers, and a page of its lines, the latest first; ``total`` counts those of the kind asked for."""

    model_config = ConfigDict(frozen=True)

    numbers: BulletinNumbers
    total: int
    items: Sequence[BulletinLine]
    next: str | None


def bulletins(session: Session, *, size: int, before: date | None = None) -> Bulletins:
    """One page of days; the first also has those that are not counted for good yet."""
    last = session.scalar(select(func.max(Bulletin.day)))
    since = next_day(last) if last else None
    running = [] if before is not None and last is not None and before <= last else _running(session, since, before)
    query = select(Bulletin).order_by(Bulletin.day.desc()).limit(size + 1)
    kept = session.scalars(query.where(Bulletin.day < before) if before is not None else query)
    found = [*running, *(_numbers(each) for each in kept)]
    return Bulletins(items=found[:size], next=found[size - 1].day if len(found) > size else None)


def bulletin(
    session: Session, actor: Actor, day: date, *, kind: Kind | None = None, size: int, after: str = ""
) -> BulletinDay:
    """One day, of one kind or all; a day on which nothing happened is empty. Raises ``CURSOR_INVALID``."""
    kept = session.get(Bulletin, day)
    numbers = _numbers(kept) if kept is not None else _counted_now(session, day)
    rows = session.execute(_lines(actor, day, kind, size, after)).all()
    names, shown = organisation_names(session), rows[:size]
    told = changes(session, [each for row in shown if (each := _changed(row))])
    end = f"{shown[-1].at.isoformat()}~{shown[-1].id}~{shown[-1].seq}" if len(rows) > size else None
    return BulletinDay(
        numbers=numbers,
        total=numbers.of(kind) if kind else numbers.total,
        items=[_line(row, names, told) for row in shown],
        next=end,
    )


def _running(session: Session, since: date | None, before: date | None) -> list[BulletinNumbers]:
    """Days after the last that was counted for good."""
    found = while_unchanged(session, ("bulletins", since, before), lambda: counted(session, since, before))
    return [BulletinNumbers(day=day, **found[day]) for day in sorted(found, reverse=True)]


def _counted_now(session: Session, day: date) -> BulletinNumbers:
    until = next_day(day)
    found = while_unchanged(session, ("bulletin", day), lambda: counted(session, day, until))
    return BulletinNumbers(day=day, **found.get(day, {}))


def _numbers(row: Bulletin) -> BulletinNumbers:
    return BulletinNumbers(day=row.day, is_over=True, **{each.value: getattr(row, each.value) for each in Kind})


def _lines(actor: Actor, day: date, wanted: Kind | None, size: int, after: str) -> Select[Any]:
    """One page: the entry's row as it is now, the step, and the version that was public when it was taken."""
    earlier, version = aliased(ResourceStep), aliased(ResourceVersion)
    published = select(func.max(earlier.version)).where(
        earlier.resource_id == ResourceStep.resource_id, earlier.step == "publish"
    )
    public = published.where(earlier.seq <= ResourceStep.seq).correlate(ResourceStep).scalar_subquery()
    before = published.where(earlier.seq < ResourceStep.seq).correlate(ResourceStep).scalar_subquery()
    key = tuple_(ResourceStep.decided_at, ResourceStep.resource_id, ResourceStep.seq)
    found = (
        select(
            ResourceEntry.id,
            ResourceEntry.identifier,
            ResourceEntry.org_code,
            visible_to(actor).label("is_open"),
            ResourceStep.seq,
            ResourceStep.step,
            ResourceStep.comment,
            ResourceStep.decided_at.label("at"),
            kind().label("kind"),
            public.label("version"),
            case((kind() == Kind.CHANGED.value, before)).label("before"),
            ResourceEntry.published_version.label("now"),
        )
        .join_from(ResourceStep, ResourceEntry, ResourceEntry.id == ResourceStep.resource_id)
        .where(is_public_step(), ResourceStep.decided_at >= midnight(day))
        .where(ResourceStep.decided_at < midnight(next_day(day)), known_to(actor))
        .order_by(*(each.desc() for each in (ResourceStep.decided_at, ResourceStep.resource_id, ResourceStep.seq)))
        .limit(size + 1)
    )
    if wanted is not None:
        found = found.where(kind() == wanted.value)
    if after:
        found = found.where(key < tuple_(*_place(after)))
    page = found.subquery()
    record = type_coerce(version.record, JSONB)
    return (
        select(
            page, record["title"].as_string().label("title"), record["sharing"]["share_type"].as_string().label("share")
        )
        .join(version, (version.resource_id == page.c.id) & (version.version == page.c.version))
        .order_by(page.c.at.desc(), page.c.id.desc(), page.c.seq.desc())
    )


def _place(after: str) -> tuple[datetime, UUID, int]:
    try:
        at, resource_id, seq = after.split("~")
        return datetime.fromisoformat(at).astimezone(UTC), UUID(resource_id), min(int(seq), 2**31 - 1)
    except (ValueError, OverflowError):
        raise DirectoryError("CURSOR_INVALID") from None


def _changed(row: Any) -> Changed | None:
    """The versions that a changed entry is told by, where the reader sees it."""
    return Changed(row.id, row.before, row.version, row.now) if row.is_open and row.before else None


def _line(row: Any, names: Mapping[str, str], told: Mapping[Changed, Sequence[str]]) -> BulletinLine:
    changed = _changed(row)
    said = told[changed] if changed else ()
    return BulletinLine(
        resource_id=row.id,
        identifier=row.identifier or "",
        title=row.title,
        provider_org=row.org_code,
        provider_name=names.get(row.org_code, row.org_code),
        share_type=row.share,
        kind=row.kind,
        kind_name=KINDS[Kind(row.kind)],
        version=row.version,
        at=row.at,
        reason=row.comment if row.step == "withdraw" else "",
        is_open=row.is_open,
        changes=tuple(said[:MOST]),
        changes_more=max(0, len(said) - MOST),
    )

"""A person's notices: those addressed to them or to a role they hold now, about what they may see now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Subquery, and_, exists, func, not_, or_, select, union_all
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.notices.kinds import KINDS
from directory.notices.models import Notice, NoticeMark, NoticeRead
from directory.notices.visibility import visible

MOST_COUNTED: Final = 100
"""Unread ones are counted no further: 99 and more look alike."""


class Told(BaseModel):
    """A notice as it is read: what happened in both languages, where to look, and whether the reader has."""

    model_config = ConfigDict(frozen=True)

    id: int
    kind: str
    zh: str
    en: str
    link: str
    at: datetime
    is_read: bool


class Notices(BaseModel):
    """The newest first; ``unread`` counts all of the reader's, at most 100; ``next`` continues the list."""

    model_config = ConfigDict(frozen=True)

    unread: int
    items: Sequence[Told]
    next: int | None


def notices(
    session: Session, actor: Actor, *, size: int, before: int | None = None, is_unread: bool = False
) -> Notices:
    """One page, from ``before`` backwards."""
    where = [Notice.id < before] if before is not None else []
    if is_unread:
        where.append(not_(_read(actor)))
    newest = _addressed(actor, size + 1, *where)
    query = select(Notice, _read(actor).label("is_read")).where(Notice.id.in_(select(newest.c.id)))
    rows = session.execute(query.order_by(Notice.id.desc()).limit(size + 1)).all()
    return Notices(
        unread=unread(session, actor),
        items=[_told(row[0], is_read=row[1]) for row in rows[:size]],
        next=rows[size - 1][0].id if len(rows) > size else None,
    )


def unread(session: Session, actor: Actor) -> int:
    """How many the reader has not read, counted up to ``MOST_COUNTED``."""
    waiting = _addressed(actor, MOST_COUNTED, not_(_read(actor)))
    return min(session.scalar(select(func.count()).select_from(waiting)) or 0, MOST_COUNTED)


def addressed_to(actor: Actor) -> ColumnElement[bool]:
    """The condition under which a notice is this actor's to see; every reader of the table asks it."""
    return and_(or_(*(address for address, _ in _addresses(actor))), visible(actor))


def _addressed(actor: Actor, most: int, *where: ColumnElement[bool]) -> Subquery:
    """The newest ids of each address, each from the end of its own index, so that a long past costs nothing.

    The department stands in the order because the planner takes a null for no constant.
    """
    parts = [
        select(Notice.id)
        .where(address, visible(actor), *where)
        .order_by(*order, Notice.id.desc())
        .limit(most)
        .subquery()
        for address, order in _addresses(actor)
    ]
    return union_all(*(select(part.c.id) for part in parts)).subquery()


def _addresses(actor: Actor) -> list[tuple[ColumnElement[bool], tuple[ColumnElement[Any], ...]]]:
    """To the person; to each role of theirs, in their department or anywhere, unless it was they who did it.

    With each stands what its index is ordered by before the id.
    """
    not_theirs, by_org = Notice.caused_by.is_distinct_from(actor.account_id), Notice.org_code.desc()
    return [
        (Notice.account_id == actor.account_id, ()),
        *(
            (and_(Notice.role == role.value, org, not_theirs), (by_org,))
            for role in sorted(actor.held_roles)
            for org in (Notice.org_code == actor.org_code, Notice.org_code.is_(None))
        ),
    ]


def _read(actor: Actor) -> ColumnElement[bool]:
    mark = select(NoticeMark.until_id).where(NoticeMark.account_id == actor.account_id).scalar_subquery()
    own = exists().where(NoticeRead.account_id == actor.account_id, NoticeRead.notice_id == Notice.id)
    return or_(Notice.id <= func.coalesce(mark, 0), own)


def _told(row: Notice, *, is_read: bool) -> Told:
    kind = KINDS[row.kind]
    values = row.parameters | {"id": row.about}
    return Told(
        id=row.id,
        kind=row.kind,
        zh=kind.zh.format_map(values),
        en=kind.en.format_map(values),
        link=kind.link.format_map(values),
        at=row.created_at,
        is_read=is_read,
    )

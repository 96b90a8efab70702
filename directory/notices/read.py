"""What a person has read: one by one, or everything up to one."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.errors import DirectoryError
from directory.notices.kinds import KINDS
from directory.notices.models import Notice, NoticeMark, NoticeRead
from directory.notices.queries import addressed_to


def mark_read(session: Session, actor: Actor, ids: Collection[int], now: datetime) -> None:
    """Note that the reader has read these; again changes nothing. Raises ``NOTICE_NOT_FOUND``, and marks none then."""
    theirs = select(Notice.id).where(Notice.id.in_(ids), addressed_to(actor))
    unknown = set(ids) - set(session.scalars(theirs))
    if unknown:
        raise DirectoryError("NOTICE_NOT_FOUND", notice_id=min(unknown))
    if ids:
        rows = [{"account_id": actor.account_id, "notice_id": each, "read_at": now} for each in sorted(set(ids))]
        session.execute(insert(NoticeRead).values(rows).on_conflict_do_nothing())


def mark_all_read(session: Session, actor: Actor, until: int, now: datetime) -> None:
    """Everything up to this one, as the reader saw it; what came after stays unread. The mark never moves back."""
    newest = select(Notice.id).where(Notice.id <= until).order_by(Notice.id.desc()).limit(1).scalar_subquery()
    made = insert(NoticeMark).from_select(
        ["account_id", "until_id", "read_at"],
        select(literal(actor.account_id), newest, literal(now)).where(newest.is_not(None)),
    )
    forward = made.on_conflict_do_update(
        index_elements=[NoticeMark.account_id],
        set_={"until_id": made.excluded.until_id, "read_at": made.excluded.read_at},
        where=NoticeMark.until_id < made.excluded.until_id,
    )
    session.execute(forward)
    mark = select(NoticeMark.until_id).where(NoticeMark.account_id == actor.account_id).scalar_subquery()
    session.execute(delete(NoticeRead).where(NoticeRead.account_id == actor.account_id, NoticeRead.notice_id <= mark))


def opened(session: Session, actor: Actor, notice_id: int, now: datetime) -> str:
    """Mark one read and say where it leads. Raises ``NOTICE_NOT_FOUND``."""
    mark_read(session, actor, [notice_id], now)
    row = session.get_one(Notice, notice_id)
    return KINDS[row.kind].link.format_map(row.parameters | {"id": row.about})

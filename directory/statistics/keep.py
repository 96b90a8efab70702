"""Keep a month's numbers once it is over: what is merged, split or renamed later leaves them as they were."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from directory.access.models import RequestStep
from directory.clock.deadlines import day_of
from directory.organisations.queries import organisations
from directory.process.beside import Beside, in_transaction
from directory.resources.models import ResourceStep
from directory.statistics.count import count
from directory.statistics.definitions import NOBODY, Month
from directory.statistics.models import StatisticsMonth

_EVERY_SECONDS: Final = 600.0


def keep(session: Session, month: Month, now: datetime) -> bool:
    """Keep a month that is over, of every department there is, once; whether it is kept after this.

    Two that keep it at once keep the same: the first row of each department stays.
    """
    if now < month.ends_at:
        return False
    if is_kept(session, month):
        return True
    counted = count(session, month)
    for each in organisations(session):
        row = {
            "month": month.first,
            "org_code": each.code,
            "org_name": each.name,
            "numbers": dict(counted.get(each.code, NOBODY)),
            "closed_at": now,
        }
        session.execute(insert(StatisticsMonth).values(row).on_conflict_do_nothing())
    session.flush()
    return True


def is_kept(session: Session, month: Month) -> bool:
    """Whether the month's numbers are kept."""
    return (
        session.scalar(select(StatisticsMonth.month).where(StatisticsMonth.month == month.first).limit(1)) is not None
    )


def kept(session: Session, month: Month) -> Mapping[str, StatisticsMonth]:
    """The kept numbers of a month by department."""
    rows = session.scalars(select(StatisticsMonth).where(StatisticsMonth.month == month.first))
    return {row.org_code: row for row in rows}


def first_month(session: Session, now: datetime) -> Month:
    """The month in which counting begins: that of the first step of an entry or a request; this one where none is."""
    firsts = [session.scalar(select(func.min(each.decided_at))) for each in (ResourceStep, RequestStep)]
    return Month.of(day_of(min((at for at in firsts if at is not None), default=now)))


def keep_all(session: Session, now: datetime) -> None:
    """Keep every month that is over and not kept yet."""
    month, last = first_month(session, now), Month.of(day_of(now))
    while month < last:
        keep(session, month, now)
        month = month.following


def keeper(sessions: sessionmaker[Session]) -> Beside:
    """Keeps months when they are over, beside the service; whoever looks at one that is over keeps it too."""
    return Beside("statistics", _EVERY_SECONDS, in_transaction(sessions, _turn))


def _turn(session: Session) -> bool:
    keep_all(session, datetime.now(UTC))
    return False

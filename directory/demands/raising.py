"""Raise a demand, and take it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import Details
from directory.audit.record import record as record_audit
from directory.clock.deadlines import day_of
from directory.demands.models import Demand, DemandItem
from directory.demands.queries import own_demand
from directory.errors import DirectoryError
from directory.notices.tell import To, tell
from directory.policy import require
from directory.roles import Role
from directory.typed import require_words
from standards.crypto import digest_hex

MOST_ITEMS: Final = 200
FARTHEST_AHEAD: Final = timedelta(days=3 * 366)


@dataclass(frozen=True)
class Needed:
    """One item asked for, and what exactly is meant by it (口径)."""

    name: str
    description: str = ""


@dataclass(frozen=True)
class Raised:
    """What is needed, for which service and purpose, on which law, by when."""

    title: str
    service: str
    purpose: str
    law_title: str
    law_article: str
    needed_by: date
    items: Sequence[Needed]


def raise_demand(session: Session, actor: Actor, raised: Raised, now: datetime) -> Demand:
    """Store a demand of the actor's own department.

    Raises ``FORBIDDEN``, ``DEMAND_INVALID`` (what is missing, an item twice, a day that is past or too far ahead).
    """
    require(actor, Action.DEMAND_RAISE, actor.org_code)
    wrong = _wrong(raised, day_of(now))
    if wrong:
        raise DirectoryError("DEMAND_INVALID", reason=wrong)
    made = Demand(
        org_code=actor.org_code,
        title=raised.title.strip(),
        service=raised.service.strip(),
        purpose=raised.purpose.strip(),
        law_title=raised.law_title.strip(),
        law_article=raised.law_article.strip(),
        needed_by=raised.needed_by,
        created_by=actor.account_id,
        created_at=now,
    )
    session.add(made)
    session.flush()
    for number, item in enumerate(raised.items, start=1):
        session.add(
            DemandItem(demand_id=made.id, number=number, name=item.name.strip(), description=item.description.strip())
        )
    details: Details = {"items": len(raised.items), "needed_by": raised.needed_by.isoformat()}
    tell(
        session,
        to=To.everywhere(Role.OFFICE_REVIEWER),
        kind="demand:raised",
        about=made.id,
        now=now,
        by=actor.account_id,
        org=actor.org_name,
        title=made.title,
    )
    record_audit(session, actor, "demand:raise", str(made.id), at=now, details=details)
    session.flush()
    return made


def withdraw(session: Session, actor: Actor, demand_id: UUID, reason: str, now: datetime) -> Demand:
    """Take a demand back; what came of it (requests, responsibilities) goes its own way.

    Raises ``DEMAND_NOT_FOUND``, ``FORBIDDEN``, ``DEMAND_CLOSED``, ``COMMENT_REQUIRED``.
    """
    row = own_demand(session, actor, demand_id)
    require_words(reason)
    row.withdrawn_by, row.withdrawn_at, row.withdraw_reason = actor.account_id, now, reason.strip()
    details: Details = {"reason_digest": digest_hex(reason.strip().encode())}
    record_audit(session, actor, "demand:withdraw", str(row.id), at=now, details=details)
    session.flush()
    return row


def _wrong(raised: Raised, today: date) -> str:
    names = [item.name.strip() for item in raised.items]
    for what, words in (
        ("需求名称", raised.title),
        ("用于的服务或业务", raised.service),
        ("用途", raised.purpose),
        ("法律依据", raised.law_title),
    ):
        if not words.strip():
            return f"没有写{what}"
    if not names or not all(names):
        return "没有列出所需数据项"
    if len(names) > MOST_ITEMS:
        return f"一次最多 {MOST_ITEMS} 个数据项，现有 {len(names)} 个"
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        return f"数据项“{twice[:50]}”列了不止一次"
    if not today <= raised.needed_by <= today + FARTHEST_AHEAD:
        return f"需要的日期应在 {today.isoformat()} 至 {(today + FARTHEST_AHEAD).isoformat()} 之间"
    return ""

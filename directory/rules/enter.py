"""Entering a local limit, and the limits in force. What was entered is never changed: a later one takes its place."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import Details, record
from directory.clock.deadlines import LocalLimit, Rule, day_of, rules_on
from directory.clock.models import LocalRule
from directory.clock.queries import local_limits, rules
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.policy import require
from directory.typed import require_near, require_words

RULE_NAMES: Final = {
    "CAT_UPDATE": "法规或职责变化后更新目录",
    "CAT_REVIEW_PUBLISH": "目录更新的审核发布",
    "REPLY_UNCONDITIONAL": "无条件共享申请的答复",
    "REPLY_CONDITIONAL": "有条件共享申请的答复",
    "PROVIDE": "同意后提供数据",
    "CORRECTION": "校核申请的处理",
}


@dataclass(frozen=True)
class InForce:
    """A rule of the regulation and what holds here today; ``next`` are local limits still to come."""

    national: Rule
    today: Rule
    basis: str
    next: tuple[LocalRule, ...]

    @property
    def name(self) -> str:
        return RULE_NAMES[self.national.rule_id]


def in_force(session: Session, today: date) -> list[InForce]:
    """Every limit of the regulation, in its order, with the local one that takes its place."""
    effective = rules_on(today, rules(), local_limits(session))
    entered = session.scalars(select(LocalRule).order_by(LocalRule.effective_on)).all()
    found = []
    for rule_id, national in rules().items():
        own = [row for row in entered if row.rule_id == rule_id]
        holding = [row for row in own if row.effective_on <= today]
        basis = holding[-1].basis if holding else ""
        found.append(
            InForce(national, effective[rule_id], basis, tuple(row for row in own if row.effective_on > today))
        )
    return found


def enter(session: Session, actor: Actor, limit: LocalLimit, basis: str, now: datetime) -> None:
    """Enter a local limit for what is received from ``effective_on`` on; running terms stay as they were counted.

    Raises ``FORBIDDEN``, ``RULE_UNKNOWN``, ``RULE_LONGER``, ``RULE_PAST``, ``RULE_TAKEN``, ``COMMENT_REQUIRED`` without
    the document it rests on.
    """
    require(actor, Action.LOCAL_RULE_EDIT, actor.org_code)
    national = rules().get(limit.rule_id)
    if national is None:
        raise DirectoryError("RULE_UNKNOWN", rule_id=limit.rule_id)
    is_shorter = 1 <= limit.limit_days <= national.limit_days and 0 <= limit.extension_days <= national.extension_days
    if not is_shorter:
        raise DirectoryError(
            "RULE_LONGER", rule_id=limit.rule_id, limit=national.limit_days, extension=national.extension_days
        )
    if limit.effective_on < day_of(now):
        raise DirectoryError("RULE_PAST", effective_on=limit.effective_on.isoformat())
    require_near(limit.effective_on, day_of(now), LIMITS.ahead_days)
    require_words(basis)
    new = insert(LocalRule).values(
        rule_id=limit.rule_id,
        effective_on=limit.effective_on,
        limit_days=limit.limit_days,
        extension_days=limit.extension_days,
        basis=basis.strip(),
        entered_by=actor.account_id,
        entered_at=now,
    )
    if session.execute(new.on_conflict_do_nothing().returning(LocalRule.rule_id)).one_or_none() is None:
        raise DirectoryError("RULE_TAKEN", rule_id=limit.rule_id, effective_on=limit.effective_on.isoformat())
    details: Details = {
        "effective_on": limit.effective_on.isoformat(),
        "limit_days": limit.limit_days,
        "extension_days": limit.extension_days,
    }
    record(session, actor, "local_rule:edit", limit.rule_id, details=details, at=now)

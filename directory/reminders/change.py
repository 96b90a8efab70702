"""The rules as the office keeps them: on which days whom, and which are switched off."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.policy import require
from directory.reminders.models import SUBJECTS, ReminderRuleRow
from directory.reminders.notices import SUBJECT_NAMES

MOST_DAYS: Final = 90
_WITHOUT_DAYS: Final = frozenset({"half", "due"})
_WHEN: Final = {
    "half": "期限过半",
    "before": "到期前 {days} 个工作日",
    "due": "到期当日",
    "after": "超期 {days} 个工作日",
    "expiring": "使用时限届满前 {days} 日",
    "waiting": "等了 {days} 个工作日",
}
_WHOM: Final = {"responsible": "该办的人", "head": "其部门负责人（再次催办）", "asker": "申请部门"}


class RuleView(BaseModel):
    """A rule, and in words when it reminds whom. ``has_days``: its number of days can be changed."""

    model_config = ConfigDict(frozen=True)

    rule_id: str
    subject: str
    subject_name: str
    moment: str
    days: int
    audience: str
    is_on: bool
    when: str
    whom: str
    has_days: bool


def rules(session: Session) -> Sequence[RuleView]:
    """Every rule, by what it is about, in the order of a term's days."""
    rows = session.scalars(select(ReminderRuleRow)).all()
    order = list(_WHEN)
    rows = sorted(rows, key=lambda row: (SUBJECTS.index(row.subject), order.index(row.moment), row.days, row.rule_id))
    return [
        RuleView(
            rule_id=row.rule_id,
            subject=row.subject,
            subject_name=SUBJECT_NAMES[row.subject],
            moment=row.moment,
            days=row.days,
            audience=row.audience,
            is_on=row.is_on,
            when=_WHEN[row.moment].format(days=row.days),
            whom=_WHOM[row.audience],
            has_days=row.moment not in _WITHOUT_DAYS,
        )
        for row in rows
    ]


def change(session: Session, actor: Actor, rule_id: str, *, days: int, is_on: bool, now: datetime) -> None:
    """Switch a rule on or off, or move its day; what was reminded of already is not again.

    Raises ``FORBIDDEN``, ``REMINDER_RULE_UNKNOWN``, ``REMINDER_DAYS``.
    """
    require(actor, Action.LOCAL_RULE_EDIT, actor.org_code)
    row = session.get(ReminderRuleRow, rule_id, with_for_update=True)
    if row is None:
        raise DirectoryError("REMINDER_RULE_UNKNOWN", rule_id=rule_id[:40])
    least, most = (0, 0) if row.moment in _WITHOUT_DAYS else (1, MOST_DAYS)
    if not least <= days <= most:
        raise DirectoryError("REMINDER_DAYS", least=least, most=most)
    row.days, row.is_on, row.changed_by, row.changed_at = days, is_on, actor.account_id, now
    session.flush()
    record(session, actor, "reminder_rule:change", rule_id, details={"days": days, "is_on": is_on}, at=now)

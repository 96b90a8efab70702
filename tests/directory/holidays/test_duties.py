"""A notice moves the terms of changes of law or duty too; what has been done stays."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from directory.holidays.enter import enter, notice_of, preview
from directory.holidays.notice import NamedDay
from tests.directory.duties.conftest import Autumn, at, autumn, department, move, office, publish

__all__ = ["autumn", "department", "move", "office", "publish"]


def test_the_departments_and_the_offices_terms_move(session: Session, autumn: Autumn, administrator: Any) -> None:
    waiting, submitted, done = (autumn.published(title) for title in ("企业名录", "许可名录", "处罚名录"))
    autumn.reported(waiting, submitted, done, changed_on=date(2025, 9, 30))
    for ref in (submitted, done):
        autumn.edited(ref, date(2025, 10, 9))
        autumn.submitted(ref, date(2025, 10, 9))
    for person, to in ((autumn.office.reviewer, "reviewed"), (autumn.office.approver, "published")):
        autumn.step(person, done, to, date(2025, 10, 10))
    stands = notice_of(session, 2025)
    assert stands is not None
    longer = stands.__class__(2025, "补充通知", (*stands.off, NamedDay(date(2025, 10, 13), "台风")), stands.make_up)

    # The office's two days for 许可名录 are the 10th and the make-up Saturday: the 13th does not touch them.
    moved = preview(session, administrator.actor, longer, at(date(2025, 10, 11)))
    terms = {each.title: (each.was_due_on, each.due_on) for each in moved}
    assert terms == {"企业名录": (date(2025, 10, 21), date(2025, 10, 22))}

    assert enter(session, administrator.actor, longer, at(date(2025, 10, 11))) == moved
    assert preview(session, administrator.actor, longer, at(date(2025, 10, 11))) == []
    back = enter(session, administrator.actor, stands, at(date(2025, 10, 11)))
    assert [(each.was_due_on, each.due_on) for each in back] == [(date(2025, 10, 22), date(2025, 10, 21))]
    again = notice_of(session, 2025)
    assert again is not None
    assert (again.off, again.make_up) == (stands.off, stands.make_up)

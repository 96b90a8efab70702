"""A department and the office of the entries' tests, and steps taken on a day that the test names."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from sqlalchemy.orm import Session

from directory.clock.deadlines import SHANGHAI
from directory.duties.report import Reported, report
from directory.resources import decide, edit, queries
from directory.resources.register import register
from metadata.resource import Resource
from tests.directory.resources.conftest import Department, Office, department, move, office, publish

__all__ = ["department", "move", "office", "publish"]


def at(day: date) -> datetime:
    """Ten in the morning in Shanghai."""
    return datetime.combine(day, time(10), SHANGHAI)


class Autumn:
    """Entries of one department, and what is done with them on given days of 2025."""

    def __init__(self, session: Session, department: Department, office: Office, classes: Any) -> None:
        self.session, self.department, self.office, self.classes = session, department, office, classes

    def published(self, title: str, day: date = date(2025, 9, 1)) -> str:
        """A new entry, taken to publication."""
        record = Resource.model_validate(self.department.draft(title=title))
        ref = str(register(self.session, self.department.editor.actor, record, self.classes, at(day)).entry.id)
        for kind in ("secrecy", "personal_information"):
            edit.assess(
                self.session,
                self.department.editor.actor,
                ref,
                kind=kind,
                conclusion="可以共享",
                assessed_on=day,
                is_passed=True,
                now=at(day),
            )
        self.submitted(ref, day)
        self.step(self.office.reviewer, ref, "reviewed", day)
        self.step(self.office.approver, ref, "published", day)
        return ref

    def edited(self, ref: str, day: date, abstract: str = "按新规定修改") -> None:
        entry = queries.find(self.session, self.department.editor.actor, ref)
        record = queries.current_record(self.session, entry)
        after = record.model_copy(update={"abstract": f"{abstract}{entry.current_version}"})
        edit.edit(self.session, self.department.editor.actor, ref, after, entry.current_version, at(day))

    def submitted(self, ref: str, day: date) -> None:
        self.step(self.department.head, ref, "head_approved", day)
        self.step(self.department.editor, ref, "submitted", day)

    def step(self, person: Any, ref: str, to: str, day: date, comment: str = "") -> None:
        decide.move(self.session, person.actor, ref, to, comment, at(day))

    def reported(self, *refs: str, changed_on: date, on: date | None = None, by: Any = None) -> Any:
        what = Reported("law", "《企业信息公示暂行条例》", "第八条", "补一项", changed_on, refs)
        actor = (by or self.department.editor).actor
        return report(self.session, actor, what, at(on or changed_on)).id


@pytest.fixture
def autumn(session: Session, department: Department, office: Office, directory_settings: Any) -> Autumn:
    return Autumn(session, department, office, directory_settings.classes)


@pytest.fixture
def browser(city: Any) -> Callable[[Any], Any]:
    return lambda person: city.browser(person.actor.username)

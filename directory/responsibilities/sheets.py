"""The 责任清单 as a workbook: one row a responsibility."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.lists.departments import Departments
from directory.lists.reading import Line, read, take_each
from directory.lists.workbook import Value, write
from directory.organisations.queries import organisations
from directory.policy import require
from directory.responsibilities.models import Responsibility
from directory.responsibilities.take import Assigned, assign
from directory.responsibilities.views import OwedLine

TITLE: Final = "责任清单"
ASKED: Final = ("责任部门", "须编目的数据", "职责依据", "期限")
TOLD: Final = ("进展", "需求名称", "目录", "编号")
_NOTES: Final = (
    "导入时只读前四列；责任部门写名称、简称或统一社会信用代码。",
    "期限由信息办确定，条例没有规定这一期限。",
)
_REFUSED: Final = frozenset({"RESPONSIBILITY_INVALID", "ORGANISATION_UNKNOWN"})


def exported(found: Iterable[OwedLine]) -> bytes:
    """The list with how far each has come."""
    return write(TITLE, ASKED + TOLD, map(_row, found), _NOTES)


def _row(each: OwedLine) -> list[Value]:
    return [
        each.org_name,
        each.name,
        each.basis,
        each.due_on,
        each.state_name,
        each.demand_title,
        each.resource_title,
        str(each.id),
    ]


def imported(session: Session, actor: Actor, data: bytes, name: str, now: datetime) -> list[Responsibility]:
    """Put a file's departments on the list, all or none; raises ``FORBIDDEN``, what ``read`` raises, ``LIST_ROW``."""
    require(actor, Action.RESPONSIBILITY_ASSIGN, None)
    departments = Departments(organisations(session))
    lines = read(data, name, ASKED, ASKED)
    return take_each(
        ([line] for line in lines), lambda rows: assign(session, actor, _assigned(rows[0], departments), now), _REFUSED
    )


def _assigned(line: Line, departments: Departments) -> Assigned:
    org_code, reason = departments.find(line.cells["责任部门"])
    if reason:
        raise line.fault(reason)
    return Assigned(org_code, line.short("须编目的数据", 200), line.short("职责依据", 300), line.day("期限"))

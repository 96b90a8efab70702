"""The 责任清单 as a workbook: one row a responsibility."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.lists.workbook import Value, day_of_text, read, write
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
    codes = {word: each.code for each in organisations(session) for word in (each.code, each.name, each.short_name)}
    made = []
    for line in read(data, name, ASKED, ASKED):
        due_on = day_of_text(line.cells["期限"])
        org_code = codes.get(line.cells["责任部门"], "")
        if not org_code or not line.cells["责任部门"]:
            raise DirectoryError("LIST_ROW", row=line.number, reason=f"没有部门“{line.cells['责任部门'][:50]}”")
        if due_on is None:
            raise DirectoryError("LIST_ROW", row=line.number, reason="期限应如 2026-12-31")
        if len(line.cells["须编目的数据"]) > 200 or len(line.cells["职责依据"]) > 300:
            raise DirectoryError("LIST_ROW", row=line.number, reason="数据最多 200 个字，依据最多 300 个字")
        assigned = Assigned(org_code, line.cells["须编目的数据"], line.cells["职责依据"], due_on)
        try:
            made.append(assign(session, actor, assigned, now))
        except DirectoryError as error:
            if error.code not in _REFUSED:
                raise
            raise DirectoryError("LIST_ROW", row=line.number, reason=error.zh) from None
    return made

"""The 负面清单 as a workbook: one row an entry."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.lists.departments import Departments
from directory.lists.reading import Line, read, take_each
from directory.lists.workbook import Value, write
from directory.negatives.keep import Proposed, propose
from directory.negatives.models import NegativeEntry
from directory.negatives.views import COVERS_NAMES, NegativeView
from directory.organisations.queries import organisations
from directory.policy import require
from directory.roles import OFFICE_ROLES

TITLE: Final = "负面清单"
ASKED: Final = ("名称", "部门", "不予", "目录", "数据项", "法律依据", "条款", "理由", "起始日期", "截止日期")
TOLD: Final = ("状态", "编号")
_REQUIRED: Final = ("名称", "不予", "数据项", "法律依据", "条款", "起始日期", "截止日期")
_NOTES: Final = (
    "导入的各行是建议，信息办决定后才列入。",
    "“不予”写：共享、开放，或共享和开放；数据项之间用顿号；部门不写为本部门，信息办可写“全部部门”。",
    "写了目录（标识符）的，数据项写字段名，不写数据项为整条目录；没写目录的，数据项写名称。",
    "没有法律、行政法规或国务院决定依据的不能列入（条例第十四条）。",
)
_COVERS: Final = {"共享": "share", "开放": "open"}
_COVERED: Final = re.compile("(不予)?(共享|开放)([和及与、，,]?(不予)?(共享|开放))?")
_REFUSED: Final = frozenset(
    {"DAY_FAR", "FORBIDDEN", "NEGATIVE_BASIS", "NEGATIVE_INVALID", "ORGANISATION_UNKNOWN", "RESOURCE_NOT_FOUND"}
)
_MOST: Final = {"名称": 200, "法律依据": 200, "条款": 100, "理由": 2000, "目录": 100}
_EVERYBODY: Final = "全部部门"


def exported(found: Iterable[NegativeView]) -> bytes:
    """The list as it is read back; a catalogue entry by its UUID."""
    return write(TITLE, ASKED + TOLD, map(_row, found), _NOTES)


def _row(each: NegativeView) -> list[Value]:
    return [
        each.title,
        each.org_name,
        COVERS_NAMES[each.covers],
        str(each.resource_id or ""),
        "、".join(each.items),
        each.law_title,
        each.law_article,
        each.reason,
        each.since,
        each.until,
        each.state_name,
        str(each.id),
    ]


def imported(session: Session, actor: Actor, data: bytes, name: str, now: datetime) -> list[NegativeEntry]:
    """Propose the entries of a file, all or none; raises ``FORBIDDEN``, what ``read`` raises, ``LIST_ROW``."""
    require(actor, Action.NEGATIVE_PROPOSE, None)
    departments = Departments(organisations(session))
    lines = read(data, name, ASKED, _REQUIRED)
    return take_each(
        ([line] for line in lines),
        lambda rows: propose(session, actor, _proposed(actor, rows[0], departments), now),
        _REFUSED,
    )


def _proposed(actor: Actor, line: Line, departments: Departments) -> Proposed:
    texts = {column: line.short(column, most) for column, most in _MOST.items()}
    if not _COVERED.fullmatch(line.cells["不予"]):
        raise line.fault(f"“不予”写的是“{line.cells['不予'][:40]}”，应为共享、开放或共享和开放")
    covers = {code for word, code in _COVERS.items() if word in line.cells["不予"]}
    words = line.cells.get("部门", "")
    org_code, reason = departments.find(words) if words else (actor.org_code, "")
    if words == _EVERYBODY:
        org_code, reason = "", "" if actor.roles & OFFICE_ROLES else "只有信息办可以写“全部部门”"
    if reason:
        raise line.fault(reason)
    return Proposed(
        title=texts["名称"],
        covers="both" if len(covers) == len(_COVERS) else next(iter(covers)),
        law_title=texts["法律依据"],
        law_article=texts["条款"],
        since=line.day("起始日期"),
        until=line.day("截止日期"),
        ref=texts["目录"],
        items=[each for each in re.split("[、，,;；\n]", line.cells["数据项"]) if each.strip()],
        org_code=org_code,
        reason=texts["理由"],
    )

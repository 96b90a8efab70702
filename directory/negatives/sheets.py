"""The 负面清单 as a workbook: one row an entry."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.lists.workbook import Line, Value, day_of_text, read, write
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
_REFUSED: Final = frozenset({"NEGATIVE_BASIS", "NEGATIVE_INVALID", "ORGANISATION_UNKNOWN", "RESOURCE_NOT_FOUND"})
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
    codes = {word: each.code for each in organisations(session) for word in (each.code, each.name, each.short_name)}
    made = []
    for line in read(data, name, ASKED, _REQUIRED):
        try:
            made.append(propose(session, actor, _proposed(actor, line, codes), now))
        except DirectoryError as error:
            if error.code not in _REFUSED:
                raise
            raise DirectoryError("LIST_ROW", row=line.number, reason=error.zh) from None
    return made


def _proposed(actor: Actor, line: Line, codes: dict[str, str]) -> Proposed:
    cells = line.cells
    for column, most in _MOST.items():
        if len(cells.get(column, "")) > most:
            raise DirectoryError("LIST_ROW", row=line.number, reason=f"{column}最多 {most} 个字")
    since, until = day_of_text(cells["起始日期"]), day_of_text(cells["截止日期"])
    if since is None or until is None:
        raise DirectoryError("LIST_ROW", row=line.number, reason="日期应如 2026-12-31")
    covers = {code for word, code in _COVERS.items() if word in cells["不予"]}
    department = cells.get("部门", "")
    if department and department != _EVERYBODY and department not in codes:
        raise DirectoryError("LIST_ROW", row=line.number, reason=f"没有部门“{department[:50]}”")
    own = "" if actor.roles & OFFICE_ROLES and department == _EVERYBODY else actor.org_code
    return Proposed(
        title=cells["名称"],
        covers="both" if len(covers) == len(_COVERS) else next(iter(covers), ""),
        law_title=cells["法律依据"],
        law_article=cells["条款"],
        since=since,
        until=until,
        ref=cells.get("目录", ""),
        items=[each for each in re.split("[、，,;；\n]", cells["数据项"]) if each.strip()],
        org_code=codes.get(department, own),
        reason=cells.get("理由", ""),
    )

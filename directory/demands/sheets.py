"""The 需求清单 as a workbook: one row an item; rows of one name are one demand."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.demands.models import Demand
from directory.demands.raising import Needed, Raised, raise_demand
from directory.demands.views import DemandView
from directory.errors import DirectoryError
from directory.lists.workbook import Line, Value, day_of_text, read, write
from directory.policy import require

TITLE: Final = "需求清单"
ASKED: Final = ("需求名称", "用于的服务或业务", "用途", "法律依据", "条款", "需要日期", "数据项", "口径说明")
TOLD: Final = ("需求部门", "进展", "选定目录", "提供部门", "责任部门", "责任期限", "编号")
_REQUIRED: Final = ("需求名称", "用于的服务或业务", "用途", "法律依据", "需要日期", "数据项")
_NOTES: Final = (
    "导入时只读前八列；需求名称相同的各行是同一份需求，每行一个数据项。",
    "一份需求的服务、用途、依据、日期以它的第一行为准。",
)


def exported(found: Iterable[DemandView]) -> bytes:
    """The demands with how far each item has come."""
    return write(TITLE, ASKED + TOLD, _rows(found), _NOTES)


def _rows(found: Iterable[DemandView]) -> Iterable[list[Value]]:
    for each in found:
        for item in each.items:
            yield [
                each.title,
                each.service,
                each.purpose,
                each.law_title,
                each.law_article,
                each.needed_by,
                item.name,
                item.description,
                each.org_name,
                item.standing_name,
                item.resource_title,
                item.resource_org,
                item.responsible_org,
                item.responsible_by,
                f"{each.id}/{item.number}",
            ]


def imported(session: Session, actor: Actor, data: bytes, name: str, now: datetime) -> list[Demand]:
    """Raise the demands of a file, all or none; raises ``FORBIDDEN``, what ``read`` raises and ``LIST_ROW``."""
    require(actor, Action.DEMAND_RAISE, actor.org_code)
    grouped: dict[str, list[Line]] = {}
    for line in read(data, name, ASKED, _REQUIRED):
        grouped.setdefault(line.cells["需求名称"], []).append(line)
    made = []
    for rows in grouped.values():
        first = rows[0]
        needed_by = day_of_text(first.cells["需要日期"])
        if needed_by is None:
            raise DirectoryError("LIST_ROW", row=first.number, reason="需要日期应如 2026-12-31")
        raised = Raised(
            title=_short(first, "需求名称", 200),
            service=_short(first, "用于的服务或业务", 200),
            purpose=_short(first, "用途", 2000),
            law_title=_short(first, "法律依据", 200),
            law_article=_short(first, "条款", 100),
            needed_by=needed_by,
            items=[Needed(_short(row, "数据项", 200), _short(row, "口径说明", 2000)) for row in rows],
        )
        try:
            made.append(raise_demand(session, actor, raised, now))
        except DirectoryError as error:
            if error.code != "DEMAND_INVALID":
                raise
            raise DirectoryError("LIST_ROW", row=first.number, reason=error.zh) from None
    return made


def _short(line: Line, column: str, most: int) -> str:
    text = line.cells.get(column, "")
    if len(text) > most:
        raise DirectoryError("LIST_ROW", row=line.number, reason=f"{column}最多 {most} 个字，现有 {len(text)} 个")
    return text

"""The 需求清单 as a workbook: one row an item; rows of one name are one demand."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.demands.models import Demand
from directory.demands.raising import Needed, Raised, raise_demand
from directory.demands.views import DemandView
from directory.lists.reading import Line, read, take_each
from directory.lists.workbook import Value, write
from directory.policy import require

TITLE: Final = "需求清单"
ASKED: Final = ("需求名称", "用于的服务或业务", "用途", "法律依据", "条款", "需要日期", "数据项", "口径说明")
TOLD: Final = ("需求部门", "进展", "选定目录", "提供部门", "责任部门", "责任期限", "编号")
_REQUIRED: Final = ("需求名称", "用于的服务或业务", "用途", "法律依据", "需要日期", "数据项")
_OF_ALL: Final = ASKED[:6]  # what the rows of a demand have in common
_NOTES: Final = (
    "导入时只读前八列；需求名称相同的各行是同一份需求，每行一个数据项。",
    "一份需求的服务、用途、依据、日期写在它的第一行；下面各行写得一样，或连同需求名称空着。",
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
    groups = _grouped(read(data, name, ASKED, _REQUIRED))
    return take_each(
        groups, lambda rows: raise_demand(session, actor, _raised(rows), now), frozenset({"DEMAND_INVALID"})
    )


def _grouped(lines: Iterable[Line]) -> Iterable[Sequence[Line]]:
    """The rows of each demand: those of its name, and those below it that say nothing but an item."""
    grouped: dict[str, list[Line]] = {}
    name = ""
    for line in lines:
        if any(line.cells.get(column) for column in _OF_ALL):
            name = line.cells["需求名称"]
        grouped.setdefault(name, []).append(line)
    return grouped.values()


def _raised(rows: Sequence[Line]) -> Raised:
    first = rows[0]
    for row in rows[1:]:
        for column in _OF_ALL:
            said = row.cells.get(column, "")
            if said not in {"", first.cells.get(column, "")} and not (
                column == "需要日期" and row.day(column) == first.day(column)
            ):
                raise row.fault(f"{column}与同一需求的{first.place}不一样")
    return Raised(
        title=first.short("需求名称", 200),
        service=first.short("用于的服务或业务", 200),
        purpose=first.short("用途", 2000),
        law_title=first.short("法律依据", 200),
        law_article=first.short("条款", 100),
        needed_by=first.day("需要日期"),
        items=[Needed(row.short("数据项", 200), row.short("口径说明", 2000)) for row in rows],
    )

"""What else waits for a person: responsibilities, demands, proposals, changes of services, entrustments and the like.

One statement, however many kinds there are; who is awaited is each feature's own to say (its ``worklist.py``).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, func, select, union
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.clock.deadlines import Light
from directory.demands.worklist import tasks as demands
from directory.entrustments.worklist import tasks as entrustments
from directory.limits import LIMITS
from directory.negatives.worklist import tasks as negatives
from directory.organisations.names import organisation_names
from directory.responsibilities.worklist import tasks as responsibilities
from directory.services.worklist import tasks as services
from directory.situations.worklist import tasks as situations
from directory.statements.spelled import Planned

NEAR_DAYS: Final = 7
"""A day that an office or a provider set is near from so many days before; it is no term of the law."""
_KINDS: Final[Mapping[str, str]] = {
    "demand": "需求清单",
    "entrustment": "委托登记",
    "item_change": "在用数据项变化",
    "negative": "负面清单",
    "responsibility": "责任清单",
    "service": "服务变更",
    "situation": "违规情形",
}
_ACTS: Final[Mapping[tuple[str, str], str]] = {
    ("demand", "ask"): "提出申请",
    ("demand", "assign"): "找现有数据或定责任部门",
    ("entrustment", "decide"): "决定是否批准",
    ("entrustment", "end"): "已到期，写明怎样收回并结束",
    ("item_change", "note"): "核对并知悉",
    ("negative", "decide"): "决定是否列入",
    ("responsibility", "answer"): "接受或说明理由",
    ("responsibility", "catalogue"): "编目并指明目录",
    ("responsibility", "decide"): "决定责任是否不变",
    ("service", "answer"): "表示同意或提出异议",
    ("service", "file"): "备案",
    ("service", "reply"): "答复异议",
    ("situation", "answer"): "说明情况",
    ("situation", "close"): "办结",
}
_LINKS: Final[Mapping[str, str]] = {
    "demand": "/lists/demands/{about}",
    "entrustment": "/entrustments/{about}",
    "item_change": "/requests/{about}#changed-items",
    "negative": "/lists/negatives/{about}",
    "responsibility": "/lists/responsibilities/{about}",
    "service": "/services/{about}",
    "situation": "/situations/{about}",
}


class TaskLine(BaseModel):
    """One thing that waits: ``act_name`` is what to do, ``org_name`` whose it is, ``link`` where it is done."""

    model_config = ConfigDict(frozen=True)

    kind: str
    kind_name: str
    id: UUID
    title: str
    org_name: str
    act: str
    act_name: str
    link: str
    due_on: date | None
    light: Light | None


def waiting_tasks(session: Session, actor: Actor, today: date) -> tuple[int, Sequence[TaskLine]]:
    """How many there are, and at most ``LIMITS.list_count`` of them, those due first at the front."""
    rows = _WAITING.rows(session, actor, today)
    if not rows:
        return 0, ()
    names = organisation_names(session)
    return int(rows[0].total), [
        TaskLine(
            kind=row.kind,
            kind_name=_KINDS[row.kind],
            id=row.about,
            title=row.title,
            org_name=names.get(row.org_code or "", ""),
            act=row.act,
            act_name=_ACTS[row.kind, row.act],
            link=_LINKS[row.kind].format(about=row.about),
            due_on=row.due_on,
            light=day_light(row.due_on, today),
        )
        for row in rows
    ]


def day_light(due_on: date | None, today: date) -> Light | None:
    """Red after the day, amber when it is near, none without a day."""
    if due_on is None:
        return None
    left = (due_on - today).days
    return "red" if left < 0 else "amber" if left <= NEAR_DAYS else "green"


def _waiting(actor: Actor, today: date) -> Select[Any] | None:
    listed = (*responsibilities(actor), *demands(actor), *negatives(actor), *situations(actor))
    parts = [*services(actor, today), *listed, *entrustments(actor, today)]
    if not parts:
        return None
    each = union(*parts).subquery()  # once, in however many capacities somebody is awaited
    query = select(each, func.count().over().label("total"))
    return query.order_by(each.c.due_on.asc().nulls_last(), each.c.kind, each.c.about, each.c.act).limit(
        LIMITS.list_count
    )


_WAITING: Final = Planned("tasks", _waiting)

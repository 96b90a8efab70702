"""时限证据单: every term of a request, each day accounted for, as it can be printed and put before somebody."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access.queries import request_row
from directory.actors import Actor
from directory.clock.evidence import TermLine, term_line
from directory.clock.queries import calendar, holiday_names, rules
from directory.organisations.queries import organisation

TERM_NAMES: Final[Mapping[str, str]] = {
    "REPLY_UNCONDITIONAL": "答复（无条件共享）",
    "REPLY_CONDITIONAL": "答复（有条件共享）",
    "PROVIDE": "提供数据",
}
OUTCOME_NAMES: Final[Mapping[str, str]] = {
    "supplement": "通知补正，补齐后重新计算",
    "answered": "已答复",
    "provided": "首批数据已入库",
    "ended": "授权终止",
}


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class EvidenceView(_View):
    """Every term of a request, oldest first."""

    request_id: UUID
    resource_title: str
    requester_name: str
    provider_name: str
    first_submitted_at: datetime | None
    drawn_on: date
    terms: tuple[TermLine, ...]


def evidence(session: Session, actor: Actor, request_id: UUID, today: date) -> EvidenceView:
    """The terms of a request that this actor sees; raises ``REQUEST_NOT_FOUND``."""
    row = request_row(session, actor, request_id)
    days, names = calendar(session), holiday_names(session)
    return EvidenceView(
        request_id=row.id,
        resource_title=row.resource_title,
        requester_name=organisation(session, row.requester_org).name,
        provider_name=organisation(session, row.provider_org).name,
        first_submitted_at=row.first_submitted_at,
        drawn_on=today,
        terms=tuple(
            term_line(
                term,
                today,
                days,
                names,
                name=TERM_NAMES[term.rule_id],
                article=rules()[term.rule_id].article,
                outcomes=OUTCOME_NAMES,
            )
            for term in row.terms
        ),
    )

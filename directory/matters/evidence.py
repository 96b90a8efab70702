"""时限证据单 of a matter: every term, each day accounted for, as a request's is."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.clock.evidence import TermLine, term_line
from directory.clock.queries import calendar, holiday_names, rules
from directory.matters.kinds import PROCEDURES
from directory.matters.models import Matter
from directory.matters.terms import terms_of
from directory.objections.states import HOUSE_TERM

TERM_NAMES: Final[Mapping[str, str]] = {
    "CORRECTION": "核实、更正并反馈校核处理结果",
    HOUSE_TERM.rule_id: "答复异议（条例未规定期限，参照校核答复）",
}
OUTCOME_NAMES: Final[Mapping[str, str]] = {
    "answered": "已答复",
    "withdrawn": "已撤回",
    "escalated": "未答复，报上一级",
}


class TermsView(BaseModel):
    """Every term of a matter, oldest first; ``is_statutory`` is false where the regulation writes no days."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    number: str
    kind_name: str
    resource_title: str
    is_statutory: bool
    drawn_on: date
    terms: tuple[TermLine, ...]


def evidence(session: Session, row: Matter, today: date) -> TermsView:
    """The terms of a matter that the caller found its reader to see."""
    days, names, procedure = calendar(session), holiday_names(session), PROCEDURES[row.kind]
    national = rules()
    found = terms_of(session, row)
    return TermsView(
        id=row.id,
        number=procedure.number(row.year, row.number),
        kind_name=procedure.name,
        resource_title=row.resource_title,
        is_statutory=all(each.rule_id in national for each in found),
        drawn_on=today,
        terms=tuple(
            term_line(
                each,
                today,
                days,
                names,
                name=TERM_NAMES[each.rule_id],
                article=national[each.rule_id].article if each.rule_id in national else HOUSE_TERM.article,
                outcomes=OUTCOME_NAMES,
            )
            for each in found
        ),
    )

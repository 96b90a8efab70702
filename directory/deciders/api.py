"""Who decides, for programs."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictInt
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.deciders.enter import Listed, NewRule, enter, listed
from directory.deciders.rules import HAND_NAMES
from directory.declared import governed_by
from directory.organisations.names import organisation_names

router = APIRouter(prefix="/decider-rules", tags=["deciders"])


class DeciderRuleLine(BaseModel):
    """A rule: what it is for, who decides in order, why, and whether it holds today. Without an id it is the law's."""

    id: UUID | None
    provider_org: str | None
    provider_name: str
    share_type: str
    mount_kind: str
    min_sensitivity: int
    deciders: list[str]
    decider_names: list[str]
    basis: str
    effective_on: date
    standing: Literal["holds", "coming", "replaced"]


class NewDeciderRule(BaseModel):
    """A rule for what is submitted from ``effective_on`` on. Empty words mean any; the provider is always among the
    deciders.
    """

    model_config = ConfigDict(extra="forbid")

    deciders: Annotated[list[Annotated[str, Field(max_length=20)]], Field(min_length=1, max_length=5)]
    basis: Annotated[str, Field(max_length=200)]
    effective_on: date
    provider_org: Annotated[str, Field(max_length=32)] = ""
    share_type: Literal["", "unconditional", "conditional"] = ""
    mount_kind: Literal["", "table", "file", "folder"] = ""
    min_sensitivity: Annotated[StrictInt, Field(ge=1, le=4)] = 1


@router.get("")
@governed_by(Action.DECIDER_RULE_READ)
def list_rules(session: DbSession, actor: CurrentActor) -> list[DeciderRuleLine]:
    """Every rule, the office's and the law's."""
    return lines(session, shanghai_today())


@router.post("", status_code=201)
@governed_by(Action.DECIDER_RULE_EDIT)
def enter_rule(body: NewDeciderRule, session: DbSession, actor: CurrentActor) -> list[DeciderRuleLine]:
    """Enter a rule."""
    now = datetime.now(UTC)
    enter(session, actor, NewRule(**body.model_dump()), now)
    return lines(session, day_of(now))


def lines(session: Session, today: date) -> list[DeciderRuleLine]:
    """The rules as API, page and command show them."""
    names = organisation_names(session)
    return [_line(each, names.get(each.rule.provider_org or "", "")) for each in listed(session, today)]


def _line(each: Listed, provider_name: str) -> DeciderRuleLine:
    rule = each.rule
    return DeciderRuleLine.model_validate(
        {
            "id": rule.id,
            "provider_org": rule.provider_org,
            "provider_name": provider_name,
            "share_type": rule.share_type,
            "mount_kind": rule.mount_kind,
            "min_sensitivity": rule.min_sensitivity,
            "deciders": list(rule.deciders),
            "decider_names": [HAND_NAMES[hand] for hand in rule.deciders],
            "basis": rule.basis,
            "effective_on": rule.effective_on,
            "standing": each.standing,
        }
    )

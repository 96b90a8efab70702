"""Limits in force for programs."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import LocalLimit, day_of
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.rules.enter import InForce, enter, in_force

router = APIRouter(prefix="/rules", tags=["rules"])

Days = Annotated[StrictInt, Field(ge=0, le=1000)]


class Coming(BaseModel):
    """A local limit that holds from a day on."""

    model_config = ConfigDict(from_attributes=True)

    effective_on: date
    limit_days: int
    extension_days: int
    basis: str


class RuleLine(BaseModel):
    """A limit in working days: the regulation's, and what holds here today, with the document that says so."""

    rule_id: str
    name: str
    article: int
    national_limit_days: int
    national_extension_days: int
    limit_days: int
    extension_days: int
    basis: str
    coming: list[Coming]


class NewRule(BaseModel):
    """A local limit, never longer than the regulation's, for what is received from ``effective_on`` on."""

    model_config = ConfigDict(extra="forbid")

    rule_id: Annotated[str, Field(min_length=1, max_length=40)]
    effective_on: date
    limit_days: Days
    extension_days: Days = 0
    basis: Annotated[str, Field(max_length=200)]


@router.get("")
@governed_by(Action.LOCAL_RULE_READ)
def list_rules(session: DbSession, actor: CurrentActor) -> list[RuleLine]:
    """Every limit of the regulation and what holds here."""
    return [_line(each) for each in in_force(session, shanghai_today())]


@router.post("", status_code=201)
@governed_by(Action.LOCAL_RULE_EDIT)
def enter_rule(body: NewRule, session: DbSession, actor: CurrentActor) -> list[RuleLine]:
    """Enter a local limit."""
    now = datetime.now(UTC)
    limit = LocalLimit(body.rule_id, body.effective_on, body.limit_days, body.extension_days)
    enter(session, actor, limit, body.basis, now)
    return [_line(each) for each in in_force(session, day_of(now))]


def _line(each: InForce) -> RuleLine:
    return RuleLine(
        rule_id=each.national.rule_id,
        name=each.name,
        article=each.national.article,
        national_limit_days=each.national.limit_days,
        national_extension_days=each.national.extension_days,
        limit_days=each.today.limit_days,
        extension_days=each.today.extension_days,
        basis=each.basis,
        coming=[Coming.model_validate(row) for row in each.next],
    )

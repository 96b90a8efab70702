"""The rules of reminding for programs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.reminders import change
from directory.reminders.change import MOST_DAYS, RuleView

router = APIRouter(prefix="/reminders", tags=["reminders"])


class RuleChange(BaseModel):
    """A rule's days (0 where it has none) and whether it reminds at all."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[StrictInt, Field(ge=0, le=MOST_DAYS)]
    is_on: StrictBool


@router.get("")
@governed_by(Action.LOCAL_RULE_READ)
def list_rules(session: DbSession, actor: CurrentActor) -> Sequence[RuleView]:
    """Every rule, in the order of a term's days."""
    return change.rules(session)


@router.put("/{rule_id}")
@governed_by(Action.LOCAL_RULE_EDIT)
def change_rule(
    rule_id: Annotated[str, Path(max_length=40)], body: RuleChange, session: DbSession, actor: CurrentActor
) -> Sequence[RuleView]:
    """Switch a rule on or off, or move its day."""
    change.change(session, actor, rule_id, days=body.days, is_on=body.is_on, now=datetime.now(UTC))
    return change.rules(session)

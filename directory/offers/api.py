"""Row filters and caps of an entry for programs."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.offers import declare
from directory.offers.declare import MOST_COUNTED
from directory.offers.views import OffersView, offers_view
from metadata.access import Frequency

router = APIRouter(prefix="/offers", tags=["offers"])

Ref = Annotated[str, Field(min_length=3, max_length=100)]
Choice = Annotated[str, Field(min_length=1, max_length=200)]


class NewFilter(BaseModel):
    """A filter over an item of an entry (UUID, or identifier with ~ for /); ``choices`` bound what may be asked."""

    model_config = ConfigDict(extra="forbid")

    resource: Ref
    field: Annotated[str, Field(min_length=1, max_length=63)]
    template: Literal["region", "equals", "since"]
    is_own_region: StrictBool = False
    choices: Annotated[list[Choice], Field(max_length=1000)] = []


class NewCap(BaseModel):
    """How often, for how many days, with how many rows a batch and calls a day at most; nothing lifts the caps."""

    model_config = ConfigDict(extra="forbid")

    resource: Ref
    most_often: Frequency | None = None
    most_days: Annotated[StrictInt | None, Field(ge=1, le=36500)] = None
    most_rows: Annotated[StrictInt | None, Field(ge=1, le=MOST_COUNTED)] = None
    most_calls: Annotated[StrictInt | None, Field(ge=1, le=MOST_COUNTED)] = None


@router.get("")
@governed_by(Action.RESOURCE_READ)
def browse(resource: str, session: DbSession, actor: CurrentActor) -> OffersView:
    """What may be asked of an entry."""
    return offers_view(session, actor, resource)


@router.post("", status_code=201)
@governed_by(Action.OFFER_DECLARE)
def declare_filter(body: NewFilter, session: DbSession, actor: CurrentActor) -> OffersView:
    """Offer a filter: from now on only those offered may be asked for, beside all rows."""
    now = datetime.now(UTC)
    declare.declare(
        session,
        actor,
        body.resource,
        body.field,
        body.template,
        body.choices,
        now,
        is_own_region=body.is_own_region,
    )
    return offers_view(session, actor, body.resource)


@router.post("/{offer_id}/withdrawal")
@governed_by(Action.OFFER_DECLARE)
def withdraw_filter(offer_id: UUID, session: DbSession, actor: CurrentActor) -> OffersView:
    """Offer a filter no more; what was granted stays."""
    offer = declare.withdraw(session, actor, offer_id, datetime.now(UTC))
    return offers_view(session, actor, str(offer.resource_id))


@router.post("/caps", status_code=201)
@governed_by(Action.OFFER_CAP)
def set_caps(body: NewCap, session: DbSession, actor: CurrentActor) -> OffersView:
    """Register caps that the entry's published conditions name."""
    caps = declare.Caps(**body.model_dump(exclude={"resource"}))
    declare.set_cap(session, actor, body.resource, caps, datetime.now(UTC))
    return offers_view(session, actor, body.resource)

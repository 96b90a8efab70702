"""The cart for programs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access import cart
from directory.access.cart import CaseRequest
from directory.access.lines import RequestLine, lines
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.clock.deadlines import day_of
from directory.db import DbSession
from directory.declared import governed_by

router = APIRouter(tags=["access"])


class CartLine(BaseModel):
    """An entry in the cart and the fields of its items; none while it is not on offer."""

    model_config = ConfigDict(frozen=True)

    resource_id: UUID
    identifier: str | None
    title: str
    provider_org: str
    is_offered: bool
    items: tuple[str, ...]


class Case(BaseModel):
    """The drafts that a cart became."""

    case_no: str
    requests: Sequence[RequestLine]


@router.get("/cart")
@governed_by(Action.REQUEST_CREATE)
def browse(session: DbSession, actor: CurrentActor) -> Sequence[CartLine]:
    """What the caller has chosen, first chosen first."""
    return cart_lines(session, actor)


@router.put("/cart/{ref}")
@governed_by(Action.REQUEST_CREATE)
def add(ref: str, session: DbSession, actor: CurrentActor) -> Sequence[CartLine]:
    """Choose an entry, by its id or identifier (``~`` for ``/``)."""
    cart.add(session, actor, ref.replace("~", "/"), datetime.now(UTC))
    return cart_lines(session, actor)


@router.delete("/cart/{resource_id}")
@governed_by(Action.REQUEST_CREATE)
def remove(resource_id: UUID, session: DbSession, actor: CurrentActor) -> Sequence[CartLine]:
    """Take an entry out again."""
    cart.remove(session, actor, [resource_id])
    return cart_lines(session, actor)


@router.post("/cases", status_code=201)
@governed_by(Action.REQUEST_CREATE)
def draft(body: CaseRequest, session: DbSession, actor: CurrentActor) -> Case:
    """Draft a request for each entry under one case number; 409 names every entry that cannot be asked for so."""
    return drafted(session, actor, body)


def drafted(session: Session, actor: Actor, body: CaseRequest) -> Case:
    """What ``draft`` answers, for the command line too."""
    now = datetime.now(UTC)
    made = cart.draft(session, actor, body, now)
    return Case(case_no=made[0].case_no or "", requests=lines(session, made, day_of(now)))


def cart_lines(session: Session, actor: Actor) -> Sequence[CartLine]:
    """The caller's cart."""
    return [
        CartLine(
            resource_id=entry.id,
            identifier=entry.identifier,
            title=record.title if record else entry.title,
            provider_org=entry.org_code,
            is_offered=record is not None,
            items=tuple(item.field for item in record.items) if record else (),
        )
        for entry, record in cart.held(session, actor)
    ]

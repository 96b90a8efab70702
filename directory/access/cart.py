"""申请车: several entries asked for at once, with one form of Article 20; each becomes a request of one case."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import Field, StrictBool
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from directory.access.cart_models import CartItem
from directory.access.drafting import create, require_shared
from directory.access.issue import offered
from directory.access.models import RequestRow
from directory.actions import Action
from directory.actors import Actor
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.policy import require
from directory.resources.models import ResourceEntry
from directory.resources.queries import find
from metadata.access import AccessRequest, Frequency, Method, RowFilter
from metadata.record import Record
from metadata.resource import Resource


class CartEntry(Record):
    """One entry of a case: which items of it, which rows."""

    resource: Annotated[str, Field(min_length=3, max_length=100)]
    items: Annotated[tuple[str, ...], Field(min_length=1, max_length=2000)]
    row_filter: RowFilter | None = None


class CaseRequest(Record):
    """Several entries and the fields of Article 20 that hold for all of them."""

    entries: Annotated[tuple[CartEntry, ...], Field(min_length=1, max_length=20)]
    basis: Annotated[str, Field(min_length=2, max_length=2000, pattern=r"\S")]
    scenario: Annotated[str, Field(min_length=2, max_length=2000, pattern=r"\S")]
    scope: Annotated[str, Field(min_length=2, max_length=2000, pattern=r"\S")]
    method: Method = "batch"
    frequency: Frequency = "daily"
    valid_until: date
    statement: StrictBool


def add(session: Session, actor: Actor, ref: str, now: datetime) -> ResourceEntry:
    """Put an entry into the actor's cart; one that is there already stays.

    Raises ``FORBIDDEN``, ``RESOURCE_NOT_FOUND``, ``OWN_RESOURCE``, ``STATUS_FORBIDS``, ``NOT_SHARED``, ``CART_FULL``.
    """
    require(actor, Action.REQUEST_CREATE, actor.org_code)
    entry = find(session, actor, ref)
    if entry.org_code == actor.org_code:
        raise DirectoryError("OWN_RESOURCE", title=entry.title)
    require_shared(offered(session, entry))
    values = {"account_id": actor.account_id, "resource_id": entry.id, "added_at": now}
    session.execute(insert(CartItem).values(values).on_conflict_do_nothing())
    held = session.scalar(select(func.count()).where(CartItem.account_id == actor.account_id))
    if (held or 0) > LIMITS.cart_count:
        raise DirectoryError("CART_FULL", limit=LIMITS.cart_count)
    return entry


def remove(session: Session, actor: Actor, resource_ids: Sequence[UUID]) -> None:
    """Take entries out of the actor's cart; what is not in it is passed over."""
    mine = delete(CartItem).where(CartItem.account_id == actor.account_id)
    session.execute(mine.where(CartItem.resource_id.in_(resource_ids)))


def held(session: Session, actor: Actor) -> list[tuple[ResourceEntry, Resource | None]]:
    """The actor's cart, first chosen first, each entry with its published record; None while it is not on offer."""
    require(actor, Action.REQUEST_CREATE, actor.org_code)
    query = select(CartItem.resource_id).where(CartItem.account_id == actor.account_id)
    entries = [session.get_one(ResourceEntry, each) for each in session.scalars(query.order_by(CartItem.added_at))]
    return [(entry, _on_offer(session, entry)) for entry in entries]


def draft(session: Session, actor: Actor, asked: CaseRequest, now: datetime) -> Sequence[RequestRow]:
    """A draft for each entry, all under one case number, or none; what was drafted leaves the cart.

    Raises ``FORBIDDEN``, and ``CART_REFUSED`` with a finding for each entry that cannot be asked for so.
    """
    require(actor, Action.REQUEST_CREATE, actor.org_code)
    case_no = f"{day_of(now):%Y%m%d}-{uuid4().hex[:8]}"
    made: list[RequestRow] = []
    refused: list[Mapping[str, object]] = []
    for place, entry in enumerate(asked.entries):
        values = asked.model_dump(exclude={"entries"}) | entry.model_dump()
        try:
            with session.begin_nested():
                made.append(create(session, actor, AccessRequest.model_validate(values), now, case_no=case_no))
        except DirectoryError as error:
            finding = {"path": f"entries[{place}]", "rule": error.code, "zh": error.in_words}
            refused.append(finding | {"en": error.en, "resource": entry.resource})
    if refused:
        raise DirectoryError("CART_REFUSED", count=len(refused), findings=refused)
    remove(session, actor, [row.resource_id for row in made])
    return made


def _on_offer(session: Session, entry: ResourceEntry) -> Resource | None:
    try:
        record = offered(session, entry)
        require_shared(record)
    except DirectoryError:
        return None
    return record

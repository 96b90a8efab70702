"""Asking for what a higher level holds of one's own territory (Art. 24)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.access import consents
from directory.access.drafting import create
from directory.access.issue import offered
from directory.access.models import RequestRow
from directory.actions import Action
from directory.actors import Actor
from directory.backflow import queries
from directory.backflow.territory import region_items, require_below, require_item, rows_of
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.organisations.models import Organisation
from directory.organisations.queries import organisation
from directory.policy import require
from directory.resources.models import ResourceEntry
from directory.resources.queries import find, published_record
from metadata.access import AccessRequest, Frequency
from metadata.resource import Resource
from standards import regions, territory

_Words = Annotated[str, Field(min_length=2, max_length=2000, pattern=r"\S")]


class BackflowAsk(BaseModel):
    """The form of Article 20 without a row filter: the rows are the territory's own.

    Without ``items`` all of the entry's; ``field`` is the item that says in which region a row is, the first such if
    empty. It is asked for too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    resource: Annotated[str, Field(min_length=3, max_length=100)]
    items: Annotated[tuple[Annotated[str, Field(max_length=63)], ...], Field(max_length=2000)] = ()
    field: Annotated[str, Field(max_length=63)] = ""
    basis: _Words
    scenario: _Words
    scope: _Words
    frequency: Frequency = "daily"
    valid_until: date
    statement: StrictBool


class Offered(BaseModel):
    """An entry of a higher level that can be asked back: by which items, and whether it is answered at once."""

    model_config = ConfigDict(frozen=True)

    resource_id: UUID
    title: str
    provider_org: str
    provider_name: str
    items: tuple[tuple[str, str], ...]
    is_answered_at_once: bool


class Territory(BaseModel):
    """A department's territory: its codes by their beginnings, and the abolished codes that were divided, of which no
    code says which rows are whose.
    """

    model_config = ConfigDict(frozen=True)

    region_code: str
    region_name: str
    level: str
    prefixes: tuple[str, ...]
    divided: tuple[tuple[str, str], ...]


def ask(session: Session, actor: Actor, asked: BackflowAsk, now: datetime) -> RequestRow:
    """Draft a request for one's own territory's rows of an entry of a higher level. Once one's own 共享工作机构负责人
    approves, it is with the provider, who has a working day and may add nothing.

    Raises as ``access.drafting.create``, ``BACKFLOW_REGION``, ``BACKFLOW_NOT_BELOW``, ``BACKFLOW_ITEM``,
    ``BACKFLOW_FILES``.
    """
    require(actor, Action.REQUEST_CREATE, actor.org_code)
    entry, today = find(session, actor, asked.resource), day_of(now)
    if entry.org_code == actor.org_code:
        raise DirectoryError("OWN_RESOURCE", title=entry.title)
    resource = offered(session, entry)
    region_code = require_below(organisation(session, actor.org_code), organisation(session, entry.org_code), today)
    field = require_item(resource, asked.field).field
    items = asked.items or tuple(item.field for item in resource.items)
    text = AccessRequest(
        resource=asked.resource,
        items=items if field in items else (*items, field),
        row_filter=rows_of(region_code, field, today),
        **asked.model_dump(include={"basis", "scenario", "scope", "frequency", "valid_until", "statement"}),
    )
    row = create(session, actor, text, now, is_backflow=True)
    queries.keep(session, row.id, region_code, field, now)
    return row


def territory_of(session: Session, actor: Actor, today: date) -> Territory | None:
    """The territory of the actor's department; None while no region code is registered."""
    own = organisation(session, actor.org_code)
    if not own.region_code:
        return None
    divided = territory.divided(own.region_code, today)
    return Territory(
        region_code=own.region_code,
        region_name=regions.label(own.region_code),
        level=own.level or territory.level_of(own.region_code),
        prefixes=territory.prefixes(own.region_code, today),
        divided=tuple((code, regions.label(code)) for code in divided),
    )


def offers(session: Session, actor: Actor, today: date) -> Sequence[Offered]:
    """The published tables of departments above the actor's, at most ``LIMITS.list_count``, by title."""
    own = organisation(session, actor.org_code)
    if not own.region_code:
        return []
    others = session.scalars(select(Organisation).where(Organisation.region_code != "", Organisation.code != own.code))
    above = {each.code: each for each in others if is_above(each, own, today)}
    query = select(ResourceEntry).where(
        ResourceEntry.org_code.in_(above),
        ResourceEntry.status == "published",
        ResourceEntry.share_type.in_(("unconditional", "conditional")),
    )
    found = []
    for entry in session.scalars(query.order_by(ResourceEntry.title, ResourceEntry.id).limit(LIMITS.list_count)):
        resource = published_record(session, entry)
        items = region_items(resource)
        if items and any(mount.kind == "table" for mount in resource.mounts):
            consent = consents.consent_of(session, entry.id, is_backflow=True)
            found.append(
                Offered(
                    resource_id=entry.id,
                    title=resource.title,
                    provider_org=entry.org_code,
                    provider_name=above[entry.org_code].name,
                    items=tuple((item.field, item.name) for item in items),
                    is_answered_at_once=consent is not None,
                )
            )
    return found


def may_ask_back(session: Session, actor: Actor, entry: ResourceEntry, resource: Resource, today: date) -> bool:
    """Whether the actor's department could ask this entry back, for a link that leads somewhere."""
    own, provider = organisation(session, actor.org_code), organisation(session, entry.org_code)
    return bool(region_items(resource)) and is_above(provider, own, today)


def is_above(provider: Organisation, own: Organisation, today: date) -> bool:
    """Whether one department's territory and level lie above another's."""
    try:
        require_below(own, provider, today)
    except DirectoryError:
        return False
    return True

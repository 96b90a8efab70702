"""The provider declares which row filters may be asked for; the office registers caps that the entry publishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.access.issue import offered
from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import Details, record
from directory.errors import DirectoryError
from directory.offers.models import FilterOffer, UseCap
from directory.offers.queries import standing_offers
from directory.policy import require
from directory.resources.models import ResourceEntry
from directory.resources.queries import find
from metadata.access import EqualsFilter, Frequency, RegionFilter, RowFilter, SinceFilter
from metadata.row_filters import TEMPLATE_NAMES, Template, fault, templates_for

MOST_COUNTED: Final = 10**12
"""No cap on rows or calls says anything above this."""


def declare(
    session: Session,
    actor: Actor,
    ref: str,
    field: str,
    template: Template,
    choices: Sequence[str],
    now: datetime,
    *,
    is_own_region: bool = False,
) -> FilterOffer:
    """Offer a filter over an item of a published entry; ``choices`` bound what may be asked for, none do not.

    Raises ``RESOURCE_NOT_FOUND``, ``FORBIDDEN``, ``FILTER_ITEM_UNKNOWN``, ``FILTER_VALUE``, ``OFFER_STANDS``.
    """
    entry = find(session, actor, ref)
    actor = require(actor, Action.OFFER_DECLARE, entry.org_code)
    session.get_one(ResourceEntry, entry.id, with_for_update=True)
    resource = offered(session, entry)
    item = next((each for each in resource.items if each.field == field), None)
    if item is None:
        raise DirectoryError("FILTER_ITEM_UNKNOWN", item=field, title=entry.title)
    if template not in templates_for(item) or (is_own_region and (template != "region" or choices)):
        raise DirectoryError("FILTER_VALUE", why=f"“{item.name}”不能{TEMPLATE_NAMES[template]}这样筛选")
    why = fault(_filter(field, template, choices), item) if choices else ""
    if why:
        raise DirectoryError("FILTER_VALUE", why=why)
    if any((each.field, each.template) == (field, template) for each in standing_offers(session, entry.id)):
        raise DirectoryError("OFFER_STANDS", item=item.name)
    made = FilterOffer(
        id=uuid4(),
        resource_id=entry.id,
        field=field,
        template=template,
        is_own_region=is_own_region,
        choices=list(choices),
        declared_by=actor.account_id,
        declared_at=now,
    )
    session.add(made)
    session.flush()
    details: Details = {"resource_id": str(entry.id), "field": field, "template": template, "choices": len(choices)}
    record(session, actor, "offer:declare", str(made.id), details=details, at=now)
    return made


def withdraw(session: Session, actor: Actor, offer_id: UUID, now: datetime) -> FilterOffer:
    """From now on nobody asks for this filter any more; what was granted stays. Raises ``OFFER_NOT_FOUND``."""
    query = select(FilterOffer).where(FilterOffer.id == offer_id).with_for_update()
    offer = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    entry = session.get(ResourceEntry, offer.resource_id) if offer else None
    if offer is None or entry is None or entry.org_code != actor.org_code or offer.withdrawn_at is not None:
        raise DirectoryError("OFFER_NOT_FOUND", offer_id=offer_id)
    actor = require(actor, Action.OFFER_DECLARE, entry.org_code)
    offer.withdrawn_by, offer.withdrawn_at = actor.account_id, now
    session.flush()
    record(session, actor, "offer:withdraw", str(offer.id), details={"resource_id": str(entry.id)}, at=now)
    return offer


@dataclass(frozen=True)
class Caps:
    """How often, for how many days, with how many rows a batch and how many calls a day at most; None caps nothing."""

    most_often: Frequency | None = None
    most_days: int | None = None
    most_rows: int | None = None
    most_calls: int | None = None

    def __bool__(self) -> bool:
        return any((self.most_often, self.most_days, self.most_rows, self.most_calls))


def set_cap(session: Session, actor: Actor, ref: str, caps: Caps, now: datetime) -> UseCap:
    """Register what caps an entry, as its published conditions say (Art. 15: nobody asks for conditions beside the
    catalogue); no cap at all lifts them. What was granted keeps the caps it was granted with.

    Raises ``RESOURCE_NOT_FOUND``, ``FORBIDDEN``, ``CAP_UNPUBLISHED``.
    """
    entry = find(session, actor, ref)
    actor = require(actor, Action.OFFER_CAP, entry.org_code)
    session.get_one(ResourceEntry, entry.id, with_for_update=True)
    if caps and not offered(session, entry).sharing.conditions.strip():
        raise DirectoryError("CAP_UNPUBLISHED", title=entry.title)
    query = select(UseCap.seq).where(UseCap.resource_id == entry.id).order_by(UseCap.seq.desc()).limit(1)
    made = UseCap(
        resource_id=entry.id,
        seq=(session.scalar(query) or 0) + 1,
        most_often=caps.most_often or "",
        most_days=caps.most_days,
        most_rows=caps.most_rows,
        most_calls=caps.most_calls,
        declared_by=actor.account_id,
        declared_at=now,
    )
    session.add(made)
    session.flush()
    details: Details = {
        "most_often": made.most_often,
        "most_days": made.most_days,
        "most_rows": made.most_rows,
        "most_calls": made.most_calls,
        "seq": made.seq,
    }
    record(session, actor, "offer:cap", str(entry.id), details=details, at=now)
    return made


def _filter(field: str, template: Template, choices: Sequence[str]) -> RowFilter:
    try:
        if template == "since":
            (day,) = choices
            return SinceFilter(field=field, since=date.fromisoformat(day))
        if template == "region":
            return RegionFilter(field=field, prefixes=tuple(choices))
        return EqualsFilter(field=field, values=tuple(choices))
    except ValueError:
        why = (
            "最早的一天只写一个，如 2027-12-31"
            if template == "since"
            else "区划代码前缀为 2 至 12 位数字，取值每个不超过 200 字"
        )
        raise DirectoryError("FILTER_VALUE", why=why) from None

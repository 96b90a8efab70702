"""What may be asked of an entry: declared filters and caps, and whether a request keeps to them."""

from collections.abc import Sequence
from datetime import date
from typing import Final, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.errors import DirectoryError
from directory.offers.models import FilterOffer, UseCap
from directory.organisations.queries import organisation
from metadata.access import AccessRequest, RegionFilter, RowFilter, SinceFilter
from metadata.row_filters import TEMPLATE_NAMES, Template, values_of

OFTEN: Final = ("once", "monthly", "weekly", "daily")
_REGION_IN_CODE: Final = slice(2, 8)  # of a 统一社会信用代码: the region where it was registered


def standing_offers(session: Session, resource_id: UUID) -> Sequence[FilterOffer]:
    """The filters declared for an entry and not withdrawn, in the order they were declared."""
    query = select(FilterOffer).where(FilterOffer.resource_id == resource_id, FilterOffer.withdrawn_at.is_(None))
    return session.scalars(query.order_by(FilterOffer.declared_at, FilterOffer.id)).all()


def standing_cap(session: Session, resource_id: UUID) -> UseCap | None:
    """The caps registered last, if they cap anything."""
    query = select(UseCap).where(UseCap.resource_id == resource_id).order_by(UseCap.seq.desc())
    found = session.scalars(query.limit(1)).first()
    caps = found is not None and (found.most_often or found.most_days or found.most_rows or found.most_calls)
    return found if caps else None


def own_region(session: Session, org_code: str) -> str:
    """The prefix of the region codes within a department's own region: 330100 -> 3301."""
    code = organisation(session, org_code).region_code or org_code[_REGION_IN_CODE]
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code


def require_offered(session: Session, resource_id: UUID, asked: AccessRequest, requester_org: str, today: date) -> None:
    """Raise ``FILTER_NOT_OFFERED`` for a filter that the entry's provider does not offer, where it offers any, and
    ``CAP_EXCEEDED`` for more often or longer than is registered. Asking for all rows is always possible.
    """
    cap = standing_cap(session, resource_id)
    if cap is not None:
        _require_within(cap, asked, today)
    offers = standing_offers(session, resource_id)
    if asked.row_filter is None or not offers:
        return
    chosen = asked.row_filter
    if not any(_covers(session, offer, chosen, requester_org) for offer in offers):
        words = "、".join(f"{TEMPLATE_NAMES[cast('Template', each.template)]}（{each.field}）" for each in offers)
        raise DirectoryError("FILTER_NOT_OFFERED", offered=words)


def _covers(session: Session, offer: FilterOffer, chosen: RowFilter, requester_org: str) -> bool:
    if (offer.field, offer.template) != (chosen.field, chosen.template):
        return False
    values = values_of(chosen)
    if offer.is_own_region:
        region = own_region(session, requester_org)
        return all(value.startswith(region) for value in values)
    if not offer.choices:
        return True
    if isinstance(chosen, SinceFilter):  # the choice is the earliest day
        return chosen.since.isoformat() >= min(offer.choices)
    if isinstance(chosen, RegionFilter):
        return all(value.startswith(tuple(offer.choices)) for value in values)
    return set(values) <= set(offer.choices)


def _require_within(cap: UseCap, asked: AccessRequest, today: date) -> None:
    found = []
    if cap.most_often and OFTEN.index(asked.frequency) > OFTEN.index(cap.most_often):
        found.append(("频次", "how often"))
    if cap.most_days is not None and (asked.valid_until - today).days > cap.most_days:
        found.append((f"使用时限最长 {cap.most_days} 天", f"use for {cap.most_days} days at most"))
    if found:
        raise DirectoryError("CAP_EXCEEDED", what=[zh for zh, _ in found], what_en=[en for _, en in found])

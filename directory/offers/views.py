"""What may be asked of an entry, as API, command and pages show it."""

from typing import Literal, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.offers.models import FilterOffer
from directory.offers.queries import own_region, standing_cap, standing_offers
from directory.resources.queries import find, shown_record
from metadata.row_filters import TEMPLATE_NAMES, Template


class OfferView(BaseModel):
    """A filter that may be asked for; ``region`` is the reader's own where only that may be."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    field: str
    item: str
    template: Template
    template_name: str
    is_own_region: bool
    region: str
    choices: tuple[str, ...]


class OffersView(BaseModel):
    """All that is offered of an entry: without any filter declared, each that fits its item may be asked for."""

    model_config = ConfigDict(frozen=True)

    resource_id: UUID
    resource_title: str
    filters: tuple[OfferView, ...]
    most_often: Literal["", "once", "monthly", "weekly", "daily"]
    most_days: int | None
    most_rows: int | None
    most_calls: int | None


def offers_view(session: Session, actor: Actor, ref: str) -> OffersView:
    """What is offered of one entry; raises ``RESOURCE_NOT_FOUND``."""
    entry = find(session, actor, ref)
    names = {item.field: item.name for item in shown_record(session, actor, entry).items}
    cap = standing_cap(session, entry.id)
    return OffersView.model_validate(
        {
            "resource_id": entry.id,
            "resource_title": entry.title,
            "filters": [_view(session, actor, each, names) for each in standing_offers(session, entry.id)],
            "most_often": cap.most_often if cap else "",
            "most_days": cap.most_days if cap else None,
            "most_rows": cap.most_rows if cap else None,
            "most_calls": cap.most_calls if cap else None,
        }
    )


def _view(session: Session, actor: Actor, offer: FilterOffer, names: dict[str, str]) -> dict[str, object]:
    return {
        "id": offer.id,
        "field": offer.field,
        "item": names.get(offer.field, offer.field),
        "template": offer.template,
        "template_name": TEMPLATE_NAMES[cast("Template", offer.template)],
        "is_own_region": offer.is_own_region,
        "region": own_region(session, actor.org_code) if offer.is_own_region else "",
        "choices": tuple(offer.choices),
    }

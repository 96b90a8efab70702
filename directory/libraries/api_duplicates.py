"""一数一源 for programs: what several departments supply, and entries that look like the same data."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.http.throttle import COSTLY
from directory.libraries.holdings import alike, doubled
from directory.limits import LIMITS

router = APIRouter(prefix="/libraries", tags=["libraries"])


class Doubled(BaseModel):
    """A standard item that several departments supply; ``lead_department`` is null while nobody has decided."""

    library: str
    field: str
    name: str
    departments: list[str]
    lead_department: str | None


class Described(BaseModel):
    """One entry of a pair."""

    resource_id: UUID
    title: str
    org_code: str


class Pair(BaseModel):
    """Two entries of different departments; ``titles`` and ``items`` say how alike they are, 0 to 1."""

    one: Described
    other: Described
    titles: float
    items: float
    shared: list[str]


class Duplicates(BaseModel):
    """``alike`` are the first hundred of ``alike_count``; not ``is_whole``: there were too many entries to compare."""

    doubled: list[Doubled]
    alike: list[Pair]
    alike_count: int
    is_whole: bool


@router.get("/duplicates", dependencies=[COSTLY])
@governed_by(Action.LIBRARY_READ)
def show_duplicates(session: DbSession, actor: CurrentActor) -> Duplicates:
    """Items supplied by several departments, and published entries of different departments that are near the same."""
    pairs, is_whole = alike(session)
    return Duplicates(
        doubled=[
            Doubled(
                library=each.item.library,
                field=each.item.field,
                name=each.item.name,
                departments=list(each.departments),
                lead_department=each.item.lead_org,
            )
            for each in doubled(session)
        ],
        alike=[
            Pair(
                one=Described.model_validate(each.one, from_attributes=True),
                other=Described.model_validate(each.other, from_attributes=True),
                titles=round(each.titles, 3),
                items=round(each.items, 3),
                shared=list(each.shared),
            )
            for each in pairs[: LIMITS.page_count]
        ],
        alike_count=len(pairs),
        is_whole=is_whole,
    )

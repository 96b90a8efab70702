"""本部门编目: a department's entries by where they stand, and one step for many of them at once."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.editing.queries import OF_DRAFTS, PAGE_ROWS, TABS, listing
from directory.organisations.queries import organisation, organisations
from directory.policy import allows, require, visible_resources
from directory.resources.batch import move_many
from directory.resources.states import MOVES, STATUSES, Move, moves_from
from directory.web.render import page

router = APIRouter(include_in_schema=False)

PATH: Final = "/catalogue"
_OFFICE_TAB: Final = "submitted"


class Place(BaseModel):
    """Which list of whose entries is looked at, narrowed to which words."""

    model_config = ConfigDict(frozen=True)

    tab: Annotated[str, Query(max_length=20)] = ""
    q: Annotated[str, Query(max_length=200)] = ""
    org: Annotated[str, Query(max_length=32)] = ""
    page: Annotated[int, Query(ge=1, le=100_000)] = 1
    all: Annotated[str, Query(max_length=5)] = ""


class Batch(BaseModel):
    """The entries that were ticked, the status they are to have, and why; and the list they were ticked in."""

    ref: Annotated[list[str], Form(max_length=PAGE_ROWS)] = []
    to: Annotated[str, Form(max_length=20)] = ""
    comment: Annotated[str, Form(max_length=2000)] = ""
    tab: Annotated[str, Form(max_length=20)] = ""
    q: Annotated[str, Form(max_length=200)] = ""
    org: Annotated[str, Form(max_length=32)] = ""
    page: Annotated[int, Form(ge=1, le=100_000)] = 1

    @property
    def place(self) -> Place:
        return Place(tab=self.tab, q=self.q, org=self.org, page=self.page)


@router.get(PATH)
@governed_by(Action.RESOURCE_READ)
def show_catalogue(
    place: Annotated[Place, Query()], request: Request, session: DbSession, actor: CurrentActor
) -> HTMLResponse:
    """The lists of the reader's department; for the office those of all, or of one."""
    return _catalogue_page(request, session, actor, place)


@router.post(PATH)
@governed_by(*sorted({each.action for each in MOVES}))
def move_entries(
    request: Request, session: DbSession, actor: CurrentActor, batch: Annotated[Batch, Form()]
) -> HTMLResponse:
    """Take one step with every ticked entry; each is refused or done by itself, and the answer says which and why."""
    chosen = next((each for each in _batch_moves(actor, batch.place) if each.to == batch.to), None)
    if not batch.ref:
        return _catalogue_page(request, session, actor, batch.place, batch, "请先勾选要办理的目录。")
    if chosen is not None and chosen.needs_comment and not batch.comment.strip():
        return _catalogue_page(request, session, actor, batch.place, batch, f"{chosen.name_zh}须写明理由。")
    outcomes = move_many(session, actor, batch.ref, batch.to, batch.comment, datetime.now(UTC))
    return page(
        request,
        "editing/batch.html",
        act=chosen.name_zh if chosen else STATUSES.get(batch.to, batch.to),
        refused=[each for each in outcomes if each.problem is not None],
        done=[each for each in outcomes if each.problem is None],
        back=address(batch.place),
    )


def address(place: Place, **changes: object) -> str:
    """The page of a list that differs by this."""
    asked = place.model_dump(exclude_defaults=True, exclude={"all"}) | changes
    pairs = {name: value for name, value in asked.items() if value not in {"", None}}
    return f"{PATH}?{urlencode(pairs)}" if pairs else PATH


def _catalogue_page(
    request: Request, session: Session, actor: Actor, place: Place, batch: Batch | None = None, fault: str = ""
) -> HTMLResponse:
    own = _organisation(actor, place)
    require(actor, Action.RESOURCE_READ, own)
    tab = _tab(actor, place)
    found = listing(session, actor, own, tab, place.q, place.page)
    following = found.first + len(found.lines)
    return page(
        request,
        "editing/catalogue.html",
        status_code=422 if fault else 200,
        place=place,
        tab=tab,
        tabs=[(name, TABS[name], count, address(place, tab=name, page=None)) for name, count in found.counts.items()],
        found=found,
        moves=_batch_moves(actor, place) if found.lines else [],
        ticked=set(batch.ref) if batch else {str(line.entry.id) for line in found.lines} if place.all else set(),
        comment=batch.comment if batch else "",
        fault=fault,
        is_everything=visible_resources(actor).is_everything,
        departments=organisations(session) if visible_resources(actor).is_everything else [],
        own=organisation(session, own) if own else None,
        all_address=address(place, tab=tab, all="yes"),
        bare_address=address(place, q=None, page=None),
        previous=address(place, tab=tab, page=found.first // PAGE_ROWS) if found.first else "",
        following=address(place, tab=tab, page=found.first // PAGE_ROWS + 2) if following < found.total else "",
        last=following,
    )


def _organisation(actor: Actor, place: Place) -> str | None:
    """Whose entries: for the office the department that was chosen or all, for others always their own."""
    return place.org or None if visible_resources(actor).is_everything else actor.org_code


def _tab(actor: Actor, place: Place) -> str:
    """The list asked for; without one the first that is this reader's to act on."""
    is_one = _organisation(actor, place) is not None
    if place.tab in TABS and (is_one or place.tab not in OF_DRAFTS - {"draft"}):
        return place.tab
    return "draft" if is_one and not visible_resources(actor).is_everything else _OFFICE_TAB


def _batch_moves(actor: Actor, place: Place) -> Sequence[Move]:
    """The steps that this actor may take with entries of the list; what each entry needs besides is said when done."""
    tab, own = _tab(actor, place), _organisation(actor, place) or ""
    status = "draft" if tab in OF_DRAFTS else tab
    possible = (*moves_from(status, has_published=False), *moves_from(status, has_published=True))
    found: Mapping[str, Move] = {each.to: each for each in possible if allows(actor, each.action, own)}
    return list(found.values())

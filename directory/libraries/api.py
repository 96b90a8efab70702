"""The base libraries for programs: registers, items and where each lives."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel
from sqlalchemy.orm import Session

from directory.accounts.queries import display_names
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.libraries import queries, register
from directory.libraries.holdings import Holdings, Supply, holdings
from directory.libraries.models import Library, LibraryItem
from directory.libraries.pointers import Pointer
from directory.limits import LIMITS
from directory.organisations.queries import organisations

router = APIRouter(prefix="/libraries", tags=["libraries"])

Name = Annotated[str, Path(max_length=100)]


class LibraryLine(BaseModel):
    """A library. ``class_code`` is empty where the installation's settings give it."""

    name: str
    label: str
    class_code: str
    source: str
    items: int
    retired: int


class LibraryShown(LibraryLine):
    """A library with what its published entries hold of it."""

    entries: int
    supplied: int
    gaps: int
    doubled: int


class PlaceShown(BaseModel):
    """A column that holds the item; the table is told to its department and the office."""

    node: str
    mount_id: str
    kind: str
    column: str
    table: str | None


class PointerShown(BaseModel):
    """An item of a published entry that holds the standard item; ``basis`` says by what it was inferred."""

    resource_id: UUID
    title: str
    org_code: str
    department: str
    item: str
    item_name: str
    sensitivity: int
    certainty: Literal["declared", "inferred"]
    basis: str
    places: list[PlaceShown]


class LeadDecision(BaseModel):
    """A decision about the lead department of an item, as it was made."""

    department: str
    basis: str
    decided_by: str
    decided_at: datetime


class ItemLine(BaseModel):
    """A standard item as the register has it."""

    field: str
    name: str
    standard_id: str
    representation: str
    code_list: str
    rule: str
    sensitivity: str
    certainty: str
    is_retired: bool
    lead_department: str | None

    @classmethod
    def of(cls, item: LibraryItem) -> "ItemLine":
        named = {name: getattr(item, name) for name in cls.model_fields if name != "lead_department"}
        return cls(**named, lead_department=item.lead_org)


class ItemShown(ItemLine):
    """A standard item with where it lives; ``is_gap``: no department supplies it; ``is_doubled``: more than one does.

    ``pointers`` are the first hundred of ``pointer_count``.
    """

    is_gap: bool
    is_doubled: bool
    departments: list[str]
    pointer_count: int
    pointers: list[PointerShown]
    lead_decisions: list[LeadDecision]


@router.get("")
@governed_by(Action.LIBRARY_READ)
def list_libraries(session: DbSession, actor: CurrentActor) -> list[LibraryLine]:
    """All libraries."""
    return [_line(session, library) for library in queries.libraries(session)]


@router.post("", status_code=201)
@governed_by(Action.LIBRARY_EDIT)
def add_library(body: register.NewLibrary, session: DbSession, actor: CurrentActor) -> LibraryLine:
    """Add a library; the information office does."""
    return _line(session, register.add_library(session, actor, body, datetime.now(UTC)))


@router.get("/{name}")
@governed_by(Action.LIBRARY_READ)
def show_library(name: Name, session: DbSession, actor: CurrentActor) -> LibraryShown:
    """One library, with how much of it is supplied."""
    found = holdings(session, queries.library_named(session, name))
    return LibraryShown(
        **_line(session, found.library).model_dump(),
        entries=found.entry_count,
        supplied=found.supplied,
        gaps=found.gaps,
        doubled=found.doubled,
    )


@router.put("/{name}")
@governed_by(Action.LIBRARY_EDIT)
def change_library(name: Name, body: register.LibraryEdit, session: DbSession, actor: CurrentActor) -> LibraryLine:
    """Change a library's label or class code."""
    return _line(session, register.change_library(session, actor, name, body, datetime.now(UTC)))


@router.get("/{name}/items")
@governed_by(Action.LIBRARY_READ)
def list_items(name: Name, session: DbSession, actor: CurrentActor) -> list[ItemShown]:
    """The standard items, each with the resources, columns and departments that hold it (指针)."""
    found = holdings(session, queries.library_named(session, name))
    return _shown(session, actor, found)


@router.post("/{name}/items", status_code=201)
@governed_by(Action.LIBRARY_EDIT)
def add_item(name: Name, body: register.NewItem, session: DbSession, actor: CurrentActor) -> ItemLine:
    """Add a standard item of the office's own."""
    return ItemLine.of(register.add_item(session, actor, name, body, datetime.now(UTC)))


@router.put("/{name}/items/{field}")
@governed_by(Action.LIBRARY_EDIT)
def change_item(name: Name, field: Name, body: register.ItemEdit, session: DbSession, actor: CurrentActor) -> ItemLine:
    """Change an item, retire it, or decide its lead department (数源部门): ``{"lead_department": code}``."""
    return ItemLine.of(register.change_item(session, actor, name, field, body, datetime.now(UTC)))


def _line(session: Session, library: Library) -> LibraryLine:
    items = queries.library_items(session, library.name)
    return LibraryLine(
        name=library.name,
        label=library.label,
        class_code=library.class_code,
        source=library.source,
        items=len(items),
        retired=sum(each.is_retired for each in items),
    )


def _shown(session: Session, actor: Actor, found: Holdings) -> list[ItemShown]:
    names = {each.code: each.name for each in organisations(session)}
    leads = [each for each in queries.changes(session, found.library.name) if each.what == "lead"]
    people = display_names(session, [each.decided_by for each in leads])
    decisions: dict[str, list[LeadDecision]] = {}
    for each in leads:
        made = LeadDecision(
            department=each.after,
            basis=each.basis,
            decided_by=people.get(each.decided_by, ""),
            decided_at=each.decided_at,
        )
        decisions.setdefault(each.field, []).append(made)
    return [_item(actor, supply, names, decisions.get(supply.item.field, [])) for supply in found.supplies]


def _item(actor: Actor, supply: Supply, names: dict[str, str], decisions: list[LeadDecision]) -> ItemShown:
    return ItemShown(
        **ItemLine.of(supply.item).model_dump(),
        is_gap=supply.is_gap,
        is_doubled=supply.is_doubled,
        departments=list(supply.departments),
        pointer_count=len(supply.pointers),
        pointers=[_pointer(actor, each, names) for each in supply.pointers[: LIMITS.page_count]],
        lead_decisions=decisions,
    )


def _pointer(actor: Actor, pointer: Pointer, names: dict[str, str]) -> PointerShown:
    sees_tables = queries.sees_tables(actor, pointer.org_code)
    return PointerShown(
        resource_id=pointer.resource_id,
        title=pointer.title,
        org_code=pointer.org_code,
        department=names.get(pointer.org_code, pointer.org_code),
        item=pointer.item_field,
        item_name=pointer.item_name,
        sensitivity=pointer.sensitivity,
        certainty="inferred" if pointer.inferred_by else "declared",
        basis=pointer.inferred_by,
        places=[
            PlaceShown(
                node=place.node,
                mount_id=place.mount_id,
                kind=place.kind,
                column=place.column,
                table=place.table if sees_tables else None,
            )
            for place in pointer.places
        ],
    )

"""Look up libraries, their items and what was changed."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.errors import DirectoryError
from directory.libraries.models import Library, LibraryChange, LibraryItem
from directory.policy import visible_resources


def libraries(session: Session) -> Sequence[Library]:
    """All, the four of the beginning first."""
    return session.scalars(select(Library).order_by(Library.seq)).all()


def library_named(session: Session, name: str, *, lock: bool = False) -> Library:
    """The library, or ``LIBRARY_NOT_FOUND``; with ``lock`` its row is held until the transaction ends."""
    query = select(Library).where(Library.name == name)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise DirectoryError("LIBRARY_NOT_FOUND", name=name[:100])
    return found


def library_items(session: Session, name: str) -> Sequence[LibraryItem]:
    """Its standard items in the register's order, retired ones too."""
    return session.scalars(select(LibraryItem).where(LibraryItem.library == name).order_by(LibraryItem.seq)).all()


def library_item(session: Session, name: str, field: str, *, lock: bool = False) -> LibraryItem:
    """One item, or ``LIBRARY_ITEM_NOT_FOUND``."""
    query = select(LibraryItem).where(LibraryItem.library == name, LibraryItem.field == field)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise DirectoryError("LIBRARY_ITEM_NOT_FOUND", name=name[:100], field=field[:100])
    return found


def changes(session: Session, name: str, field: str | None = None, limit: int = 100) -> Sequence[LibraryChange]:
    """What was changed of a library, or of one item, the newest first."""
    query = select(LibraryChange).where(LibraryChange.library == name)
    if field is not None:
        query = query.where(LibraryChange.field == field)
    return session.scalars(query.order_by(LibraryChange.seq.desc()).limit(limit)).all()


def sees_tables(actor: Actor, org_code: str) -> bool:
    """Whether this actor is told in which table of a department something lies: its own people and the office."""
    visible = visible_resources(actor)
    return visible.is_everything or visible.org_code == org_code

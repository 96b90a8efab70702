"""Mint the two identifiers. A counter row per prefix and per class code is locked until the caller commits.

So numbers come without gaps and without races: a registration that fails gives its number back by rolling back. Rows
are always locked in one order, so that registrations and a whole import (``reserve``) never wait in a circle.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Session

from directory.errors import DirectoryError
from directory.organisations.models import Organisation
from directory.prefixes.classes import refuse_unlisted
from directory.prefixes.models import PrefixAllotment
from directory.resources.classes import ClassCodes, Front, Kind
from directory.resources.models import Minted, ResourceEntry
from metadata.identifiers import Identifier, ResourceCode
from metadata.resource import Resource


def reserve(session: Session, fronts: Iterable[Front]) -> None:
    """Lock these counters, making those that are missing, in the one order that everybody uses."""
    for kind, front in sorted(set(fronts)):
        _advance(session, kind, front, 0)


def mint(session: Session, record: Resource, organisation: Organisation, classes: ClassCodes) -> Resource:
    """The record with identifier, code and class code; what it brings from elsewhere is kept verbatim.

    A department without a prefix gets no identifier yet. Raises ``IDENTIFIER_RESERVED`` for a number that is ours to
    give, ``IDENTIFIER_TAKEN``, ``CLASS_CODE_UNLISTED``, and ``MetadataError IDENTIFIER_INVALID`` for a class code that
    is not of the guide's form.
    """
    refuse_claimed(session, record, classes)
    minted: dict[str, str] = {}
    for kind, front in sorted(classes.fronts(record, organisation.prefix)):
        if kind == "code":
            if front not in classes.configured:
                refuse_unlisted(session, front)
            minted |= {"code": _mint_code(session, front), "class_code": front}
        else:
            minted["identifier"] = mint_identifier(session, front)
    return record.model_copy(update=minted)


def mint_identifier(session: Session, prefix: str) -> str:
    """The next identifier below a prefix; one that came from elsewhere before the prefix was ours is passed over."""
    while True:
        minted = str(Identifier.mint(prefix, _advance(session, "identifier", prefix, 1)))
        if not _is_taken(session, ResourceEntry.identifier, minted):
            return minted


def _mint_code(session: Session, class_code: str) -> str:
    while True:
        minted = str(ResourceCode.mint(class_code, _advance(session, "code", class_code, 1)))
        if not _is_taken(session, ResourceEntry.code, minted):
            return minted


def refuse_claimed(session: Session, record: Resource, classes: ClassCodes) -> None:
    """Raise when the record brings an identifier or code that is ours to give or that another entry has."""
    if record.identifier:
        prefix = Identifier.parse(record.identifier).prefix
        if session.get(PrefixAllotment, prefix) is not None:
            raise DirectoryError("IDENTIFIER_RESERVED", value=record.identifier)
    if record.code:
        front = ResourceCode.parse(record.code).front
        if front in classes.configured or session.get(Minted, ("code", front)) is not None:
            raise DirectoryError("IDENTIFIER_RESERVED", value=record.code)
    for column, value in ((ResourceEntry.identifier, record.identifier), (ResourceEntry.code, record.code)):
        if value and _is_taken(session, column, value):
            raise DirectoryError("IDENTIFIER_TAKEN", value=value)


def _is_taken(session: Session, column: InstrumentedAttribute[str | None], value: str) -> bool:
    return session.scalar(select(ResourceEntry.id).where(column == value)) is not None


def _advance(session: Session, kind: Kind, front: str, by: int) -> int:
    new = insert(Minted).values(kind=kind, front=front, last_number=by)
    advanced = new.on_conflict_do_update(
        index_elements=[Minted.kind, Minted.front], set_={"last_number": Minted.last_number + by}
    )
    return session.execute(advanced.returning(Minted.last_number)).scalar_one()

"""Mint the two identifiers. A counter row per prefix and per class code is locked until the caller commits.

So numbers come without gaps and without races: a registration that fails gives its number back by rolling back. Rows
are always locked in one order, so that registrations and a whole import (``reserve``) never wait in a circle.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

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
from standards.errors import ExplainedError

_AT_ONCE = 1_000


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


def mint_many(
    session: Session, records: Sequence[tuple[Resource, str | None]], classes: ClassCodes
) -> list[Resource | ExplainedError]:
    """Each record, with its department's prefix, minted as ``mint`` would, or why it cannot be.

    What they bring from elsewhere must have been looked at (``refuse_claimed_many``).
    """
    fronts = [sorted(classes.fronts(record, prefix)) for record, prefix in records]
    refusals = {front: _refusal(session, front, classes) for front in {each for own in fronts for each in own}}
    wanted = Counter(front for own in fronts if not any(refusals[each] for each in own) for front in own)
    numbers = {front: iter(_numbers(session, front, wanted[front])) for front in sorted(wanted)}
    found: list[Resource | ExplainedError] = []
    for (record, _), own in zip(records, fronts, strict=True):
        refusal = next((each for each in map(refusals.__getitem__, own) if each is not None), None)
        if refusal is not None:
            found.append(refusal)
            continue
        minted: dict[str, str] = {kind: next(numbers[kind, front]) for kind, front in own}
        for kind, front in own:
            if kind == "code":
                minted["class_code"] = front
        found.append(record.model_copy(update=minted))
    return found


def _refusal(session: Session, front: Front, classes: ClassCodes) -> ExplainedError | None:
    """Why no number can be minted there: a class that is not listed, or is not of the guide's form."""
    kind, name = front
    try:
        if kind == "code":
            if name not in classes.configured:
                refuse_unlisted(session, name)
            ResourceCode.mint(name, 1)
        else:
            Identifier.mint(name, 1)
    except ExplainedError as error:
        return error
    return None


def _numbers(session: Session, front: Front, many: int) -> list[str]:
    """The next so many numbers there; those that came from elsewhere before it was ours are passed over."""
    kind, name = front
    column = ResourceEntry.code if kind == "code" else ResourceEntry.identifier
    found: list[str] = []
    while len(found) < many:
        last, missing = _advance(session, kind, name, many - len(found)), many - len(found)
        new = [
            str(ResourceCode.mint(name, number) if kind == "code" else Identifier.mint(name, number))
            for number in range(last - missing + 1, last + 1)
        ]
        taken = _taken(session, column, new)
        found += [each for each in new if each not in taken]
    return found


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


def refuse_claimed_many(
    session: Session, records: Sequence[Resource], classes: ClassCodes
) -> list[ExplainedError | None]:
    """For each record what ``refuse_claimed`` would raise, those before it counted as registered."""
    identifiers = {record.identifier for record in records if record.identifier}
    codes = {record.code for record in records if record.code}
    taken = _taken(session, ResourceEntry.identifier, sorted(identifiers))
    taken |= _taken(session, ResourceEntry.code, sorted(codes))
    ours: dict[Front, bool] = {}

    def is_ours(kind: Kind, front: str) -> bool:
        if (kind, front) not in ours:
            ours[kind, front] = (
                session.get(PrefixAllotment, front) is not None
                if kind == "identifier"
                else front in classes.configured or session.get(Minted, ("code", front)) is not None
            )
        return ours[kind, front]

    def claim(record: Resource) -> None:
        if record.identifier and is_ours("identifier", Identifier.parse(record.identifier).prefix):
            raise DirectoryError("IDENTIFIER_RESERVED", value=record.identifier)
        if record.code and is_ours("code", ResourceCode.parse(record.code).front):
            raise DirectoryError("IDENTIFIER_RESERVED", value=record.code)
        for value in (record.identifier, record.code):
            if value in taken:
                raise DirectoryError("IDENTIFIER_TAKEN", value=value)
        taken.update(value for value in (record.identifier, record.code) if value)

    found: list[ExplainedError | None] = []
    for record in records:
        try:
            claim(record)
            found.append(None)
        except ExplainedError as error:
            found.append(error)
    return found


def _taken(session: Session, column: InstrumentedAttribute[str | None], values: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(values), _AT_ONCE):
        part = session.scalars(select(column).where(column.in_(values[start : start + _AT_ONCE])))
        found |= {each for each in part if each}
    return found


def _is_taken(session: Session, column: InstrumentedAttribute[str | None], value: str) -> bool:
    return session.scalar(select(ResourceEntry.id).where(column == value)) is not None


def _advance(session: Session, kind: Kind, front: str, by: int) -> int:
    new = insert(Minted).values(kind=kind, front=front, last_number=by)
    advanced = new.on_conflict_do_update(
        index_elements=[Minted.kind, Minted.front], set_={"last_number": Minted.last_number + by}
    )
    return session.execute(advanced.returning(Minted.last_number)).scalar_one()

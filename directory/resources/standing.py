"""Where the entries of a file stand in the directory already: known from an earlier import, or by their numbers."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from directory.resources.models import ResourceEntry, ResourceStep, ResourceVersion
from directory.resources.reading import Incoming, Incomings
from metadata.formats.overlay import overlay
from metadata.record import canonical_bytes
from metadata.resource import Resource
from standards.crypto import digest_hex

# What an entry has from the directory and not from the file; not compared when the file comes again.
_OURS = ("identifier", "code", "class_code", "metadata_id", "updated_on", "provider", "assessments")
_AT_ONCE = 1_000


@dataclass(frozen=True)
class Standing:
    """An entry of the directory that an entry of the file is: its newest version, and what an import last wrote."""

    resource_id: UUID
    status: str
    version: int
    current: Resource
    imported: Resource | None = None

    def updated(self, given: Resource, elements: Collection[str] | None) -> Resource:
        """The entry as the file would have it: what the file cannot say, and what is the directory's, stays."""
        laid = given if elements is None else overlay(self.current, given, elements)
        return _ours(laid, self.current)

    def is_same(self, given: Resource, elements: Collection[str] | None) -> bool:
        """Whether the file says what the entry says, or still says what it said when it was last imported."""
        if self.updated(given, elements) == self.current:
            return True
        if self.imported is None:
            return False
        laid = given if elements is None else overlay(self.imported, given, elements)
        return _ours(laid, self.imported) == self.imported


def keyed(incoming: Incomings) -> dict[str, Incoming]:
    """The entries of a file by what recognises them when it comes again: kind of file, department and title.

    Several of one title and department are told apart by their order.
    """
    found: dict[str, Incoming] = {}
    times: Counter[tuple[str, str]] = Counter()
    for each in incoming.records:
        names = each.record.provider.name, each.record.title
        times[names] += 1
        marks = [incoming.source, *names, *([times[names]] if times[names] > 1 else [])]
        found[digest_hex(canonical_bytes(marks))] = each
    return found


def standings(session: Session, entries: Mapping[str, Incoming], org_codes: Mapping[str, str]) -> dict[str, Standing]:
    """The known ones among these entries, by their keys; ``org_codes`` has the departments by the file's names.

    An identifier or code that the file repeats says more than a title.
    """
    found = _by_key(session, entries)
    for name in ("code", "identifier"):
        found |= _by_number(session, entries, org_codes, name)
    return found


def _by_key(session: Session, entries: Mapping[str, Incoming]) -> dict[str, Standing]:
    found: dict[str, Standing] = {}
    wanted = sorted(entries)
    for start in range(0, len(wanted), _AT_ONCE):
        rows = session.execute(_current(ResourceEntry.source_key.in_(wanted[start : start + _AT_ONCE]))).all()
        earlier = _imported(session, [row.id for row in rows if row.current_version > 1])
        found |= {row.source_key: _standing(row, row.record, earlier.get(row.id)) for row in rows}
    return found


def _by_number(
    session: Session, entries: Mapping[str, Incoming], org_codes: Mapping[str, str], name: str
) -> dict[str, Standing]:
    column = getattr(ResourceEntry, name)
    wanted = {getattr(each.record, name): key for key, each in entries.items() if getattr(each.record, name)}
    numbers, found = sorted(wanted), {}
    for start in range(0, len(numbers), _AT_ONCE):
        for row in session.execute(_current(column.in_(numbers[start : start + _AT_ONCE]))):
            key = wanted[getattr(row, name)]
            given = entries[key].record
            if org_codes.get(given.provider.name) == row.org_code:
                found[key] = _standing(row, _dated(row.record, given), None)
    return found


def _dated(stored: Resource, given: Resource) -> Resource:
    """The day of publication stands beside a record, and in what is exported of it."""
    return stored if stored.published_on else stored.model_copy(update={"published_on": given.published_on})


def _current(
    condition: ColumnElement[bool],
) -> Select[UUID, str, str | None, str | None, str, str, int, Resource]:
    is_current = and_(
        ResourceVersion.resource_id == ResourceEntry.id, ResourceVersion.version == ResourceEntry.current_version
    )
    return (
        select(
            ResourceEntry.id,
            ResourceEntry.source_key,
            ResourceEntry.identifier,
            ResourceEntry.code,
            ResourceEntry.org_code,
            ResourceEntry.status,
            ResourceEntry.current_version,
            ResourceVersion.record,
        )
        .join(ResourceVersion, is_current)
        .where(condition)
    )


def _standing(
    row: Any,
    current: Resource,
    imported: Resource | None,
) -> Standing:
    return Standing(row.id, row.status, row.current_version, current, imported)


def _imported(session: Session, ids: Collection[UUID]) -> dict[UUID, Resource]:
    """What an import (or registering) last wrote of these entries."""
    last = (
        select(ResourceStep.resource_id, func.max(ResourceStep.version).label("version"))
        .where(ResourceStep.resource_id.in_(ids), or_(ResourceStep.step == "register", ResourceStep.step == "import"))
        .group_by(ResourceStep.resource_id)
        .subquery()
    )
    of_last = and_(ResourceVersion.resource_id == last.c.resource_id, ResourceVersion.version == last.c.version)
    rows = session.execute(select(ResourceVersion.resource_id, ResourceVersion.record).join(last, of_last))
    return {row.resource_id: row.record for row in rows}


def _ours(given: Resource, stored: Resource) -> Resource:
    return given.model_copy(update={name: getattr(stored, name) for name in _OURS})

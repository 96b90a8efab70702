"""What the directory knows that a sheet can be held against: departments, issued codes, titles."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.imports.models import Import, ImportEntry
from directory.organisations.models import Organisation
from directory.resources.models import ResourceEntry
from directory.resources.states import HIDDEN
from metadata.formats.doctor.fault import Known
from metadata.resource import Resource

_AT_ONCE: Final = 1_000


def knowledge(session: Session, row: Import) -> Known:
    """For an import of one department, that department alone; else all. Codes and titles are those that matter here.

    What an entry has that the file repeats under the same title is its own, and no clash.
    """
    organisations = _organisations(session, row)
    records: list[Resource] = [
        record
        for record in session.scalars(select(ImportEntry.record).where(ImportEntry.import_id == row.id))
        if record is not None
    ]
    own_titles = {(each.provider.name, each.title) for each in records}
    taken = {
        code
        for code, title, provider in _with_codes(session, {each.code for each in records if each.code})
        if (provider, title) not in own_titles
    }
    names = {each.provider.name for each in records} | set(organisations)
    titles = frozenset(_titles(session, names) - own_titles)
    return Known(organisations=organisations, codes_taken=frozenset(taken), titles=titles)


def _organisations(session: Session, row: Import) -> dict[str, str]:
    query = select(Organisation).where(Organisation.is_confirmed)
    if row.provider_code is not None:
        query = query.where(Organisation.code == row.provider_code)
    return {each.name: each.real_code for each in session.scalars(query)}


def _with_codes(session: Session, codes: Iterable[str]) -> list[tuple[str, str, str]]:
    """(code, title, department) of the entries that have these codes."""
    wanted, found = sorted(codes), []
    for start in range(0, len(wanted), _AT_ONCE):
        query = (
            select(ResourceEntry.code, ResourceEntry.title, Organisation.name)
            .join(Organisation, Organisation.code == ResourceEntry.org_code)
            .where(ResourceEntry.code.in_(wanted[start : start + _AT_ONCE]))
        )
        found += [(code or "", title, name) for code, title, name in session.execute(query)]
    return found


def _titles(session: Session, providers: Iterable[str]) -> set[tuple[str, str]]:
    query = (
        select(Organisation.name, ResourceEntry.title)
        .join(ResourceEntry, Organisation.code == ResourceEntry.org_code)
        .where(Organisation.name.in_(sorted(providers)), ResourceEntry.status.not_in(HIDDEN))
    )
    return {(name, title) for name, title in session.execute(query)}

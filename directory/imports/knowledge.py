"""What the directory knows that a sheet can be held against: departments, issued codes, titles."""

from collections.abc import Iterable, Sequence
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


def knowledge_for(session: Session, row: Import) -> Known:
    """What matters to an import of which the entries have been read."""
    found = session.scalars(select(ImportEntry.record).where(ImportEntry.import_id == row.id))
    return knowledge(session, [record for record in found if record is not None], row.provider_code)


def knowledge(session: Session, records: Sequence[Resource], provider_code: str | None) -> Known:
    """For a file of one department, that department alone; else all. Codes and titles are those that matter here.

    What an entry has that the file repeats under the same title is its own, and no clash.
    """
    organisations = _organisations(session, provider_code)
    own_titles = {(each.provider.name, each.title) for each in records}
    taken = {
        code
        for code, title, provider in _with_codes(session, {each.code for each in records if each.code})
        if (provider, title) not in own_titles
    }
    names = {each.provider.name for each in records} | set(organisations)
    titles = frozenset(_titles(session, names) - own_titles)
    return Known(organisations=organisations, codes_taken=frozenset(taken), titles=titles)


def _organisations(session: Session, provider_code: str | None) -> dict[str, str]:
    query = select(Organisation).where(Organisation.is_confirmed)
    if provider_code is not None:
        query = query.where(Organisation.code == provider_code)
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

"""Import records as drafts: all of them or none, and the same file again changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.audit.record import record as record_audit
from directory.errors import DirectoryError
from directory.libraries.names import library_class_codes
from directory.organisations.models import Organisation
from directory.organisations.register import named_organisation
from directory.policy import Action, require
from directory.resources.classes import ClassCodes
from directory.resources.mint import reserve
from directory.resources.models import ResourceEntry, ResourceVersion
from directory.resources.reading import Incoming, Incomings
from directory.resources.register import register
from metadata.record import canonical_bytes
from metadata.resource import Resource
from standards.crypto import digest_hex
from standards.errors import ExplainedError
from standards.findings import Finding

# What an entry has from the directory and not from the file; not compared when the file comes again.
_OURS = ("identifier", "code", "class_code", "metadata_id", "updated_on", "provider", "assessments")
_KEYS_AT_ONCE = 1_000
_LOCK = 0x494D504F5254  # "IMPORT"


@dataclass(frozen=True)
class Refused:
    """A record that was not taken: where it stands, and why."""

    place: str
    title: str
    code: str
    zh: str
    findings: tuple[Finding, ...] = ()


@dataclass
class ImportReport:
    """What came of an import. With anything ``refused`` nothing was imported; ``differing`` were left as they are.

    ``unassessed`` are records whose assessments were left out: here they are recorded by who makes them, not imported.
    """

    is_dry_run: bool
    rows: int
    added: int = 0
    unchanged: int = 0
    differing: list[str] = field(default_factory=list)
    unassessed: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    new_organisations: list[str] = field(default_factory=list)


def import_records(
    session: Session, actor: Actor, incoming: Incomings, classes: ClassCodes, now: datetime, *, is_dry_run: bool
) -> ImportReport:
    """Register what is new. Departments that nobody registered are made as provisional ones, for the office only.

    An entry is recognised by title, department and kind of file, or by its identifier. Raises ``FORBIDDEN`` for
    another's department and ``IMPORT_EMPTY`` for a file without entries; what is wrong with single records is in the
    report, and then none is imported.
    """
    if not incoming.records and not is_dry_run:
        raise DirectoryError("IMPORT_EMPTY", rows=incoming.rows)
    report = ImportReport(is_dry_run=is_dry_run, rows=incoming.rows)
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))  # two imports of one file would both find it new
    classes = classes.with_libraries(library_class_codes(session))
    savepoint = session.begin_nested()
    organisations = _organisations(session, actor, incoming.records, report)
    keyed = {_key(each.record, incoming.source): each for each in incoming.records}
    known = _known(session, keyed) | _exported(session, keyed, organisations)
    new = {key: each for key, each in keyed.items() if key not in known}
    reserve(
        session,
        (
            front
            for each in new.values()
            for front in classes.fronts(each.record, organisations[each.record.provider.name].prefix)
        ),
    )
    for key, each in keyed.items():
        if key not in known:
            _register(session, actor, each, organisations, classes, now, key, report)
        elif _is_same(each.record, known[key]):
            report.unchanged += 1
        else:
            report.differing.append(f"{each.place}：{each.record.title}")
    if is_dry_run or report.refused:
        savepoint.rollback()
        return report
    savepoint.commit()
    record_audit(
        session,
        actor,
        "resource:import",
        incoming.source,
        at=now,
        details={"rows": report.rows, "added": report.added, "unchanged": report.unchanged},
    )
    return report


def _organisations(
    session: Session, actor: Actor, records: Sequence[Incoming], report: ImportReport
) -> Mapping[str, Organisation]:
    """The departments by the name that the file uses."""
    found: dict[str, Organisation] = {}
    for provider in {each.record.provider.name: each.record.provider for each in records}.values():
        before = session.scalar(
            select(Organisation).where((Organisation.name == provider.name) | (Organisation.code == provider.code))
        )
        require(actor, Action.RESOURCE_REGISTER, before.code if before else "")
        found[provider.name] = before or named_organisation(session, provider.name, code=provider.code, by=actor)
        if before is None:
            report.new_organisations.append(provider.name)
    return found


def _register(
    session: Session,
    actor: Actor,
    each: Incoming,
    organisations: Mapping[str, Organisation],
    classes: ClassCodes,
    now: datetime,
    key: str,
    report: ImportReport,
) -> None:
    organisation = organisations[each.record.provider.name]
    named = each.record.provider.model_copy(update={"code": organisation.code})
    record = each.record.model_copy(update={"provider": named, "assessments": ()})
    try:
        register(session, actor, record, classes, now, source_key=key)
    except ExplainedError as error:
        findings = error.values.get("findings", [])
        kept = (
            tuple(finding for finding in findings if isinstance(finding, Finding)) if isinstance(findings, list) else ()
        )
        report.refused.append(Refused(each.place, record.title, error.code, error.zh, kept))
    else:
        report.added += 1
        if each.record.assessments:
            report.unassessed.append(f"{each.place}：{record.title}")


def _key(record: Resource, source: str) -> str:
    return digest_hex(canonical_bytes([source, record.provider.name, record.title]))


def _known(session: Session, keys: Mapping[str, Incoming]) -> dict[str, Resource]:
    """The first versions of entries that were imported before, by key."""
    found: dict[str, Resource] = {}
    wanted = sorted(keys)
    for start in range(0, len(wanted), _KEYS_AT_ONCE):
        rows = session.execute(
            select(ResourceEntry.source_key, ResourceVersion.record)
            .join(ResourceVersion, ResourceVersion.resource_id == ResourceEntry.id)
            .where(ResourceVersion.version == 1, ResourceEntry.source_key.in_(wanted[start : start + _KEYS_AT_ONCE]))
        )
        found |= {row.source_key: row.record for row in rows}
    return found


def _exported(
    session: Session, keys: Mapping[str, Incoming], organisations: Mapping[str, Organisation]
) -> dict[str, Resource]:
    """The newest versions of entries of the same department whose identifier the file repeats, by key."""
    wanted = {each.record.identifier: key for key, each in keys.items() if each.record.identifier}
    found: dict[str, Resource] = {}
    rows = session.execute(
        select(ResourceEntry.identifier, ResourceEntry.org_code, ResourceVersion.record)
        .join(ResourceVersion, ResourceVersion.resource_id == ResourceEntry.id)
        .where(ResourceVersion.version == ResourceEntry.current_version, ResourceEntry.identifier.in_(sorted(wanted)))
    )
    for row in rows:
        key = wanted[row.identifier]
        given = keys[key].record
        if organisations[given.provider.name].code == row.org_code:
            ours = {} if row.record.published_on else {"published_on": given.published_on}  # set when it is published
            found[key] = row.record.model_copy(update=ours)
    return found


def _is_same(given: Resource, stored: Resource) -> bool:
    """Whether the file still says what it said, apart from what the directory has put in."""
    ours = {name: getattr(stored, name) for name in _OURS}
    return given.model_copy(update=ours) == stored

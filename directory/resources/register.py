"""Register an entry: admit, number, store as version 1 and first step, record; all in the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record as record_audit
from directory.clock.deadlines import day_of
from directory.delegations.held import Delegated
from directory.errors import DirectoryError
from directory.libraries.names import library_class_codes, require_library
from directory.organisations.models import Organisation
from directory.organisations.queries import provider_of
from directory.policy import require
from directory.resources.admit import admit
from directory.resources.classes import ClassCodes
from directory.resources.mint import mint
from directory.resources.models import ResourceEntry, ResourceStep, ResourceVersion
from directory.search.changes import mark
from metadata.resource import Resource
from metadata.rules import lacks
from standards.findings import Finding


@dataclass(frozen=True)
class Saved:
    """An entry after a write: its row, the record as stored, what publication still needs, and warnings."""

    entry: ResourceEntry
    record: Resource
    lacks: list[Finding]
    warnings: list[Finding]


def register(
    session: Session, actor: Actor, record: Resource, classes: ClassCodes, now: datetime, *, source_key: str = ""
) -> Saved:
    """Make a new entry in draft. The provider is found by code or name and stands in the record as registered.

    Raises ``ORGANISATION_UNKNOWN``, ``FORBIDDEN``, ``ASSESSMENT_SEPARATE``, ``RESOURCE_REFUSED``, what ``mint`` raises.
    """
    organisation = provider_of(session, record.provider)
    require(actor, Action.RESOURCE_REGISTER, organisation.code)
    if record.assessments:
        raise DirectoryError("ASSESSMENT_SEPARATE")
    entry_id = uuid4()
    classes = classes.with_libraries(library_class_codes(session))
    stored = mint(session, with_provider(record, organisation), organisation, classes)
    given = {"metadata_id": stored.metadata_id or str(entry_id), "updated_on": stored.updated_on or day_of(now)}
    stored = stored.model_copy(update=given)
    warnings = admit(stored, day_of(now))
    entry = ResourceEntry(
        id=entry_id,
        org_code=organisation.code,
        status="draft",
        step_seq=0,
        round=1,
        current_version=0,
        source_key=source_key,
    )
    session.add(entry)
    write_version(session, entry, stored, actor, "register", now)
    record_audit(session, actor, "resource:register", str(entry_id), at=now, details=_numbers(entry))
    return Saved(entry, stored, lacks(stored), warnings)


def with_provider(record: Resource, organisation: Organisation) -> Resource:
    """The record with its provider as the register has it."""
    registered = {"name": organisation.name, "code": organisation.real_code}
    return record.model_copy(update={"provider": record.provider.model_copy(update=registered)})


def write_version(
    session: Session,
    entry: ResourceEntry,
    record: Resource,
    actor: Actor,
    step: str,
    now: datetime,
    comment: str = "",
) -> None:
    """Store the record as the entry's next version and as a step in draft, and bring its columns up to it.

    Every write comes through here, so here a library that is not in the register is refused: ``LIBRARY_UNKNOWN``.
    """
    require_library(session, record.library)
    for name, value in columns_of(record, now).items():
        setattr(entry, name, value)
    entry.current_version += 1
    entry.status = "draft"
    session.flush()
    session.add(
        ResourceVersion(
            resource_id=entry.id,
            version=entry.current_version,
            record=record,
            created_by=actor.account_id,
            created_at=now,
        )
    )
    session.flush()
    write_step(session, entry, step, "draft", actor.account_id, actor.account_id, now, comment)


def columns_of(record: Resource, now: datetime) -> dict[str, object]:
    """What the entry's row repeats of its record."""
    return {
        "title": record.title,
        "identifier": record.identifier or None,
        "code": record.code or None,
        "library": record.library,
        "share_type": record.sharing.share_type,
        "updated_on": record.updated_on or day_of(now),
    }


def write_step(
    session: Session,
    entry: ResourceEntry,
    step: str,
    status: str,
    authored_by: UUID,
    decided_by: UUID,
    now: datetime,
    comment: str = "",
    behalf: Delegated | None = None,
) -> None:
    """Take one step: the row, and the entry that now stands on it."""
    entry.step_seq += 1
    entry.status = status
    session.add(
        ResourceStep(
            resource_id=entry.id,
            seq=entry.step_seq,
            step=step,
            status=status,
            version=entry.current_version,
            round=entry.round,
            authored_by=authored_by,
            decided_by=decided_by,
            decided_for=behalf.delegator_id if behalf else None,
            delegation_id=behalf.delegation_id if behalf else None,
            decided_at=now,
            comment=comment,
        )
    )
    mark(session, entry.id)
    session.flush()


def _numbers(entry: ResourceEntry) -> dict[str, str | int | bool | None]:
    return {"identifier": entry.identifier, "code": entry.code, "version": entry.current_version}

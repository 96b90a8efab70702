"""Edit an entry and record its assessments. A version is never changed: each write is the next one, by its author."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record as record_audit
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.organisations.queries import organisation, provider_of
from directory.policy import require
from directory.resources.admit import admit
from directory.resources.assessment_files import Document, keep
from directory.resources.mint import mint_identifier
from directory.resources.models import ResourceEntry
from directory.resources.queries import current_record, find
from directory.resources.register import Saved, with_provider, write_version
from directory.resources.states import EDITABLE, STATUSES
from directory.typed import EARLIEST
from metadata.resource import Assessment, Resource
from metadata.rules import assessment_subject_digest, lacks


def edit(
    session: Session,
    actor: Actor,
    ref: str,
    record: Resource,
    expected_version: int,
    now: datetime,
    comment: str = "",
    step: Literal["edit", "import"] = "edit",
) -> Saved:
    """Store a changed record as the next version, in draft; of a published entry this begins its successor.

    ``comment`` stands in the history beside the step.

    Assessments stay those recorded (void where items or sharing changed). The same record again changes nothing.
    Raises ``VERSION_CHANGED``, ``STATUS_FORBIDS``, ``IDENTIFIER_FIXED``, ``ASSESSMENT_SEPARATE``, ``RESOURCE_REFUSED``.
    """
    entry = _open(session, actor, ref, Action.RESOURCE_EDIT)
    if expected_version != entry.current_version:
        raise DirectoryError("VERSION_CHANGED", version=entry.current_version)
    before = current_record(session, entry)
    own = organisation(session, entry.org_code)
    if provider_of(session, record.provider).code != entry.org_code:
        raise DirectoryError(
            "ORGANISATION_INVALID",
            reason="提供单位在登记后不能更换",
            reason_en="the provider of a registered entry stays",
        )
    if record.identifier not in {"", before.identifier} or record.code not in {"", before.code}:
        raise DirectoryError("IDENTIFIER_FIXED")
    if record.assessments not in {(), before.assessments}:
        raise DirectoryError("ASSESSMENT_SEPARATE")
    kept = {
        "identifier": before.identifier,
        "code": before.code,
        "metadata_id": record.metadata_id or before.metadata_id,
        "class_code": before.class_code if before.code else record.class_code,
        "assessments": before.assessments,
    }
    after = with_provider(record.model_copy(update=kept), own)
    if after == before and (before.identifier or not own.prefix):
        return Saved(entry, before, lacks(before), [])
    if not before.identifier and own.prefix:  # the department has got its prefix since
        after = after.model_copy(update={"identifier": mint_identifier(session, own.prefix)})
    if after.updated_on == before.updated_on:
        after = after.model_copy(update={"updated_on": day_of(now)})
    return _save(session, actor, entry, after, step, now, comment)


def assess(
    session: Session,
    actor: Actor,
    ref: str,
    *,
    kind: Literal["secrecy", "personal_information"],
    conclusion: str,
    assessed_on: date,
    is_passed: bool,
    now: datetime,
    document: Document | None = None,
) -> Saved:
    """Record an assessment of the items and sharing as they are now (Art. 13); it is part of the next version.

    ``document`` is the file that shows it; the log has its digest and size.

    Raises ``RESOURCE_NOT_FOUND``, ``FORBIDDEN``, ``STATUS_FORBIDS`` where the entry is not in its department's hands,
    ``ASSESSMENT_DAY``, and as ``assessment_files.keep``.
    """
    if assessed_on < EARLIEST:
        raise DirectoryError("ASSESSMENT_DAY", day=assessed_on.isoformat(), earliest=EARLIEST.isoformat())
    entry = _open(session, actor, ref, Action.RESOURCE_ASSESS)
    before = current_record(session, entry)
    made = Assessment(
        kind=kind,
        conclusion=conclusion,
        assessor=actor.display_name,
        assessed_on=assessed_on,
        subject_digest=assessment_subject_digest(before),
        is_passed=is_passed,
    )
    after = before.model_copy(update={"assessments": (*before.assessments, made)})
    noted: dict[str, str | int] = {"file_sha256": document.sha256, "file_bytes": len(document.data)} if document else {}
    saved = _save(session, actor, entry, after, "assess", now, noted=noted)
    if document is not None:
        keep(session, entry, len(after.assessments), document)
    return saved


def _open(session: Session, actor: Actor, ref: str, action: Action) -> ResourceEntry:
    """The entry, locked, in a status in which it may be written."""
    entry = find(session, actor, ref, lock=True)
    require(actor, action, entry.org_code)
    if entry.status not in EDITABLE:
        raise DirectoryError("STATUS_FORBIDS", status=STATUSES[entry.status], status_en=entry.status, what="修改")
    return entry


def _save(
    session: Session,
    actor: Actor,
    entry: ResourceEntry,
    record: Resource,
    step: str,
    now: datetime,
    comment: str = "",
    noted: Mapping[str, str | int] = MappingProxyType({}),
) -> Saved:
    warnings = admit(record, day_of(now))
    if entry.status == "published":
        entry.round += 1
    write_version(session, entry, record, actor, step, now, comment)
    details: dict[str, str | int | bool | None] = {"version": entry.current_version, **noted}
    record_audit(session, actor, f"resource:{step}", str(entry.id), at=now, details=details)
    return Saved(entry, record, lacks(record), warnings)

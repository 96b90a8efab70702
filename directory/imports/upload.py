"""Begin an import: read the file as far as to know that it is one, keep it, propose what its columns are."""

from datetime import datetime
from pathlib import PurePath
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record as record_audit
from directory.errors import DirectoryError
from directory.imports import parsed
from directory.imports.mapping import recalled, signature
from directory.imports.models import Import, ImportFile
from directory.imports.queries import clean_up, find_import, provider_of_import, require_open
from directory.limits import LIMITS
from directory.organisations.queries import organisation
from directory.policy import require
from directory.resources.reading import is_workbook, read_file
from directory.roles import OFFICE_ROLES
from directory.scanning import require_clean
from metadata.errors import MetadataError
from metadata.formats.column_mapping import propose
from standards.crypto import digest_hex

_NAME_CHARACTERS = 255


def upload(session: Session, actor: Actor, data: bytes, name: str, provider_code: str, now: datetime) -> Import:
    """Keep a file as an import of the actor's department, or of the department ``provider_code`` names.

    Nothing is kept of a file that cannot be read. Raises ``FORBIDDEN``, ``ORGANISATION_UNKNOWN``, ``IMPORT_EMPTY``,
    ``FILE_INFECTED``, ``SCANNER_AWAY``, ``MetadataError HEADERS_UNKNOWN`` where no row looks like a header, and what
    reading raises.
    """
    own = organisation(session, provider_code) if provider_code else None
    require(actor, Action.IMPORT_RUN, own.code if own else actor.org_code)
    clean_up(session, now)
    refuse_large(data, name)
    require_clean(session, data)
    row = Import(
        id=uuid4(),
        org_code=own.code if own else actor.org_code or None,
        provider_code=own.code if own else _own_provider(actor),
        file_name=file_title(name),
        file_bytes=len(data),
        sha256=digest_hex(data),
        source="xml",
        uploaded_by=actor.account_id,
        uploaded_at=now,
        state="uploaded",
        stage="",
        revision=0,
        row_count=1,
    )
    if is_workbook(name):
        sheets = parsed.sheets(data, name)
        mapping = propose(sheets)
        if not mapping.columns:
            raise MetadataError(
                "HEADERS_UNKNOWN",
                name=name,
                missing="一行表头",
                missing_en="a header row",
                headers="无",
                headers_en="none",
            )
        headers = {each.sheet: each.last_row for each in mapping.headers}
        row.row_count = sum(
            row.number > headers[each.name] for each in sheets if each.name in headers for row in each.rows
        )
        if not row.row_count:
            raise DirectoryError("IMPORT_EMPTY", rows=0)
        row.source, row.header_signature = "workbook", signature(mapping)
        row.mapping = recalled(session, row.org_code, mapping) or mapping
    else:
        incoming = read_file(data, name, provider_of_import(session, row))
        row.source, row.row_count = incoming.source, incoming.rows
    session.add(row)
    session.flush()
    session.add(ImportFile(import_id=row.id, revision=0, data=data, made_by=actor.account_id, made_at=now))
    session.flush()
    record_audit(
        session, actor, "import:upload", str(row.id), at=now, details={"bytes": row.file_bytes, "sha256": row.sha256}
    )
    return row


def discard_import(session: Session, actor: Actor, import_id: UUID, now: datetime) -> Import:
    """Give an import up before anything was imported; its file goes some days later."""
    row = find_import(session, actor, import_id, Action.IMPORT_RUN, lock=True)
    require_open(row, "放弃")
    row.state, row.stage, row.ended_by, row.ended_at = "discarded", "", actor.account_id, now
    record_audit(session, actor, "import:discard", str(row.id), at=now)
    session.flush()
    return row


def file_title(name: str) -> str:
    """The file's name without its folder, as far as it can be kept."""
    return PurePath(name.replace("\\", "/")).name[-_NAME_CHARACTERS:]


def refuse_large(data: bytes, name: str) -> None:
    """Raise ``MetadataError FILE_TOO_LARGE`` over the limit of what is kept."""
    if len(data) > LIMITS.import_file_bytes:
        said = f"{len(data):,} > {LIMITS.import_file_bytes:,}"
        raise MetadataError("FILE_TOO_LARGE", name=name, reason=f"字节 {said}", reason_en=f"bytes {said}")


def _own_provider(actor: Actor) -> str | None:
    """A department's people import their own; the office's files name whose entries they are."""
    return None if not actor.org_code or actor.roles & OFFICE_ROLES else actor.org_code

"""Which column of the file is which element: shown to a person, changed by them, remembered for the next such file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.imports.models import Import, ImportCell, RememberedMapping
from directory.imports.queries import find_import, require_open
from metadata.errors import MetadataError
from metadata.formats.column_mapping import ColumnMapping
from metadata.formats.workbook_elements import REQUIRED
from metadata.record import canonical_bytes
from standards.crypto import digest_hex


@dataclass(frozen=True)
class Choice:
    """What a person says one column is; an empty element is 不导入."""

    sheet: str
    index: int
    element: str


def choose(session: Session, actor: Actor, import_id: UUID, choices: Sequence[Choice], now: datetime) -> Import:
    """Take the mapping and begin the check anew; what is not named stays as it was proposed.

    Raises ``IMPORT_STATE``, ``IMPORT_NO_COLUMNS``, ``IMPORT_COLUMN_UNKNOWN`` and, as reading would,
    ``MetadataError HEADERS_UNKNOWN`` (no title, no provider) and ``HEADERS_DOUBLED``.
    """
    row = find_import(session, actor, import_id, Action.IMPORT_RUN, lock=True)
    require_open(row, "更改各列对应")
    mapping = with_choices(row, choices)
    missing = mapping.missing(("title",) if row.provider_code else REQUIRED)
    if missing:
        raise mapping.unmatched(row.file_name, missing)
    for headers in mapping.doubled().values():
        names = "、".join(headers)
        raise MetadataError("HEADERS_DOUBLED", name=row.file_name, headers=names, headers_en=", ".join(headers))
    row.mapping = mapping
    _remember(session, actor, row, mapping, now)
    begin_check(session, row)
    return row


def with_choices(row: Import, choices: Sequence[Choice]) -> ColumnMapping:
    """The import's mapping with these choices; raises as ``choose`` does for what is not there."""
    if row.mapping is None:
        raise DirectoryError("IMPORT_NO_COLUMNS")
    mapping = row.mapping
    for choice in choices:
        try:
            mapping = mapping.with_choice(choice.sheet, choice.index, choice.element)
        except KeyError:
            column = f"{choice.sheet}/{choice.index}/{choice.element}"[:100]
            raise DirectoryError("IMPORT_COLUMN_UNKNOWN", column=column) from None
    return mapping


def begin_check(session: Session, row: Import) -> None:
    """Forget which cells an earlier check found wrong, and stand at the first stage again."""
    session.execute(delete(ImportCell).where(ImportCell.import_id == row.id))
    row.state, row.stage = "uploaded", "reading"
    session.flush()


def signature(mapping: ColumnMapping) -> str:
    """What the next file with the same headers in the same places is recognised by, whatever its sheets are called."""
    places = {header.sheet: place for place, header in enumerate(mapping.headers)}
    columns = [[places[each.sheet], each.index, each.header] for each in mapping.columns]
    return digest_hex(canonical_bytes(columns))


def recalled(session: Session, org_code: str | None, mapping: ColumnMapping) -> ColumnMapping | None:
    """The proposed mapping with what the department chose for such a file last time; None where it never did."""
    if org_code is None:
        return None
    remembered = session.get(RememberedMapping, (org_code, signature(mapping)))
    if remembered is None:
        return None
    sheets = dict(
        zip(
            (each.sheet for each in remembered.mapping.headers),
            (each.sheet for each in mapping.headers),
            strict=True,
        )
    )
    for each in remembered.mapping.columns:
        mapping = mapping.with_choice(sheets[each.sheet], each.index, each.element)
    return mapping


def _remember(session: Session, actor: Actor, row: Import, mapping: ColumnMapping, now: datetime) -> None:
    if row.org_code is None:
        return
    values = {"mapping": mapping, "chosen_by": actor.account_id, "chosen_at": now}
    new = insert(RememberedMapping).values(org_code=row.org_code, header_signature=row.header_signature, **values)
    session.execute(
        new.on_conflict_do_update(
            index_elements=[RememberedMapping.org_code, RememberedMapping.header_signature], set_=values
        )
    )

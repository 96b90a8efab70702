"""Check a planned form and keep what came out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Final

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import Details
from directory.audit.record import record as record_audit
from directory.collection_check.fields import fields_of_sheets, fields_of_text
from directory.collection_check.models import CollectionCheck
from directory.collection_check.verdicts import HELD
from directory.collection_check.views import FieldFound, found_for
from directory.errors import DirectoryError
from directory.item_match.compare import Wanted
from directory.item_match.queries import MOST_WANTED, matches
from directory.policy import require
from directory.resources.reading import read_sheets
from metadata.errors import MetadataError
from metadata.formats.text_encoding import text_of

MOST_BYTES: Final = 5 * 1024 * 1024


@dataclass(frozen=True)
class Planned:
    """A form that a department plans: what it is called, what for, and its fields."""

    title: str
    purpose: str
    fields: Sequence[Wanted]


def check(session: Session, actor: Actor, planned: Planned, now: datetime) -> CollectionCheck:
    """Hold each field against what is published, and keep the result as it is now.

    Nothing is said to be new while published entries are not compared yet: the record would say so for ever. Raises
    ``FORBIDDEN``, ``COLLECTION_INVALID``, ``COLLECTION_INCOMPLETE``.
    """
    require(actor, Action.COLLECTION_CHECK, actor.org_code)
    if not planned.title.strip():
        raise DirectoryError("COLLECTION_INVALID", reason="没有写表单名称")
    if not planned.fields:
        raise DirectoryError("COLLECTION_INVALID", reason="没有读到采集项")
    if len(planned.fields) > MOST_WANTED:
        reason = f"一次最多 {MOST_WANTED} 个采集项，现有 {len(planned.fields)} 个"
        raise DirectoryError("COLLECTION_INVALID", reason=reason)
    held = matches(session, actor, planned.fields)
    if held.uncompared:
        wait = held.wait_seconds
        raise DirectoryError("COLLECTION_INCOMPLETE", count=held.uncompared, wait_seconds=wait, minutes=-(-wait // 60))
    found = [found_for(field, each, actor.org_code) for field, each in zip(planned.fields, held.matches, strict=True)]
    row = CollectionCheck(
        org_code=actor.org_code,
        title=planned.title.strip(),
        purpose=planned.purpose.strip(),
        field_count=len(found),
        held_count=held_count(found),
        findings=[each.model_dump(mode="json") for each in found],
        made_by=actor.account_id,
        made_at=now,
    )
    session.add(row)
    session.flush()
    details: Details = {"fields": row.field_count, "held": row.held_count}
    record_audit(session, actor, "collection:check", str(row.id), at=now, details=details)
    return row


def held_count(found: Sequence[FieldFound]) -> int:
    """How many fields need not be collected."""
    return sum(each.verdict in HELD for each in found)


def fields_of(text: str, data: bytes = b"", name: str = "") -> list[Wanted]:
    """The fields of a form, from its file where there is one, else from the pasted lines.

    Raises ``COLLECTION_INVALID`` for a file that cannot be read.
    """
    if not data:
        return fields_of_text(text)
    if len(data) > MOST_BYTES:
        raise DirectoryError("COLLECTION_INVALID", reason=f"文件最大 {MOST_BYTES // 1024 // 1024} MB")
    try:
        if PurePath(name).suffix.lower() == ".txt":
            return fields_of_text(text_of(data, name).text)
        return fields_of_sheets(read_sheets(data, name))
    except MetadataError as error:
        raise DirectoryError("COLLECTION_INVALID", reason=f"文件不能读：{error.zh}") from None

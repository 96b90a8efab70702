"""The catalogue entries whose next step is a person's to take."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.organisations.names import organisation_names
from directory.policy import NOWHERE, allows
from directory.resources.queries import current_record, entries_in
from directory.resources.states import FORWARD, STATUSES, moves_from
from metadata.rules import lacks
from standards.findings import errors


class EntryLine(BaseModel):
    """A catalogue entry that waits, and the status the caller's step would give it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    title: str
    provider_name: str
    status: str
    status_name: str
    to: str
    act_name: str
    updated_on: date


def waiting_entries(session: Session, actor: Actor) -> list[EntryLine]:
    """Those that this actor may take forward, status by status, the longest untouched first."""
    return [line for status in STATUSES for line in _entries(session, actor, status)]


def _entries(session: Session, actor: Actor, status: str) -> list[EntryLine]:
    """The entries in one status that this actor may take forward."""
    found, names = [], organisation_names(session)
    for move in moves_from(status, has_published=False):
        if move.step not in FORWARD or not allows(actor, move.action, actor.org_code):
            continue
        is_for_all = allows(actor, move.action, NOWHERE)
        for entry in entries_in(session, actor, [status], None if is_for_all else actor.org_code):
            if status == "draft" and errors(lacks(current_record(session, entry))):
                continue  # the editor's turn still: an imported workbook must not bury the head's real work
            line = EntryLine(
                id=entry.id,
                title=entry.title,
                provider_name=names.get(entry.org_code, entry.org_code),
                status=status,
                status_name=STATUSES[status],
                to=move.to,
                act_name=move.name_zh,
                updated_on=entry.updated_on,
            )
            found.append(line)
    return found

"""What stays known of an entry that was withdrawn: its names, whose it was, when and why it went."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from directory.clock.deadlines import day_of
from directory.resources.models import ResourceEntry
from directory.resources.queries import published_record, steps


@dataclass(frozen=True)
class Tombstone:
    """The facts; ``reason`` is what was written when it was withdrawn."""

    title: str
    identifier: str
    code: str
    provider: str
    withdrawn_on: date
    reason: str


def tombstone(session: Session, entry: ResourceEntry) -> Tombstone | None:
    """The tombstone of an entry that was published once and is withdrawn; None for any other."""
    if entry.status != "withdrawn" or entry.published_version is None:
        return None
    record, last = published_record(session, entry), steps(session, entry)[-1]
    return Tombstone(
        title=record.title,
        identifier=entry.identifier or "",
        code=entry.code or "",
        provider=record.provider.name,
        withdrawn_on=day_of(last.decided_at),
        reason=last.comment,
    )

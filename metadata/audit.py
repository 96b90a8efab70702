"""AuditEntry: what is kept of every decision and step. Never personal values, never query results."""

from datetime import datetime

from pydantic import Field

from metadata.record import Record


class AuditEntry(Record):
    """Who did what to which thing, with what outcome.

    ``producer`` is ``directory``, ``node:<name>``, ``target:<name>`` or ``relay``; ``actor`` an account name or a node
    id; ``action`` is ``subject:verb`` (``request:agree``, ``batch:apply``); ``details`` hold counts, codes and digests
    only.
    """

    event_id: str
    at: datetime
    producer: str
    actor: str
    organisation: str = ""
    action: str = Field(pattern=r"^[a-z_]+:[a-z_]+$")
    subject: str
    outcome: str = "done"
    code: str = ""
    details: dict[str, str | int | bool | None] = Field(default_factory=dict)

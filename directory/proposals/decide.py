"""The editor's decision on a proposal: an entry with its mount, or no, with the reason. Recorded either way."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.proposals import queries
from directory.proposals.choice import Choice, apply
from directory.proposals.models import ProposalRow
from directory.resources.classes import ClassCodes
from directory.resources.register import Saved, register
from metadata.resource import Resource

STATUS_NAMES: Final = {"waiting": "待确认", "superseded": "已更新", "confirmed": "已登记", "declined": "不采纳"}


def confirm(
    session: Session, actor: Actor, proposal_id: UUID, choice: Choice, classes: ClassCodes, now: datetime
) -> Saved:
    """Register the draft as the person chose it, as an entry in draft with the table mounted.

    Raises ``PROPOSAL_NOT_FOUND``, ``PROPOSAL_DECIDED``, ``PROPOSAL_SUPERSEDED``, ``PROPOSAL_KNOWN``,
    ``PROPOSAL_CHOICE_BAD`` with findings, and what ``register`` raises.
    """
    row = _open(session, actor, proposal_id)
    line = queries.line(row, queries.known_tables(session, row.org_code))
    if line.known is not None:
        raise DirectoryError("PROPOSAL_KNOWN", table=row.table_name, title=line.known.title)
    chosen = apply(line.proposal, choice)
    if not isinstance(chosen, Resource):
        raise DirectoryError("PROPOSAL_CHOICE_BAD", count=len(chosen), findings=chosen)
    provider = chosen.provider.model_copy(update={"name": actor.org_name, "code": row.org_code})
    saved = register(session, actor, chosen.model_copy(update={"provider": provider}), classes, now)
    _close(row, actor, "confirmed", now)
    row.resource_id = saved.entry.id
    record(
        session,
        actor,
        "proposal:confirm",
        str(row.id),
        at=now,
        details={"resource": str(saved.entry.id), "profile": row.profile_digest, "items": len(chosen.items)},
    )
    session.flush()
    return saved


def decline(session: Session, actor: Actor, proposal_id: UUID, reason: str, now: datetime) -> None:
    """Not to be catalogued; the table comes again only when its structure changes.

    Raises ``PROPOSAL_NOT_FOUND``, ``PROPOSAL_DECIDED``, ``PROPOSAL_SUPERSEDED``, ``PROPOSAL_REASON_MISSING``.
    """
    row = _open(session, actor, proposal_id)
    if not reason.strip():
        raise DirectoryError("PROPOSAL_REASON_MISSING")
    _close(row, actor, "declined", now)
    row.reason = reason.strip()
    record(session, actor, "proposal:decline", str(row.id), at=now, details={"profile": row.profile_digest})
    session.flush()


def _open(session: Session, actor: Actor, proposal_id: UUID) -> ProposalRow:
    row = queries.find(session, actor, proposal_id, lock=True)
    if row.status == "superseded":
        raise DirectoryError("PROPOSAL_SUPERSEDED", table=row.table_name)
    if row.status != "waiting":
        raise DirectoryError("PROPOSAL_DECIDED", status=STATUS_NAMES[row.status], status_en=row.status)
    return row


def _close(row: ProposalRow, actor: Actor, status: str, now: datetime) -> None:
    row.status, row.decided_by, row.decided_at = status, actor.account_id, now

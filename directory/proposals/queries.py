"""Proposals for their department's editor, and which of their tables the catalogue has already."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.policy import allows, require
from directory.proposals.models import ProposalRow
from metadata.mismatch import column_mismatches
from metadata.probe import Mismatch
from metadata.proposal import Proposal
from metadata.resource import Item, Mount
from metadata.signed import Signed

PAGE = 50

Place = tuple[str, str, str]  # node, schema, table


@dataclass(frozen=True)
class Known:
    """The entry that has the table mounted."""

    resource_id: UUID
    title: str
    mount: Mount
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Line:
    """A proposal with what became of it. ``known`` is the entry that mounts its table, ``drift`` how they differ."""

    id: UUID
    status: str
    received_at: datetime
    reason: str
    resource_id: UUID | None
    proposal: Proposal
    known: Known | None
    drift: tuple[Mismatch, ...]


_MOUNTED = text(
    """
    SELECT r.id, r.title, v.record->'items' AS items, m.value AS mount
    FROM resource r
    JOIN resource_version v ON v.resource_id = r.id AND v.version = r.current_version
    CROSS JOIN LATERAL jsonb_array_elements(v.record->'mounts') m
    WHERE r.org_code = :org_code AND r.status <> 'withdrawn' AND m.value->>'kind' = 'table'
    ORDER BY r.published_on NULLS LAST, r.id
    """
)


def known_tables(session: Session, org_code: str) -> Mapping[Place, Known]:
    """The tables that this department's entries have mounted, by where they are; the first published entry of each."""
    found: dict[Place, Known] = {}
    for resource_id, title, items, value in session.execute(_MOUNTED, {"org_code": org_code}):
        mount = Mount.model_validate(value)
        place = (mount.node, mount.schema_name, mount.table)
        if place not in found:
            found[place] = Known(resource_id, title, mount, tuple(Item.model_validate(each) for each in items))
    return found


def lines(session: Session, actor: Actor, status: str = "waiting", after: int = 0) -> tuple[list[Line], int]:
    """One page of the actor's department's proposals in this status, by table; and how many there are in all."""
    require(actor, Action.PROPOSAL_DECIDE, actor.org_code)
    condition = (ProposalRow.org_code == actor.org_code, ProposalRow.status == status)
    total = session.scalar(select(func.count()).select_from(ProposalRow).where(*condition)) or 0
    order = (ProposalRow.node_id, ProposalRow.schema_name, ProposalRow.table_name, ProposalRow.received_at.desc())
    rows = session.scalars(
        select(ProposalRow).where(*condition).order_by(*order, ProposalRow.id).offset(after).limit(PAGE)
    )
    known = known_tables(session, actor.org_code)
    return [line(row, known) for row in rows], total


def counts(session: Session, org_code: str) -> Mapping[str, int]:
    """How many proposals of a department are in each status."""
    query = select(ProposalRow.status, func.count()).where(ProposalRow.org_code == org_code)
    return {row[0]: row[1] for row in session.execute(query.group_by(ProposalRow.status))}


def find(session: Session, actor: Actor, proposal_id: UUID, *, lock: bool = False) -> ProposalRow:
    """One proposal of the actor's own department; raises ``PROPOSAL_NOT_FOUND``, ``FORBIDDEN``."""
    require(actor, Action.PROPOSAL_DECIDE, actor.org_code)
    row = session.get(ProposalRow, proposal_id, with_for_update=lock, populate_existing=lock)
    if row is None or not allows(actor, Action.PROPOSAL_DECIDE, row.org_code):
        raise DirectoryError("PROPOSAL_NOT_FOUND", ref=proposal_id)
    return row


def successor(session: Session, row: ProposalRow) -> ProposalRow | None:
    """The proposal of the same table that waits now."""
    query = select(ProposalRow).where(
        ProposalRow.node_id == row.node_id,
        ProposalRow.schema_name == row.schema_name,
        ProposalRow.table_name == row.table_name,
        ProposalRow.status == "waiting",
    )
    return session.scalars(query).one_or_none()


def line(row: ProposalRow, known: Mapping[Place, Known]) -> Line:
    """A row with its record, which was verified when it was taken."""
    proposal = Proposal.from_bytes(Signed.from_bytes(row.body).payload_bytes())
    entry = known.get((row.node_id, row.schema_name, row.table_name))
    return Line(
        id=row.id,
        status=row.status,
        received_at=row.received_at,
        reason=row.reason,
        resource_id=row.resource_id,
        proposal=proposal,
        known=entry,
        drift=() if entry is None else drift(entry, proposal),
    )


def drift(known: Known, proposal: Proposal) -> tuple[Mismatch, ...]:
    """How the table differs from what its entry declares."""
    found = {column.column: column.sql_type for mount in proposal.draft.mounts for column in mount.columns}
    return column_mismatches(known.mount, known.items, found)

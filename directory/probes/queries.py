"""The newest probe of every mount, for rates and pages; and the mounts that a node is to look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Uuid, and_, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from directory.clock.deadlines import day_of
from directory.db import RecordColumn
from directory.limits import LIMITS
from directory.nodes.models import Node
from directory.probes.models import MountProbe
from directory.resources.models import ResourceEntry, ResourceVersion
from metadata.probe import Probe, ProbeTask, ProbeTaskPage


@dataclass(frozen=True)
class ProbeRow:
    """What a mount's newest probe says; days are Shanghai days, ``mismatches`` and ``problem`` Chinese sentences.

    Columns that the source has and the catalogue has not are among the mismatches, and do not make ``is_matching``
    false.
    """

    is_reachable: bool
    is_matching: bool
    mismatches: tuple[str, ...]
    last_changed_on: date | None
    row_count: int | None
    probed_at: datetime
    problem: str


# The table grows by every mount every night; this steps from mount to mount along the key's index, one row each.
_LATEST = text(
    """
    WITH RECURSIVE latest AS (
        (SELECT resource_id, mount_id, probe FROM mount_probe
         ORDER BY resource_id DESC, mount_id DESC, probed_at DESC LIMIT 1)
        UNION ALL
        SELECT older.* FROM latest, LATERAL (
            SELECT resource_id, mount_id, probe FROM mount_probe
            WHERE (resource_id, mount_id) < (latest.resource_id, latest.mount_id)
            ORDER BY resource_id DESC, mount_id DESC, probed_at DESC LIMIT 1
        ) older
    )
    SELECT resource_id, mount_id, probe FROM latest
    """
).columns(resource_id=Uuid, probe=RecordColumn(Probe))


def latest_probes(session: Session) -> Mapping[tuple[UUID, str], ProbeRow]:
    """The newest probe of every mount that was ever probed, by entry and mount id."""
    return {(resource_id, mount_id): probe_row(probe) for resource_id, mount_id, probe in session.execute(_LATEST)}


def latest_of(session: Session, resource_id: UUID) -> Mapping[str, Probe]:
    """The newest probe of each mount of one entry, by mount id."""
    query = select(MountProbe).ext(distinct_on(MountProbe.mount_id)).where(MountProbe.resource_id == resource_id)
    rows = session.scalars(query.order_by(MountProbe.mount_id, MountProbe.probed_at.desc()))
    return {row.mount_id: row.probe for row in rows}


def probe_row(probe: Probe) -> ProbeRow:
    """A probe as rates and pages read it."""
    return ProbeRow(
        is_reachable=probe.is_reachable,
        is_matching=probe.is_matching,
        mismatches=tuple(mismatch.zh for mismatch in probe.mismatches),
        last_changed_on=None if probe.last_changed_at is None else day_of(probe.last_changed_at),
        row_count=probe.row_count,
        probed_at=probe.probed_at,
        problem=probe.problem_zh,
    )


def mounts_of(session: Session, node: Node, after: UUID | None) -> ProbeTaskPage:
    """The mounts at this node of its own department's entries, of the published version or else the one worked on."""
    shown = func.coalesce(ResourceEntry.published_version, ResourceEntry.current_version)
    query = select(ResourceEntry.id, ResourceEntry.title, ResourceVersion.record).join(
        ResourceVersion, and_(ResourceVersion.resource_id == ResourceEntry.id, ResourceVersion.version == shown)
    )
    query = query.where(ResourceEntry.org_code == node.org_code, ResourceEntry.status != "withdrawn")
    if after is not None:
        query = query.where(ResourceEntry.id > after)
    rows = session.execute(query.order_by(ResourceEntry.id).limit(LIMITS.feed_page_count)).all()
    tasks = tuple(
        ProbeTask(resource_id=entry_id, title=title, mount=mount, items=record.items)
        for entry_id, title, record in rows
        for mount in record.mounts
        if mount.node == node.node_id
    )
    return ProbeTaskPage(tasks=tasks, next=rows[-1][0] if len(rows) == LIMITS.feed_page_count else None)

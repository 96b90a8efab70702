"""Take probes from a node: only of mounts that are its own, each once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from directory.errors import DirectoryError
from directory.nodes.models import Node
from directory.probes.models import MountProbe
from directory.resources.models import ResourceEntry, ResourceVersion
from metadata.probe import Probe
from metadata.resource import Mount

_CLOCK_SKEW = timedelta(minutes=5)


def take(session: Session, caller: Node, probes: Sequence[Probe], now: datetime) -> int:
    """Keep the probes, all or none; how many were new.

    Raises ``NOT_THIS_NODE``, ``MOUNT_NOT_OF_NODE`` for a mount that is not this node's, or of another department's
    entry, and ``PROBE_FROM_FUTURE``: it would hide every later one.
    """
    taken = 0
    for probe in probes:
        if probe.node_id != caller.node_id:
            raise DirectoryError("NOT_THIS_NODE", caller=caller.node_id, node_id=probe.node_id)
        if probe.probed_at > now + _CLOCK_SKEW:
            raise DirectoryError("PROBE_FROM_FUTURE", at=probe.probed_at.isoformat())
        if not _is_of(session, caller, probe):
            raise DirectoryError("MOUNT_NOT_OF_NODE", node_id=caller.node_id, mount_id=probe.mount_id)
        row = session.execute(
            insert(MountProbe)
            .values(
                resource_id=probe.resource_id,
                mount_id=probe.mount_id,
                probed_at=probe.probed_at,
                node_id=caller.node_id,
                probe=probe,
                received_at=now,
            )
            .on_conflict_do_nothing()
            .returning(MountProbe.mount_id)
        ).one_or_none()
        taken += row is not None
    return taken


def _is_of(session: Session, caller: Node, probe: Probe) -> bool:
    """Whether the published version, or the one worked on, has this mount at this node."""
    entry = session.get(ResourceEntry, probe.resource_id)
    if entry is None or entry.org_code != caller.org_code:
        return False
    records = session.scalars(
        select(ResourceVersion.record).where(
            ResourceVersion.resource_id == entry.id,
            ResourceVersion.version.in_({entry.current_version, entry.published_version or entry.current_version}),
        )
    )
    return any(_names(mount, caller, probe) for record in records for mount in record.mounts)


def _names(mount: Mount, caller: Node, probe: Probe) -> bool:
    return (mount.mount_id, mount.node, mount.kind) == (probe.mount_id, caller.node_id, probe.kind)

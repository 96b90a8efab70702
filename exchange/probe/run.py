"""Look at every mount that lies with this node, remember what tells of changes, and tell the directory."""

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.migrate import migrate
from exchange.node import Node
from exchange.probe import folder, service, table
from exchange.probe.seen import Seen
from exchange.store import MOUNT_STATE
from metadata.mismatch import column_mismatches, is_harmless
from metadata.probe import ChangeSource, Probe, ProbeTask


def tasks(node: Node) -> Iterator[ProbeTask]:
    """Every mount that the directory says lies here. Raises ``DIRECTORY_DOWN`` and the like."""
    after = None
    while True:
        page = node.directory.probe_tasks(after)
        yield from page.tasks
        if page.next is None:
            return
        after = page.next


def probe(node: Node, task: ProbeTask) -> Probe:
    """What is to be seen of one mount; whatever stands in the way becomes its ``problem``."""
    mount, now = task.mount, node.now()
    common = {
        "resource_id": task.resource_id,
        "mount_id": mount.mount_id,
        "node_id": node.node_id,
        "kind": mount.kind,
        "probed_at": now,
    }
    try:
        seen = _look(node, task)
    except ExchangeError as error:
        problem = {"problem": error.code, "problem_zh": error.zh[:500]}
        return Probe.model_validate(common | problem | {"is_reachable": False, "is_matching": False})
    mismatches = () if seen.columns is None else column_mismatches(mount, task.items, seen.columns)
    changed_at, changed_by = _last_change(node, task, seen, now)
    return Probe.model_validate(
        common
        | {
            "is_reachable": True,
            "is_matching": is_harmless(mismatches),
            "mismatches": mismatches,
            "row_count": seen.row_count,
            "size_bytes": seen.size_bytes,
            "last_changed_at": changed_at,
            "changed_by": changed_by,
        }
    )


def probe_all(node: Node, tell: Callable[[Probe], object] = lambda _: None) -> tuple[list[Probe], int]:
    """Probe and post page by page; all probes, and how many were new to the directory.

    The ledger is brought up to date first: a node enrolled before there were probes has no place to remember in.
    """
    migrate(node.settings.database_url, "node")
    found: list[Probe] = []
    accepted = 0
    for task in tasks(node):
        found.append(probe(node, task))
        tell(found[-1])
        if len(found) % LIMITS.probe_page == 0:
            accepted += node.directory.send_probes(found[-LIMITS.probe_page :])
    rest = found[len(found) - len(found) % LIMITS.probe_page :]
    return found, accepted + (node.directory.send_probes(rest) if rest else 0)


def _look(node: Node, task: ProbeTask) -> Seen:
    mount = task.mount
    if mount.kind == "table":
        return table.look(node.settings.department_url, mount)
    if mount.kind == "service":
        return service.look(node.settings, mount)
    return folder.look(node.settings.served_folder, mount, task.items)


def _last_change(node: Node, task: ProbeTask, seen: Seen, now: datetime) -> tuple[datetime | None, ChangeSource | None]:
    """The time seen, or what is remembered; a counter that moved since the last probe is a change since then.

    Commit times miss deletions, which the counter counts; what it told stays the last change until a later one. A
    counter that fell was reset, and tells nothing.
    """
    key = (MOUNT_STATE.c.resource_id == task.resource_id, MOUNT_STATE.c.mount_id == task.mount.mount_id)
    with node.engine.begin() as connection:
        known = connection.execute(select(MOUNT_STATE).where(*key)).one_or_none()
        at, by = seen.last_changed_at, seen.changed_by
        if known is not None:
            moved = seen.counter is not None and known.counter is not None and seen.counter > known.counter
            if moved and (at is None or at < known.probed_at):
                at, by = now, "statistics"
            elif at is None or (known.changed_at is not None and known.changed_at > at):
                at, by = known.changed_at, known.changed_by
        values = {"counter": seen.counter, "changed_at": at, "changed_by": by, "probed_at": now}
        statement = upsert(MOUNT_STATE).values(resource_id=task.resource_id, mount_id=task.mount.mount_id, **values)
        connection.execute(statement.on_conflict_do_update(index_elements=["resource_id", "mount_id"], set_=values))
    return at, by

"""What there is to do: batches that are due at a provider, batches that have arrived for a consumer, batches still
open.
"""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import text

from exchange import instants, ledger, receipts
from exchange.consumer import receive
from exchange.errors import ExchangeError
from exchange.keys.trust import CIVIL_TIME, BoundGrant, TrustSet
from exchange.ledger import Batch
from exchange.node import Node
from exchange.provider import source_facts
from exchange.states import FINAL, Role
from metadata.access import Frequency
from metadata.errors import MetadataError
from metadata.exchange import Manifest
from metadata.signed import Signed


@dataclass(frozen=True)
class BatchRef:
    """Which batch on which node."""

    node: str
    route_id: str
    seq: int


def plan(node: Node, now: datetime, force: bool = False) -> list[BatchRef]:
    """Put a ``due`` batch into the ledger for every route whose grant binds and whose time has come; those made.

    A route with a batch under way gets none until that is closed or replaced, nor does one that goes together with it
    (``Grant.snapshot_group``). A route whose grant gives other rows or columns than its last batch held is due at once,
    so that what is no longer given does not stay with its consumer. ``force``: as if every route's time had come. Safe
    to run twice and at once.
    """
    trust = node.trust()
    found: list[BatchRef] = []
    for grants in _together(_sending(trust, node.node_id, now)):
        found += plan_routes(node, grants, now, force)
    return found


def plan_routes(node: Node, grants: Sequence[BoundGrant], now: datetime, force: bool = False) -> list[BatchRef]:
    """The same for one route, or for those whose tables are of one instant: a batch for each of them, or for none."""
    today = now.astimezone(CIVIL_TIME).date()
    with node.engine.begin() as connection:
        lasts = []
        for grant in grants:
            connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"plan.{grant.route_id}"}
            )
            lasts.append(ledger.last(connection, grant.route_id))
        is_due = any(
            last is None or today >= next_due_on(last.due_on, grant.frequency) or _gives_otherwise(node, last, grant)
            for last, grant in zip(lasts, grants, strict=True)
        )
        if any(last is not None and last.state != "closed" for last in lasts) or not (force or is_due):
            return []
        places = [
            instants.Place(grant.route_id, 1 if last is None else last.seq + 1)
            for grant, last in zip(grants, lasts, strict=True)
        ]
        for grant, place in zip(grants, places, strict=True):
            ledger.add(
                connection,
                node.entry("batch:plan", f"{place.route_id}/{place.seq}", details={"grant_id": grant.grant_id}),
                route_id=place.route_id,
                seq=place.seq,
                role="provider",
                grant_id=grant.grant_id,
                state="due",
                due_on=today,
                created_at=now,
                updated_at=now,
            )
        if len(places) > 1:
            instants.keep(connection, places)
        node.failpoints.reach("plan.before_commit")
    return [BatchRef(node.node_id, *place) for place in places]


def arrivals(node: Node) -> list[BatchRef]:
    """Take what the relay lists for this consumer into the ledger, in order; those taken.

    What is listed is believed only when ``fetch`` has verified it, so that a forged announcement is refused with its
    code in plain sight. Raises ``RELAY_DOWN``.
    """
    trust, taken, failure = node.trust(), [], None
    for route_id in receiving(trust, node.node_id):
        try:
            taken += arrivals_of(node, trust, route_id)
        except ExchangeError as error:  # one route's trouble is not the others'
            failure = error
    if failure is not None and not taken:
        raise failure
    return taken


def open_batches(node: Node, role: Role | None = None) -> list[BatchRef]:
    """Those that a step may move on: not closed, not held, not quarantined. ``role``: only those sent, or received."""
    with node.engine.connect() as connection:
        found = ledger.batches(connection, only_open=True)
    return [
        BatchRef(node.node_id, batch.route_id, batch.seq)
        for batch in found
        if batch.state not in FINAL and role in {None, batch.role}
    ]


def next_due_on(last_on: date, frequency: Frequency) -> date:
    """The day a route's next batch is due: a day, seven days or a calendar month after the last; never for ``once``."""
    if frequency == "daily":
        return last_on + timedelta(days=1)
    if frequency == "weekly":
        return last_on + timedelta(days=7)
    if frequency == "monthly":
        year, month = last_on.year + last_on.month // 12, last_on.month % 12 + 1
        return date(year, month, min(last_on.day, calendar.monthrange(year, month)[1]))
    return date.max


def current_grant(trust: TrustSet, route_id: str, now: datetime) -> BoundGrant | None:
    """The newest grant of a route that is in force now."""
    of_route = [grant_id for grant_id, facts in trust.grants.items() if facts.notice.route_id == route_id]
    return max(_in_force(trust, of_route, now), key=lambda grant: grant.issued_at, default=None)


def arrivals_of(node: Node, trust: TrustSet, route_id: str) -> list[BatchRef]:
    """What the relay lists of one route, taken.

    One announcement that its provider has not signed is taken, to be refused in plain sight. More would take the
    places of those to come, so until a true one has come they wait; and only a true one may leave out a place.
    """
    with node.engine.connect() as connection:
        last = ledger.last(connection, route_id)
    known, taken = 0 if last is None else last.seq, []
    is_doubted = last is not None and not _is_genuine(trust, route_id, last.seq, last.manifest)
    for item in node.relay.batches(route_id, max(known - 1, 0)):
        if last is not None and item.seq == last.seq:
            if last.state in ("closed", "quarantined") and not item.is_answered:
                receipts.deliver_again(node, last)  # the relay was restored from a backup
            continue
        claimed, is_genuine = _claimed(item.manifest), _is_genuine(trust, route_id, item.seq, item.manifest.to_bytes())
        replaces_seq = claimed.replaces_seq if is_genuine and claimed is not None else None
        if item.seq != known + 1 and not known < item.seq - 1 == replaces_seq:
            break  # the one before has not come yet
        if is_doubted and not is_genuine:
            break
        is_doubted = not is_genuine
        now = node.now()
        with node.engine.begin() as connection:
            connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"plan.{route_id}"}
            )
            newest = ledger.last(connection, route_id)
            if newest is None or newest.seq < item.seq:  # else another worker has taken it
                ledger.add(
                    connection,
                    node.entry("batch:arrive", f"{route_id}/{item.seq}"),
                    route_id=route_id,
                    seq=item.seq,
                    role="consumer",
                    grant_id="" if claimed is None else claimed.grant_id,
                    state="stored",
                    due_on=now.astimezone(CIVIL_TIME).date(),
                    replaces_seq=replaces_seq,
                    manifest=item.manifest.to_bytes(),
                    created_at=now,
                    updated_at=now,
                )
                taken.append(BatchRef(node.node_id, route_id, item.seq))
        known = item.seq
    return taken


def _gives_otherwise(node: Node, last: Batch, grant: BoundGrant) -> bool:
    """Whether the last batch of a route was of other rows or columns than this grant gives."""
    facts = node.feed.load().grants.get(last.grant_id)
    if facts is None or facts.whole is None:
        return False
    return source_facts.scope(facts.whole) != source_facts.scope(grant)


def _in_force(trust: TrustSet, grant_ids: Iterable[str], now: datetime) -> list[BoundGrant]:
    found = []
    for grant_id in grant_ids:
        try:
            found.append(trust.admit(grant_id, now))
        except ExchangeError as error:
            if error.code == "TRUST_STALE":
                raise
    return found


def _sending(trust: TrustSet, node_id: str, now: datetime) -> list[BoundGrant]:
    """One grant for each route this node provides: its newest."""
    provided = sorted(
        (grant for grant in _in_force(trust, _of(trust, node_id), now) if grant.provider.node_id == node_id),
        key=lambda grant: grant.issued_at,
        reverse=True,
    )
    newest: dict[str, BoundGrant] = {}
    for grant in provided:
        newest.setdefault(grant.route_id, grant)
    return [newest[route_id] for route_id in sorted(newest)]


def _of(trust: TrustSet, node_id: str) -> list[str]:
    return [grant_id for grant_id, facts in trust.grants.items() if facts.is_end(node_id)]


def _together(grants: Sequence[BoundGrant]) -> list[list[BoundGrant]]:
    """Grants that go alone, and those of one group together. A group goes when each of its routes' newest grant in
    force is of this very group: until the last is countersigned, none goes.
    """
    by_route = {grant.route_id: grant for grant in grants}
    found = []
    for grant in grants:
        group = grant.snapshot_group or (grant.route_id,)
        mine = [by_route[route_id] for route_id in group if route_id in by_route]
        is_whole = len(mine) == len(group) and all(each.snapshot_group == grant.snapshot_group for each in mine)
        if is_whole and grant.route_id == group[0]:
            found.append(mine)
    return found


def receiving(trust: TrustSet, node_id: str) -> list[str]:
    """Every route that was ever granted to this node: what was sent before a grant's end still arrives."""
    return sorted(
        {
            facts.notice.route_id
            for facts in trust.grants.values()
            if facts.is_countersigned and facts.notice.consumer.node_id == node_id
        }
    )


def _claimed(announced: Signed) -> Manifest | None:
    """What an announcement says, not yet verified."""
    try:
        return Manifest.from_bytes(announced.payload_bytes())
    except MetadataError:
        return None


def _is_genuine(trust: TrustSet, route_id: str, seq: int, announced: bytes) -> bool:
    """Whether the route's provider has signed this announcement, for this very place."""
    try:
        manifest, _ = receive.open_manifest(trust, route_id, announced)
    except ExchangeError:
        return False
    return (manifest.route_id, manifest.seq) == (route_id, seq)

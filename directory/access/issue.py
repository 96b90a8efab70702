"""From an agreed request to the signed grant: which mount, which columns, which ends; then into the feed.

Everything but ``issue`` is pure.
"""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Final
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from directory.access import grants
from directory.access.change_models import RequestChange
from directory.access.grant_models import GrantRow, RouteRow
from directory.access.models import RequestRow
from directory.access.reply import agreed_text
from directory.access.tables import Part, resolve
from directory.actors import Actor
from directory.audit.record import record
from directory.clock.deadlines import day_of
from directory.db import Base
from directory.errors import DirectoryError
from directory.nodes.feed import append, hold
from directory.nodes.queries import ends_named, ends_of
from directory.offers.queries import standing_cap
from directory.organisations.queries import organisation
from directory.resources.models import ResourceEntry
from directory.resources.queries import published_record
from directory.resources.states import HIDDEN, STATUSES
from directory.statements.gather import insert_rows
from directory.statements.question import Question
from metadata.access import AccessRequest, Grant, GrantEnd, route_id
from metadata.base_rules import box_for
from metadata.feed import notice_of_grant
from metadata.keys import SUITES
from metadata.resource import Mount, Resource
from metadata.signed import Signed
from standards.crypto import SigningKey, digest_hex

MAX_NAME_BYTES = 63
"""PostgreSQL cuts longer names silently (NAMEDATALEN - 1)."""
_UNSAFE = re.compile(r"[^\w.-]")
_KEEP = insert(Base.metadata.tables[GrantRow.__tablename__]).inline()
_MAKE_ROUTE = insert(Base.metadata.tables[RouteRow.__tablename__]).inline()


def target_table(provider_node: str, table: str, route: str, taken: AbstractSet[str]) -> str:
    """The name of the table or folder the consumer's node makes: at most 63 bytes of UTF-8, not one of another route's.

    ``taken`` are the names of the consumer's other routes. A name that is too long or taken gets eight digits of the
    route's id at its end, so that the same route always gets the same name.
    """
    name = f"{provider_node}_{table}"
    if len(name.encode()) <= MAX_NAME_BYTES and name not in taken:
        return name
    tail = "_" + route.removeprefix("r-")[:8]
    head = name.encode()[: MAX_NAME_BYTES - len(tail)].decode(errors="ignore")
    return head + tail


@dataclass(frozen=True)
class Terms:
    """What the decision itself adds to request and entry."""

    grant_id: str
    request_id: str
    resource_version: int
    valid_from: date
    provide_by_on: date
    issued_at: datetime


def leaf(mount: Mount) -> str:
    """What a mount is called at its end: the table, or the last part of the path in letters and digits of any script.

    So the name a consumer's node gives a folder is one plain part of a path, visible, and the same on every disk.
    """
    if mount.kind == "table":
        return mount.table
    name = unicodedata.normalize("NFC", PurePosixPath(mount.path).name)
    return _UNSAFE.sub("_", name).strip("._") or mount.kind


def make_grant(
    record: AccessRequest,
    resource: Resource,
    asked: Part,
    provider: GrantEnd,
    consumer: GrantEnd,
    target: str,
    terms: Terms,
) -> Grant:
    """The grant for this part of the request, exactly as asked."""
    is_table = asked.mount.kind == "table"
    return Grant(
        grant_id=terms.grant_id,
        route_id=route_id(resource.identifier, asked.mount.mount_id, provider.node_id, consumer.node_id),
        request_id=terms.request_id,
        resource_identifier=resource.identifier,
        resource_code=resource.code,
        resource_title=resource.title,
        resource_version=terms.resource_version,
        mount_id=asked.mount.mount_id,
        kind="table" if is_table else "folder" if asked.mount.kind == "folder" else "file",
        schema_name=asked.mount.schema_name if is_table else "",
        table=asked.mount.table if is_table else "",
        path="" if is_table else asked.mount.path,
        columns=asked.columns,
        items=asked.items,
        row_filter=record.row_filter,
        provider=provider,
        consumer=consumer,
        target_table=target,
        purpose=purpose_of(record),
        basis=record.basis,
        method=record.method,
        frequency=record.frequency,
        valid_from=terms.valid_from,
        valid_until=record.valid_until,
        provide_by_on=terms.provide_by_on,
        box_mas=box_for(asked.items, resource.extent) if is_table else None,
        issued_at=terms.issued_at,
    )


def purpose_of(record: AccessRequest) -> str:
    """What a grant says it is for."""
    return f"{record.scenario}（使用范围：{record.scope}）"


def offered(session: Session, entry: ResourceEntry) -> Resource:
    """The published record of an entry that is on offer.

    Raises ``RESOURCE_NOT_FOUND`` while nothing is published, ``STATUS_FORBIDS`` while suspended and once withdrawn.
    """
    if entry.published_version is not None and entry.status in HIDDEN:
        raise DirectoryError("STATUS_FORBIDS", status=STATUSES[entry.status], status_en=entry.status, what="申请或授权")
    return published_record(session, entry)


def suite_of(library: str | None, provider: GrantEnd, consumer: GrantEnd, suite_2: AbstractSet[str]) -> int:
    """The suite an entry of this library is sealed in; never a lower one because a node cannot.

    Raises ``NO_SM2_KEYS`` when either end has none.
    """
    if library not in suite_2:
        return 1
    for end in (provider, consumer):
        if not end.sm2_identity_key_id or (end is consumer and len(end.decryption_key_ids) < len(SUITES)):
            raise DirectoryError("NO_SM2_KEYS", org_name=end.org_name, node_id=end.node_id)
    return 2


def issue(
    session: Session,
    actor: Actor,
    key: SigningKey,
    row: RequestRow,
    now: datetime,
    *,
    suite_2: AbstractSet[str],
) -> None:
    """Make, sign, keep and announce the grants of a request just agreed to, one for each table, of the items that
    nobody left out; ``row.due_on`` is Article 22's date.

    They cite the version published now, and carry the caps that the entry publishes. Several name each other
    (``Grant.snapshot_group``): their tables are read at one instant. Raises as ``resolve``, ``suite_of`` and
    ``grants.require_whole``, ``NO_NODE`` where a side has none, ``MOUNT_NODE_UNKNOWN`` where the mount's is not
    known here, and ``NODE_UNCONFIRMED`` where nobody has compared its node's fingerprint.
    """
    entry = session.get_one(ResourceEntry, row.resource_id)  # whoever made it bind need not read it, by a consent
    resource = offered(session, entry)
    record_asked = agreed_text(session, row)
    asked = resolve(record_asked, resource)
    hold(session)  # before the nodes, which change under it, and the routes, whose names are given by who holds it
    giving = _PROVIDERS(session, (asked.mount.node, row.provider_org))
    if giving is None:
        raise DirectoryError("MOUNT_NODE_UNKNOWN", node=asked.mount.node, title=row.resource_title)
    taking = CONSUMERS(session, row.requester_org)
    if taking is None:
        raise DirectoryError("NO_NODE", org_name=organisation(session, row.requester_org).name)
    provider, consumer = giving.grant_end, taking.grant_end
    for each in (giving, taking):
        if not each.is_confirmed:
            end = each.grant_end
            raise DirectoryError("NODE_UNCONFIRMED", org_name=end.org_name, node_id=end.node_id)
    drafts = []
    for part in asked.parts:
        route = route_id(resource.identifier, part.mount.mount_id, provider.node_id, consumer.node_id)
        target = _TARGET(session, _Lineage(route, provider.node_id, consumer.node_id, leaf(part.mount)))
        terms = Terms(
            grant_id=f"g-{uuid4().hex}",
            request_id=str(row.id),
            resource_version=int(entry.published_version or 0),
            valid_from=day_of(now),
            provide_by_on=row.due_on or day_of(now),
            issued_at=now,
        )
        drafts.append(make_grant(record_asked, resource, part, provider, consumer, target, terms))
    suite, routes = suite_of(resource.library, provider, consumer, suite_2), sorted(each.route_id for each in drafts)
    replaced = row.renews if row.renews and session.get(RequestChange, row.id) else None
    grants.require_whole(session, routes, now, replaced=replaced)
    together = tuple(routes) if len(routes) > 1 else ()
    caps = _CAPS(session, entry.id)
    changes = {
        "minimum_suite": suite,
        "snapshot_group": together,
        "most_rows": caps.most_rows if caps and drafts[0].kind == "table" else None,
        "most_calls": caps.most_calls if caps else None,
    }
    for draft in drafts:
        _sign(session, actor, key, row, draft.model_copy(update=changes), now)


def _sign(session: Session, actor: Actor, key: SigningKey, row: RequestRow, grant: Grant, now: datetime) -> None:
    signed = Signed.sign("grant/1", grant, key)
    digest = digest_hex(signed.payload_bytes())
    issued = {
        "grant_id": grant.grant_id,
        "request_id": row.id,
        "route_id": grant.route_id,
        "body": signed.to_bytes(),
        "digest": digest,
        "issued_at": now,
        "valid_until": grant.valid_until,
        "provide_by_on": grant.provide_by_on,
    }
    insert_rows(session, _KEEP, [issued])
    newest = grants.Newest(row.id, row.resource_title, frozenset(grant.snapshot_group))
    grants.NEWEST.becomes(session, (grant.route_id, day_of(now), None), newest)
    append(session, "grant", notice_of_grant(signed, grant, key), now, whole=signed)
    details = {"digest": digest, "request_id": str(row.id), "route_id": grant.route_id}
    record(session, actor, "grant:issue", grant.grant_id, details=details, at=now)


@dataclass(frozen=True)
class _Lineage:
    """What a route's target table is named by."""

    route_id: str
    provider_node: str
    consumer_node: str
    leaf: str


def _target(session: Session, of: _Lineage) -> str:
    known = session.get(RouteRow, of.route_id)
    if known is not None:
        return known.target_table
    others = select(RouteRow.target_table).where(RouteRow.consumer_node == of.consumer_node)
    target = target_table(of.provider_node, of.leaf, of.route_id, frozenset(session.scalars(others)))
    made = {"route_id": of.route_id, "provider_node": of.provider_node, "consumer_node": of.consumer_node}
    session.execute(_MAKE_ROUTE, made | {"target_table": target})
    return target


# What many grants of one transaction have in common.
_TARGET: Final = Question.of_each(_target)
"""The route's target table: fixed by its first grant, kept by all later ones; asked by who holds the feed."""
_PROVIDERS: Final = Question(ends_named, lasts=True)
CONSUMERS: Final = Question(ends_of, lasts=True)
"""Where the departments that ask receive; asked by who holds the feed."""
_CAPS: Final = Question.of_each(standing_cap)

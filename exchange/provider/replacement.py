"""A batch that is over without having taken effect is sealed anew under the next sequence, which names it; in full.

Those of one instant are sealed anew together: the tables of an instant are never of different ones.
"""

import dataclasses
from collections.abc import Sequence

from sqlalchemy import Connection, text, update

from exchange import audit, instants, ledger
from exchange.envelope.open import read_header
from exchange.errors import ExchangeError
from exchange.instants import Place
from exchange.keys.trust import CIVIL_TIME, BoundGrant, TrustSet
from exchange.ledger import Batch
from exchange.node import Node
from exchange.plan import BatchRef, current_grant
from exchange.provider import publish
from exchange.states import GRANT_OVER, REPLACED_AT_ONCE
from exchange.store import BATCH


def replace(
    connection: Connection, node: Node, trust: TrustSet, batch: Batch, grant: BoundGrant, actor: str = ""
) -> BatchRef:
    """Put a quarantined batch's successor into the ledger; ``actor`` is the person who asked, or nobody.

    With it the successors of all tables that go together under ``grant``. Raises ``INSTANT_OPEN`` while one of them is
    not over, ``INSTANT_CHANGED``; both before anything is written.
    """
    if not grant.snapshot_group:
        return _replace(connection, node, batch, grant, actor)
    grants = of_group(trust, node, grant.snapshot_group)
    if grants is None:
        raise ExchangeError("INSTANT_CHANGED")
    lasts = [_last(connection, each) for each in grants]
    for last in lasts:
        if last is not None and last.state != "closed" and (last.state != "quarantined" or last.replaced_by_seq):
            raise _open(last)
    made = {}
    for each, last in zip(grants, lasts, strict=True):
        if last is not None and last.state == "quarantined":
            made[each.route_id] = _replace(connection, node, last, each, actor)
        else:
            made[each.route_id] = _plan(connection, node, each, 1 if last is None else last.seq + 1, actor)
    instants.keep(connection, [Place(ref.route_id, ref.seq) for ref in made.values()])
    return made[batch.route_id]


def regrant(connection: Connection, node: Node, trust: TrustSet, batch: Batch, actor: str) -> None:
    """What is not sealed yet goes under its route's newest grant: alone, or together with what that grant names.

    Where that is not possible now it stays under the grant it has. Raises ``INSTANT_OPEN``, before anything is written.
    """
    grant = current_grant(trust, batch.route_id, node.now())
    if grant is None:
        return
    grants = of_group(trust, node, grant.snapshot_group) if grant.snapshot_group else [grant]
    if grants is None:
        return
    lasts = [_last(connection, each) for each in grants]
    for last in lasts:
        if last is not None and last.state != "closed" and "due" not in (last.state, last.held_from):
            raise _open(last)
    places = []
    for each, last in zip(grants, lasts, strict=True):
        if last is None or last.state == "closed":
            ref = _plan(connection, node, each, 1 if last is None else last.seq + 1, actor)
            places.append(Place(ref.route_id, ref.seq))
        else:
            same = (BATCH.c.route_id == last.route_id, BATCH.c.seq == last.seq)
            connection.execute(update(BATCH).where(*same).values(grant_id=each.grant_id))
            places.append(Place(last.route_id, last.seq))
    instants.keep(connection, places)


def follow(node: Node, trust: TrustSet, batch: Batch) -> Batch:
    """A batch that is not sealed yet, under the grant that has taken the place of its own while it waited."""
    grant = current_grant(trust, batch.route_id, node.now())
    facts = trust.grants.get(batch.grant_id)
    if grant is None or grant.snapshot_group or facts is None or facts.state != "terminated":
        return batch
    with node.engine.begin() as connection:
        same = (BATCH.c.route_id == batch.route_id, BATCH.c.seq == batch.seq)
        connection.execute(update(BATCH).where(*same).values(grant_id=grant.grant_id))
        details: audit.Details = {"grant_id": grant.grant_id}
        audit.enqueue(connection, node.entry("batch:regrant", batch.subject, details=details))
    return dataclasses.replace(batch, grant_id=grant.grant_id)


def over(node: Node, trust: TrustSet, batch: Batch) -> ExchangeError | None:
    """Why the batch's grant no longer counts, where another of its route is in force instead; else None."""
    grant = current_grant(trust, batch.route_id, node.now())
    if grant is None or grant.grant_id == batch.grant_id:
        return None
    try:
        trust.admit(batch.grant_id, node.now())
    except ExchangeError as error:
        return error if error.code in GRANT_OVER else None
    return None


def supersede(node: Node, trust: TrustSet, batch: Batch, why: ExchangeError) -> Batch | None:
    """sealed -> quarantined, and replaced at once: sealed under a grant that is over (``why``) while another of
    its route is in force, and is not listed by the relay. None where a person has to look.

    Of an instant all members at once, under the leases of all: when none of them has left, and all are of one group
    under their newest grants too. A relay that says otherwise than it is gains nothing: the consumer refuses the old
    grant, and a chain with two ends. Raises ``BATCH_BUSY`` while another worker has a member.
    """
    with node.engine.connect() as connection:
        places = instants.members(connection, batch)
    if len(places) == 1:
        return _superseded(node, trust, [(batch, why)])
    group = tuple(place.route_id for place in places)
    if of_group(trust, node, group) is None:
        return None
    others = [place for place in places if place.route_id != batch.route_id]
    with instants.leased(node.engine, others, "") as rest:
        if any(each.state != "sealed" or publish.listed(node, each) is not None for each in rest):
            return None
        refused = instants.refused(batch)
        return _superseded(node, trust, [(batch, why), *((each, over(node, trust, each) or refused) for each in rest)])


def _superseded(node: Node, trust: TrustSet, members: Sequence[tuple[Batch, ExchangeError]]) -> Batch:
    moved = []
    with node.engine.begin() as connection:
        for batch, error in members:
            entry = node.entry("batch:quarantine", batch.subject, outcome="quarantined", code=error.code)
            because = {"code": error.code, "explanation_zh": error.zh, "next_step": error.next_step}
            moved.append(ledger.move(connection, batch, "quarantined", entry, node.now(), **because))
        replace_at_once(connection, node, trust, moved[0])
    return moved[0]


def replace_at_once(connection: Connection, node: Node, trust: TrustSet, batch: Batch) -> None:
    """Seal anew what has just been refused where nobody needs to decide anything: the target does not hold its base,
    the consumer's keys have changed, or its grant is over and another has taken its place. Of an instant, once every
    member has been refused, none for another reason.
    """
    members = instants.members(connection, batch)
    _lock(connection, "instant.{}/{}".format(*members[0]))
    found = [ledger.find(connection, *place) for place in members]
    if any(each.state != "quarantined" or each.replaced_by_seq is not None for each in found):
        return
    reasons = [each for each in found if each.code != "INSTANT_REFUSED"]
    grant = current_grant(trust, batch.route_id, node.now())
    if grant is None or not reasons or not all(_is_mended(node, trust, each) for each in reasons):
        return
    if not grant.snapshot_group or of_group(trust, node, grant.snapshot_group) is not None:
        replace(connection, node, trust, batch, grant)


def of_group(trust: TrustSet, node: Node, routes: Sequence[str]) -> list[BoundGrant] | None:
    """The newest grant in force of each route, when all are of this very group."""
    found = [current_grant(trust, route_id, node.now()) for route_id in routes]
    grants = [grant for grant in found if grant is not None and grant.snapshot_group == tuple(routes)]
    return grants if len(grants) == len(routes) else None


def _is_mended(node: Node, trust: TrustSet, batch: Batch) -> bool:
    """Whether sealing anew gives something else than what was refused."""
    if batch.code in REPLACED_AT_ONCE:
        return True
    grant = current_grant(trust, batch.route_id, node.now())
    if grant is None:
        return False
    if batch.code in GRANT_OVER:
        return grant.grant_id != batch.grant_id
    if batch.code != "NOT_A_RECIPIENT":
        return False
    with node.spool.open(batch.route_id, batch.seq, batch.digest) as file:
        sealed_to = {recipient.key_id for recipient in read_header(file).recipients}
    return {key.key_id for key in trust.recipients(grant, grant.minimum_suite)} != sealed_to


def _replace(connection: Connection, node: Node, batch: Batch, grant: BoundGrant, actor: str) -> BatchRef:
    now, seq = node.now(), batch.seq + 1
    entry = node.entry("batch:redrive", batch.subject, actor=actor, code=batch.code, details={"replaced_by_seq": seq})
    connection.execute(
        update(BATCH)
        .where(BATCH.c.route_id == batch.route_id, BATCH.c.seq == batch.seq)
        .values(replaced_by_seq=seq, changes=BATCH.c.changes + 1, updated_at=now)
    )
    audit.enqueue(connection, entry)
    return _plan(connection, node, grant, seq, actor, replaces_seq=batch.seq)


def _plan(
    connection: Connection, node: Node, grant: BoundGrant, seq: int, actor: str, *, replaces_seq: int | None = None
) -> BatchRef:
    now, subject = node.now(), f"{grant.route_id}/{seq}"
    ledger.add(
        connection,
        node.entry("batch:plan", subject, actor=actor, details={"replaces_seq": replaces_seq}),
        route_id=grant.route_id,
        seq=seq,
        role="provider",
        grant_id=grant.grant_id,
        state="due",
        due_on=now.astimezone(CIVIL_TIME).date(),
        replaces_seq=replaces_seq,
        created_at=now,
        updated_at=now,
    )
    return BatchRef(node.node_id, grant.route_id, seq)


def _last(connection: Connection, grant: BoundGrant) -> Batch | None:
    _lock(connection, f"plan.{grant.route_id}")
    return ledger.last(connection, grant.route_id)


def _open(batch: Batch) -> ExchangeError:
    return ExchangeError("INSTANT_OPEN", route_id=batch.route_id, seq=batch.seq, state=batch.state)


def _lock(connection: Connection, name: str) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})

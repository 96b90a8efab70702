"""What makes a grant bind, live and end: countersignature, first rows, suspension, resumption, termination."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.access import changing, terms
from directory.access.grant_models import GrantRow
from directory.access.grants import grants_of
from directory.access.models import RequestRow
from directory.access.moments import not_before
from directory.access.moves import Facts, Move, move
from directory.access.permitted import require_move
from directory.access.queries import ends_of, grant_row, has_taken_over, held_chain
from directory.access.states import Act, Stage, State
from directory.access.steps import Decider, leave_step
from directory.actors import Actor
from directory.audit.record import record
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.nodes.feed import append
from directory.nodes.queries import Signer
from metadata.access import Countersignature, Countersigned, GrantChange
from metadata.signed import Signed
from standards.crypto import SigningKey


def countersign(
    session: Session, node: Signer, key: SigningKey, grant_id: str, told: Countersigned, now: datetime
) -> RequestRow:
    """The provider's node confirms the grant's exact bytes; from now on it binds (DESIGN §7).

    The request goes on when the last of its grants binds: tables that go together wait for each other. The same node
    saying so again changes nothing. The nodes are told of a change's grants all at once, with the end of those they
    replace: the feed never has both in force, nor neither.

    Raises ``GRANT_NOT_FOUND``, ``NOT_AN_END``, ``MetadataError SIGNATURE_BAD``, ``COUNTERSIGNATURE_OTHER``,
    ``TERM_PAST``, ``MOVE_ILLEGAL``.
    """
    grant = grant_row(session, grant_id)
    row = held_chain(session, grant.request_id)
    session.refresh(grant)
    ends = ends_of(session, grant.route_id)
    if node.node_id not in ends:
        raise DirectoryError("GRANT_NOT_FOUND", grant_id=grant_id)  # to others it is as if it were not there
    if node.node_id != ends.provider_node:
        raise DirectoryError("NOT_AN_END", node_id=node.node_id, route_id=grant.route_id)
    statement = told.countersignature
    said = statement.open("countersignature/1", Countersignature, node.key_of)
    if (said.grant_id, said.grant_digest, said.node_id) != (grant_id, grant.digest, node.node_id):
        raise DirectoryError("COUNTERSIGNATURE_OTHER", grant_id=grant_id)
    if grant.countersignature is not None:
        return row
    if grant.valid_until < day_of(now):
        raise DirectoryError("TERM_PAST", valid_until=grant.valid_until.isoformat())
    now, moved = not_before(row, now), _of_a_node(row, Act.PROVISIONED)
    is_last = all(each.countersignature is not None for each in grants_of(session, row) if each is not grant)
    if is_last:
        leave_step(session, row, Act.PROVISIONED, moved, Decider.node(node.node_id, node.org_name), now)
    grant.countersignature = statement.to_bytes()
    grant.countersigned_by = told.confirmed_by
    grant.countersigned_at = now
    if changing.change_of(session, row) is None:
        append(session, "countersignature", statement, now)
    elif is_last:
        for each in grants_of(session, row):
            append(session, "countersignature", Signed.from_bytes(each.countersignature or b""), now)
        _replace(session, node, key, row, now)
    record(session, node.node_id, "grant:countersign", grant_id, details={"digest": grant.digest}, at=now)
    return row


def _replace(session: Session, node: Signer, key: SigningKey, row: RequestRow, now: datetime) -> None:
    """The use whose place a change takes ends; one that has ended by itself meanwhile stays as it is."""
    old = changing.replaced_by(session, row)
    if old.state not in changing.IN_USE:
        return
    is_kept_up = changing.is_of_same_routes(session, old, row)
    facts = Facts(old.needs_office, old.arrived_at is not None, is_kept_up, has_taken_over(session, old))
    now, moved = not_before(old, now), move(State(old.state), Stage(old.stage), Act.REPLACED, facts)
    if isinstance(moved, Move):
        leave_step(session, old, Act.REPLACED, moved, Decider.node(node.node_id, node.org_name), now)
        change_grant(session, key, old, Act.REPLACED, now)


def arrived(session: Session, node: Signer, route_id: str, now: datetime) -> None:
    """Rows have been applied at the consumer: the route's provisioned requests are active, Article 22 is fulfilled.

    Tables that go together are applied together: the first that is heard of speaks for all.
    """
    query = (
        select(RequestRow)
        .join(GrantRow, GrantRow.request_id == RequestRow.id)
        .where(GrantRow.route_id == route_id, RequestRow.state == State.PROVISIONED)
        .order_by(RequestRow.id)
        .with_for_update(of=RequestRow)
    )
    for row in session.scalars(query).all():
        now = not_before(row, now)
        row.arrived_at = now
        terms.stop(row, "provided", now)
        leave_step(
            session, row, Act.ACTIVE, _of_a_node(row, Act.ACTIVE), Decider.node(node.node_id, node.org_name), now
        )


def change_grant(session: Session, key: SigningKey, row: RequestRow, act: Act, now: datetime) -> None:
    """Tell the nodes of a suspension, resumption or end, through the feed: of all the request's grants."""
    ends = act not in (Act.SUSPENDED, Act.ACTIVE)
    to = State.TERMINATED.value if ends else act.value  # to the nodes an end is an end, whatever brought it
    for grant in grants_of(session, row):
        change = GrantChange.model_validate({"grant_id": grant.grant_id, "to": to, "at": now})
        append(session, "grant_change", Signed.sign("grant_change/1", change, key), now)
    if ends:
        terms.stop(row, "ended", now)


def end_changes(session: Session, actor: Actor, key: SigningKey, row: RequestRow, now: datetime) -> None:
    """Changes that were agreed to and do not bind yet end with what they would replace, when it is stopped or ended by
    somebody: nobody's use goes on under another grant. Raises ``SELF_APPROVAL`` for whoever asked for the change or
    goes on with it.
    """
    for each in changing.granted_changes(session, row):
        if actor.people & {each.created_by, each.handler}:
            raise DirectoryError("SELF_APPROVAL")
        at, moved = not_before(each, now), Move(State.TERMINATED, Stage.NONE, frozenset())
        leave_step(session, each, Act.TERMINATED, moved, Decider.person(actor), at, comment="原授权已暂停或终止")
        change_grant(session, key, each, Act.TERMINATED, at)


def _of_a_node(row: RequestRow, act: Act) -> Move:
    """Where what a node says leads; raises ``MOVE_ILLEGAL``."""
    return require_move(row, act, Facts(row.needs_office, row.arrived_at is not None))

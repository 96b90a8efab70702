"""What makes a grant bind, live and end: countersignature, first rows, suspension, resumption, termination."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.access import clocks
from directory.access.grants import grants_of
from directory.access.models import GrantRow, RequestRow
from directory.access.moments import not_before
from directory.access.names import ACT_NAMES, STATE_NAMES
from directory.access.queries import ends_of, grant_row
from directory.access.states import Act, Facts, Move, NoMove, Stage, State, move
from directory.access.steps import Decider, leave_step
from directory.audit.record import record
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.nodes.feed import append
from directory.nodes.queries import Signer
from metadata.access import Countersignature, Countersigned, GrantChange
from metadata.signed import Signed
from standards.crypto import SigningKey


def countersign(session: Session, node: Signer, grant_id: str, told: Countersigned, now: datetime) -> RequestRow:
    """The provider's node confirms the grant's exact bytes; from now on it binds (DESIGN §7).

    The request goes on when the last of its grants binds: tables that go together wait for each other. The same node
    saying so again changes nothing. Raises ``GRANT_NOT_FOUND``, ``NOT_AN_END``, ``MetadataError SIGNATURE_BAD``,
    ``COUNTERSIGNATURE_OTHER``, ``TERM_PAST``, ``MOVE_ILLEGAL``.
    """
    grant = grant_row(session, grant_id)
    row = session.get_one(RequestRow, grant.request_id, with_for_update=True)
    session.refresh(grant)
    if node.node_id != ends_of(session, grant.route_id).provider_node:
        raise DirectoryError("NOT_AN_END", node_id=node.node_id, route_id=grant.route_id)
    statement = told.countersignature
    said = statement.open("countersignature/1", Countersignature, node.key_of)
    if (said.grant_id, said.grant_digest, said.node_id) != (grant_id, grant.digest, node.node_id):
        raise DirectoryError("COUNTERSIGNATURE_OTHER", grant_id=grant_id)
    if grant.countersignature is not None:
        return row
    if grant.valid_until < day_of(now):
        raise DirectoryError("TERM_PAST", valid_until=grant.valid_until.isoformat())
    now, moved = not_before(session, row, now), _permitted(row, Act.PROVISIONED)
    if all(each.countersignature is not None for each in grants_of(session, row) if each is not grant):
        leave_step(session, row, Act.PROVISIONED, moved, Decider.node(node.node_id, node.org_name), now)
    grant.countersignature = statement.to_bytes()
    grant.countersigned_by = told.confirmed_by
    grant.countersigned_at = now
    append(session, "countersignature", statement, now)
    record(session, node.node_id, "grant:countersign", grant_id, details={"digest": grant.digest}, at=now)
    return row


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
        now = not_before(session, row, now)
        row.arrived_at = now
        clocks.stop(session, row, "provided", now)
        leave_step(
            session, row, Act.ACTIVE, _permitted(row, Act.ACTIVE), Decider.node(node.node_id, node.org_name), now
        )


def change_grant(session: Session, key: SigningKey, row: RequestRow, act: Act, now: datetime) -> None:
    """Tell the nodes of a suspension, resumption or end, through the feed: of all the request's grants."""
    ends = act not in (Act.SUSPENDED, Act.ACTIVE)
    to = State.TERMINATED.value if ends else act.value  # to the nodes an end is an end, whatever brought it
    for grant in grants_of(session, row):
        change = GrantChange.model_validate({"grant_id": grant.grant_id, "to": to, "at": now})
        append(session, "grant_change", Signed.sign("grant_change/1", change, key), now)
    if ends:
        clocks.stop(session, row, "ended", now)


def _permitted(row: RequestRow, act: Act) -> Move:
    state, stage = State(row.state), Stage(row.stage)
    moved = move(state, stage, act, Facts(row.needs_office, row.arrived_at is not None))
    if isinstance(moved, NoMove):
        legal = "、".join(ACT_NAMES[each] for each in moved.legal) or "无"
        raise DirectoryError("MOVE_ILLEGAL", act=ACT_NAMES[act], state=STATE_NAMES[state, stage], legal=legal)
    return moved

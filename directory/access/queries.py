"""Who sees which requests and grants, and the rows behind them."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, exists, false, func, or_, select, tuple_
from sqlalchemy.orm import Session, selectinload

from directory.access.grant_models import GrantRow, RouteRow
from directory.access.models import RequestRow, RequestVersion
from directory.access.parties import PARTY_ACTIONS
from directory.access.states import ENDS, Act, Party, Stage, State
from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.policy import NOWHERE, allows
from directory.statements.question import Question
from directory.statements.spelled import Planned
from metadata.access import AccessRequest

_ALIKE_COUNT: Final = 5
_LIST_LOCK: Final = 0x687574726E6C  # "hutrnl"


class Ends(NamedTuple):
    """The two nodes of a route."""

    provider_node: str
    consumer_node: str


def visible(actor: Actor, action: Action = Action.REQUEST_READ) -> ColumnElement[bool]:
    """The one answer to who sees which requests, as a condition.

    The requester's own; the provider's once submitted; all that were ever submitted for those who supervise.
    """
    sees_own = allows(actor, action, actor.org_code)
    sees_all = allows(actor, action, NOWHERE)
    if not sees_own and not sees_all:
        return false()
    others: ColumnElement[bool] = RequestRow.first_submitted_at.is_not(None)
    if not sees_all:
        others = and_(others, RequestRow.provider_org == actor.org_code)
    return or_(RequestRow.requester_org == actor.org_code, others) if sees_own else others


def request_row(session: Session, actor: Actor, request_id: UUID) -> RequestRow:
    """One request; ``REQUEST_NOT_FOUND`` when it is not there or not for this actor to see."""
    row = session.scalars(select(RequestRow).where(RequestRow.id == request_id, visible(actor))).one_or_none()
    if row is None:
        raise DirectoryError("REQUEST_NOT_FOUND", request_id=request_id)
    return row


def may_see_request(session: Session, actor: Actor, request_id: str) -> bool:
    """Whether a link to this request would lead anywhere for this actor."""
    query = select(RequestRow.id).where(RequestRow.id == UUID(request_id), visible(actor))
    return session.scalar(query) is not None


def locked(session: Session, actor: Actor, request_id: UUID) -> RequestRow:
    """The same, with its row locked until the transaction ends, as it is now; and those it goes on from, or that go on
    from it (``lock_chains``). Raises as ``request_row``.
    """
    lock_chains(session, actor, [request_id])
    row: RequestRow | None = session.scalars(_seen(actor), {"request_id": request_id}).one_or_none()
    if row is None:
        raise DirectoryError("REQUEST_NOT_FOUND", request_id=request_id)
    return row


def lock_chains(session: Session, actor: Actor, request_ids: Sequence[UUID]) -> None:
    """Those of these requests that this actor sees, with their renewals on either side, locked until the transaction
    ends, in the order of their ids: everybody who locks several does it in this order, so nobody waits in a circle.

    What an end owes depends on the state of its renewal and the other way round: without both rows held, a use and its
    renewal that end at one instant would each leave the disposal to the other. Until the transaction ends nothing is
    put on the negative list either (``stop_decisions``), which costs no statement here.
    """
    if len(request_ids) == 1:
        _CHAIN_SEEN.rows(session, actor, request_id=request_ids[0])
    else:
        session.execute(_chains_seen(actor), {"request_ids": request_ids})


def held(session: Session, actor: Actor, request_ids: Sequence[UUID]) -> Sequence[RequestRow]:
    """Those of these requests that this actor sees, in the order of their ids, each as ``locked`` gives it, with its
    steps, its terms and what its agreements leave out.
    """
    lock_chains(session, actor, request_ids)
    return seen(session, actor, request_ids)


def seen(session: Session, actor: Actor, request_ids: Sequence[UUID]) -> Sequence[RequestRow]:
    """The same, held by nobody."""
    query = select(RequestRow).where(RequestRow.id.in_(request_ids), visible(actor)).order_by(RequestRow.id)
    whole = query.options(*map(selectinload, (RequestRow.steps, RequestRow.terms, RequestRow.left_out)))
    return session.scalars(whole.execution_options(populate_existing=True)).all()


@lru_cache(maxsize=256)  # put together once for a person as they are now, not for each decision
def _seen(actor: Actor) -> Select[Any]:
    query = select(RequestRow).where(RequestRow.id == bindparam("request_id"), visible(actor))
    return query.execution_options(populate_existing=True)


def stop_decisions(session: Session) -> None:
    """Wait for whoever decides on a request now, and let nobody begin until the transaction ends: who lists something
    then finds what they agreed to, and who comes later finds it listed. To be called before any request is held.
    """
    session.execute(select(func.pg_advisory_xact_lock(_LIST_LOCK)))


def _list_stands() -> ColumnElement[bool]:
    """True once nobody puts anything on the negative list; had before the first row is locked, and kept."""
    return select(func.pg_advisory_xact_lock_shared(_LIST_LOCK)).scalar_subquery().is_not(None)


@lru_cache(maxsize=256)
def _chains_seen(actor: Actor) -> Select[Any]:
    mine = select(RequestRow.id).where(RequestRow.id.in_(bindparam("request_ids", expanding=True)), visible(actor))
    return _chains(mine).where(_list_stands()).order_by(RequestRow.id).with_for_update(of=RequestRow)


def _chain_seen(actor: Actor) -> Select[Any]:
    mine = select(RequestRow.id).where(RequestRow.id == bindparam("request_id", None, Uuid()), visible(actor))
    return _chains(mine).where(_list_stands()).order_by(RequestRow.id).with_for_update(of=RequestRow)


_CHAIN_SEEN: Final = Planned("chain_seen", _chain_seen)


def held_chain(session: Session, request_id: UUID) -> RequestRow:
    """One request with its chain locked, for callers whose right to it has been checked otherwise."""
    mine = select(RequestRow.id).where(RequestRow.id == request_id)
    session.execute(_chains(mine).order_by(RequestRow.id).with_for_update(of=RequestRow))
    return session.get_one(RequestRow, request_id, populate_existing=True)


def is_chain_locked(session: Session, request_id: UUID) -> bool:
    """Lock one request's chain without waiting for anybody; whether all of it could be had."""
    mine = select(RequestRow.id).where(RequestRow.id == request_id)
    whole = set(session.scalars(_chains(mine)))
    return whole == set(session.scalars(_chains(mine).with_for_update(of=RequestRow, skip_locked=True)))


def _chains(ids: Select[UUID]) -> Select[UUID]:
    """The ids of these requests, of all that they go on from, and of all that go on from those."""
    start = ids.subquery()
    back = select(RequestRow.id, RequestRow.renews).where(RequestRow.id.in_(select(start.c.id))).cte(recursive=True)
    earlier = select(RequestRow.id, RequestRow.renews).join(back, RequestRow.id == back.c.renews)
    back = back.union(earlier)
    chain = select(back.c.id).cte(recursive=True)
    chain = chain.union(select(RequestRow.id).join(chain, RequestRow.renews == chain.c.id))
    return select(RequestRow.id).where(RequestRow.id.in_(select(chain.c.id)))


def request_rows(session: Session, actor: Actor, *, is_own: bool = False) -> Sequence[RequestRow]:
    """The latest requests this actor sees, newest first; with ``is_own`` those of the actor's own department only."""
    query = select(RequestRow).where(visible(actor))
    if is_own:
        query = query.where(RequestRow.requester_org == actor.org_code)
    return session.scalars(query.order_by(RequestRow.created_at.desc()).limit(LIMITS.list_count)).all()


def unanswered_alike(session: Session, actor: Actor, resource_id: UUID) -> Sequence[RequestRow]:
    """What the actor's own department has begun for this entry and nobody has answered yet, newest first."""
    query = select(RequestRow).where(
        visible(actor),
        RequestRow.requester_org == actor.org_code,
        RequestRow.resource_id == resource_id,
        RequestRow.state.in_((State.DRAFT, State.REQ_APPROVED, State.SUBMITTED, State.SUPPLEMENT_ASKED)),
    )
    return session.scalars(query.order_by(RequestRow.created_at.desc()).limit(_ALIKE_COUNT)).all()


def turn(actor: Actor, party: Party) -> ColumnElement[bool] | None:
    """Which requests this actor may act on as this party; None for none.

    Where a provider's node is awaited, its 共享工作机构负责人 is: the node countersigns what they confirm there.
    """
    action = PARTY_ACTIONS.get(party, Action.REQUEST_AGREE)
    if not allows(actor, action, actor.org_code):
        return None
    is_mine = or_(
        and_(RequestRow.created_by.in_(actor.people), RequestRow.handled_by.is_(None)),
        RequestRow.handled_by.in_(actor.people),
    )
    is_others = is_not_of(actor)
    match party:
        case Party.CREATOR:
            return is_mine
        case Party.REQUESTER_LEAD:
            return and_(RequestRow.requester_org == actor.org_code, is_others)
        case Party.PROVIDER_LEAD | Party.PROVIDER_NODE:
            return and_(RequestRow.provider_org == actor.org_code, is_others)
        case _:
            return is_others


def is_not_of(actor: Actor) -> ColumnElement[bool]:
    """Requests that the actor neither made nor goes on with: those they may decide on."""
    is_handled = or_(RequestRow.handled_by.is_(None), RequestRow.handled_by.not_in(actor.people))
    return and_(RequestRow.created_by.not_in(actor.people), is_handled)


def hands(row: RequestRow, act: Act) -> frozenset[UUID]:
    """Who last took this step of a request: whoever did it, and whoever they did it for."""
    return next((step.hands for step in reversed(row.steps) if step.act == act), frozenset())


def approvers(row: RequestRow) -> frozenset[UUID]:
    """Who approved the present text for the requester, and whoever they did it for: the other side is somebody else,
    though both may come to sit in one department, or in the office that asks for itself.
    """
    approved = [step for step in row.steps if step.version == row.version and step.act == Act.REQ_APPROVED]
    return frozenset(each for step in approved for each in step.hands)


def text_of(session: Session, row: RequestRow) -> AccessRequest:
    """The request's present text. A version never changes, so it is read once in a transaction."""
    return TEXTS(session, (row.id, row.version))


def _texts(session: Session, versions: Collection[tuple[UUID, int]]) -> Mapping[tuple[UUID, int], AccessRequest]:
    query = select(RequestVersion).where(tuple_(RequestVersion.request_id, RequestVersion.version).in_(list(versions)))
    return {(each.request_id, each.version): each.record for each in session.scalars(query)}


TEXTS: Final = Question(_texts, lasts=True)
"""The text of a request in one of its versions."""


def is_renewed(session: Session, row: RequestRow) -> bool:
    """Whether a later request, granted and bound, goes on where this one ends."""
    return bool(session.scalar(select(is_going_on_from(row.id))))


def is_going_on_from(request_id: Any) -> ColumnElement[bool]:
    """The same as a condition, of a request's id."""
    going_on = (State.PROVISIONED.value, State.ACTIVE.value, State.SUSPENDED.value)
    return exists().where(RequestRow.renews == request_id, RequestRow.state.in_(going_on))


def has_taken_over(session: Session, row: RequestRow) -> bool:
    """Whether what had arrived for an earlier request, which ended without disposal, is held under this one."""
    earlier = row
    while earlier.renews is not None:
        earlier = session.get_one(RequestRow, earlier.renews)
        if State(earlier.state) not in ENDS or earlier.stage != Stage.NONE:
            return False
        if earlier.arrived_at is not None:
            return True
    return False


def grant_row(session: Session, grant_id: str) -> GrantRow:
    """One grant, for callers whose right to it has been checked otherwise; ``GRANT_NOT_FOUND``."""
    grant = session.get(GrantRow, grant_id)
    if grant is None:
        raise DirectoryError("GRANT_NOT_FOUND", grant_id=grant_id)
    return grant


def visible_grant(session: Session, actor: Actor, grant_id: str) -> tuple[GrantRow, RequestRow]:
    """One grant and its request; ``GRANT_NOT_FOUND`` when it is not there or not for this actor to see."""
    query = (
        select(GrantRow, RequestRow)
        .join(RequestRow, RequestRow.id == GrantRow.request_id)
        .where(GrantRow.grant_id == grant_id, visible(actor, Action.GRANT_READ))
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise DirectoryError("GRANT_NOT_FOUND", grant_id=grant_id)
    return found[0], found[1]


def ends_of(session: Session, route_id: str) -> Ends:
    """The nodes of a route; ``ROUTE_UNKNOWN``."""
    route = session.get(RouteRow, route_id)
    if route is None:
        raise DirectoryError("ROUTE_UNKNOWN", route_id=route_id)
    return Ends(route.provider_node, route.consumer_node)

"""What may be done to a request now, and by whom: the table of moves, the facts it asks for, and the account."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, case, cast, exists, literal, select
from sqlalchemy.orm import Session, aliased

from directory.access.disputes import answerers
from directory.access.models import RequestExtension, RequestRow
from directory.access.moves import Facts, Move, NoMove, legal_moves, move
from directory.access.names import ACT_NAMES, PARTY_NAMES, STATE_NAMES
from directory.access.parties import fills, needed
from directory.access.queries import approvers, hands, has_taken_over, is_going_on_from, text_of
from directory.access.states import Act, Party, Stage, State
from directory.actors import Actor
from directory.backflow.models import BackflowRequest
from directory.errors import DirectoryError
from directory.policy import capacities
from directory.statements.prepared import Prepared, array_of
from directory.statements.question import Question


def legal_acts(session: Session, actor: Actor, row: RequestRow, today: date | None = None) -> tuple[Act, ...]:
    """What this account may do to this request now, in the table's order."""
    legal = legal_moves(State(row.state), Stage(row.stage), facts_of(session, row, today))
    too_late = _LENGTHEN if today is not None and is_reply_late(row, today) else ()
    return tuple(
        act
        for act, moved in legal.items()
        if act not in too_late and isinstance(_capacity(actor, row, act, moved), Actor)
    )


_LENGTHEN: Final = frozenset({Act.EXTENSION_ASKED, Act.EXTENDED})
_ABOVE: Final = frozenset({Stage.AUTHORITY, Stage.GOVERNMENT})
_ON_EXTENSION: Final = frozenset({Act.EXTENDED, Act.EXTENSION_REFUSED})


def is_reply_late(row: RequestRow, today: date) -> bool:
    """Whether the day of the reply is over: a term that ended is not made longer, it is overdue."""
    return row.state == State.SUBMITTED and row.due_on is not None and row.due_on < today


def facts_of(session: Session, row: RequestRow, today: date | None = None) -> Facts:
    """What the table may have to know besides state and stage. Without a day no term of use is over."""
    renewed, extension, goes_back = FACTS(session, row.id)
    arrived, taken_over = row.arrived_at is not None, has_taken_over(session, row)
    is_over = today is not None and is_term_over(session, row, today)
    return Facts(row.needs_office, arrived, renewed, taken_over, extension or "", row.office_first, is_over, goes_back)


_ASKED: Final = aliased(RequestRow)
_FACTS: Final = Prepared(
    "facts_of_requests",
    select(
        cast(_ASKED.id, Text),
        is_going_on_from(_ASKED.id),
        select(case((RequestExtension.is_granted.is_(None), literal("asked", Text)), else_=literal("decided", Text)))
        .where(RequestExtension.request_id == _ASKED.id)
        .scalar_subquery(),
        exists().where(BackflowRequest.request_id == _ASKED.id),
    ).where(_ASKED.id == any_(cast(bindparam("ids", None, Text), ARRAY(Uuid())))),
)


def _facts(session: Session, request_ids: Collection[UUID]) -> Mapping[UUID, tuple[bool, str | None, bool]]:
    session.flush()
    return {UUID(each): (*known,) for each, *known in _FACTS.rows(session, ids=array_of(request_ids))}


FACTS: Final = Question(_facts)
"""Whether a request goes on under a later one, how its extension stands (None without one), whether it is 回流."""


def is_term_over(session: Session, row: RequestRow, today: date) -> bool:
    """Whether the term of use asked for ran out while the request waits for its reply."""
    return row.state == State.SUBMITTED and text_of(session, row).valid_until < today


def permitted(
    session: Session, actor: Actor, row: RequestRow, act: Act, today: date | None = None
) -> tuple[Move, Actor]:
    """The move, if the table has it and this account may make it, and the actor in the capacity in which they do.

    Raises ``MOVE_ILLEGAL``, ``FORBIDDEN``, ``TOKEN_SCOPE``, ``SELF_APPROVAL``, ``DISPUTE_ANSWERED_BY_YOU``,
    ``TWO_SIDES``, ``TWO_HANDS``.
    """
    moved = require_move(row, act, facts_of(session, row, today))
    acting = _capacity(actor, row, act, moved)
    if isinstance(acting, DirectoryError):
        raise acting
    return moved, acting


def require_move(row: RequestRow, act: Act, facts: Facts) -> Move:
    """Where this act leads from where the request is; raises ``MOVE_ILLEGAL``, naming the acts that are legal there."""
    state, stage = State(row.state), Stage(row.stage)
    moved = move(state, stage, act, facts)
    if isinstance(moved, NoMove):
        legal = "、".join(ACT_NAMES[each] for each in moved.legal) or "无"
        raise DirectoryError("MOVE_ILLEGAL", act=ACT_NAMES[act], state=STATE_NAMES[state, stage], legal=legal)
    return moved


def _capacity(actor: Actor, row: RequestRow, act: Act, moved: Move) -> Actor | DirectoryError:
    """As themselves, or for a colleague whose role they hold; otherwise why not, the more telling reason first."""
    objections = []
    for acting in capacities(actor):
        objection = _objection(acting, row, act, moved)
        if objection is None:
            return acting
        objections.append(objection)
    return next((each for each in objections if each.code != "FORBIDDEN"), objections[0])


def _objection(actor: Actor, row: RequestRow, act: Act, moved: Move) -> DirectoryError | None:
    """Why this account may not make this move, if it may not: it fills no party, or another hand is needed. A token
    that is too narrow is told so, not that another may.
    """
    filled = _parties(actor, row, act, moved)
    if not filled and actor.scope is not None:
        theirs = _parties(replace(actor, scope=None), row, act, moved)
        out = sorted({action for party in theirs for action in needed(party, act, moved.state)} - actor.scope)
        if out:
            reason = f"访问令牌的范围不包括这一项（{'、'.join(out)}）"
            return DirectoryError("TOKEN_SCOPE", reason=reason, action=f"request:{act}")
    if not filled:
        parties = "或".join(sorted(PARTY_NAMES[party] for party in moved.by))
        return DirectoryError("FORBIDDEN", reason=f"此步由{parties}办理", action=f"request:{act}")
    code = _hand_missing(actor, row, act, is_creator=Party.CREATOR in filled)
    return DirectoryError(code) if code else None


def _hand_missing(actor: Actor, row: RequestRow, act: Act, *, is_creator: bool) -> str:
    """Whether another has to do it: nobody decides on their own request, for a use or for more time, for both sides,
    or a second time where two have to; above the two departments nobody answers for a refusal that was their own, or
    for an answer of theirs on a level below.
    """
    if actor.people & {row.created_by, row.handler} and not is_creator:
        return "SELF_APPROVAL"
    if act in _ON_EXTENSION and hands(row, Act.EXTENSION_ASKED) & actor.people:
        return "SELF_APPROVAL"
    if act is Act.DISPUTE_ANSWERED and row.stage in _ABOVE:
        return _has_spoken(actor, row)
    if act is Act.AGREED and approvers(row) & actor.people:
        return "TWO_SIDES"
    if act is Act.AGREED and row.needs_office and any(has_agreed(row, each) for each in actor.people):
        return "TWO_HANDS"
    return ""


def _has_spoken(actor: Actor, row: RequestRow) -> str:
    """Whether they speak in this dispute already: of every level somebody else decides (Art. 28)."""
    if hands(row, Act.REFUSED) & actor.people:
        return "SELF_APPROVAL"
    return "DISPUTE_ANSWERED_BY_YOU" if answerers(row) & actor.people else ""


def _parties(actor: Actor, row: RequestRow, act: Act, moved: Move) -> frozenset[Party]:
    """The parties of a move that this account fills."""
    return frozenset(
        party
        for party in moved.by
        if fills(actor, party, act, moved.state, requester_org=row.requester_org, provider_org=row.provider_org)
        and (party is not Party.CREATOR or actor.account_id == row.handler)
    )


def has_agreed(row: RequestRow, account_id: UUID) -> bool:
    """Whether this account, or somebody for it, agreed already since the reply began: of two, each is another."""
    for step in reversed(row.steps):
        if step.act in (Act.SUBMITTED, Act.RECONSIDERED):
            return False
        if step.act == Act.AGREED and account_id in step.hands:
            return True
    return False

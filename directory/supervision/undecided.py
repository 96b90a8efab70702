"""What nobody can decide: cases whose next step is a role's that nobody holds any more, or holds only for themselves.

An account that closes takes its roles with it; what waited for them must not wait unseen. Nor must what its only
decider has answered already, a level below: every level is somebody else's (Art. 28).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Select, Text, cast, exists, func, or_, select, true, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from directory.access.models import RequestRow, RequestStep
from directory.access.moves import MOVES, waits_for
from directory.access.names import STATE_NAMES
from directory.access.queries import visible
from directory.access.states import Act, Party, Stage, State
from directory.accounts.models import Account, AccountRole
from directory.actions import Action
from directory.actors import Actor
from directory.matters.kinds import PROCEDURES
from directory.matters.models import Matter
from directory.matters.stuck import stuck as stuck_matters
from directory.matters.worklist import visible as sees_matter
from directory.organisations.models import Organisation
from directory.organisations.queries import office_code
from directory.permissions import PERMISSIONS, Reach
from directory.policy import NOWHERE, allows
from directory.prepared import Prepared
from directory.resources.models import ResourceEntry
from directory.resources.queries import visible_to
from directory.resources.states import MOVES as ENTRY_MOVES
from directory.resources.states import STATUSES
from directory.roles import OFFICE_ROLES, ROLE_NAMES, Role
from directory.unchanged import while_unchanged

_BEFORE_AUTHORITY: Final = {(State.DISPUTED, Stage.AUTHORITY), (State.DISPUTED, Stage.GOVERNMENT)}
_FORWARD: Final = ("head_approve", "submit", "review", "publish")


class Undecided(BaseModel):
    """So many cases in one state that nobody can take further, for want of somebody in this role: of ``kind``
    ``request``, ``entry``, or one of the kinds of matters.

    ``org_code`` is the department that lacks one; ``example`` one of the cases, where the reader may see it. With
    ``needs_another`` somebody holds the role, who asked for it or has decided on it before.
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    org_code: str
    org_name: str
    role: Role
    role_name: str
    needs_another: bool
    state_name: str
    count: int
    example: UUID | None


@dataclass(frozen=True)
class _Holders:
    """Who is there: accounts by role, and by role and department."""

    anywhere: Mapping[Role, frozenset[UUID]]
    in_org: Mapping[tuple[Role, str], frozenset[UUID]]
    names: Mapping[str, str]

    @property
    def orgs(self) -> Collection[str]:
        return self.names

    def has(self, role: Role, org_code: str) -> bool:
        """Whether somebody holds it: of this department, of an office role anybody."""
        return bool(self.anywhere.get(role) if role in OFFICE_ROLES else self.in_org.get((role, org_code)))

    def empty(self, role: Role) -> list[str]:
        """The departments in which nobody holds it."""
        return sorted(org for org in self.orgs if not self.in_org.get((role, org)))

    def soles(self, role: Role) -> list[tuple[str, UUID]]:
        """The departments in which one person holds it, and that person."""
        return [(org, next(iter(held))) for (each, org), held in self.in_org.items() if each is role and len(held) == 1]


def undecided(session: Session, actor: Actor) -> Sequence[Undecided]:
    """For those who supervise or keep accounts: everywhere, or in their own department; nothing for others."""
    reads = (Action.SUPERVISION_READ, Action.PEOPLE_READ)
    sees_all = any(allows(actor, action, NOWHERE) for action in reads)
    if not sees_all and not any(allows(actor, action, actor.org_code) for action in reads):
        return []
    found = while_unchanged(session, "undecided", lambda: _everywhere(session, frozenset(Role)))
    mine = [_seen_by(session, actor, each) for each in found if sees_all or each.org_code == actor.org_code]
    return sorted(mine, key=lambda each: (-each.count, each.org_name, each.state_name))


def undecided_in_office(session: Session) -> int:
    """How many cases wait for somebody more in the office, for its own desks."""
    found = while_unchanged(session, "undecided in office", lambda: _everywhere(session, OFFICE_ROLES))
    return sum(each.count for each in found)


def _everywhere(session: Session, roles: Collection[Role]) -> list[Undecided]:
    """Whatever waits for these roles."""
    names = {row.code: row.name for row in session.execute(select(Organisation.code, Organisation.name))}
    holders = _holders(session, names)
    return [*_requests(session, holders, roles), *_entries(session, holders, roles), *_matters(session, holders, roles)]


def _holders(session: Session, names: Mapping[str, str]) -> _Holders:
    anywhere: dict[Role, set[UUID]] = defaultdict(set)
    in_org: dict[tuple[Role, str], set[UUID]] = defaultdict(set)
    query = select(AccountRole.role, Account.org_code, Account.id).join(Account, Account.id == AccountRole.account_id)
    for role, org_code, account_id in session.execute(query.where(Account.is_active, Account.org_code.is_not(None))):
        anywhere[Role(role)].add(account_id)
        in_org[Role(role), org_code or ""].add(account_id)
    return _Holders(
        {role: frozenset(held) for role, held in anywhere.items()},
        {key: frozenset(held) for key, held in in_org.items()},
        names,
    )


def _requests(session: Session, holders: _Holders, roles: Collection[Role]) -> list[Undecided]:
    found = []
    for state, stage in MOVES:
        parties = sorted(waits_for(state, stage))
        role = _ROLES.get(parties[0]) if parties else None
        if role is None or role not in roles or (state, stage) in _BEFORE_AUTHORITY:
            continue
        stuck = [condition for party in parties if (condition := _stuck(party, holders)) is not None]
        if len(stuck) < len(parties):
            continue
        org = _org_of(parties[0])
        query = select(*_counted(RequestRow, org)).where(
            RequestRow.state == state.value, RequestRow.stage == stage.value, *stuck
        )
        for org_code, count, example in _grouped(session, query, org):
            found.append(_line("request", org_code, holders, role, STATE_NAMES[state, stage], count, example))
    if Role.OFFICE_APPROVER not in roles:
        return found
    for state, stage, count, example in _ANSWERED_BY_ALL.rows(session):
        name = STATE_NAMES[State(state), Stage(stage)]
        found.append(_line("request", office_code(session), holders, Role.OFFICE_APPROVER, name, count, example))
    return found


def _stuck(party: Party, holders: _Holders) -> ColumnElement[bool] | None:
    """Which requests nobody can take further as this party; None where somebody can take each.

    The only holder of a role does not decide on their own request.
    """
    match party:
        case Party.CREATOR:
            return func.coalesce(RequestRow.handled_by, RequestRow.created_by).not_in(
                select(AccountRole.account_id)
                .join(Account, Account.id == AccountRole.account_id)
                .where(Account.is_active, AccountRole.role == Role.REQUESTER.value)
            )
        case Party.REQUESTER_LEAD:
            empty, soles = holders.empty(Role.SHARING_LEAD), holders.soles(Role.SHARING_LEAD)
            own = tuple_(RequestRow.requester_org, RequestRow.created_by).in_(soles)
            return or_(RequestRow.requester_org.in_(empty), own) if empty or soles else None
        case Party.PROVIDER_LEAD | Party.PROVIDER_NODE:
            empty = holders.empty(Role.SHARING_LEAD)
            return RequestRow.provider_org.in_(empty) if empty else None
        case Party.OFFICE_REVIEWER | Party.OFFICE_APPROVER:
            held = holders.anywhere.get(_ROLES[party], frozenset())
            return true() if not held else RequestRow.created_by.in_(held) if len(held) == 1 else None
        case _:
            return None


def _answered_by_all() -> ColumnElement[bool]:
    """Which disputes no head of the office may answer: the refusal was their own, they answered it on a level below, or
    they ask (``permitted``).
    """
    by = or_(RequestStep.decided_by == Account.id, RequestStep.decided_for == Account.id)
    step, later = RequestStep, aliased(RequestStep)
    is_present = ~exists().where(
        later.request_id == step.request_id, later.seq > step.seq, later.act == Act.REFUSED.value
    )
    answers = step.act.in_((Act.REFUSED.value, Act.DISPUTE_ANSWERED.value))
    has_answered = exists().where(step.request_id == RequestRow.id, answers, is_present, by)
    return ~exists().where(
        AccountRole.account_id == Account.id,
        AccountRole.role == Role.OFFICE_APPROVER.value,
        Account.is_active,
        Account.id != RequestRow.created_by,
        Account.id != func.coalesce(RequestRow.handled_by, RequestRow.created_by),
        ~has_answered.correlate(RequestRow, Account),  # this request's, two statements further out
    )


def _org_of(party: Party) -> InstrumentedAttribute[str] | None:
    """The department that lacks somebody; None for the office."""
    match party:
        case Party.CREATOR | Party.REQUESTER_LEAD:
            return RequestRow.requester_org
        case Party.PROVIDER_LEAD | Party.PROVIDER_NODE:
            return RequestRow.provider_org
        case _:
            return None


_AT: Final = (RequestRow.state, RequestRow.stage)
_ANSWERED_BY_ALL: Final = Prepared(
    "answered_by_all",
    select(*_AT, func.count(), func.min(cast(RequestRow.id, Text)))
    .where(tuple_(*_AT).in_([(state.value, stage.value) for state, stage in _BEFORE_AUTHORITY]), _answered_by_all())
    .group_by(*_AT),
)


def _counted(
    of: type[RequestRow | ResourceEntry], org: InstrumentedAttribute[str] | None
) -> tuple[ColumnElement[Any], ...]:
    """How many, and one of them; by department, where it is not the office's."""
    counted = (func.count(), func.min(cast(of.id, Text)))
    return counted if org is None else (org.expression, *counted)


def _grouped(
    session: Session, query: Select[Any], org: InstrumentedAttribute[str] | None
) -> Iterator[tuple[str, int, str]]:
    if org is not None:
        for org_code, count, example in session.execute(query.group_by(org)):
            yield org_code, count, example
        return
    for count, example in session.execute(query):
        if count:
            yield office_code(session), count, example


def _entries(session: Session, holders: _Holders, roles: Collection[Role]) -> list[Undecided]:
    found = []
    for move in ENTRY_MOVES:
        if move.step not in _FORWARD:
            continue
        for role, reach in PERMISSIONS[move.action].items():
            org = None if reach is Reach.ANY else ResourceEntry.org_code
            empty = holders.empty(role)
            if role not in roles or (holders.anywhere.get(role) if org is None else not empty):
                continue
            lacks = true() if org is None else org.in_(empty)
            query = select(*_counted(ResourceEntry, org)).where(ResourceEntry.status.in_(move.sources), lacks)
            status = "、".join(STATUSES[each] for each in sorted(move.sources))
            for org_code, count, example in _grouped(session, query, org):
                found.append(_line("entry", org_code, holders, role, f"{status}，待{move.name_zh}", count, example))
    return found


def _matters(session: Session, holders: _Holders, roles: Collection[Role]) -> list[Undecided]:
    return [
        _line(
            each.kind,
            office_code(session) if each.org_code is None else each.org_code,
            holders,
            each.role,
            PROCEDURES[each.kind].names[each.state],
            each.number,
            each.example,
        )
        for each in stuck_matters(session, roles)
    ]


def _seen_by(session: Session, actor: Actor, each: Undecided) -> Undecided:
    """Without the example where a link to it would lead nowhere for this reader."""
    match each.kind:
        case "request":
            query = select(RequestRow.id).where(RequestRow.id == each.example, visible(actor))
        case "entry":
            query = select(ResourceEntry.id).where(ResourceEntry.id == each.example, visible_to(actor))
        case _:
            query = select(Matter.id).where(Matter.id == each.example, sees_matter(actor))
    return each if session.scalar(query) is not None else each.model_copy(update={"example": None})


def _line(
    kind: str, org_code: str, holders: _Holders, role: Role, state_name: str, count: int, example: str
) -> Undecided:
    return Undecided(
        kind=kind,
        org_code=org_code,
        org_name=holders.names.get(org_code, org_code),
        role=role,
        role_name=ROLE_NAMES[role],
        needs_another=holders.has(role, org_code),
        state_name=state_name,
        count=count,
        example=UUID(example),
    )


_ROLES: Final[Mapping[Party, Role]] = {
    Party.CREATOR: Role.REQUESTER,
    Party.REQUESTER_LEAD: Role.SHARING_LEAD,
    Party.PROVIDER_LEAD: Role.SHARING_LEAD,
    Party.PROVIDER_NODE: Role.SHARING_LEAD,
    Party.OFFICE_REVIEWER: Role.OFFICE_REVIEWER,
    Party.OFFICE_APPROVER: Role.OFFICE_APPROVER,
}

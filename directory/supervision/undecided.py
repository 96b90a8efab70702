"""What nobody can decide: cases whose next step is a role's that nobody holds any more, or holds only for themselves.

An account that closes takes its roles with it; what waited for them must not wait unseen. Nor must what its only
decider has answered already, a level below: every level is somebody else's (Art. 28).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, or_, select, true, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from directory.access.models import RequestRow
from directory.access.moves import MOVES, waits_for
from directory.access.names import STATE_NAMES
from directory.access.queries import visible
from directory.access.states import Party
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
from directory.resources.models import ResourceEntry
from directory.resources.queries import visible_to
from directory.resources.states import FORWARD, STATUSES
from directory.resources.states import MOVES as ENTRY_MOVES
from directory.roles import OFFICE_ROLES, ROLE_NAMES, Role
from directory.statements.unchanged import while_unchanged
from directory.supervision.barred import OFFICES, barred

_HANDS: Final = 2
"""Whose a request can be at once: who made it, and who goes on with it."""


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

    def few(self, role: Role) -> list[tuple[str, frozenset[UUID]]]:
        """The departments in which no more people hold it than can have one request as theirs, and those people."""
        found = ((org, held) for (each, org), held in self.in_org.items() if each is role)
        return [(org, held) for org, held in found if 0 < len(held) <= _HANDS]


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
        if role is None or role not in roles or (state, stage) in OFFICES:
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
    for role in roles:
        for each in barred(session, role):
            org_code = office_code(session) if each.org_code is None else each.org_code
            name = STATE_NAMES[each.state, each.stage] + ("；申请的延期待决定" if each.is_extension else "")
            found.append(_line("request", org_code, holders, role, name, each.number, each.example))
    return found


def _stuck(party: Party, holders: _Holders) -> ColumnElement[bool] | None:
    """Which requests nobody can take further as this party; None where somebody can take each.

    The holders of a role do not decide on their own request: the one who made it, and the one who goes on with it.
    """
    match party:
        case Party.CREATOR:
            return func.coalesce(RequestRow.handled_by, RequestRow.created_by).not_in(
                select(AccountRole.account_id)
                .join(Account, Account.id == AccountRole.account_id)
                .where(Account.is_active, AccountRole.role == Role.REQUESTER.value)
            )
        case Party.REQUESTER_LEAD:
            empty = holders.empty(Role.SHARING_LEAD)
            lacks = _owned(holders.few(Role.SHARING_LEAD), RequestRow.requester_org.expression)
            lacks += [RequestRow.requester_org.in_(empty)] if empty else []
            return or_(*lacks) if lacks else None
        case Party.PROVIDER_LEAD | Party.PROVIDER_NODE:
            empty = holders.empty(Role.SHARING_LEAD)
            return RequestRow.provider_org.in_(empty) if empty else None
        case Party.OFFICE_REVIEWER:
            held = holders.anywhere.get(Role.OFFICE_REVIEWER, frozenset())
            own = _owned([(NOWHERE, held)] if 0 < len(held) <= _HANDS else [], literal(NOWHERE, Text))
            return true() if not held else or_(*own) if own else None
        case _:
            return None


def _owned(few: Collection[tuple[str, frozenset[UUID]]], org: ColumnElement[str]) -> list[ColumnElement[bool]]:
    """Requests of each of these departments that are all these people's own: one made it, one goes on with it."""
    made_by, handled_by = RequestRow.created_by, RequestRow.handled_by
    alone = [(code, who) for code, held in few if len(held) == 1 for who in held]
    both = [(code, *pair) for code, held in few if len(held) == _HANDS for pair in permutations(held)]
    found: list[ColumnElement[bool]] = [tuple_(org, each).in_(alone) for each in (made_by, handled_by)] if alone else []
    return [*found, tuple_(org, made_by, handled_by).in_(both)] if both else found


def _org_of(party: Party) -> InstrumentedAttribute[str] | None:
    """The department that lacks somebody; None for the office."""
    match party:
        case Party.CREATOR | Party.REQUESTER_LEAD:
            return RequestRow.requester_org
        case Party.PROVIDER_LEAD | Party.PROVIDER_NODE:
            return RequestRow.provider_org
        case _:
            return None


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
        if move.step not in FORWARD:
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

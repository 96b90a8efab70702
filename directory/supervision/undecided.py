"""What nobody can decide: cases whose next step is a role's that nobody holds any more, or holds only for themselves.

An account that closes takes its roles with it; what waited for them must not wait unseen.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Select, Text, cast, false, func, or_, select, true, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from directory.access.models import RequestRow
from directory.access.moves import MOVES, waits_for
from directory.access.names import STATE_NAMES
from directory.access.queries import visible
from directory.access.states import Party
from directory.accounts.models import Account, AccountRole
from directory.actions import Action
from directory.actors import Actor
from directory.organisations.models import Organisation
from directory.permissions import PERMISSIONS, Reach
from directory.policy import NOWHERE, allows
from directory.resources.models import ResourceEntry
from directory.resources.queries import visible_to
from directory.resources.states import MOVES as ENTRY_MOVES
from directory.resources.states import STATUSES
from directory.roles import ROLE_NAMES, Role
from directory.unchanged import while_unchanged

_FORWARD: Final = ("head_approve", "submit", "review", "publish")


class Undecided(BaseModel):
    """So many cases in one state that nobody can take further, for want of somebody in this role.

    ``org_code`` is the department that lacks one; ``example`` one of the cases, where the reader may see it.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["request", "entry"]
    org_code: str
    org_name: str
    role: Role
    role_name: str
    state_name: str
    count: int
    example: UUID | None


@dataclass(frozen=True)
class _Holders:
    """Who is there: accounts by role, and by role and department."""

    anywhere: Mapping[Role, frozenset[UUID]]
    in_org: Mapping[tuple[Role, str], frozenset[UUID]]
    orgs: frozenset[str]

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
    found = while_unchanged(session, "undecided", lambda: _everywhere(session))
    mine = [_seen_by(session, actor, each) for each in found if sees_all or each.org_code == actor.org_code]
    return sorted(mine, key=lambda each: (-each.count, each.org_name, each.state_name))


def _everywhere(session: Session) -> list[Undecided]:
    names = {row.code: row.name for row in session.execute(select(Organisation.code, Organisation.name))}
    holders = _holders(session, frozenset(names))
    return [*_requests(session, holders, names), *_entries(session, holders, names)]


def _holders(session: Session, orgs: frozenset[str]) -> _Holders:
    anywhere: dict[Role, set[UUID]] = defaultdict(set)
    in_org: dict[tuple[Role, str], set[UUID]] = defaultdict(set)
    query = select(AccountRole.role, Account.org_code, Account.id).join(Account, Account.id == AccountRole.account_id)
    for role, org_code, account_id in session.execute(query.where(Account.is_active, Account.org_code.is_not(None))):
        anywhere[Role(role)].add(account_id)
        in_org[Role(role), org_code or ""].add(account_id)
    return _Holders(
        {role: frozenset(held) for role, held in anywhere.items()},
        {key: frozenset(held) for key, held in in_org.items()},
        orgs,
    )


def _requests(session: Session, holders: _Holders, names: Mapping[str, str]) -> list[Undecided]:
    found = []
    for state, stage in MOVES:
        parties = sorted(waits_for(state, stage))
        stuck = [_stuck(party, holders) for party in parties]
        if not parties or any(condition is None for condition in stuck):
            continue
        org, role = _org_of(parties[0]), _ROLES[parties[0]]
        query = select(*_counted(RequestRow, org)).where(
            RequestRow.state == state.value,
            RequestRow.stage == stage.value,
            *[condition for condition in stuck if condition is not None],
        )
        for org_code, count, example in _grouped(session, query, org):
            found.append(_line("request", org_code, names, role, STATE_NAMES[state, stage], count, example))
    return found


def _stuck(party: Party, holders: _Holders) -> ColumnElement[bool] | None:
    """Which requests nobody can take further as this party; None where it is no person's turn.

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
            own = tuple_(RequestRow.requester_org, RequestRow.created_by).in_(holders.soles(Role.SHARING_LEAD))
            return or_(RequestRow.requester_org.in_(holders.empty(Role.SHARING_LEAD)), own)
        case Party.PROVIDER_LEAD | Party.PROVIDER_NODE:
            return RequestRow.provider_org.in_(holders.empty(Role.SHARING_LEAD))
        case Party.OFFICE_REVIEWER | Party.OFFICE_APPROVER:
            held = holders.anywhere.get(_ROLES[party], frozenset())
            return true() if not held else RequestRow.created_by.in_(held) if len(held) == 1 else false()
        case _:
            return None


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
            yield _office(session), count, example


def _entries(session: Session, holders: _Holders, names: Mapping[str, str]) -> list[Undecided]:
    found = []
    for move in ENTRY_MOVES:
        if move.step not in _FORWARD:
            continue
        for role, reach in PERMISSIONS[move.action].items():
            is_office = reach is Reach.ANY
            org = None if is_office else ResourceEntry.org_code
            lacks: ColumnElement[bool] = ResourceEntry.org_code.in_(holders.empty(role))
            if is_office:
                lacks = false() if holders.anywhere.get(role) else true()
            query = select(*_counted(ResourceEntry, org)).where(ResourceEntry.status.in_(move.sources), lacks)
            status = "、".join(STATUSES[each] for each in sorted(move.sources))
            for org_code, count, example in _grouped(session, query, org):
                found.append(_line("entry", org_code, names, role, f"{status}，待{move.name_zh}", count, example))
    return found


def _seen_by(session: Session, actor: Actor, each: Undecided) -> Undecided:
    """Without the example where a link to it would lead nowhere for this reader."""
    query = (
        select(RequestRow.id).where(RequestRow.id == each.example, visible(actor))
        if each.kind == "request"
        else select(ResourceEntry.id).where(ResourceEntry.id == each.example, visible_to(actor))
    )
    return each if session.scalar(query) is not None else each.model_copy(update={"example": None})


def _line(
    kind: Literal["request", "entry"],
    org_code: str,
    names: Mapping[str, str],
    role: Role,
    state_name: str,
    count: int,
    example: str,
) -> Undecided:
    return Undecided(
        kind=kind,
        org_code=org_code,
        org_name=names.get(org_code, org_code),
        role=role,
        role_name=ROLE_NAMES[role],
        state_name=state_name,
        count=count,
        example=UUID(example),
    )


def _office(session: Session) -> str:
    """The information office, of which the office roles are."""
    return session.scalar(select(Organisation.code).where(Organisation.is_office).order_by(Organisation.code)) or ""


_ROLES: Final[Mapping[Party, Role]] = {
    Party.CREATOR: Role.REQUESTER,
    Party.REQUESTER_LEAD: Role.SHARING_LEAD,
    Party.PROVIDER_LEAD: Role.SHARING_LEAD,
    Party.PROVIDER_NODE: Role.SHARING_LEAD,
    Party.OFFICE_REVIEWER: Role.OFFICE_REVIEWER,
    Party.OFFICE_APPROVER: Role.OFFICE_APPROVER,
}

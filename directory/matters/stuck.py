"""Matters that nobody can take further: nobody holds the role that is awaited, or only who raised or answered them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, Text, cast, exists, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from directory.accounts.models import Account, AccountRole
from directory.matters.kinds import PROCEDURES
from directory.matters.models import Matter, MatterStep
from directory.matters.procedure import Move, Party, Procedure
from directory.permissions import PERMISSIONS, Reach
from directory.roles import Role
from directory.statements.prepared import Prepared

_ORGS: Final = {Party.RAISER: Matter.from_org, Party.ANSWERER: Matter.to_org}


class Stuck(NamedTuple):
    """So many matters of one kind in one state; ``org_code`` is the department that lacks somebody, None the office."""

    kind: str
    state: str
    org_code: str | None
    role: Role
    number: int
    example: str


def stuck(session: Session, roles: Collection[Role]) -> Sequence[Stuck]:
    """Every state that waits for these roles and whose awaited parties nobody fills, with its matters."""
    asked = [(role, prepared) for role, prepared in _COUNTED.items() if role in roles]
    return [
        Stuck(kind, state, org, role, number, example)
        for role, prepared in asked
        for kind, state, org, number, example in prepared.rows(session)
        if number
    ]


def _awaiting() -> Mapping[Role, Sequence[Select[*tuple[Any, ...]]]]:
    """By the role that is awaited, a count for each state of each kind."""
    found: dict[Role, list[Select[*tuple[Any, ...]]]] = defaultdict(list)
    for procedure in PROCEDURES.values():
        for state, moves in procedure.moves.items():
            awaited = [moved for act, moved in moves.items() if act in procedure.forward]
            if not awaited or any(moved.party not in (*_ORGS, Party.OFFICE) for moved in awaited):
                continue  # an end, or the turn of whoever raised it or was told
            role, of_org = next(iter(PERMISSIONS[awaited[0].action])), _ORGS.get(awaited[0].party)
            org = cast(null() if of_org is None else of_org, Text)
            counted = (func.count(), func.min(cast(Matter.id, Text)))
            query = select(literal(procedure.kind), literal(str(state)), org, *counted).where(
                Matter.kind == procedure.kind,
                Matter.state == str(state),
                *(~_is_filled(procedure, moved) for moved in awaited),
            )
            found[role].append(query if of_org is None else query.group_by(of_org))
    return found


def _is_filled(procedure: Procedure, moved: Move) -> ColumnElement[bool]:
    """Whether somebody is there who may make this move in a matter, as ``steps.permitted`` has it."""
    reaches = PERMISSIONS[moved.action]
    of_org = _ORGS.get(moved.party)
    roles = [role.value for role, reach in reaches.items() if of_org is not None or reach is Reach.ANY]
    fits = [Account.is_active, AccountRole.account_id == Account.id, AccountRole.role.in_(roles)]
    if of_org is not None:
        fits.append(Account.org_code == of_org)
    if moved.party is not Party.RAISER:
        fits.append(Account.id != Matter.created_by)
    if moved.is_answer:
        answers = {str(act) for moves in procedure.moves.values() for act, each in moves.items() if each.is_answer}
        by = or_(MatterStep.decided_by == Account.id, MatterStep.decided_for == Account.id)
        answered = exists().where(MatterStep.matter_id == Matter.id, MatterStep.act.in_(answers), by)
        fits.append(~answered.correlate(Matter, Account))  # this matter's, two statements further out
    return exists().where(*fits)


_COUNTED: Final = {
    role: Prepared(f"stuck_matters_{role.value}", union_all(*queries)) for role, queries in _awaiting().items()
}

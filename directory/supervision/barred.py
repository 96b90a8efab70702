"""Requests whose next step is a role's, and every holder of it has spoken on them already, or asks for them.

The rules are those of ``access/permitted.py``, as statements planned once: nobody decides on their own request, for
both sides, twice where two decide, or on a dispute that they refused or answered on a level below (Art. 28).
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Exists,
    Select,
    Text,
    and_,
    cast,
    exists,
    func,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from directory.access.models import RequestRow, RequestStep
from directory.access.states import Act, Stage, State
from directory.accounts.models import Account, AccountRole
from directory.roles import OFFICE_ROLES, Role
from directory.statements.prepared import Prepared

ABOVE: Final = {(State.DISPUTED, Stage.AUTHORITY), (State.DISPUTED, Stage.GOVERNMENT)}
OFFICES: Final = {(State.SUBMITTED, Stage.OFFICE), *ABOVE}
"""Where the head of the office is awaited: whoever is not barred there is looked for here alone."""
_REPLIES: Final = (Act.REFUSED.value, Act.DISPUTE_ANSWERED.value)
_ROUNDS: Final = (Act.SUBMITTED.value, Act.RECONSIDERED.value)


class Barred(NamedTuple):
    """So many requests at one place; ``org_code`` is the department that lacks somebody, None the office."""

    state: State
    stage: Stage
    org_code: str | None
    role: Role
    number: int
    example: str


def barred(session: Session, role: Role) -> Sequence[Barred]:
    """The places that wait for this role, each with the requests that none of its holders may decide on."""
    prepared = _COUNTED.get(role)
    found = [] if prepared is None else prepared.rows(session)
    return [Barred(State(state), Stage(stage), org, role, *counted) for state, stage, org, *counted in found]


def _has_answered() -> Exists:
    """Whether the refusal that is disputed, or an answer to the dispute, was theirs."""
    step, later = RequestStep, aliased(RequestStep)
    refused_since = exists().where(
        later.request_id == step.request_id, later.seq > step.seq, later.act == Act.REFUSED.value
    )
    return _step_of_theirs(step.act.in_(_REPLIES), ~refused_since)


def _has_consented() -> Exists:
    """Whether they approved the present text for the requester, or agreed already since the reply began."""
    step, later = RequestStep, aliased(RequestStep)
    begun_since = exists().where(later.request_id == step.request_id, later.seq > step.seq, later.act.in_(_ROUNDS))
    has_approved = and_(step.act == Act.REQ_APPROVED.value, step.version == RequestRow.version)
    return _step_of_theirs(or_(has_approved, and_(step.act == Act.AGREED.value, ~begun_since)))


def _step_of_theirs(*conditions: ColumnElement[bool]) -> Exists:
    step = RequestStep
    by = or_(step.decided_by == Account.id, step.decided_for == Account.id)
    theirs = exists().where(step.request_id == RequestRow.id, by, *conditions)
    return theirs.correlate(RequestRow, Account)  # the request two statements further out, not any request


def _holds(role: Role) -> list[ColumnElement[bool]]:
    """Of accounts: they hold the role, of an office anybody's, otherwise of the provider's department."""
    held = [AccountRole.account_id == Account.id, AccountRole.role == role.value, Account.is_active.expression]
    return held if role in OFFICE_ROLES else [*held, Account.org_code == RequestRow.provider_org]


def _counting(role: Role, has_spoken: Exists, *where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """At these places: how many requests nobody in this role may decide on, and one of them."""
    goes_on = func.coalesce(RequestRow.handled_by, RequestRow.created_by)
    may = exists().where(*_holds(role), Account.id != RequestRow.created_by, Account.id != goes_on, ~has_spoken)
    at, org = (RequestRow.state, RequestRow.stage), None if role in OFFICE_ROLES else RequestRow.provider_org
    counted = (func.count(), func.min(cast(RequestRow.id, Text)))
    return (
        select(*at, cast(null() if org is None else org, Text), *counted)
        .where(*where, ~may)
        .group_by(*at, *(() if org is None else (org,)))
    )


def _at(*places: tuple[State, Stage]) -> ColumnElement[bool]:
    asked = [(state.value, stage.value) for state, stage in sorted(places)]
    return tuple_(RequestRow.state, RequestRow.stage).in_(asked)


_COUNTED: Final = {
    Role.OFFICE_APPROVER: Prepared(
        "barred_in_office",
        union_all(
            _counting(Role.OFFICE_APPROVER, _has_answered(), _at(*ABOVE)),
            _counting(Role.OFFICE_APPROVER, _has_consented(), _at((State.SUBMITTED, Stage.OFFICE))),
        ),
    ),
    Role.SHARING_LEAD: Prepared(
        "barred_providers",
        # the other hand can be theirs only after the office's, or where both sides sit in one department by now
        _counting(
            Role.SHARING_LEAD,
            _has_consented(),
            _at((State.SUBMITTED, Stage.PROVIDER)),
            or_(RequestRow.office_first, RequestRow.requester_org == RequestRow.provider_org),
            exists().where(*_holds(Role.SHARING_LEAD)),
        ),
    ),
}

"""Requests whose next step is a role's, and every holder of it has spoken on them already, or asks for them.

The rules are those of ``access/permitted.py``, as statements planned once: nobody decides on their own request, nor
after what they said of it before (``access/spoken.py``).
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Exists,
    Select,
    Text,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from directory.access.models import RequestRow, RequestStep
from directory.access.spoken import (
    has_answered,
    has_asked_for_time,
    has_consented,
    is_asked_for_time,
    may_be_heard_twice,
)
from directory.access.states import Stage, State
from directory.accounts.models import Account, AccountRole
from directory.roles import OFFICE_ROLES, Role
from directory.statements.prepared import Prepared

ABOVE: Final = {(State.DISPUTED, Stage.AUTHORITY), (State.DISPUTED, Stage.GOVERNMENT)}
OFFICES: Final = {(State.SUBMITTED, Stage.OFFICE), *ABOVE}
"""Where the head of the office is awaited: whoever is not barred there is looked for here alone."""
_ASKABLE: Final = {(State.SUBMITTED, Stage.PROVIDER), (State.SUBMITTED, Stage.OFFICE)}
_IS_THEIRS: Final = or_(RequestStep.decided_by == Account.id, RequestStep.decided_for == Account.id)


class Barred(NamedTuple):
    """So many requests at one place, or extensions asked for there; ``org_code`` is the department that lacks somebody,
    None the office.
    """

    state: State
    stage: Stage
    org_code: str | None
    role: Role
    number: int
    example: str
    is_extension: bool


def barred(session: Session, role: Role) -> Sequence[Barred]:
    """The places that wait for this role, each with the requests that none of its holders may decide on."""
    prepared = _COUNTED.get(role)
    found = [] if prepared is None else prepared.rows(session)
    return [Barred(State(state), Stage(stage), org, role, *counted) for state, stage, org, *counted in found]


def _holds(role: Role) -> list[ColumnElement[bool]]:
    """Of accounts: they hold the role, of an office anybody's, otherwise of the provider's department."""
    held = [AccountRole.account_id == Account.id, AccountRole.role == role.value, Account.is_active.expression]
    return held if role in OFFICE_ROLES else [*held, Account.org_code == RequestRow.provider_org]


def _counting(
    role: Role, has_spoken: Exists, *where: ColumnElement[bool], is_extension: bool = False
) -> Select[*tuple[Any, ...]]:
    """At these places: how many requests, or extensions, nobody in this role may decide on, and one of them."""
    goes_on = func.coalesce(RequestRow.handled_by, RequestRow.created_by)
    may = exists().where(*_holds(role), Account.id != RequestRow.created_by, Account.id != goes_on, ~has_spoken)
    at, org = (RequestRow.state, RequestRow.stage), None if role in OFFICE_ROLES else RequestRow.provider_org
    counted = (func.count(), func.min(cast(RequestRow.id, Text)))
    return (
        select(*at, cast(null() if org is None else org, Text), *counted, literal(is_extension, Boolean))
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
            _counting(Role.OFFICE_APPROVER, has_answered(_IS_THEIRS), _at(*ABOVE)),
            _counting(Role.OFFICE_APPROVER, has_consented(_IS_THEIRS), _at((State.SUBMITTED, Stage.OFFICE))),
            _counting(
                Role.OFFICE_APPROVER,
                has_asked_for_time(_IS_THEIRS),
                _at(*_ASKABLE),
                is_asked_for_time(),
                is_extension=True,
            ),
        ),
    ),
    Role.SHARING_LEAD: Prepared(
        "barred_providers",
        _counting(
            Role.SHARING_LEAD,
            has_consented(_IS_THEIRS),
            _at((State.SUBMITTED, Stage.PROVIDER)),
            may_be_heard_twice(),
            exists().where(*_holds(Role.SHARING_LEAD)),
        ),
    ),
}

"""变更: a request that takes the place of one in use; what it changes, and whether the consent given covers it.

The old use goes on until the new grants bind at the provider's node; in that step it is replaced (``bind.py``). What
only becomes less is covered by the consent once given (Art. 25), and is granted as soon as the office has accepted it;
whoever wants more asks as for anything new (decision 0060).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.access.change_models import RequestChange
from directory.access.grants import granted, grants_of
from directory.access.issue import purpose_of
from directory.access.models import RequestRow, RequestStep
from directory.access.names import STATE_NAMES
from directory.access.queries import approvers
from directory.access.reply import agreed_text
from directory.access.states import Act, Stage, State
from directory.access.tables import resolve
from directory.accounts.models import Account
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from metadata.access import AccessRequest
from metadata.resource import Resource
from metadata.scope_change import Place, Scope, ScopeChange, is_within, scope_changes, scope_of

IN_USE: Final = frozenset({State.PROVISIONED, State.ACTIVE})
_STANDING: Final = IN_USE | {State.EXPIRED}
"""What a change may still follow: its term may have ended meanwhile, but nobody has stopped it."""


def change_of(session: Session, row: RequestRow) -> RequestChange | None:
    """Whether this request is one of change, and why it was asked."""
    return None if row.renews is None else session.get(RequestChange, row.id)


def replaced_by(session: Session, row: RequestRow) -> RequestRow:
    """The request whose place a change takes."""
    return session.get_one(RequestRow, row.renews)


def require_standing(session: Session, row: RequestRow) -> None:
    """Raise ``CHANGE_STATE`` for a change of what has been suspended, ended or replaced meanwhile."""
    if change_of(session, row) is None:
        return
    old = replaced_by(session, row)
    if old.state not in _STANDING:
        raise DirectoryError("CHANGE_STATE", state=STATE_NAMES[State(old.state), Stage(old.stage)])


def require_different(session: Session, old: RequestRow, asked: AccessRequest, resource: Resource) -> None:
    """Raise ``CHANGE_NONE`` for what is granted already."""
    if not scope_changes(given(session, old), asked_scope(asked, resource)):
        raise DirectoryError("CHANGE_NONE")


def changes_asked(session: Session, row: RequestRow, resource: Resource) -> tuple[ScopeChange, ...]:
    """What a change asks to be otherwise, by what is published now; once granted, by the grants themselves."""
    new = granted_scope(session, row) or asked_scope(agreed_text(session, row), resource)
    return scope_changes(given(session, replaced_by(session, row)), new)


def asked_scope(asked: AccessRequest, resource: Resource) -> Scope:
    """What a grant of this request would deliver. Raises as ``tables.resolve``."""
    items: dict[str, frozenset[Place]] = {}
    for part in resolve(asked, resource).parts:
        mount, columns = part.mount, {column.field: column.column for column in part.columns}
        is_table = mount.kind == "table"
        where = (mount.schema_name, mount.table) if is_table else ("", mount.path)
        kind = mount.kind if mount.kind in ("table", "folder") else "file"
        for item in part.items:
            place = (mount.node, kind, *where, columns.get(item.field, ""))
            items[item.field] = items.get(item.field, frozenset()) | {place}
    return Scope(
        items, asked.row_filter, purpose_of(asked), asked.basis, asked.method, asked.frequency, asked.valid_until
    )


def agreed_before(session: Session, row: RequestRow, resource: Resource, now: datetime) -> RequestStep | None:
    """The provider's agreement that a change stays within, if it does; held by the lock on what it replaces.

    It must be somebody else's than who asks and approves, of a use that goes on; otherwise the provider is asked.
    """
    if change_of(session, row) is None:
        return None
    old = replaced_by(session, row)
    is_going_on = old.state in IN_USE and all(each.valid_until >= day_of(now) for each in grants_of(session, old))
    if not is_going_on or not is_within(changes_asked(session, row, resource)):
        return None
    asking = {None, row.created_by, row.handler, *approvers(row)}
    for step in reversed(old.steps):
        if step.act == Act.AGREED and step.decided_by not in asking and step.decided_for not in asking - {None}:
            decider = session.get_one(Account, step.decided_by)
            if decider.org_code == row.provider_org:
                return step
    return None


def citation(step: RequestStep) -> str:
    """How the reply cites the agreement it rests on."""
    agreed_on = day_of(step.decided_at)
    agreed = f"{step.decider_name} {agreed_on.isoformat()} 对原申请的同意"
    return f"只减不增，在{agreed}之内，不须另行征得同意（条例第二十五条）"


def granted_changes(session: Session, row: RequestRow) -> Sequence[RequestRow]:
    """Changes of this use that have been agreed to and do not bind yet, locked."""
    query = (
        select(RequestRow)
        .join(RequestChange, RequestChange.request_id == RequestRow.id)
        .where(RequestRow.renews == row.id, RequestRow.state == State.AGREED.value)
        .order_by(RequestRow.id)
        .with_for_update(of=RequestRow)
    )
    return session.scalars(query.execution_options(populate_existing=True)).all()


def is_of_same_routes(session: Session, old: RequestRow, new: RequestRow) -> bool:
    """Whether all that had arrived for the old one is kept up by the new one."""
    return {each.route_id for each in grants_of(session, old)} <= {each.route_id for each in grants_of(session, new)}


def given(session: Session, row: RequestRow) -> Scope:
    """What a use that has been granted delivers."""
    return scope_of([granted(each) for each in grants_of(session, row)])


def granted_scope(session: Session, row: RequestRow) -> Scope | None:
    """The same; None for what has not been granted yet."""
    return given(session, row) if grants_of(session, row) else None

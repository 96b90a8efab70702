"""Handing a request to another clerk: whose clerk left, or cannot go on. Everything else of it stays."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.access.models import RequestRow
from directory.access.queries import approvers
from directory.accounts.models import Account, AccountRole
from directory.errors import DirectoryError
from directory.roles import Role


def handlers(session: Session, row: RequestRow) -> Sequence[Account]:
    """Who can go on with a request: clerks of its department but the present one, nor whoever approved its text."""
    query = (
        select(Account)
        .join(AccountRole, AccountRole.account_id == Account.id)
        .where(AccountRole.role == Role.REQUESTER.value, Account.is_active, Account.org_code == row.requester_org)
        .where(Account.id != row.handler, Account.id.not_in(approvers(row)))
    )
    return session.scalars(query.order_by(Account.display_name, Account.username)).all()


def handler_named(session: Session, row: RequestRow, username: str) -> Account:
    """One of them; raises ``HANDLER_UNFIT``."""
    for each in handlers(session, row):
        if each.username == username.strip():
            return each
    raise DirectoryError("HANDLER_UNFIT")

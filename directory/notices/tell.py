"""Tell somebody of something, in the transaction that does it: both are there or neither."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from directory.db import Base
from directory.notices.kinds import KINDS
from directory.notices.models import Notice
from directory.roles import Role
from directory.statements.gather import insert_rows

# Of the table, not of the model: nobody asks for the numbers given.
_TELL: Final = insert(Base.metadata.tables[Notice.__tablename__]).inline()


@dataclass(frozen=True)
class To:
    """Whom to tell: one account, or whoever holds a role when they look, in one department or anywhere."""

    account_id: UUID | None = None
    role: Role | None = None
    org_code: str | None = None

    @classmethod
    def person(cls, account_id: UUID) -> Self:
        return cls(account_id=account_id)

    @classmethod
    def holders(cls, role: Role, org_code: str) -> Self:
        """The department's people in this role, also those who come to it later."""
        return cls(role=role, org_code=org_code)

    @classmethod
    def everywhere(cls, role: Role) -> Self:
        """Holders of a role wherever they are: the office's, the three administrators', or of every department."""
        return cls(role=role)


def tell(
    session: Session,
    *,
    to: To | Iterable[To],
    kind: str,
    about: UUID | None,
    now: datetime,
    by: UUID | None = None,
    **parameters: str | int,
) -> None:
    """Tell each of ``to`` once. ``about`` is the id of the kind's subject; ``by`` did it and knows.

    Raises ``ValueError`` for parameters other than the kind's own, or a missing subject: a programming error.
    """
    declared = KINDS[kind]
    if declared.parameters != parameters.keys() or bool(declared.subject) != (about is not None):
        raise ValueError(f"{kind} is told with {sorted(declared.parameters)} about {declared.subject or 'nothing'}")
    rows: list[dict[str, Any]] = [
        {
            "account_id": each.account_id,
            "role": each.role.value if each.role else None,
            "org_code": each.org_code,
            "kind": kind,
            "about": about,
            "parameters": parameters,
            "caused_by": by,
            "created_at": now,
        }
        for each in dict.fromkeys((to,) if isinstance(to, To) else to)
    ]
    if rows:
        insert_rows(session, _TELL, rows)


def told_about(session: Session, kinds: Collection[str], by: UUID, at: datetime) -> frozenset[UUID]:
    """What somebody was told about in one of these kinds, in the transaction that did it at this instant."""
    told = Notice.kind.in_(kinds), Notice.caused_by == by, Notice.created_at == at
    return frozenset(session.scalars(select(Notice.about).where(*told, Notice.about.is_not(None))))

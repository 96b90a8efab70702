"""Look up departments."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.errors import DirectoryError
from directory.organisations.models import Organisation


def organisation(session: Session, code: str) -> Organisation:
    """The department, or ``DirectoryError ORGANISATION_UNKNOWN``."""
    found = session.get(Organisation, code)
    if found is None:
        raise DirectoryError("ORGANISATION_UNKNOWN", code=code)
    return found


def organisations(session: Session) -> Sequence[Organisation]:
    """All, the office first, then by name."""
    return session.scalars(select(Organisation).order_by(Organisation.is_office.desc(), Organisation.name)).all()

"""Look up departments."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.errors import DirectoryError
from directory.organisations.models import Organisation
from metadata.resource import Party


def organisation(session: Session, code: str) -> Organisation:
    """The department, or ``DirectoryError ORGANISATION_UNKNOWN``."""
    found = session.get(Organisation, code)
    if found is None:
        raise DirectoryError("ORGANISATION_UNKNOWN", org_code=code)
    return found


def organisations(session: Session) -> Sequence[Organisation]:
    """All, the office first, then by name."""
    return session.scalars(select(Organisation).order_by(Organisation.is_office.desc(), Organisation.name)).all()


def provider_of(session: Session, provider: Party) -> Organisation:
    """The department a record names: by its code, else by its name.

    Raises ``ORGANISATION_UNKNOWN``, and ``ORGANISATION_INVALID`` where code and name are of two different departments.
    """
    if not provider.code:
        found = session.scalar(select(Organisation).where(Organisation.name == provider.name))
        if found is None:
            raise DirectoryError("ORGANISATION_UNKNOWN", org_code=provider.name)
        return found
    found = organisation(session, provider.code)
    require_name(found, provider.name)
    return found


def require_name(own: Organisation, name: str) -> None:
    """Raise ``ORGANISATION_INVALID`` where the department is not called so: code and name are of two different ones."""
    if name not in {own.name, own.short_name}:
        reason = f"代码 {own.code} 登记的名称是“{own.name}”，不是“{name}”"
        raise DirectoryError("ORGANISATION_INVALID", reason=reason)

"""Look up departments: as they stand, by names they had, and who took over from one that was closed."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from directory.errors import DirectoryError
from directory.organisations.models import FormerName, Organisation, Succession
from directory.reform.models import Reform
from directory.statements.prepared import Prepared
from metadata.resource import Party

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('hutong.organisations', 0))")
_TRIED = text("SELECT pg_try_advisory_xact_lock(hashtextextended('hutong.organisations', 0))")
_OFFICE = Prepared(
    "office_code", select(Organisation.code).where(Organisation.is_office).order_by(Organisation.name).limit(1)
)


def organisation(session: Session, code: str) -> Organisation:
    """The department, or ``DirectoryError ORGANISATION_UNKNOWN``."""
    found = session.get(Organisation, code)
    if found is None:
        raise DirectoryError("ORGANISATION_UNKNOWN", org_code=code)
    return found


def organisations(session: Session) -> Sequence[Organisation]:
    """All, the office first, then by name; closed ones too."""
    return session.scalars(select(Organisation).order_by(Organisation.is_office.desc(), Organisation.name)).all()


def office_code(session: Session) -> str:
    """The information office's own code, empty before there is one."""
    rows = _OFFICE.rows(session)
    return str(rows[0][0]) if rows else ""


def open_organisations(session: Session) -> Sequence[Organisation]:
    """Those for which something new can be: what forms offer."""
    return [each for each in organisations(session) if each.closed_on is None]


def open_organisation(session: Session, code: str) -> Organisation:
    """The department, for something new; raises ``ORGANISATION_UNKNOWN`` and ``ORGANISATION_CLOSED``."""
    found = organisation(session, code)
    require_open(session, found)
    return found


def require_open(session: Session, own: Organisation) -> None:
    """Raise ``ORGANISATION_CLOSED`` where others have taken over, naming them."""
    if own.closed_on is None:
        return
    names = [each.name for each in successors(session, own)]
    raise DirectoryError("ORGANISATION_CLOSED", name=own.name, closed_on=own.closed_on, successors=names)


def successors(session: Session, own: Organisation) -> list[Organisation]:
    """Who has taken over from a closed department by now, the default one first; nobody from one that is open."""
    if own.closed_on is None:
        return []
    found: dict[str, Organisation] = {}
    waiting = [own.code]
    while waiting:
        for row in _taken_over(session, waiting.pop(0)):
            each = organisation(session, row.to_org)
            if each.closed_on is not None:
                waiting.append(each.code)
            else:
                found.setdefault(each.code, each)
    return list(found.values())


def _taken_over(session: Session, code: str) -> list[Succession]:
    """Who took over by the last act: an earlier one may have left the department as it was."""
    query = select(Succession).join(Reform, Reform.id == Succession.reform_id).where(Succession.from_org == code)
    rows = session.scalars(query.order_by(Reform.carried_out_at.desc(), Succession.is_default.desc())).all()
    return [row for row in rows if row.reform_id == rows[0].reform_id]


def predecessors(session: Session, code: str) -> set[str]:
    """The codes of all that a department has taken over from, near and far."""
    found: set[str] = set()
    waiting = {code}
    while waiting:
        rows = session.scalars(select(Succession.from_org).where(Succession.to_org.in_(waiting)))
        waiting = set(rows) - found - {code}
        found |= waiting
    return found


def provider_of(session: Session, provider: Party) -> Organisation:
    """The department a record names: by its code, else by its name, also one that it had.

    Raises ``ORGANISATION_UNKNOWN``, ``ORGANISATION_CLOSED``, and ``ORGANISATION_INVALID`` where code and name are of
    two different ones.
    """
    if not provider.code:
        found = named(session, provider.name)
        if found is None:
            raise DirectoryError("ORGANISATION_UNKNOWN", org_code=provider.name)
    else:
        found = organisation(session, provider.code)
        require_name(session, found, provider.name)
    require_open(session, found)
    return found


def named(session: Session, name: str) -> Organisation | None:
    """The department of this name, or else the one that had it last."""
    found = session.scalar(select(Organisation).where(Organisation.name == name))
    if found is not None:
        return found
    earlier = select(FormerName.org_code).where(FormerName.name == name).order_by(FormerName.until.desc()).limit(1)
    code = session.scalar(earlier)
    return None if code is None else organisation(session, code)


def require_name(session: Session, own: Organisation, name: str) -> None:
    """Raise ``ORGANISATION_INVALID`` where the department is not called so and never was: code and name are of two
    different ones.
    """
    if name not in {own.name, own.short_name} and not any(
        name in {each.name, each.short_name} for each in former_names(session, own)
    ):
        reason = f"代码 {own.code} 登记的名称是“{own.name}”，不是“{name}”"
        reason_en = f"code {own.code} is registered as {own.name!r}, not {name!r}"
        raise DirectoryError("ORGANISATION_INVALID", reason=reason, reason_en=reason_en)


def former_names(session: Session, own: Organisation) -> Sequence[FormerName]:
    """What a department was called, the last first."""
    query = select(FormerName).where(FormerName.org_code == own.code)
    return session.scalars(query.order_by(FormerName.until.desc())).all()


def lock_tree(session: Session) -> None:
    """Hold the tree until the transaction ends: of two changes at once, the later sees the earlier."""
    session.execute(_LOCK)


def try_lock_tree(session: Session) -> bool:
    """The same where nobody else has it; whether it was so. Nobody is waited for."""
    return bool(session.scalar(_TRIED))


def children(all_of_them: Collection[Organisation]) -> Mapping[str | None, list[Organisation]]:
    """The departments right below each, by its code; those without one above under None."""
    below = sorted(all_of_them, key=lambda each: each.parent_code or "")
    return {code or None: list(each) for code, each in groupby(below, key=lambda each: each.parent_code or "")}

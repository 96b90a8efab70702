"""Register departments: confirmed by whoever keeps the register, or provisional because a workbook names them."""

from datetime import UTC, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.organisations.models import STAND_IN, Organisation
from directory.organisations.queries import named
from directory.prefixes.register import hold, refuse_taken
from standards.check_digits import check_uscc
from standards.crypto import digest_hex
from standards.findings import errors


def add_organisation(
    session: Session,
    *,
    code: str,
    name: str,
    short_name: str = "",
    prefix: str | None = None,
    is_office: bool = False,
    by: Actor | str = "cli",
) -> Organisation:
    """Register a department under its 统一社会信用代码; one of that name that was only provisional is confirmed.

    Raises ``ORGANISATION_EXISTS``, ``ORGANISATION_INVALID``, ``PREFIX_INVALID`` and ``PREFIX_TAKEN``.
    """
    name = name.strip()
    wrong = errors(check_uscc(code, "code"))
    if wrong:
        raise DirectoryError(
            "ORGANISATION_INVALID",
            reason=f"统一社会信用代码{wrong[0].zh}",
            reason_en=f"the unified social credit code: {wrong[0].en}",
        )
    if prefix is not None:
        refuse_taken(session, prefix, code)
    if not name or len(name) > 200 or len(short_name) > 50:
        raise DirectoryError(
            "ORGANISATION_INVALID",
            reason="名称须为 1–200 个字符，简称不超过 50 个字符",
            reason_en="a name is 1 to 200 characters, a short name at most 50",
        )
    same = or_(Organisation.code == code, Organisation.name == name)
    known = session.scalars(select(Organisation).where(same).with_for_update()).all()
    if len(known) > 1 or any(each.is_confirmed for each in known):
        raise DirectoryError("ORGANISATION_EXISTS", name=name)
    organisation = known[0] if known else Organisation(code=code, name=name)
    organisation.code = code
    organisation.short_name = short_name or name[:50]
    organisation.is_office = is_office
    organisation.is_confirmed = True
    session.add(organisation)
    session.flush()
    if prefix is not None:
        hold(session, prefix, code, by, datetime.now(UTC))
    record(session, by, "organisation:add", code, details={"prefix": prefix, "is_office": is_office})
    return organisation


def named_organisation(session: Session, name: str, *, code: str = "", by: Actor | str) -> Organisation:
    """The department of this code or name, made as a provisional one where there is none.

    Without a valid code it keeps a stand-in until ``add_organisation`` confirms it under its real one.
    """
    known = session.scalar(select(Organisation).where(Organisation.code == code)) if code else None
    known = known or named(session, name)
    if known is not None:
        return known
    is_valid = bool(code) and not errors(check_uscc(code, "code"))
    organisation = Organisation(
        code=code if is_valid else f"{STAND_IN}{digest_hex(name.encode())[:16]}",
        name=name,
        short_name=name[:50],
        is_confirmed=False,
    )
    session.add(organisation)
    session.flush()
    record(session, by, "organisation:name", organisation.code)
    return organisation

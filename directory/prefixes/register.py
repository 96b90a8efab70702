"""Allot, close and hand down prefixes. What was allotted once is never allotted to anybody else (GB/T 21063.5)."""

import re
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.organisations.models import Organisation
from directory.organisations.queries import require_open
from directory.policy import require
from directory.prefixes.models import PrefixAllotment, PrefixDelegation

_PREFIX = re.compile(r"[0-9A-Z]{5,6}")
_STEM = re.compile(r"[0-9A-Z]{1,5}")


def allot(session: Session, actor: Actor, code: str, org_code: str, now: datetime) -> PrefixAllotment:
    """Allot a prefix to a department; the one it had is closed, and its numbers stay.

    The office allots everything that it has not handed down, the holder of a stem what begins with it. Raises
    ``PREFIX_INVALID``, ``PREFIX_TAKEN``, ``PREFIX_NOT_YOURS``, ``FORBIDDEN``, ``ORGANISATION_UNKNOWN``.
    """
    _require_allotter(session, actor, code)
    return hold(session, code, org_code, actor, now)


def hold(session: Session, code: str, org_code: str, by: Actor | str, now: datetime) -> PrefixAllotment:
    """Write an allotment down, whoever decided it; the department's row is locked, so that two do not cross.

    Raises ``ORGANISATION_UNKNOWN``, ``ORGANISATION_CLOSED``, and as ``refuse_taken``.
    """
    organisation = session.get(Organisation, org_code, with_for_update=True)
    if organisation is None or not organisation.is_confirmed:
        raise DirectoryError("ORGANISATION_UNKNOWN", org_code=org_code)
    require_open(session, organisation)
    known = refuse_taken(session, code, org_code)
    for earlier in session.scalars(_open_of(org_code)):
        earlier.closed_at = now
    session.flush()
    if known is None:
        account = by.account_id if isinstance(by, Actor) else None
        known = PrefixAllotment(code=code, org_code=org_code, allotted_by=account, allotted_at=now)
        session.add(known)
    known.closed_at = None  # its own earlier prefix, taken up again
    organisation.prefix = code
    session.flush()
    record(session, by, "prefix:allot", code, at=now, details={"org": org_code})
    return known


def refuse_taken(session: Session, code: str, org_code: str) -> PrefixAllotment | None:
    """Raise ``PREFIX_INVALID`` or ``PREFIX_TAKEN``; returns the department's own closed allotment of it, if any."""
    if not _PREFIX.fullmatch(code):
        raise DirectoryError("PREFIX_INVALID", value=code)
    known = session.get(PrefixAllotment, code)
    if known is not None and (known.org_code != org_code or known.closed_at is None):
        holder = session.get_one(Organisation, known.org_code)
        raise DirectoryError("PREFIX_TAKEN", prefix=code, holder=holder.name)
    return known


def close(session: Session, actor: Actor, code: str, now: datetime) -> PrefixAllotment:
    """Close a prefix: nothing is minted under it any more. Raises ``PREFIX_UNKNOWN``, and what ``allot`` raises."""
    found = session.get(PrefixAllotment, code, with_for_update=True)
    if found is None:
        raise DirectoryError("PREFIX_UNKNOWN", prefix=code)
    _require_allotter(session, actor, code)
    if found.closed_at is None:
        found.closed_at = now
        session.get_one(Organisation, found.org_code, with_for_update=True).prefix = None
        session.flush()
        record(session, actor, "prefix:close", code, at=now, details={"org": found.org_code})
    return found


def delegate(session: Session, actor: Actor, stem: str, org_code: str, now: datetime) -> PrefixDelegation:
    """Hand a stem down to a department, which then allots what begins with it; the holder may hand down longer ones.

    Raises ``PREFIX_INVALID``, ``PREFIX_NOT_YOURS``, ``FORBIDDEN``, ``ORGANISATION_UNKNOWN``, ``PREFIX_TAKEN`` when this
    stem has been handed down already.
    """
    if not _STEM.fullmatch(stem):
        raise DirectoryError("PREFIX_INVALID", value=stem)
    known = session.get(PrefixDelegation, stem)
    if known is not None:
        holder = session.get_one(Organisation, known.org_code)
        raise DirectoryError("PREFIX_TAKEN", prefix=stem, holder=holder.name)
    _require_allotter(session, actor, stem)
    organisation = session.get(Organisation, org_code)
    if organisation is None or not organisation.is_confirmed:
        raise DirectoryError("ORGANISATION_UNKNOWN", org_code=org_code)
    made = PrefixDelegation(stem=stem, org_code=org_code, delegated_by=actor.account_id, delegated_at=now)
    session.add(made)
    session.flush()
    record(session, actor, "prefix:delegate", stem, at=now, details={"org": org_code})
    return made


def _require_allotter(session: Session, actor: Actor, code: str) -> None:
    """The longest stem that was handed down decides whose this prefix is; without one it is the office's."""
    stems = [code[:length] for length in range(1, len(code) + 1)]
    handed_down = session.scalars(select(PrefixDelegation).where(PrefixDelegation.stem.in_(stems)))
    nearest = max(handed_down, key=lambda each: len(each.stem), default=None)
    if nearest is None:
        office = session.scalars(select(Organisation.code).where(Organisation.is_office).limit(1)).first()
        require(actor, Action.PREFIX_ALLOT, office or "")
        if actor.org_code != office:
            raise DirectoryError("PREFIX_NOT_YOURS", prefix=code, holder="信息办", holder_en="the information office")
        return
    if nearest.org_code != actor.org_code:
        holder = session.get_one(Organisation, nearest.org_code)
        raise DirectoryError("PREFIX_NOT_YOURS", prefix=code, holder=holder.name)
    require(actor, Action.PREFIX_ALLOT, nearest.org_code)


def _open_of(org_code: str) -> Select[PrefixAllotment]:
    return select(PrefixAllotment).where(PrefixAllotment.org_code == org_code, PrefixAllotment.closed_at.is_(None))

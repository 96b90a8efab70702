"""Keep the tree of departments: who stands under whom, in which region, at which level."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.organisations.models import LEVELS, Organisation
from directory.organisations.queries import lock_tree, open_organisation, organisation, require_open
from directory.organisations.register import add_organisation
from directory.policy import require
from standards.regions import region

LABELS = {"short_name": "简称", "parent_code": "上级部门", "region_code": "行政区划", "level": "层级"}


@dataclass(frozen=True)
class Placing:
    """Where a department stands: the code of the one above it (empty: none), 行政区划 code, level, and short name."""

    short_name: str = ""
    parent_code: str = ""
    region_code: str = ""
    level: str = ""


def create(
    session: Session, actor: Actor, code: str, name: str, placing: Placing, now: datetime, *, prefix: str | None = None
) -> Organisation:
    """Register a department in its place in the tree.

    Raises ``FORBIDDEN``, and as ``add_organisation`` and ``edit``.
    """
    require(actor, Action.ORGANISATION_EDIT, None)
    lock_tree(session)
    made = add_organisation(
        session, code=code.strip(), name=name, short_name=placing.short_name, prefix=prefix or None, by=actor
    )
    place(session, actor, made, placing, now)
    return made


def edit(
    session: Session, actor: Actor, code: str, expected_version: int, placing: Placing, now: datetime
) -> Organisation:
    """Move a department in the tree, or say its region, level or short name anew; its name changes by an act only.

    Raises ``FORBIDDEN``, ``ORGANISATION_UNKNOWN``, ``ORGANISATION_CLOSED``, ``ORGANISATION_CYCLE``,
    ``ORGANISATION_CHANGED`` naming what changed, ``ORGANISATION_INVALID``. The same again changes nothing.
    """
    require(actor, Action.ORGANISATION_EDIT, code)
    lock_tree(session)
    organisation(session, code)
    own = session.get_one(Organisation, code, with_for_update=True, populate_existing=True)
    require_open(session, own)
    if own.version != expected_version:
        present = asdict(placing_of(own))
        changed = [name for name, value in asdict(placing).items() if present[name] != value]
        raise DirectoryError(
            "ORGANISATION_CHANGED",
            name=own.name,
            changed=[LABELS[name] for name in changed] or "内容与您提交的相同",
            changed_en=changed or "to what you have sent",
        )
    place(session, actor, own, placing, now)
    return own


def placing_of(own: Organisation) -> Placing:
    """Where a department stands now."""
    return Placing(own.short_name, own.parent_code or "", own.region_code, own.level)


def place(session: Session, by: Actor | str, own: Organisation, placing: Placing, now: datetime) -> bool:
    """Put a department there; whether anything changed. The tree is held. Raises as ``edit``."""
    short_name = placing.short_name.strip() or own.name[:50]
    wanted = Placing(short_name, placing.parent_code.strip(), placing.region_code.strip(), placing.level)
    if wanted == placing_of(own):
        return False
    reason, reason_en = fault(wanted)
    if reason:
        raise DirectoryError("ORGANISATION_INVALID", reason=reason, reason_en=reason_en)
    if wanted.parent_code:
        _require_below(session, own, wanted.parent_code)
    own.short_name, own.parent_code = wanted.short_name, wanted.parent_code or None
    own.region_code, own.level = wanted.region_code, wanted.level
    own.version += 1
    session.flush()
    details = {"parent": own.parent_code, "region": own.region_code, "level": own.level, "version": own.version}
    record(session, by, "organisation:place", own.code, at=now, details=details)
    return True


def fault(placing: Placing) -> tuple[str, str]:
    """What is wrong with a place whatever else there is, in Chinese and English; empty if nothing."""
    if placing.level not in {"", *LEVELS}:
        return f"层级须为{'、'.join(LEVELS.values())}之一", f"the level is one of {', '.join(LEVELS)}"
    if len(placing.short_name) > 50:
        return "简称不超过 50 个字符", "a short name is at most 50 characters"
    code = placing.region_code
    is_code = code.isascii() and code.isdigit() and len(code) in (6, 9, 12)
    if code and (not is_code or region(code[:6]) is None):
        return (
            f"行政区划代码 {code} 须为 6、9 或 12 位数字，前六位在 GB/T 2260 的代码表中",
            f"a region code has 6, 9 or 12 digits, the first six of them listed in GB/T 2260: {code}",
        )
    return "", ""


def _require_below(session: Session, own: Organisation, parent_code: str) -> None:
    above: Organisation | None = open_organisation(session, parent_code)
    seen = {own.code}
    while above is not None:
        if above.code in seen:
            raise DirectoryError("ORGANISATION_CYCLE")
        seen.add(above.code)
        above = session.get(Organisation, above.parent_code) if above.parent_code else None

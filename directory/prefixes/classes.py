"""The local list of classes (类, 项, 目, 细目): what codes of the 2017 guide may be minted under."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.policy import require
from directory.prefixes.models import ClassCode

_CODE = re.compile(r"[123](?:[0-9]{2}(?:[0-9]{3}(?:[0-9]{1,20})?)?)?")
_LEVELS = (1, 3, 6)  # where 类, 项 and 目 end


def refuse_unlisted(session: Session, code: str) -> None:
    """Raise ``CLASS_CODE_UNLISTED`` unless codes may be minted under this 类项目细目.

    类 and 项 must be listed. 目 and 细目 are free until the office lists any below the same parent: then only those.
    """
    above = [code[:length] for length in _LEVELS if length < len(code)]
    known = {each.code for each in session.scalars(_active().where(ClassCode.code.in_([*above, code])))}
    for part in [each for each in (code[:1], code[:3]) if each not in known]:
        raise DirectoryError("CLASS_CODE_UNLISTED", value=code, reason=f"没有 {part}")
    for parent, part in ((code[:3], code[:6]), (code[:6], code)):
        if part != parent and part not in known and _has_listed_below(session, parent):
            raise DirectoryError("CLASS_CODE_UNLISTED", value=code, reason=f"{parent} 之下没有 {part}")


def listed(session: Session) -> Sequence[ClassCode]:
    """Every class, retired ones too, in the order of the codes."""
    return session.scalars(select(ClassCode).order_by(ClassCode.code)).all()


def add_class(session: Session, actor: Actor, code: str, name: str, now: datetime) -> ClassCode:
    """List a local class below one that is listed; a retired one of this code comes back under the new name.

    Raises ``CLASS_CODE_INVALID`` and ``FORBIDDEN``.
    """
    require(actor, Action.CLASS_CODE_EDIT, None)
    if not _CODE.fullmatch(code):
        raise DirectoryError("CLASS_CODE_INVALID", value=code, reason="形式不对")
    if not name.strip() or len(name) > 200:
        raise DirectoryError("CLASS_CODE_INVALID", value=code, reason="名称须为 1–200 个字符")
    parent = max((code[:length] for length in _LEVELS if length < len(code)), key=len, default="")
    if parent and session.scalar(_active().where(ClassCode.code == parent)) is None:
        raise DirectoryError("CLASS_CODE_INVALID", value=code, reason=f"上一级 {parent} 没有登记")
    known = session.get(ClassCode, code, with_for_update=True)
    if known is not None and known.retired_at is None:
        raise DirectoryError("CLASS_CODE_INVALID", value=code, reason=f"已登记为“{known.name}”")
    known = known or ClassCode(code=code, origin="local")
    known.name, known.retired_at = name.strip(), None
    session.add(known)
    session.flush()
    record(session, actor, "class_code:add", code, at=now)
    return known


def retire_class(session: Session, actor: Actor, code: str, now: datetime) -> ClassCode:
    """Take a class off the list; codes minted under it stay. Raises ``CLASS_CODE_UNLISTED`` and ``FORBIDDEN``."""
    require(actor, Action.CLASS_CODE_EDIT, None)
    known = session.get(ClassCode, code, with_for_update=True)
    if known is None:
        raise DirectoryError("CLASS_CODE_UNLISTED", value=code, reason="没有登记")
    if known.retired_at is None:
        known.retired_at = now
        session.flush()
        record(session, actor, "class_code:retire", code, at=now)
    return known


def _active() -> Select[ClassCode]:
    return select(ClassCode).where(ClassCode.retired_at.is_(None))


def _has_listed_below(session: Session, parent: str) -> bool:
    below = _active().where(ClassCode.code.startswith(parent, autoescape=True), ClassCode.code != parent).limit(1)
    return session.scalar(below) is not None

"""Who decides has read the text that is decided on: one that was replaced meanwhile is read again first."""

from sqlalchemy.orm import Session

from directory.access.models import RequestRow, RequestVersion
from directory.access.queries import text_of
from directory.access.said import PART_NAMES, Part
from directory.errors import DirectoryError
from metadata.access import AccessRequest


def require_read(session: Session, row: RequestRow, version: int | None) -> None:
    """``version``: the text that was read, where the caller says so. The row is locked.

    Raises ``REQUEST_CHANGED``, naming what reads otherwise by now.
    """
    if version is None or version == row.version:
        return
    then = session.get(RequestVersion, (row.id, version))
    parts = _changed(then.record, text_of(session, row)) if then else ()
    raise DirectoryError("REQUEST_CHANGED", read=version, version=row.version, parts="、".join(parts) or "内容")


def _changed(then: AccessRequest, now: AccessRequest) -> tuple[str, ...]:
    own = tuple(part for part in Part if part is not Part.PAPERS)
    return tuple(PART_NAMES[part] for part in own if getattr(then, part.value) != getattr(now, part.value))

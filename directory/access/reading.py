"""Who decides has read what is decided on: a text that was replaced, a step that another took meanwhile, are told."""

from sqlalchemy.orm import Session

from directory.access.models import RequestRow, RequestVersion
from directory.access.names import ACT_NAMES, STATE_NAMES
from directory.access.queries import text_of
from directory.access.said import PART_NAMES, Part
from directory.access.states import Act, Stage, State
from directory.clock.words import stamp_words
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
    names = [PART_NAMES[part] for part in parts] or ["内容"]
    said = parts or ["its text"]
    raise DirectoryError("REQUEST_CHANGED", read=version, version=row.version, parts=names, parts_en=said)


def as_moved(session: Session, row: RequestRow, seen: int | None, refusal: DirectoryError) -> DirectoryError:
    """A step's refusal to whoever read the request up to its step ``seen``: where others took further steps since, that
    is why, and not what they may or may not do.
    """
    last = row.steps[-1]
    if seen is None or last.seq <= seen or refusal.status not in (403, 409) or refusal.code == "REQUEST_CHANGED":
        return refusal
    return DirectoryError(
        "REQUEST_MOVED",
        by=f"{last.org_name} {last.decider_name}".strip(),
        at=stamp_words(last.decided_at),
        act=ACT_NAMES[Act(last.act)],
        act_en=last.act,
        state=STATE_NAMES[State(row.state), Stage(row.stage)],
        state_en=f"{row.state} {row.stage}".strip(),
    )


def _changed(then: AccessRequest, now: AccessRequest) -> tuple[Part, ...]:
    own = tuple(part for part in Part if part is not Part.PAPERS)
    return tuple(part for part in own if getattr(then, part.value) != getattr(now, part.value))

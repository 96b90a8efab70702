"""Discard drafts that were never published: out of sight for good, but kept, and no number of theirs is given again."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record_many
from directory.policy import allows
from directory.resources.models import Minted, ResourceEntry, ResourceStep, ResourceVersion
from directory.search.changes import mark

_AT_ONCE: Final = 1_000
_NUMBERS: Final = ("identifier", "code")


def discard_untouched(session: Session, actor: Actor, ids: Collection[UUID], comment: str, now: datetime) -> set[UUID]:
    """Discard those of these entries that are as they were registered; which were.

    For who may register for their departments, so for the office's imports too. An entry that somebody has worked on
    stays, as does one of a department for which this actor may not register.
    """
    wanted, done = sorted(ids), set()
    for start in range(0, len(wanted), _AT_ONCE):
        done |= _discard(session, actor, wanted[start : start + _AT_ONCE], comment, now)
    return done


def _discard(session: Session, actor: Actor, ids: Sequence[UUID], comment: str, now: datetime) -> set[UUID]:
    entry = ResourceEntry
    rows = session.execute(
        select(entry.id, entry.org_code, entry.identifier, entry.code, entry.round, ResourceVersion.created_by)
        .join(ResourceVersion, (ResourceVersion.resource_id == entry.id) & (ResourceVersion.version == 1))
        .where(entry.id.in_(ids), entry.status == "draft", entry.step_seq == 1, entry.current_version == 1)
        .order_by(entry.id)
        .with_for_update(of=entry)
    ).all()
    codes = {row.org_code for row in rows}
    allowed = {code for code in codes if allows(actor, Action.RESOURCE_REGISTER, code)}
    taken = [row for row in rows if row.org_code in allowed]
    if not taken:
        return set()
    found = [row.id for row in taken]
    free: dict[str, Any] = {"status": "withdrawn", "step_seq": 2, "source_key": ""}
    own = update(ResourceEntry).execution_options(synchronize_session=False)
    session.execute(own.where(ResourceEntry.id.in_(found)).values(free))
    for kind in _NUMBERS:
        fronts = {number.rpartition("/")[0] for row in taken if (number := getattr(row, kind))}
        ours = {front for front in fronts if session.get(Minted, (kind, front)) is not None}
        foreign = [row.id for row in taken if (getattr(row, kind) or "").rpartition("/")[0] not in {"", *ours}]
        session.execute(own.where(ResourceEntry.id.in_(foreign)).values({kind: None}))
    step = {"seq": 2, "step": "discard", "status": "withdrawn", "version": 1, "comment": comment}
    step |= {"decided_by": actor.account_id, "decided_at": now}
    steps = [{"resource_id": row.id, "round": row.round, "authored_by": row.created_by, **step} for row in taken]
    session.execute(insert(ResourceStep), steps)
    mark(session, *found)
    record_many(session, actor, "resource:discard", [(str(each), {"version": 1}) for each in found], at=now)
    session.expire_all()  # entries that the session holds are others now
    return set(found)


def release(session: Session, entry: ResourceEntry) -> None:
    """Let a corrected file bring the entry anew: its mark of import and numbers that others gave it are free again.

    Numbers of ours stay with the discarded entry, so nobody gets them a second time.
    """
    entry.source_key = ""
    for kind in _NUMBERS:
        number: str | None = getattr(entry, kind)
        if number and session.get(Minted, (kind, number.rpartition("/")[0])) is None:
            setattr(entry, kind, None)

"""What people do to a correction. Each verb checks visibility, then the table of moves, then who is asking, then acts.

Everything happens in the caller's transaction, with the matter's row locked, and leaves a step and an audit entry.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.access.consumers import consumers_of, running_grant
from directory.actions import Action
from directory.actors import Actor
from directory.clock.deadlines import day_of
from directory.clock.queries import rule_for
from directory.corrections.models import Correction, CorrectionNotice, CorrectionReferral
from directory.corrections.queries import Found, correction, referrals, told
from directory.corrections.said import NOTHING, NewCorrection, Said
from directory.corrections.states import CORRECTIONS, TERM, Act, State
from directory.errors import DirectoryError
from directory.matters import terms
from directory.matters.models import Matter, MatterFile
from directory.matters.papers import attach
from directory.matters.steps import leave_step, permitted, raise_matter
from directory.matters.telling import tell_of
from directory.organisations.models import Organisation
from directory.policy import require
from directory.resources.models import ResourceEntry
from directory.resources.queries import find, published_record
from directory.typed import is_legible
from metadata.resource import Resource

FARTHEST_BACK: Final = timedelta(days=366)
FARTHEST_AHEAD: Final = timedelta(days=31)
"""How far from today the day may lie from which what is sent is right."""
_ONLY_WITH: Final = {
    "corrected_from_on": Act.CORRECTED,
    "corrected_from_batch": Act.CORRECTED,
    "to_org": Act.FORWARDED,
}


def raise_correction(session: Session, actor: Actor, asked: NewCorrection, now: datetime) -> Matter:
    """Ask the provider of a published entry to check it; the law's term runs from today.

    A department with a running grant of it is noted as its consumer. Raises ``FORBIDDEN``, ``RESOURCE_NOT_FOUND``,
    ``CORRECTION_OWN``, ``ITEM_UNKNOWN``, ``MATTER_WORDS_EMPTY``.
    """
    require(actor, Action.CORRECTION_RAISE, actor.org_code)
    entry = find(session, actor, asked.resource)
    record = published_record(session, entry)
    if entry.org_code == actor.org_code:
        raise DirectoryError("CORRECTION_OWN", title=record.title)
    if not is_legible(asked.words):
        raise DirectoryError("MATTER_WORDS_EMPTY")
    items = list(dict.fromkeys(asked.items))
    unknown = sorted(set(items) - {item.field for item in record.items})
    if unknown:
        raise DirectoryError("ITEM_UNKNOWN", items=unknown, title=record.title)
    row = raise_matter(
        session,
        CORRECTIONS,
        actor,
        State.CHECKING.value,
        now,
        to_org=entry.org_code,
        words=asked.words.strip(),
        resource_id=entry.id,
        resource_title=record.title,
    )
    session.add(
        Correction(
            matter_id=row.id,
            request_id=running_grant(session, entry.id, actor.org_code),
            items=items,
            record_keys=asked.record_keys.strip(),
            record_count=asked.record_count,
        )
    )
    terms.start(session, row, rule_for(session, TERM, day_of(now)), now)
    tell_of(session, row, Act.RAISED, actor, now)
    return row


def decide(session: Session, actor: Actor, matter_id: UUID, act: Act, now: datetime, said: Said = NOTHING) -> Matter:
    """Take a correction a step on; ``acknowledged`` is ``acknowledge``'s.

    Raises ``MATTER_NOT_FOUND``, ``MATTER_MOVE_ILLEGAL``, ``FORBIDDEN``, ``SELF_APPROVAL``, ``COMMENT_REQUIRED``,
    ``SAID_TOO_MUCH``, ``CORRECTION_FROM``, ``CORRECTION_LEAD``.
    """
    if act is Act.ACKNOWLEDGED:
        return acknowledge(session, actor, matter_id, now)
    found = correction(session, actor, matter_id, lock=True)
    row = found.matter
    moved, actor = permitted(session, CORRECTIONS, actor, row, act)
    comment = said.comment.strip()
    strange = sorted(name for name, only in _ONLY_WITH.items() if getattr(said, name) and act is not only)
    if strange:
        raise DirectoryError("SAID_TOO_MUCH", fields=strange, act=CORRECTIONS.acts[act])
    if moved.needs_comment and not is_legible(comment):
        raise DirectoryError("COMMENT_REQUIRED")
    state, details = moved.state, {}
    if act is Act.CORRECTED:
        told_count = _put_right(session, found, said, now)
        state = State.TELLING.value if told_count else State.CORRECTED.value
        details = {"told": told_count}
    elif act is Act.FORWARDED:
        _pass_on(session, found, said.to_org.strip(), now)
    if act in (Act.CORRECTED, Act.NOT_WRONG):
        terms.stop(session, row, "answered", now)
    elif act is Act.WITHDRAWN:
        terms.stop(session, row, "withdrawn", now)
    leave_step(session, row, act, state, actor, now, comment=comment, details=details)
    tell_of(session, row, act, actor, now)
    if state == State.TELLING.value and act is Act.CORRECTED:
        orgs = {each.org_code for each in told(session, row)}
        tell_of(session, row, "take_again", actor, now, consumers=sorted(orgs))
    return row


def acknowledge(session: Session, actor: Actor, matter_id: UUID, now: datetime) -> Matter:
    """Say that this department took again what was put right; with the last of them the matter is over.

    Raises as ``decide``, and ``CORRECTION_NOT_TOLD``, ``CORRECTION_ACKNOWLEDGED``.
    """
    row = correction(session, actor, matter_id, lock=True).matter
    actor = permitted(session, CORRECTIONS, actor, row, Act.ACKNOWLEDGED).actor
    own = told(session, row, actor.org_code)
    if not own:
        raise DirectoryError("CORRECTION_NOT_TOLD")
    waiting = [each for each in own if each.acknowledged_at is None]
    if not waiting:
        raise DirectoryError("CORRECTION_ACKNOWLEDGED")
    for each in waiting:
        each.acknowledged_by, each.acknowledged_name, each.acknowledged_at = actor.account_id, actor.signature, now
    session.flush()
    is_last = all(each.acknowledged_at is not None for each in told(session, row))
    state = State.CORRECTED if is_last else State.TELLING
    leave_step(session, row, Act.ACKNOWLEDGED, state.value, actor, now, details={"grants": len(waiting)})
    if is_last:
        tell_of(session, row, Act.ACKNOWLEDGED, actor, now)
    return row


def add_paper(session: Session, actor: Actor, matter_id: UUID, name: str, data: bytes, now: datetime) -> MatterFile:
    """Add evidence, while it is being checked, by whoever raised it or has to answer.

    Raises ``MATTER_NOT_FOUND``, ``FORBIDDEN``, ``MATTER_CLOSED`` and as ``papers.attach``.
    """
    row = correction(session, actor, matter_id, lock=True).matter
    require_party(actor, row)
    if row.state != State.CHECKING.value:
        raise DirectoryError("MATTER_CLOSED", state=CORRECTIONS.names[row.state])
    return attach(session, actor, row, name, data, now)


def require_party(actor: Actor, row: Matter) -> None:
    """Raise ``FORBIDDEN`` unless the actor's department raised the correction or has it now, and may do so."""
    if actor.org_code not in (row.from_org, row.to_org):
        raise DirectoryError("FORBIDDEN", reason="只有提出和答复的部门可以添加材料", action="correction:attach")
    action = Action.CORRECTION_RAISE if actor.org_code == row.from_org else Action.CORRECTION_ANSWER
    require(actor, action, actor.org_code)


def leads(session: Session, found: Found) -> Sequence[Organisation]:
    """The departments it may be passed on to: leads of the items meant (of all, without any), that did not have it."""
    row = found.matter
    entry = session.get_one(ResourceEntry, row.resource_id)
    record: Resource = published_record(session, entry)
    names = {
        item.lead_department.strip()
        for item in record.items
        if item.lead_department.strip() and (not found.correction.items or item.field in found.correction.items)
    }
    had = {row.to_org, *(each.from_org for each in referrals(session, row))}
    query = select(Organisation).where(Organisation.name.in_(names) | Organisation.short_name.in_(names))
    return [
        each
        for each in session.scalars(query.order_by(Organisation.name))
        if each.code not in had and each.closed_on is None
    ]


def _put_right(session: Session, found: Found, said: Said, now: datetime) -> int:
    """From when it is right, and every consumer that takes what was wrong; how many notices there are."""
    first, last = day_of(now) - FARTHEST_BACK, day_of(now) + FARTHEST_AHEAD
    if said.corrected_from_on is None or not first <= said.corrected_from_on <= last:
        raise DirectoryError("CORRECTION_FROM", first=first, last=last)
    row, own = found
    own.corrected_from_on, own.corrected_from_batch = said.corrected_from_on, said.corrected_from_batch
    if row.resource_id is None:
        raise ValueError("a correction is of an entry")
    consumers = consumers_of(session, row.resource_id, own.items)
    session.add_all(
        CorrectionNotice(matter_id=row.id, request_id=each.request_id, org_code=each.org_code, told_at=now)
        for each in consumers
    )
    session.flush()
    return len(consumers)


def _pass_on(session: Session, found: Found, to_org: str, now: datetime) -> None:
    """To the lead of the items; the term goes on as it was."""
    offered = leads(session, found)
    if to_org not in {each.code for each in offered}:
        raise DirectoryError(
            "CORRECTION_LEAD",
            offered=[each.name for each in offered] or "没有",
            offered_en=[each.name for each in offered] or "none",
        )
    row = found.matter
    session.add(CorrectionReferral(matter_id=row.id, from_org=row.to_org, to_org=to_org, at=now))
    row.to_org = to_org
    session.flush()

"""What people do to a complaint. Who complained is named in no log: there the actor is ``complainant``."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.clock.deadlines import day_of
from directory.complaints.models import Complaint
from directory.complaints.queries import Sight, complaint, sight
from directory.complaints.said import NOTHING, NewComplaint, PaperComplaint, Said
from directory.complaints.states import COMPLAINTS, Act, State
from directory.errors import DirectoryError
from directory.matters.models import Matter, MatterFile
from directory.matters.papers import attach
from directory.matters.steps import leave_step, permitted, raise_matter
from directory.matters.telling import tell_of
from directory.organisations.queries import organisation
from directory.policy import require
from directory.typed import is_legible

SPEAKER: Final = "complainant"
"""Who acts in the log where that is nobody's business; the matter's own row knows."""


def complain(session: Session, actor: Actor, asked: NewComplaint, now: datetime) -> Matter:
    """A complaint of whoever is signed in.

    Raises ``FORBIDDEN``, ``ORGANISATION_UNKNOWN``, ``MATTER_WORDS_EMPTY``.
    """
    require(actor, Action.COMPLAINT_RAISE, actor.org_code)
    row = _write(session, actor, asked, now, speaker=SPEAKER)
    session.add(
        Complaint(
            matter_id=row.id,
            channel="signed_in",
            topic=asked.topic.value,
            about_org=asked.about_org or None,
            name="",
            contact="",
            received_on=day_of(now),
            brief="",
        )
    )
    session.flush()
    tell_of(session, row, Act.RAISED, actor, now)
    return row


def enter_paper(session: Session, actor: Actor, asked: PaperComplaint, now: datetime) -> Matter:
    """A complaint that came to the office on paper; whoever enters it handles nothing more of it.

    Raises as ``complain``, and ``COMPLAINT_DAY`` for a day that is not past.
    """
    require(replace(actor, delegated=()), Action.COMPLAINT_HANDLE, None)  # whoever enters it is nobody's delegate in it
    today = day_of(now)
    if asked.received_on > today or asked.received_on.year < today.year - 1:
        raise DirectoryError("COMPLAINT_DAY", day=asked.received_on, last=today)
    row = _write(session, actor, asked, now, speaker="")
    session.add(
        Complaint(
            matter_id=row.id,
            channel="paper",
            topic=asked.topic.value,
            about_org=asked.about_org or None,
            name=asked.name.strip(),
            contact=asked.contact.strip(),
            received_on=asked.received_on,
            brief="",
        )
    )
    session.flush()
    tell_of(session, row, Act.RAISED, actor, now)
    return row


def decide(session: Session, actor: Actor, matter_id: UUID, act: Act, now: datetime, said: Said = NOTHING) -> Matter:
    """Take a complaint a step on.

    Raises ``MATTER_NOT_FOUND``, ``MATTER_MOVE_ILLEGAL``, ``FORBIDDEN``, ``SELF_APPROVAL``, ``MATTER_ANSWERED_BY_YOU``,
    ``COMMENT_REQUIRED``, ``SAID_TOO_MUCH``, ``COMPLAINT_ASSIGN``, ``ORGANISATION_UNKNOWN``.
    """
    row, own = complaint(session, actor, matter_id, lock=True)
    moved, actor = permitted(session, COMPLAINTS, actor, row, act)
    comment, to_org = said.comment.strip(), said.to_org.strip()
    if to_org and act is not Act.ASSIGNED:
        raise DirectoryError("SAID_TOO_MUCH", fields="to_org", act=COMPLAINTS.acts[act])
    if moved.needs_comment and not is_legible(comment):
        raise DirectoryError("COMMENT_REQUIRED")
    if act is Act.ASSIGNED:
        _assign(session, row, own, to_org, comment)
    speaker = SPEAKER if act is Act.WITHDRAWN else ""
    leave_step(session, row, act, moved.state, actor, now, comment=comment, speaker=speaker)
    tell_of(session, row, act, actor, now)
    return row


def add_paper(session: Session, actor: Actor, matter_id: UUID, name: str, data: bytes, now: datetime) -> MatterFile:
    """Add evidence while the complaint is open, by whoever complained or entered it, or by the office.

    Raises ``MATTER_NOT_FOUND``, ``FORBIDDEN``, ``MATTER_CLOSED`` and as ``papers.attach``.
    """
    row = complaint(session, actor, matter_id, lock=True).matter
    seen_as = sight(actor, row)
    if seen_as is Sight.DEPARTMENT:
        raise DirectoryError("FORBIDDEN", reason="核查情况写在回报里", action="complaint:attach")
    if COMPLAINTS.is_end(row.state):
        raise DirectoryError("MATTER_CLOSED", state=COMPLAINTS.names[row.state])
    return attach(session, actor, row, name, data, now, speaker=SPEAKER if seen_as is Sight.COMPLAINANT else "")


def _write(session: Session, actor: Actor, asked: NewComplaint, now: datetime, *, speaker: str) -> Matter:
    if not is_legible(asked.words):
        raise DirectoryError("MATTER_WORDS_EMPTY")
    if asked.about_org:
        organisation(session, asked.about_org)
    return raise_matter(
        session,
        COMPLAINTS,
        actor,
        State.RECEIVED.value,
        now,
        to_org=None,
        words=asked.words.strip(),
        speaker=speaker,
    )


def _assign(session: Session, row: Matter, own: Complaint, to_org: str, words: str) -> None:
    """To another department, in the office's own words; the one before sees it no more."""
    if not to_org:
        raise DirectoryError("COMPLAINT_ASSIGN")
    if organisation(session, to_org).closed_on is not None:
        raise DirectoryError("COMPLAINT_ASSIGN")
    row.to_org, own.brief = to_org, words
    session.flush()

"""Agreed to for good: the reply is given, Article 22's term starts, grants are issued; at once by standing consent."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy.orm import Session

from directory.access import consents, reply, terms
from directory.access.changing import agreed_before, change_of, citation
from directory.access.issue import issue
from directory.access.models import RequestRow
from directory.access.moves import Facts, Move, NoMove, move
from directory.access.permitted import has_agreed
from directory.access.queries import approvers
from directory.access.states import Act, Party, Stage, State
from directory.access.steps import Decider, leave_step
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.negatives.concerned import tell_used
from directory.organisations.queries import organisation
from directory.resources.queries import held_still, published_record
from directory.statements.gather import write
from standards.crypto import SigningKey


def give(
    session: Session, actor: Actor, key: SigningKey, row: RequestRow, now: datetime, suite_2: AbstractSet[str]
) -> None:
    """The reply ends its term, and what was agreed to is granted; both sides are told what of it is on the negative
    list from a later day. Raises as ``issue``.
    """
    terms.stop(row, "answered", now)
    row.replied_at = now
    terms.start(session, row, "PROVIDE", now)
    issue(session, actor, key, row, now, suite_2=suite_2)
    tell_used(session, row, now)


def give_at_once(
    session: Session, actor: Actor, key: SigningKey, row: RequestRow, now: datetime, suite_2: AbstractSet[str]
) -> bool:
    """Answer a request that has come to the provider where a standing consent covers it, or what the provider once
    agreed to covers a change; whether it did.

    What cannot be granted now (a consumer without a node, an item on the negative list) waits for the provider, who is
    told why on agreeing.
    """
    if change_of(session, row) is not None and _take_up(session, actor, key, row, now, suite_2):
        return True
    consent = consents.applies(session, row)
    facts = Facts(row.needs_office, office_first=row.office_first)
    moved = move(State(row.state), Stage(row.stage), Act.AGREED, facts)
    if consent is None or isinstance(moved, NoMove) or row.stage != Stage.PROVIDER:
        return False  # the provider's consent is no word of the office's
    if consent.signed_by in approvers(row):
        return False
    if row.needs_office and has_agreed(row, consent.signed_by):
        return False
    write(session)  # what is refused of the step before is refused for good; it comes before this one everywhere
    try:
        with session.begin_nested():
            reply.require_free(session, row, (), now)
            by = Decider.consenting(consent, organisation(session, consent.org_code).name, actor)
            leave_step(session, row, Act.AGREED, moved, by, now, comment=consents.citation(consent))
            if moved.state is State.AGREED:
                give(session, actor, key, row, now, suite_2)
    except DirectoryError:
        session.refresh(row)
        return False
    return True


def _take_up(
    session: Session, actor: Actor, key: SigningKey, row: RequestRow, now: datetime, suite_2: AbstractSet[str]
) -> bool:
    """Grant a change that only becomes less, by the consent once given; whether it was one. The office, which agreed
    too where it had to, has just accepted it.
    """
    write(session)
    try:
        with session.begin_nested():
            entry = held_still(session, row.resource_id)
            step = agreed_before(session, row, published_record(session, entry), now)
            if step is None:
                return False
            reply.require_free(session, row, (), now)
            moved = Move(State.AGREED, Stage.NONE, frozenset({Party.PROVIDER_LEAD}))
            by = Decider.agreed_before(step, actor)
            leave_step(session, row, Act.AGREED, moved, by, now, comment=citation(step))
            give(session, actor, key, row, now, suite_2)
    except DirectoryError:
        session.refresh(row)
        return False
    return True

"""Who has said so much of a request already that they do not take it further: the rules of ``permitted`` as conditions.

Nobody agrees for both sides, or a second time where two agree, or answers above the two departments for a refusal of
their own or after an answer of theirs on a level below (Art. 28), or decides on more time that they asked for. Each
condition is asked of a request (``RequestRow``); ``is_theirs`` says of a step (``RequestStep``) that it was theirs.
"""

from sqlalchemy import ColumnElement, Exists, and_, exists, or_
from sqlalchemy.orm import aliased

from directory.access.models import RequestExtension, RequestRow, RequestStep
from directory.access.queries import is_not_of
from directory.access.states import Act, Stage, State
from directory.actors import Actor

_REPLIES = (Act.REFUSED.value, Act.DISPUTE_ANSWERED.value)
_ROUNDS = (Act.SUBMITTED.value, Act.RECONSIDERED.value)


def barred(actor: Actor, state: State, stage: Stage) -> ColumnElement[bool] | None:
    """Which requests at this place this actor does not take further, for what was said by them or by whom they act for;
    None where that bars nobody. What comes before the steps needs no look at them.
    """
    is_theirs = is_step_of(actor)
    match state, stage:
        case State.DISPUTED, Stage.AUTHORITY | Stage.GOVERNMENT:
            return has_answered(is_theirs)
        case State.SUBMITTED, Stage.OFFICE:  # they spoke for one of the two departments, which is their own
            is_own = or_(RequestRow.provider_org == actor.org_code, RequestRow.requester_org == actor.org_code)
            return and_(is_own, has_consented(is_theirs))
        case State.SUBMITTED, Stage.PROVIDER:
            return and_(may_be_heard_twice(), has_consented(is_theirs))
    return None


def extension_waits(actor: Actor) -> ColumnElement[bool]:
    """Requests still to be answered whose extension the office has to decide; not by whoever asked, or made them."""
    has_asked = has_asked_for_time(is_step_of(actor))
    return and_(RequestRow.state == State.SUBMITTED.value, is_not_of(actor), is_asked_for_time(), ~has_asked)


def is_asked_for_time() -> ColumnElement[bool]:
    """Requests whose extension nobody has decided on."""
    return exists().where(RequestExtension.request_id == RequestRow.id, RequestExtension.is_granted.is_(None))


def may_be_heard_twice() -> ColumnElement[bool]:
    """Whether somebody who decides for the provider can have spoken before: for the office, which was first, or, where
    both sides sit in one department by now, for the requester.
    """
    return or_(RequestRow.office_first, RequestRow.requester_org == RequestRow.provider_org)


def is_step_of(actor: Actor) -> ColumnElement[bool]:
    """A step that was theirs, or that of whom they act for."""
    return or_(RequestStep.decided_by.in_(actor.people), RequestStep.decided_for.in_(actor.people))


def has_answered(is_theirs: ColumnElement[bool]) -> Exists:
    """Whether the refusal that is disputed, or an answer to the dispute, was theirs."""
    step, later = RequestStep, aliased(RequestStep)
    refused_since = exists().where(
        later.request_id == step.request_id, later.seq > step.seq, later.act == Act.REFUSED.value
    )
    return _took(is_theirs, step.act.in_(_REPLIES), ~refused_since)


def has_consented(is_theirs: ColumnElement[bool]) -> Exists:
    """Whether they approved the present text for the requester, or agreed already since the reply began."""
    step, later = RequestStep, aliased(RequestStep)
    begun_since = exists().where(later.request_id == step.request_id, later.seq > step.seq, later.act.in_(_ROUNDS))
    has_approved = and_(step.act == Act.REQ_APPROVED.value, step.version == RequestRow.version)
    return _took(is_theirs, or_(has_approved, and_(step.act == Act.AGREED.value, ~begun_since)))


def has_asked_for_time(is_theirs: ColumnElement[bool]) -> Exists:
    """Whether they asked for more time to reply."""
    return _took(is_theirs, RequestStep.act == Act.EXTENSION_ASKED.value)


def _took(*conditions: ColumnElement[bool]) -> Exists:
    theirs = exists().where(RequestStep.request_id == RequestRow.id, *conditions)
    return theirs.correlate_except(RequestStep)  # the request that is asked about, however far out it stands

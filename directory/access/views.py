"""A request or a grant shown whole: one shape for the API and the pages. As a line of a list: ``lines.py``."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access import disputes, endings, reply, supplement
from directory.access.change_view import ChangeView, change_view
from directory.access.decide import GRANT_ACTS
from directory.access.disputes import DisputeLevel
from directory.access.endings import Disposing, Suspension
from directory.access.extend import standing
from directory.access.gone import gone
from directory.access.grants import grants_of
from directory.access.lines import RequestLine, line_values
from directory.access.models import RequestExtension, RequestRow, RequestStep
from directory.access.names import ACT_NAMES, STATE_NAMES
from directory.access.permitted import is_term_over, legal_acts
from directory.access.queries import request_row, text_of, visible_grant
from directory.access.reply_models import RequestSupplement
from directory.access.said import Part, RefusedItem
from directory.access.states import Act, Stage, State
from directory.accounts.queries import display_names
from directory.actors import Actor
from directory.negatives.concerned import concerning
from directory.negatives.views import HitShown, hits_shown
from metadata.access import AccessRequest
from metadata.signed import Signed

_REFUSED = frozenset({State.REFUSED, State.DISPUTED, State.SETTLED})


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class Step(_View):
    """One line of the history."""

    seq: int
    act: Act
    act_name: str
    state: State
    stage: Stage
    by: str
    organisation: str
    comment: str
    reason: str
    until: date | None
    consent_id: UUID | None
    handed_to: str
    missing: tuple[Part, ...]
    at: datetime


class Extension(_View):
    """More time to reply, as it was asked for; ``is_granted`` is None while the office has not decided."""

    days: int
    requested_at: datetime
    is_granted: bool | None
    decided_at: datetime | None
    notified_at: datetime | None


class RequestView(RequestLine):
    """A request whole. ``acts`` are what the reader may do now, on the request or on its grants.

    ``grant_ids`` are of all tables that it takes items from; ``grant_id`` is the first. ``refused_items`` are those
    the reply leaves out; ``disputes_go_to`` says before whom a refusal can be brought, first to last (Art. 28).
    ``listed`` is what the negative list holds back of it, today or from a later day, ``gone`` the fields of a text not
    handed in that the entry has no more; both are null in the answer to a step, which does not look for them.
    """

    record: AccessRequest
    version: int
    share_type: str
    needs_office_approval: bool
    office_first: bool = False
    is_term_over: bool = False
    first_submitted_at: datetime | None
    reply_due_on: date | None
    replied_at: datetime | None
    extension: Extension | None
    refused_items: tuple[RefusedItem, ...]
    change: ChangeView | None
    disputes: tuple[DisputeLevel, ...]
    disputes_go_to: tuple[str, ...]
    suspension: Suspension | None
    disposal: Disposing | None
    grant_id: str | None
    grant_ids: tuple[str, ...] = ()
    acts: tuple[Act, ...]
    grant_acts: tuple[Act, ...]
    steps: tuple[Step, ...]
    listed: tuple[HitShown, ...] | None = None
    gone: tuple[str, ...] | None = None


class GrantView(_View):
    """A grant: the exact signed bytes, their digest, and where it stands; ``agreed`` means not yet countersigned."""

    grant_id: str
    request_id: UUID
    route_id: str
    grant: Signed
    digest: str
    state: State
    state_name: str
    valid_until: date
    provide_by_on: date
    countersigned_by: str | None
    countersigned_at: datetime | None
    acts: tuple[Act, ...]


def view(session: Session, actor: Actor, request_id: UUID, today: date) -> RequestView:
    """One request, with what of it can be shared no more; raises ``REQUEST_NOT_FOUND``."""
    row = request_row(session, actor, request_id)
    kept_back = {"listed": hits_shown(concerning(session, row, today)), "gone": gone(session, row)}
    return view_of(session, actor, row, today).model_copy(update=kept_back)


def view_of(session: Session, actor: Actor, row: RequestRow, today: date) -> RequestView:
    """The same of a row that this actor was found to see just now, as the answer to a step: what no step speaks of is
    not asked for.
    """
    acts, steps = legal_acts(session, actor, row, today), row.steps
    done = {step.act for step in steps}
    grants, refused = (grants_of(session, row), reply.refused_items(session, row)) if Act.AGREED in done else ((), {})
    asked = standing(session, row.id) if Act.EXTENSION_ASKED in done else None
    notices = supplement.notices(session, row) if Act.SUPPLEMENT_ASKED in done else ()
    handlers = display_names(session, [step.handed_to for step in steps]) if Act.HANDED_OVER in done else {}
    is_undecided = asked is not None and asked.is_granted is None
    (line,) = line_values(session, [row], today, {row.id} if is_undecided else ())
    is_refused = bool(refused) or row.state in _REFUSED
    return RequestView.model_validate(
        {
            **line,
            "record": text_of(session, row),
            "version": row.version,
            "share_type": row.share_type,
            "needs_office_approval": row.needs_office,
            "office_first": row.office_first,
            "is_term_over": is_term_over(session, row, today),
            "first_submitted_at": row.first_submitted_at,
            "reply_due_on": row.reply_due_on,
            "replied_at": row.replied_at,
            "extension": _extension(asked),
            "refused_items": tuple(RefusedItem(item=item, reason=reason) for item, reason in refused.items()),
            "change": change_view(session, row),
            "disputes": disputes.levels(session, row, steps),
            "disputes_go_to": disputes.addressees(session, row) if is_refused else (),
            "suspension": endings.suspension(row, steps, today),
            "disposal": endings.disposing(steps, endings.certificate_of(session, row), today),
            "grant_id": grants[0].grant_id if grants else None,
            "grant_ids": tuple(grant.grant_id for grant in grants),
            "acts": tuple(act for act in acts if act not in GRANT_ACTS),
            "grant_acts": tuple(act for act in acts if act in GRANT_ACTS),
            "steps": tuple(_steps(steps, notices, handlers)),
        }
    )


def grant_view(session: Session, actor: Actor, grant_id: str) -> GrantView:
    """One grant; raises ``GRANT_NOT_FOUND``."""
    grant, row = visible_grant(session, actor, grant_id)
    return GrantView(
        grant_id=grant.grant_id,
        request_id=row.id,
        route_id=grant.route_id,
        grant=Signed.from_bytes(grant.body),
        digest=grant.digest,
        state=State(row.state),
        state_name=STATE_NAMES[State(row.state), Stage(row.stage)],
        valid_until=grant.valid_until,
        provide_by_on=grant.provide_by_on,
        countersigned_by=grant.countersigned_by,
        countersigned_at=grant.countersigned_at,
        acts=tuple(act for act in legal_acts(session, actor, row) if act in GRANT_ACTS),
    )


def _steps(
    steps: Sequence[RequestStep], notices: Sequence[RequestSupplement], handlers: Mapping[object, str]
) -> Iterable[Step]:
    listed = {(each.step_seq, each.part) for each in notices}
    for step in steps:
        yield Step(
            seq=step.seq,
            act=Act(step.act),
            act_name=ACT_NAMES[Act(step.act)],
            state=State(step.state),
            stage=Stage(step.stage),
            by=step.decider_name,
            organisation=step.org_name,
            comment=step.comment,
            reason=step.reason,
            until=step.until,
            consent_id=step.consent_id,
            handed_to=handlers.get(step.handed_to, ""),
            missing=tuple(part for part in Part if (step.seq, part) in listed),
            at=step.decided_at,
        )


def _extension(asked: RequestExtension | None) -> Extension | None:
    if asked is None:
        return None
    return Extension(
        days=asked.days,
        requested_at=asked.requested_at,
        is_granted=asked.is_granted,
        decided_at=asked.decided_at,
        notified_at=asked.notified_at,
    )

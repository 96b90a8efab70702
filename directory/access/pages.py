"""Pages of requests: asking, following, deciding."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.access import aside, comments, decide, renewal, supplement
from directory.access.browsing import counted, looked_through
from directory.access.change import is_changeable
from directory.access.endings import WAYS
from directory.access.grants import granted, grants_of
from directory.access.handover import handlers
from directory.access.lines import RequestLine, lines
from directory.access.moves import forward_acts
from directory.access.parties import STEP_ACTIONS
from directory.access.queries import request_row
from directory.access.reading import as_moved
from directory.access.refusals import accepted_reasons
from directory.access.said import BAR, PART_NAMES, Part
from directory.access.sent import ACT_WORDS, ERROR_FIELDS, STEP_LIGHTS, Decision, said_of
from directory.access.states import Act, Stage, State
from directory.access.views import view
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.backflow import queries as backflow
from directory.briefs.queries import may_read_brief
from directory.clock.deadlines import Calendar
from directory.clock.queries import calendar, count
from directory.clock.today import shanghai_today
from directory.clock.words import term_words
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.policy import require
from directory.resources.assessment_files import SUFFIXES
from directory.services import item_changes
from directory.services.queries import notices_of_use
from directory.services.views import lines as service_lines
from directory.signing import DirectoryKey
from directory.typed import number_in
from directory.uses import views as uses
from directory.web.render import page
from standards.crypto import SigningKey

router = APIRouter(include_in_schema=False)

_GOING_ON: Final = frozenset(
    {State.SUBMITTED, State.AGREED, State.DISPUTED, State.DRAFT, State.REQ_APPROVED, State.SUPPLEMENT_ASKED}
    | {State.PROVISIONED, State.ACTIVE, State.SUSPENDED}
)
GROUPS: Final[Mapping[str, tuple[str, frozenset[State]]]] = {
    "open": ("在办", frozenset({State.SUBMITTED, State.AGREED, State.DISPUTED})),
    "drafts": ("草稿", frozenset({State.DRAFT, State.REQ_APPROVED, State.SUPPLEMENT_ASKED})),
    "granted": ("已授权", frozenset({State.PROVISIONED, State.ACTIVE, State.SUSPENDED})),
    "ended": ("已结束", frozenset(State) - _GOING_ON),
}
"""The lists that requests fall into, each one once."""


@router.get("/requests")
@governed_by(Action.REQUEST_READ)
def browse(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    of: str = "",
    group: str = "",
    case: str = "",
    after: Annotated[str, Query(max_length=120)] = "",
) -> HTMLResponse:
    """The requests of the reader's department, or (``of=others``) of the others that the reader sees; of one case. All
    are counted, and listed a page at a time.
    """
    require(actor, Action.REQUEST_READ, actor.org_code)
    today, days = shanghai_today(), calendar(session)
    numbers = counted(session, actor, case)
    own_count, others_count = sum(numbers[True].values()), sum(numbers[False].values())
    is_own = of == "own" if of in {"own", "others"} else bool(own_count or not others_count)
    counts = {name: sum(numbers[is_own].get(each, 0) for each in states) for name, (_, states) in GROUPS.items()}
    _, states = GROUPS.get(group, ("", frozenset[State]()))
    size = LIMITS.page_count
    found = looked_through(session, actor, is_own=is_own, states=states, case_no=case, after=after, size=size)
    return page(
        request,
        "access/requests.html",
        of="own" if is_own else "others",
        group=group if group in GROUPS else "",
        case=case,
        own_count=own_count,
        others_count=others_count,
        total=counts[group] if group in GROUPS else sum(counts.values()),
        tiles=[(name, title, counts[name]) for name, (title, _) in GROUPS.items()],
        rows=_listed(lines(session, found.rows, today), days, today),
        after=after,
        next=found.next,
        progress_steps=aside.PROGRESS_STEPS,
    )


@router.get("/requests/{request_id}")
@governed_by(Action.REQUEST_READ)
def show(request_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """One request: who asks what on which ground, its term, its history, and the decision for whoever's turn it is."""
    return request_page(request, session, actor, request_id)


@router.post("/requests/{request_id}")
@governed_by(*STEP_ACTIONS)
def move(
    request_id: UUID,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    key: DirectoryKey,
    decision: Annotated[Decision, Form()],
) -> Response:
    """Take one step; a refusal is shown on the request, with what was typed."""
    try:
        with session.begin_nested():  # agreeing may fail at its grant, after the step
            _decide(session, actor, key, request_id, decision, request.app.state.settings.suite_2)
    except DirectoryError as error:
        told = as_moved(session, request_row(session, actor, request_id), number_in(decision.seen), error)
        return request_page(request, session, actor, request_id, decision, told)
    return RedirectResponse(f"/requests/{request_id}", status_code=303)


def _decide(
    session: Session, actor: Actor, key: SigningKey, request_id: UUID, decision: Decision, suite_2: AbstractSet[str]
) -> None:
    if decision.to not in decide.REQUEST_ACTS | decide.GRANT_ACTS:
        raise DirectoryError("DECISION_MISSING")
    act = Act(decision.to)
    decide.decide(session, actor, key, request_id, act, datetime.now(UTC), said_of(decision, act), suite_2=suite_2)


def request_page(
    request: Request,
    session: Session,
    actor: Actor,
    request_id: UUID,
    decision: Decision | None = None,
    error: DirectoryError | None = None,
    *,
    remark: str = "",
    remark_error: DirectoryError | None = None,
) -> HTMLResponse:
    """The request as the reader sees it, with a refused decision or a refused comment at its form."""
    today, days = shanghai_today(), calendar(session)
    row = request_row(session, actor, request_id)
    shown = view(session, actor, request_id, today)
    grants = grants_of(session, row)
    items = aside.items_of(session, actor, row, shown.record, grants)
    entry = aside.entry_of(session, actor, row)
    notice = supplement.open_notice(session, row)
    acts = (*shown.acts, *shown.grant_acts)
    is_being_accepted = shown.stage is Stage.ACCEPTANCE  # afterwards only a new term of use can be missing
    unoffered = {Act.DISCARDED} | ({Act.AGREED, Act.ACCEPTED} if shown.is_term_over else set())
    goes_back = backflow.shown(session, request_id)
    offers_part = len(items) > 1 and not goes_back
    name = ERROR_FIELDS.get(error.code, "") if error else ""
    if name == "refused" and not offers_part:  # said above the form, which has no such field
        name = ""
    words = {**ACT_WORDS, **(backflow.WORDS if goes_back else {})}
    refusal = error or remark_error
    return page(
        request,
        "access/request.html",
        status_code=refusal.status if refusal else 200,
        view=shown,
        row=row,
        items=items,
        identifier=entry.identifier if entry else "",
        rows_wanted=aside.rows_wanted(shown.record, items),
        term=aside.term(row, days, today),
        checks=aside.checks(shown, items, entry, notice.left if notice else ()),
        notice=notice,
        provide_by=count(session, "PROVIDE", today).due_on if shown.state is State.SUBMITTED else None,
        choices=[(act, *words[act]) for act in acts if act in words and act not in unoffered],
        acts_open=acts,
        is_my_turn=any(act in (*forward_acts(shown.state, shown.stage), Act.EXTENSION_REFUSED) for act in shown.acts),
        can_renew=renewal.is_renewable(session, actor, row, datetime.now(UTC)),
        renewed_by=renewal.renewal_seen(session, actor, row),
        can_change=is_changeable(session, actor, row),
        services=service_lines(session, actor, notices_of_use(session, actor, row.id), today),
        changed_items=item_changes.item_changes(session, actor, request_id=request_id),
        can_amend=Act.AMENDED in acts,
        has_brief=may_read_brief(session, actor, request_id),
        reasons=accepted_reasons(entry.sharing.refusal_reasons if entry and not goes_back else ()),
        offers_part=offers_part,
        refused={each.item: each.reason for each in shown.refused_items},
        PARTS=PART_NAMES,
        missing_parts={part: PART_NAMES[part] for part in Part if is_being_accepted or part is Part.VALID_UNTIL},
        WAYS=WAYS,
        BAR=BAR,
        is_own=row.handler == actor.account_id,
        handlers=handlers(session, row) if Act.HANDED_OVER in acts else (),
        grants=[(grant, granted(grant)) for grant in grants],
        tables=aside.tables(shown.record, grants, entry),
        progress=aside.PROGRESS[shown.state, shown.stage],
        progress_steps=aside.PROGRESS_STEPS,
        talk=comments.talk(session, actor, request_id),
        use=uses.line(session, actor, row, today),
        goes_back=goes_back,
        remark=remark,
        remark_error=remark_error.problem() if remark_error else None,
        paper_kinds=SUFFIXES,
        paper_bytes=LIMITS.paper_bytes,
        decision=decision or Decision(),
        error=error.problem() if error else None,
        error_field=name,
        step_lights={act: STEP_LIGHTS.get(act, "green") for act in Act},
    )


def _listed(found: Iterable[RequestLine], days: Calendar, today: date) -> Sequence[Mapping[str, Any]]:
    """Lines with their term and progress in words, as the tables show them."""
    return [
        {
            "line": line,
            "term": term_words(line.due_on, today, days) if line.due_on else "",
            "since": line.submitted_at or line.created_at,
            "progress": aside.PROGRESS[line.state, line.stage],
        }
        for line in found
    ]

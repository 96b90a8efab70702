"""Pages of reverse cataloguing: the tables that nodes found, and one of them to confirm or decline."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.editing.options import suggestions
from directory.errors import DirectoryError
from directory.libraries.names import library_labels
from directory.limits import LIMITS
from directory.proposals import decide, queries
from directory.proposals.form import ProposalForm, SentForm, drafted, filled
from directory.proposals.models import STATUSES, ProposalRow
from directory.proposals.queries import PAGE, Line
from directory.web.render import page
from metadata.proposal import Guess
from standards.errors import ExplainedError
from standards.findings import Finding

router = APIRouter(include_in_schema=False)

CONFIDENCES: Final[Mapping[str, tuple[str, str]]] = {
    "certain": ("确定", "green"),
    "likely": ("很可能", "blue"),
    "possible": ("待核实", "amber"),
}

_OF_THE_REASON: Final = frozenset({"PROPOSAL_REASON_MISSING", "FORM_TEXT_LONG"})


@dataclass(frozen=True)
class _Wrong:
    """What stands in the way: sentences by field, the problem at the head, and the answer's status."""

    fields: Mapping[str, str] = field(default_factory=dict)
    problem: Mapping[str, object] | None = None
    status: int = 200


@router.get("/proposals")
@governed_by(Action.PROPOSAL_DECIDE)
def browse(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    status: str = "waiting",
    after: Annotated[int, Query(ge=0, le=10**6)] = 0,
    done: str = "",
) -> HTMLResponse:
    """The proposals of the reader's department: those to confirm, and the tables that the catalogue has already."""
    status = status if status in STATUSES else "waiting"
    found, total = queries.lines(session, actor, status, after)
    return page(
        request,
        "proposals/proposals.html",
        status=status,
        statuses=decide.STATUS_NAMES,
        counts=queries.counts(session, actor.org_code),
        fresh=[line for line in found if line.known is None],
        known=[line for line in found if line.known is not None],
        total=total,
        after=after,
        previous=max(after - PAGE, 0) if after else None,
        following=after + PAGE if after + PAGE < total else None,
        done=done,
    )


@router.get("/proposals/{proposal_id}")
@governed_by(Action.PROPOSAL_DECIDE)
def show(proposal_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """One proposal with each guess and its reason, as a form."""
    line = _line(session, actor, proposal_id)
    return _form_page(request, session, line, drafted(line.proposal), _Wrong())


@router.post("/proposals/{proposal_id}")
@governed_by(Action.PROPOSAL_DECIDE)
def decide_one(
    proposal_id: UUID, request: Request, session: DbSession, actor: CurrentActor, sent: SentForm
) -> Response:
    """Confirm or decline; whatever is refused stands beside its field, and what was typed stays."""
    line = _line(session, actor, proposal_id)
    form = filled(line.proposal, sent)
    now = datetime.now(UTC)
    try:
        with session.begin_nested():
            if sent.get("do") == "decline":
                if len(form.heads["reason"]) > LIMITS.comment_characters:
                    most, count = LIMITS.comment_characters, len(form.heads["reason"])
                    raise DirectoryError("FORM_TEXT_LONG", most=most, count=count)
                decide.decline(session, actor, proposal_id, form.heads["reason"], now)
                return RedirectResponse("/proposals?done=declined", status_code=303)
            choice = form.choice()
            if isinstance(choice, dict):
                return _form_page(request, session, line, form, _Wrong(choice, status=422))
            classes = request.app.state.settings.classes
            saved = decide.confirm(session, actor, proposal_id, choice, classes, now)
    except ExplainedError as error:
        session.expire_all()
        return _refused(request, session, line, sent, error)
    return RedirectResponse(f"/resources/{saved.entry.id}/edit?done=saved", status_code=303)


def _refused(
    request: Request, session: Session, line: Line, sent: Mapping[str, str], error: ExplainedError
) -> Response:
    """The form again; a superseded proposal's words are put onto the one that took its place."""
    if error.code == "PROPOSAL_SUPERSEDED":
        row = session.get_one(ProposalRow, line.id)
        newer = queries.successor(session, row)
        if newer is not None:
            line = queries.line(newer, queries.known_tables(session, newer.org_code))
    found = error.values.get("findings", [])
    findings = [each for each in found if isinstance(each, Finding)] if isinstance(found, list) else []
    fields = {each.path: each.zh for each in findings if each.severity == "error"}
    if error.code in _OF_THE_REASON:
        fields = {"reason": error.zh}
    problem = None if error.code in {"PROPOSAL_CHOICE_BAD", *_OF_THE_REASON} else error.problem()
    return _form_page(request, session, line, filled(line.proposal, sent), _Wrong(fields, problem, error.status))


def _line(session: Session, actor: Actor, proposal_id: UUID) -> Line:
    row = queries.find(session, actor, proposal_id)
    return queries.line(row, queries.known_tables(session, row.org_code))


def _form_page(request: Request, session: Session, line: Line, form: ProposalForm, wrong: _Wrong) -> HTMLResponse:
    heads: dict[str, Guess] = {
        guess.path: guess for guess in line.proposal.guesses if not guess.path.startswith("items[")
    }
    lists = suggestions()
    context: dict[str, Any] = {
        "line": line,
        "proposal": line.proposal,
        "form": form,
        "heads": heads,
        "wrong": wrong.fields,
        "problem": wrong.problem,
        "libraries": library_labels(session),
        "confidences": CONFIDENCES,
        "statuses": decide.STATUS_NAMES,
        "base_items": lists["base-items"],
        "code_tables": lists["code-tables"],
        "data_elements": lists["data-elements"],
    }
    return page(request, "proposals/proposal.html", **context, status_code=wrong.status)

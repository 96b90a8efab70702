"""The page of an entry."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.accounts.queries import display_names
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.backflow.ask import may_ask_back
from directory.clock.queries import rules
from directory.clock.today import shanghai_today
from directory.corrections.queries import counts as correction_counts
from directory.db import DbSession
from directory.declared import governed_by
from directory.duties.queries import terms_of
from directory.errors import DirectoryError
from directory.fidelity.queries import certificates_of
from directory.probes.queries import latest_of
from directory.ratings.queries import ratings_of
from directory.resources import decide, queries
from directory.resources.assessment_files import attached
from directory.resources.models import ResourceEntry
from directory.resources.queries import find, shown_record
from directory.resources.states import HIDDEN, MOVES
from directory.uses import views as uses
from directory.web.render import page
from metadata.fidelity import CARRIED
from metadata.paths import label
from metadata.probe import CHANGE_SOURCES
from metadata.rules import assessment_subject_digest, lacks

router = APIRouter(tags=["resources"])

Segment = Annotated[str, Path(max_length=100)]
_REPLY_RULES: Final = {"unconditional": "REPLY_UNCONDITIONAL", "conditional": "REPLY_CONDITIONAL"}
STEP_NAMES: Final = {"register": "登记", "edit": "修改", "assess": "登记评估", "import": "导入更新"} | {
    move.step: move.name_zh for move in MOVES
}


class Decision(BaseModel):
    """The decision form as it was sent."""

    model_config = ConfigDict(frozen=True)

    to: Annotated[str, Form(max_length=20)] = ""
    comment: Annotated[str, Form(max_length=2000)] = ""


@router.get("/resources/{ref}", include_in_schema=False)
@governed_by(Action.RESOURCE_READ)
def show_entry(ref: Segment, request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """The entry as this reader sees it, and what they may do with it."""
    entry = find(session, actor, ref)
    request.app.state.views.count(entry.id, actor.account_id)
    return _entry_page(request, session, actor, entry)


@router.post("/resources/{ref}", include_in_schema=False)
@governed_by(*sorted({each.action for each in MOVES}))
def move_entry(
    ref: Segment, request: Request, session: DbSession, actor: CurrentActor, decision: Annotated[Decision, Form()]
) -> Response:
    """Take the entry a step further; a refusal is shown beside the form, with what was typed."""
    try:
        with session.begin_nested():  # a refusal half way leaves nothing
            entry = decide.move(session, actor, ref, decision.to, decision.comment, datetime.now(UTC))
    except DirectoryError as error:
        session.expire_all()
        return _entry_page(request, session, actor, find(session, actor, ref), decision, error)
    return RedirectResponse(address_of(entry), status_code=303)


def _entry_page(
    request: Request,
    session: Session,
    actor: Actor,
    entry: ResourceEntry,
    decision: Decision | None = None,
    error: DirectoryError | None = None,
) -> Response:
    record, is_inside = shown_record(session, actor, entry), queries.is_inside(actor, entry)
    steps = queries.steps(session, entry) if is_inside else ()
    rule = _REPLY_RULES.get(record.sharing.share_type or "")
    return page(
        request,
        "resources/entry.html",
        status_code=error.status if error else 200,
        entry=entry,
        record=record,
        is_inside=is_inside,
        status=entry.status if is_inside else "published",
        version=entry.current_version if is_inside else entry.published_version,
        is_offered=entry.published_version is not None and entry.status not in HIDDEN and rule is not None,
        lacks=lacks(record) if is_inside and entry.published_version != entry.current_version else [],
        moves=decide.legal_moves(session, actor, entry),
        current_digest=assessment_subject_digest(record),
        assessment_files=attached(session, entry),
        remarks=queries.remarks(session, entry) if is_inside else (),
        duties=terms_of(session, actor, entry),
        probes=latest_of(session, entry.id) if is_inside else {},
        change_sources=CHANGE_SOURCES,
        certificates=certificates_of(session, actor, entry.identifier),
        ratings=ratings_of(session, actor, entry),
        corrections=correction_counts(session, entry.id),
        goes_back=may_ask_back(session, actor, entry, record, shanghai_today()),
        uses=uses.of_entry(session, actor, entry.id, shanghai_today()) if is_inside else (),
        carried=CARRIED,
        label_at=label,
        versions=queries.versions(session, actor, entry),
        steps=[(STEP_NAMES[step.step], step) for step in reversed(steps)],
        names=display_names(session, [each for step in steps for each in (step.decided_by, step.decided_for) if each]),
        reply_days=rules()[rule].limit_days if rule else None,
        provide_days=rules()["PROVIDE"].limit_days,
        address=address_of(entry),
        decision=decision or Decision(),
        problem=_problem(error) if error else None,
    )


def _problem(error: DirectoryError) -> dict[str, object]:
    return error.problem() | {"findings": error.values.get("findings", [])}


def address_of(entry: ResourceEntry) -> str:
    """The path of its page, without a slash at the end."""
    return f"/resources/{entry.identifier.replace('/', '~') if entry.identifier else entry.id}"

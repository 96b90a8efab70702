"""Pages of what an import changes: looked at before, carried out, listed after, undone."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.imports import run, undo
from directory.imports.check import elements_of
from directory.imports.comparison import changes
from directory.imports.models import OUTCOMES, REVERSALS, STANDINGS, STATES, Import
from directory.imports.pages import PATH, facts, lead_on
from directory.imports.queries import count_cells, entries, entry_counts, find_import
from directory.imports.refusal import refusal
from directory.imports.sent import Sent, SentForm
from directory.imports.views import refused_lines
from directory.limits import LIMITS
from directory.resources.importing import ImportReport
from directory.web.render import page_after
from standards.errors import ExplainedError

router = APIRouter(include_in_schema=False)

_ROWS: Final = 50
_SHOWN: Final = 10  # of the entries that a trial refuses; all of them are in the table and the marked workbook
Of = Annotated[str, Query(max_length=20)]
Number = Annotated[int, Query(alias="page", ge=1, le=100_000)]


@router.get(PATH + "/{import_id}/preview")
@governed_by(Action.IMPORT_READ)
def show_preview(
    import_id: UUID, request: Request, session: DbSession, actor: CurrentActor, of: Of = "", number: Number = 1
) -> Response:
    """What would be new, what differs and how, what is already there."""
    row = find_import(session, actor, import_id, Action.IMPORT_READ)
    if row.state != "checked":
        return lead_on(row)
    return _preview_page(request, session, row, of, number)


@router.post(PATH + "/{import_id}/choices")
@governed_by(Action.IMPORT_RUN)
def choose(import_id: UUID, session: DbSession, actor: CurrentActor, form: SentForm) -> Response:
    """Keep which of the entries shown are to be updated."""
    shown = form.numbers("entry")
    if shown:
        run.choose_updates(session, actor, import_id, form.numbers("pick"), shown)
    of = form.one("of") if form.one("of") in STANDINGS else ""
    return RedirectResponse(f"{PATH}/{import_id}/preview?of={of}&page={form.page}", status_code=303)


@router.post(PATH + "/{import_id}/run")
@governed_by(Action.IMPORT_RUN)
def carry_out(import_id: UUID, request: Request, session: DbSession, actor: CurrentActor, form: SentForm) -> Response:
    """Carry it out, or try; what stands against it is said on the preview."""
    report: ImportReport | None = None
    error: ExplainedError | None = None
    try:
        with session.begin_nested():
            if form.numbers("entry"):
                run.choose_updates(session, actor, import_id, form.numbers("pick"), form.numbers("entry"))
        with session.begin_nested():
            report = run.carry_out(
                session,
                actor,
                import_id,
                request.app.state.settings.classes,
                datetime.now(UTC),
                is_dry_run=form.one("do") == "try",
                only_good=form.one("scope") == "good",
                without_broken=bool(form.one("without")),
            )
    except ExplainedError as refused:
        error = refused
    session.expire_all()
    row = find_import(session, actor, import_id, Action.IMPORT_RUN)
    if row.state != "checked":
        if error is not None:
            raise error
        return RedirectResponse(f"{PATH}/{import_id}/result", status_code=303)
    if report is not None and report.refused and not report.is_dry_run:
        error = refusal(report)
    return _preview_page(request, session, row, "", 1, report, error, form)


@router.get(PATH + "/{import_id}/result")
@governed_by(Action.IMPORT_READ)
def show_result(
    import_id: UUID, request: Request, session: DbSession, actor: CurrentActor, of: Of = "", number: Number = 1
) -> Response:
    """What was done with each entry, and the way back."""
    row = find_import(session, actor, import_id, Action.IMPORT_READ)
    if row.state in {"uploaded", "checked"}:
        return lead_on(row)
    return _result_page(request, session, row, of, number)


@router.post(PATH + "/{import_id}/undo")
@governed_by(Action.IMPORT_RUN)
def undo_import(import_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """Take the whole import back."""
    try:
        with session.begin_nested():
            undo.undo(session, actor, import_id, datetime.now(UTC))
    except DirectoryError as error:
        session.expire_all()
        row = find_import(session, actor, import_id, Action.IMPORT_READ)
        return _result_page(request, session, row, "", 1, error)
    return RedirectResponse(f"{PATH}/{import_id}/result", status_code=303)


def _preview_page(
    request: Request,
    session: Session,
    row: Import,
    of: str,
    number: int,
    report: ImportReport | None = None,
    error: ExplainedError | None = None,
    form: Sent | None = None,
) -> Response:
    of = of if of in STANDINGS or of == "twins" else ""
    found, where = entries(session, row, of, number, _ROWS)
    elements = elements_of(row)
    lines = [(each, changes(session, each, elements) if each.standing == "different" else []) for each in found]
    return page_after(
        request,
        "imports/preview.html",
        error,
        lines=lines,
        where=where,
        of=of,
        counts=entry_counts(session, row),
        cells=count_cells(session, row),
        standings=STANDINGS,
        report=report,
        refused=refused_lines(report) if report else [],
        shown=_SHOWN,
        scope=form.one("scope") if form else "",
        is_without=bool(form and form.one("without")),
        **facts(session, row),
    )


def _result_page(
    request: Request,
    session: Session,
    row: Import,
    of: str,
    number: int,
    error: DirectoryError | None = None,
) -> Response:
    of = of if of in OUTCOMES or of in REVERSALS else ""
    found, where = entries(session, row, of, number, LIMITS.page_count)
    until = row.ended_at + timedelta(days=LIMITS.import_keep_days) if row.ended_at else None
    return page_after(
        request,
        "imports/result.html",
        error,
        entries=found,
        where=where,
        of=of,
        counts=entry_counts(session, row),
        outcomes=OUTCOMES,
        reversals=REVERSALS,
        state_words=STATES[row.state],
        until=until,
        until_day=day_of(until) if until else None,
        **facts(session, row),
    )

"""Pages of the check: how far it is, what was found, and each repair by itself."""

from datetime import UTC, datetime
from time import monotonic
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.imports import repairs
from directory.imports.check import advance
from directory.imports.excerpt import MOST_BYTES, excerpt
from directory.imports.models import STAGES, Import
from directory.imports.pages import PATH, facts, lead_on
from directory.imports.queries import cells, count_cells, entry_counts, fault_groups, file_data, find_import
from directory.imports.sent import SentForm
from directory.limits import LIMITS
from directory.policy import allows
from directory.web.render import page
from metadata.formats.doctor.fault import FAULTS
from metadata.formats.workbook_elements import ELEMENTS
from standards.errors import ExplainedError

router = APIRouter(include_in_schema=False)

_LOOK_SECONDS: Final = 1.0  # stages done within one look; a small file is finished in one
_SHOWN: Final = 20
_LISTS: Final = {"broken": "须您改", "doubtful": "请您看看"}


@router.get(PATH + "/{import_id}/check")
@governed_by(Action.IMPORT_READ)
def show_check(import_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """What was found; while the check is under way, the next stage of it and how far it is."""
    row = find_import(session, actor, import_id, Action.IMPORT_READ)
    if row.state not in {"uploaded", "checked"}:
        return lead_on(row)
    if row.state == "uploaded" and row.mapping is not None and not row.stage:
        return lead_on(row)
    is_mine = allows(actor, Action.IMPORT_RUN, row.org_code or "")
    began = monotonic()
    while is_mine and row.state != "checked" and monotonic() - began < _LOOK_SECONDS:
        row = advance(session, actor, import_id, datetime.now(UTC))
    if row.state != "checked":
        order = list(STAGES)
        return page(
            request,
            "imports/progress.html",
            stages=[(name, words, order.index(name) < order.index(row.stage)) for name, words in STAGES.items()],
            **facts(session, row),
        )
    return _check_page(request, session, row)


@router.post(PATH + "/{import_id}/repairs")
@governed_by(Action.IMPORT_RUN)
def apply(import_id: UUID, request: Request, session: DbSession, actor: CurrentActor, form: SentForm) -> Response:
    """Make the repairs of the kinds that were ticked."""
    try:
        with session.begin_nested():
            repairs.choose_cells(session, actor, import_id, form.cells())
            repairs.apply(session, actor, import_id, list(form.fields.get("fault", ())), datetime.now(UTC))
    except ExplainedError as error:
        return _refused(request, session, actor, import_id, form, error)
    return RedirectResponse(f"{PATH}/{import_id}/check", status_code=303)


@router.get(PATH + "/{import_id}/cells")
@governed_by(Action.IMPORT_READ)
def show_cells(
    import_id: UUID,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    of: Annotated[str, Query(max_length=30)] = "broken",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    """The cells of one kind, one by one."""
    row = find_import(session, actor, import_id, Action.IMPORT_READ)
    return _cells_page(request, session, row, of, number)


@router.post(PATH + "/{import_id}/cells")
@governed_by(Action.IMPORT_RUN)
def choose_cells(
    import_id: UUID, request: Request, session: DbSession, actor: CurrentActor, form: SentForm
) -> Response:
    """Keep what was ticked and typed, and go on; or put it into the file at once."""
    of = form.one("of")[:30]
    try:
        with session.begin_nested():
            repairs.choose_cells(session, actor, import_id, form.cells())
            if form.one("do") == "apply":
                faults = [of] if of in FAULTS and form.numbers("pick") else []
                repairs.apply(session, actor, import_id, faults, datetime.now(UTC))
                return RedirectResponse(f"{PATH}/{import_id}/check", status_code=303)
    except ExplainedError as error:
        return _refused(request, session, actor, import_id, form, error)
    return RedirectResponse(f"{PATH}/{import_id}/cells?of={of}&page={form.page}&kept=1", status_code=303)


def _refused(
    request: Request, session: Session, actor: Actor, import_id: UUID, form: SentForm, error: ExplainedError
) -> Response:
    """The page again, with the reason and everything that was ticked and typed."""
    session.expire_all()
    row = find_import(session, actor, import_id, Action.IMPORT_RUN)
    if row.state != "checked":
        raise error
    repairs.choose_cells(session, actor, import_id, form.cells())
    session.expire_all()
    of = form.one("of")[:30]
    found = (
        _cells_page(request, session, row, of, form.page, error) if of else _check_page(request, session, row, error)
    )
    found.status_code = error.status
    return found


def _check_page(request: Request, session: Session, row: Import, error: ExplainedError | None = None) -> Response:
    must, _ = cells(session, row, "broken", 1, _SHOWN)
    doubtful, _ = cells(session, row, "doubtful", 1, _SHOWN - len(must))
    groups = fault_groups(session, row)
    listed = [*must, *(group.first for group in groups), *doubtful]
    data = file_data(session, row, row.revision) if row.mapping is not None else b""
    return page(
        request,
        "imports/check.html",
        must=must,
        doubtful=doubtful,
        groups=groups,
        faults=FAULTS,
        labels={key: element.label for key, element in ELEMENTS.items()},
        counts=count_cells(session, row),
        entries=entry_counts(session, row),
        excerpt=excerpt(data, row, listed) if len(data) <= MOST_BYTES else None,
        most_cells=LIMITS.import_cell_count,
        problem=error.problem() if error else None,
        **facts(session, row),
    )


def _cells_page(
    request: Request, session: Session, row: Import, of: str, number: int, error: ExplainedError | None = None
) -> Response:
    titles: dict[str, str] = {**_LISTS, **{fault: words for fault, (words, _) in FAULTS.items()}}
    if of not in titles:
        raise DirectoryError("IMPORT_CELL_UNKNOWN", number=of)
    found, where = cells(session, row, of, number, LIMITS.page_count)
    return page(
        request,
        "imports/cells.html",
        cells=found,
        where=where,
        of=of,
        title=titles[of],
        is_kept=request.query_params.get("kept") == "1",
        problem=error.problem() if error else None,
        **facts(session, row),
    )

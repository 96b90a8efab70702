"""What the pages of corrections, objections and complaints have in common: the list, steps, printed terms, papers."""

from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from fastapi import Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.clock.queries import calendar
from directory.clock.today import shanghai_today
from directory.clock.words import WEEKDAYS, term_words
from directory.errors import DirectoryError
from directory.matters.evidence import evidence
from directory.matters.kinds import ADDRESSES
from directory.matters.models import Matter
from directory.matters.views import MatterLine
from directory.web.render import page

_Act = TypeVar("_Act", bound=StrEnum)


def list_page(
    request: Request, session: Session, template: str, lines: Sequence[MatterLine], **more: Any
) -> HTMLResponse:
    """Open ones due first, then what is done with, the newest first."""
    open_lines = sorted((each for each in lines if not each.is_done), key=lambda each: each.due_on or date.max)
    return page(
        request,
        template,
        open_lines=open_lines,
        done_lines=[each for each in lines if each.is_done],
        term=terms_in_words(session),
        **more,
    )


def terms_page(request: Request, session: Session, row: Matter) -> HTMLResponse:
    """时限证据单, to be printed."""
    list_address = ADDRESSES[row.kind]
    return page(
        request,
        "matters/terms.html",
        evidence=evidence(session, row, shanghai_today()),
        list_address=list_address,
        address=f"{list_address}/{row.id}",
        WEEKDAYS=WEEKDAYS,
    )


def terms_in_words(session: Session) -> Callable[[date], str]:
    """How much of a term is left, for the day it ends on."""
    days, now = calendar(session), shanghai_today()
    return lambda due_on: term_words(due_on, now, days)


def step_taken(
    session: Session,
    take: Callable[[], object],
    refused: Callable[[DirectoryError], HTMLResponse],
    address: str,
) -> Response:
    """What follows the form of a step: back to the matter, or what ``refused`` shows of one that was not taken."""
    try:
        with session.begin_nested():
            take()
    except DirectoryError as error:
        session.expire_all()
        return refused(error)
    return RedirectResponse(address, status_code=303)


def act_in(acts: type[_Act], typed: str) -> _Act:
    """The step that somebody chose in a form; raising a matter is none. Raises ``DECISION_MISSING``."""
    if typed == "raised" or typed not in set(acts):
        raise DirectoryError("DECISION_MISSING")
    return acts(typed)


def paper_taken(
    session: Session,
    file: UploadFile | None,
    add: Callable[[str, bytes], object],
    refused: Callable[[DirectoryError], HTMLResponse],
    address: str,
) -> Response:
    """What follows the form of papers: back to the matter, or what ``refused`` shows of a file that was not taken."""
    try:
        with session.begin_nested():
            add(*((file.filename or "", file.file.read()) if file is not None else ("", b"")))
    except DirectoryError as error:
        return refused(error)
    return RedirectResponse(f"{address}#papers", status_code=303)


def matter_page(
    request: Request,
    session: Session,
    template: str,
    error: DirectoryError | None,
    paper_error: DirectoryError | None,
    **more: Any,
) -> HTMLResponse:
    """A matter's page, with the refusal of a step or of a paper where one is to be shown."""
    shown = error or paper_error
    return page(
        request,
        template,
        status_code=shown.status if shown else 200,
        term=terms_in_words(session),
        problem=error.problem() if error else None,
        paper_problem=paper_error.problem() if paper_error else None,
        **more,
    )

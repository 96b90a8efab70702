"""The page of notices: what was told, unread first told apart, each leading to what it is about."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import open_to_signed_in
from directory.limits import LIMITS
from directory.notices import queries, read
from directory.web.render import page

router = APIRouter(include_in_schema=False)

PATH: Final = "/notices"
_MOST: Final = 2**63 - 1


@router.get(PATH)
@open_to_signed_in("what is addressed to the reader or to a role they hold")
def browse(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    only_unread: Annotated[bool, Query()] = False,
    before: Annotated[int | None, Query(ge=1, le=_MOST)] = None,
) -> HTMLResponse:
    """The reader's notices, newest first."""
    found = queries.notices(session, actor, size=LIMITS.page_count, before=before, is_unread=only_unread)
    return page(request, "notices/notices.html", found=found, only_unread=only_unread, before=before)


@router.post(PATH + "/read")
@open_to_signed_in("marks the reader's own reading")
def read_all(session: DbSession, actor: CurrentActor, until: Annotated[int, Form(ge=1, le=_MOST)]) -> RedirectResponse:
    """All up to the newest that the page showed."""
    read.mark_all_read(session, actor, until, datetime.now(UTC))
    return RedirectResponse(PATH, status_code=303)


@router.post(PATH + "/{notice_id}")
@open_to_signed_in("marks the reader's own reading")
def follow(
    notice_id: Annotated[int, Path(ge=1, le=_MOST)], session: DbSession, actor: CurrentActor
) -> RedirectResponse:
    """Mark one read and go to what it is about."""
    return RedirectResponse(read.opened(session, actor, notice_id, datetime.now(UTC)), status_code=303)

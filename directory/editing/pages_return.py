"""Returning an entry with a reason for each field that is to be mended; its editor finds them beside the fields."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.editing.form import Form, field_of
from directory.editing.layout import SECTIONS, Table
from directory.editing.marks import marks
from directory.editing.merge import line, said
from directory.errors import DirectoryError
from directory.http.forged import CSRF_FIELD
from directory.limits import LIMITS
from directory.policy import require
from directory.resources import decide, queries
from directory.resources.models import ResourceEntry
from directory.resources.pages import address_of
from directory.resources.queries import Remark
from directory.web.render import page_after
from metadata.resource import Resource

router = APIRouter(include_in_schema=False)

Segment = Annotated[str, Path(max_length=100)]
_REMARK: Final = "remark:"
_MOST: Final = 2000


@dataclass(frozen=True)
class Place:
    """A field or row of the entry as the reader of the return form sees it."""

    path: str
    label: str
    words: str


@dataclass(frozen=True)
class ReturnForm:
    """The reasons by path, the general one, and the version they are about."""

    reasons: Mapping[str, str]
    comment: str = ""
    version: str = ""


async def _sent(request: Request) -> ReturnForm:
    """The form as it was sent; raises ``FORM_FIELD_UNKNOWN``."""
    fields = await request.form(max_fields=LIMITS.form_field_count)
    texts = {name: value for name, value in fields.items() if isinstance(value, str) and name != CSRF_FIELD}
    comment, version = texts.pop("comment", ""), texts.pop("version", "")
    for name in texts:
        if not name.startswith(_REMARK):
            raise DirectoryError("FORM_FIELD_UNKNOWN", name=name[:100])
    reasons = {name.removeprefix(_REMARK): text for name, text in texts.items() if text.strip()}
    return ReturnForm(reasons, comment, version)


@router.get("/resources/{ref}/return")
@governed_by(Action.RESOURCE_RETURN)
def show_return(ref: Segment, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """The entry field by field, each with room for a reason."""
    entry = _entry(session, actor, ref)
    return _page(request, session, entry, ReturnForm({}, version=str(entry.current_version)))


@router.post("/resources/{ref}/return")
@governed_by(Action.RESOURCE_RETURN)
def return_entry(
    ref: Segment, request: Request, session: DbSession, actor: CurrentActor, form: Annotated[ReturnForm, Depends(_sent)]
) -> Response:
    """Return it; a refusal shows the form again with every reason as it was typed."""
    entry = _entry(session, actor, ref)
    remarks = [Remark(path, reason) for path, reason in form.reasons.items()]
    try:
        if form.version != str(entry.current_version):
            raise DirectoryError("VERSION_CHANGED", version=entry.current_version)
        longest = max(map(len, (*form.reasons.values(), form.comment)))
        if longest > _MOST:
            raise DirectoryError("FORM_TEXT_LONG", most=_MOST, count=longest)
        with session.begin_nested():
            decide.move(session, actor, ref, "draft", form.comment, datetime.now(UTC), remarks)
    except DirectoryError as error:
        session.expire_all()
        return _page(request, session, _entry(session, actor, ref), form, error)
    return RedirectResponse(address_of(entry), status_code=303)


def _entry(session: Session, actor: Actor, ref: str) -> ResourceEntry:
    entry = queries.find(session, actor, ref)
    require(actor, Action.RESOURCE_RETURN, entry.org_code)
    return entry


def _page(
    request: Request, session: Session, entry: ResourceEntry, form: ReturnForm, error: DirectoryError | None = None
) -> HTMLResponse:
    places = list(_places(queries.current_record(session, entry)))
    known = {each.path for each in places}
    return page_after(
        request,
        "editing/return.html",
        error,
        entry=entry,
        address=address_of(entry),
        form=ReturnForm(
            {(path if path in known else field_of(path)): text for path, text in form.reasons.items()},
            form.comment,
            str(entry.current_version),
        ),
        filled=[each for each in places if each.words or each.path in form.reasons],
        empty=[each for each in places if not each.words and each.path not in form.reasons],
        is_possible=any(each.step == "return" for each in decide.legal_moves(session, _actor(request), entry)),
        marks=marks(),
    )


def _actor(request: Request) -> Actor:
    actor: Actor = request.state.actor
    return actor


def _places(record: Resource) -> Iterator[Place]:
    """Every field in the order of the form; a table as a whole, then row by row."""
    form = Form.of(record)
    for section in SECTIONS:
        for part in section.parts:
            if not isinstance(part, Table):
                yield Place(part.path, part.label, said(part.widget, form.values[part.path], empty=""))
                continue
            rows: Sequence[Mapping[str, tuple[str, ...]]] = form.tables[part.path]
            yield Place(part.path, part.label, f"共 {len(rows)} 行" if rows else "")
            for number, row in enumerate(rows):
                yield Place(f"{part.path}[{number}]", f"{part.label}第 {number + 1} 行", line(part, row))

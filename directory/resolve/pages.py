"""The two identifiers of an entry as lasting addresses: a page or the record, in the form that is asked for.

A withdrawn entry answers 410 with its tombstone, to its own department too (which still has its page). A number that
was never given out, or whose entry was never published, answers 404.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic_core import to_jsonable_python
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.policy import require
from directory.resolve.negotiate import preferred
from directory.resolve.tombstone import Tombstone, tombstone
from directory.resources.exporting import publisher
from directory.resources.models import ResourceEntry
from directory.resources.pages import address_of
from directory.resources.queries import seen_by, shown_record
from directory.web.render import page
from metadata.formats import core_metadata_xml
from metadata.formats.rdf import dcat
from metadata.formats.rdf.describe import Publisher
from metadata.resource import Resource

router = APIRouter(tags=["resources"])

Segment = Annotated[str, Path(max_length=100)]
_HTML: Final = "text/html"
_JSON: Final = "application/json"
_PROBLEM: Final = "application/problem+json"
_VARY: Final = {"Vary": "Accept"}


def _xml(record: Resource, whose: Publisher) -> bytes:
    return core_metadata_xml.write(record)


def _graph(form: str) -> Callable[[Resource, Publisher], bytes]:
    return lambda record, whose: dcat.write([record], form, whose)


_FORMS: Final[Mapping[str, Callable[[Resource, Publisher], bytes]]] = {
    _JSON: lambda record, whose: json.dumps(record.model_dump(mode="json"), ensure_ascii=False).encode(),
    "application/xml": _xml,
    "text/xml": _xml,
    **{media_type: _graph(form) for form, media_type in dcat.MEDIA_TYPES.items()},
}
_OFFERED: Final = (_JSON, _HTML, *(each for each in _FORMS if each != _JSON))  # of equals the first: JSON for programs


@router.get("/id/{prefix}/{suffix}", response_class=Response)
@governed_by(Action.RESOURCE_READ)
def resolve_identifier(
    prefix: Segment, suffix: Segment, request: Request, session: DbSession, actor: CurrentActor
) -> Response:
    """The entry of a GB/T 21063 identifier."""
    ref = f"{prefix}/{suffix}"
    entry = session.scalar(select(ResourceEntry).where(ResourceEntry.identifier == ref))
    return _answer(request, session, actor, entry, ref)


@router.get("/code/{front}/{seq}", response_class=Response)
@governed_by(Action.RESOURCE_READ)
def resolve_code(front: Segment, seq: Segment, request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """The entry of a 2017 resource code."""
    ref = f"{front}/{seq}"
    entry = session.scalar(select(ResourceEntry).where(ResourceEntry.code == ref))
    return _answer(request, session, actor, entry, ref)


def _answer(request: Request, session: Session, actor: Actor, entry: ResourceEntry | None, ref: str) -> Response:
    if entry is None:
        raise DirectoryError("RESOURCE_NOT_FOUND", ref=ref)
    require(actor, Action.RESOURCE_READ, entry.org_code)
    accepted = request.headers.get("accept", "")
    gone = tombstone(session, entry)
    if gone is not None:
        return _gone(request, gone, ref, accepted)
    seen_by(session, actor, entry, ref)
    chosen = preferred(accepted, _OFFERED)
    if chosen is None:
        raise DirectoryError("NOT_ACCEPTABLE", offered=list(_OFFERED))
    settings = request.app.state.settings
    whose = publisher(settings.city_name, settings.public_url)
    headers = {**_VARY, "Link": _links(whose.base_url, entry)}
    if chosen == _HTML:
        return RedirectResponse(address_of(entry), status_code=303, headers=headers)
    return Response(_FORMS[chosen](shown_record(session, actor, entry), whose), media_type=chosen, headers=headers)


def _gone(request: Request, facts: Tombstone, ref: str, accepted: str) -> Response:
    if preferred(accepted, (_PROBLEM, _JSON, _HTML)) == _HTML:
        response: Response = page(request, "resolve/tombstone.html", status_code=410, facts=facts)
        response.headers.update(_VARY)
        return response
    problem: dict[str, Any] = DirectoryError("RESOURCE_WITHDRAWN", ref=ref, on=facts.withdrawn_on).problem()
    problem["tombstone"] = to_jsonable_python(asdict(facts))
    return JSONResponse(problem, status_code=410, media_type=_PROBLEM, headers=_VARY)


def _links(base_url: str, entry: ResourceEntry) -> str:
    """The one lasting address of the entry, and the forms it has there."""
    place = f"/id/{entry.identifier}" if entry.identifier else f"/code/{entry.code}"
    address = f"<{base_url}{place}>"
    forms = (f'{address}; rel="alternate"; type="{media_type}"' for media_type in _OFFERED)
    return ", ".join((f'{address}; rel="canonical"', *forms))

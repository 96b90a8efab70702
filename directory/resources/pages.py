"""The two identifiers as addresses: whatever the caller can read, a page, JSON or core-metadata XML (DESIGN §5)."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.policy import Action, governed_by
from directory.resources.models import ResourceEntry
from directory.resources.queries import find, find_by_code, shown_record
from metadata.formats import core_metadata_xml

router = APIRouter(tags=["resources"])

Segment = Annotated[str, Path(max_length=100)]
_XML = ("application/xml", "text/xml")


@router.get("/id/{prefix}/{suffix}")
@governed_by(Action.RESOURCE_READ)
def resolve_identifier(
    prefix: Segment, suffix: Segment, request: Request, session: DbSession, actor: CurrentActor
) -> Response:
    """The entry of a GB/T 21063 identifier; a withdrawn one stays known and answers 410."""
    return _answer(request, session, actor, find(session, actor, f"{prefix}/{suffix}"))


@router.get("/code/{front}/{seq}")
@governed_by(Action.RESOURCE_READ)
def resolve_code(front: Segment, seq: Segment, request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """The entry of a 2017 resource code."""
    return _answer(request, session, actor, find_by_code(session, actor, f"{front}/{seq}"))


def _answer(request: Request, session: DbSession, actor: Actor, entry: ResourceEntry) -> Response:
    accepted = request.headers.get("accept", "*/*").lower()
    if "text/html" in accepted:
        name = entry.identifier.replace("/", "~") if entry.identifier else str(entry.id)
        return RedirectResponse(f"/resources/{name}", status_code=303)
    record = shown_record(session, actor, entry)
    headers = {"Vary": "Accept"}
    if any(kind in accepted for kind in _XML):
        return Response(core_metadata_xml.write(record), media_type="application/xml", headers=headers)
    return JSONResponse(record.model_dump(mode="json"), headers=headers)

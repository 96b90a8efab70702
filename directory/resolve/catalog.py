"""The published catalogue as DCAT: everything for those signed in, the open entries for everybody else."""

from functools import lru_cache
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request, Response

from directory.actors import OptionalActor
from directory.db import DbSession
from directory.declared import open_to_public
from directory.http.throttle import COSTLY
from directory.limits import LIMITS
from directory.resources.exporting import publisher
from directory.resources.queries import published_records
from metadata.formats.rdf import dcat
from metadata.formats.rdf.describe import Publisher
from metadata.resource import Resource

router = APIRouter(prefix="/dcat", tags=["resources"])

_MOST_PAGES: Final = 100_000
Form = Literal["ttl", "jsonld", "rdf"]


@router.get("/catalog.{form}", response_class=Response, dependencies=[COSTLY])
@open_to_public("the metadata of open data, which visible_resources alone lets the public see")
def catalogue(
    form: Form,
    request: Request,
    session: DbSession,
    actor: OptionalActor,
    page: Annotated[int, Query(ge=1, le=_MOST_PAGES)] = 1,
) -> Response:
    """One page of the catalogue, by identifier; ``Link`` leads to the next one until there is none."""
    found = published_records(session, actor, (page - 1) * LIMITS.graph_count, LIMITS.graph_count + 1)
    settings = request.app.state.settings
    whose = publisher(settings.city_name, settings.public_url)
    data = _written(tuple(found[: LIMITS.graph_count]), form, whose)
    here = f"{whose.base_url}/dcat/catalog.{form}"
    links = [f'<{here}?page={page - 1}>; rel="prev"'] if page > 1 else []
    links += [f'<{here}?page={page + 1}>; rel="next"'] if len(found) > LIMITS.graph_count else []
    headers = {"Link": ", ".join(links)} if links else {}
    return Response(data, media_type=dcat.MEDIA_TYPES[form], headers=headers)


@lru_cache(maxsize=32)
def _written(records: tuple[Resource, ...], form: Form, whose: Publisher) -> bytes:
    """The file; the same entries are written once, since that takes seconds and anybody may ask."""
    return dcat.write(records, form, whose)

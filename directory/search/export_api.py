"""What a search finds as one file, in every format of the registry."""

import json
from itertools import islice
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, create_model

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.http.throttle import COSTLY
from directory.resources.exporting import FORMATS, losses, packed, publisher
from directory.search.api import CurrentIndex
from directory.search.asking import SearchQuery, SearchWords
from directory.search.filters import Values
from directory.search.queries import matching_rows

router = APIRouter(prefix="/resources", tags=["resources"])

NOT_HELD_HEADER = "X-Not-Held"
_Format = Annotated[str, Field(max_length=20, description=f"{'、'.join(FORMATS)}")]


if TYPE_CHECKING:

    class ExportQuery(SearchWords):
        """A search, and the format of the file (DESIGN §5); the filter by what the data are in is ``data_format``."""

        format: _Format = "xlsx"
        data_format: Values = ()
else:
    ExportQuery = create_model(
        "ExportQuery",
        __base__=SearchQuery,
        __module__=__name__,
        format=(_Format, "xlsx"),
        data_format=(Annotated[Values, Field(description="数据格式，同检索的 format")], ()),
    )


@router.get("/export", response_class=Response, dependencies=[COSTLY])
@governed_by(Action.RESOURCE_READ)
def export_resources(
    query: Annotated[ExportQuery, Query()],
    request: Request,
    session: DbSession,
    index: CurrentIndex,
    actor: CurrentActor,
) -> Response:
    """Everything the search finds, with the same filters, as one file (a zip where the format has one entry a file).

    The header ``X-Not-Held`` counts, as percent-encoded JSON, of how many entries the format does not hold what.
    """
    form = FORMATS.get(query.format)
    if form is None:
        raise DirectoryError("EXPORT_FORMAT_UNKNOWN", format=query.format, offered=list(FORMATS))
    asked = query.model_dump(exclude={"format", "data_format"}) | {"format": query.data_format}
    rows = list(islice(matching_rows(session, index, actor, SearchQuery.model_validate(asked)), form.most + 1))
    if len(rows) > form.most:
        raise DirectoryError("EXPORT_TOO_MANY", limit=form.most)
    named = [(row.record.identifier or str(row.entry.id), row.record) for row in rows]
    settings = request.app.state.settings
    data, media_type, suffix = packed(form, named, publisher(settings.city_name, settings.public_url))
    lost = losses(form, [record for _, record in named])
    name = quote(f"政务信息资源目录{suffix}", safe="")
    return Response(
        data,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            NOT_HELD_HEADER: quote(json.dumps(lost, ensure_ascii=False, separators=(",", ":")), safe=""),
        },
    )

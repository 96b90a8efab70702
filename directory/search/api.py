"""Searching for programs."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession, only_reads
from directory.declared import governed_by
from directory.search.asking import SearchQuery
from directory.search.index import SearchIndex
from directory.search.queries import SearchPage, search, written
from directory.search.route import SearchRoute
from directory.search.suggest import Suggestion, suggest

router = APIRouter(prefix="/resources", tags=["resources"], route_class=SearchRoute)
_JSON = "application/json"


async def search_index(request: Request) -> SearchIndex:
    """The application's index; asynchronous because it waits for nothing, and a thread would cost more than it does."""
    index: SearchIndex = request.app.state.search_index
    return index


CurrentIndex = Annotated[SearchIndex, Depends(search_index)]


@router.get("", response_model=SearchPage)
@governed_by(Action.RESOURCE_READ)
@only_reads
def search_resources(
    query: Annotated[SearchQuery, Query()], session: DbSession, index: CurrentIndex, actor: CurrentActor
) -> Response:
    """Find entries by words, codes and items, narrowed by filters; ``next`` is the next page's ``after``."""
    return Response(written(search(session, index, actor, query)), media_type=_JSON)


@router.get("/suggest", response_model=list[Suggestion])
@governed_by(Action.RESOURCE_READ)
@only_reads
def suggest_words(
    q: Annotated[str, Query(max_length=200, description="已输入的字、拼音或拼音首字母")],
    session: DbSession,
    index: CurrentIndex,
    actor: CurrentActor,
) -> Response:
    """What the caller may be about to type: titles and departments of entries they may see."""
    return Response(orjson.dumps(suggest(session, index, actor, q)), media_type=_JSON)

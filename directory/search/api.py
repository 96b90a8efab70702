"""Searching for programs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from directory.actors import CurrentActor
from directory.db import DbSession
from directory.policy import Action, governed_by
from directory.search.index import SearchIndex
from directory.search.queries import SearchPage, SearchQuery, search

router = APIRouter(prefix="/resources", tags=["resources"])


def search_index(request: Request) -> SearchIndex:
    """The application's index."""
    index: SearchIndex = request.app.state.search_index
    return index


CurrentIndex = Annotated[SearchIndex, Depends(search_index)]


@router.get("")
@governed_by(Action.RESOURCE_READ)
def search_resources(
    query: Annotated[SearchQuery, Query()], session: DbSession, index: CurrentIndex, actor: CurrentActor
) -> SearchPage:
    """Find entries by words, codes and items, narrowed by facets; ``next`` is the next page's ``after``."""
    return search(session, index, actor, query)

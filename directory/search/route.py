"""How a search's parameters are read: all at once by their model, where FastAPI would look for each by itself first.

That took longer than all else the search does before it asks the database. What the OpenAPI document says of them is
FastAPI's all the same, from the endpoint's own declaration.
"""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.utils import get_dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import ValidationError

from directory.search.asking import SearchQuery
from directory.search.filters import FILTERS

_SEVERAL = frozenset(each.name for each in FILTERS if each.default == ())  # may be given more than once


async def sent(request: Request) -> SearchQuery:
    """The query as it was sent; raises ``RequestValidationError``. Of what is asked once the last one counts."""
    given = request.query_params
    try:
        return SearchQuery.model_validate({name: _value(given.getlist(name), name) for name in given})
    except ValidationError as error:
        found = [{**each, "loc": ("query", *each["loc"])} for each in error.errors(include_url=False)]
        raise RequestValidationError(found) from None


def _value(values: list[str], name: str) -> list[str] | str:
    return values if name in _SEVERAL else values[-1]


class SearchRoute(APIRoute):
    """A route whose endpoint takes a ``SearchQuery`` as ``query``, read by ``sent`` when all else is in order."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own, of the same endpoint with ``query`` as a dependency."""
        declared = self.dependant
        if any(each.field_info.annotation is SearchQuery for each in declared.query_params):
            read = get_dependant(path=self.path_format, call=sent, name="query")
            self.dependant = replace(declared, query_params=[], dependencies=[*declared.dependencies, read])
        try:
            return super().get_route_handler()
        finally:
            self.dependant = declared

"""The search page: words, what they are narrowed to, and what to do when nothing is found."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from directory.actors import CurrentActor
from directory.db import DbSession
from directory.policy import Action, governed_by
from directory.search.api import CurrentIndex
from directory.search.documents import FACETS
from directory.search.marks import excerpt, marked
from directory.search.queries import SearchPage, SearchQuery, cursor_at, search
from directory.web.render import page

router = APIRouter(include_in_schema=False)

PATH = "/resources"
FACET_NAMES = {
    "provider": "提供部门",
    "share_type": "共享类型",
    "library": "基础库",
    "format": "格式",
    "cycle": "更新周期",
}
_EXCERPT = 110


@router.get(PATH)
@governed_by(Action.RESOURCE_READ)
def show_search(
    query: Annotated[SearchQuery, Query()],
    request: Request,
    session: DbSession,
    index: CurrentIndex,
    actor: CurrentActor,
) -> HTMLResponse:
    """Results, facets, chips of the filters in force, and pages before and after."""
    found = search(session, index, actor, query)
    chosen = {name: values for name, values in query.chosen().items() if values}
    unfiltered = found.total
    if chosen:
        unfiltered = search(session, index, actor, SearchQuery(q=query.q, size=1)).total
    return page(
        request,
        "search/search.html",
        query=query,
        found=found,
        facets=[(name, FACET_NAMES[name], found.facets[name], chosen.get(name, ())) for name in FACETS],
        chips=_chips(query, found),
        unfiltered=unfiltered,
        bare=address(query, **dict.fromkeys(FACETS, ())),
        by_relevance=address(query, sort="relevance"),
        by_date=address(query, sort="updated"),
        previous=_previous(query, found),
        following=address(query, after=found.next) if found.next else "",
        marked=marked,
        summary=lambda text: excerpt(text, found.words, _EXCERPT),
        hides_search=True,
    )


def address(query: SearchQuery, **changes: Any) -> str:
    """The page of a search that differs by this; always its first page unless ``after`` is given."""
    asked = query.model_dump(exclude_defaults=True, exclude={"after"}) | changes
    pairs = {
        name: value for name, value in asked.items() if value not in ((), "", SearchQuery.model_fields[name].default)
    }
    return f"{PATH}?{urlencode(pairs, doseq=True)}" if pairs else PATH


def _chips(query: SearchQuery, found: SearchPage) -> list[tuple[str, str]]:
    """Each filter in force with the address of the search without it."""
    chips = []
    for name, values in query.chosen().items():
        labels = {bucket.value: bucket.label for bucket in found.facets[name]}
        for value in values:
            rest = tuple(each for each in values if each != value)
            chips.append((labels.get(value, value), address(query, **{name: rest})))
    return chips


def _previous(query: SearchQuery, found: SearchPage) -> str:
    """The page before, or nothing on the first."""
    if found.first <= 1:
        return ""
    start = max(0, found.first - 1 - query.size)
    return address(query, after=cursor_at(start) if start else "")

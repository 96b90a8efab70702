"""The search page: words, what they are narrowed to, and what to do when nothing is found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.resources.exporting import FORMATS
from directory.search.api import CurrentIndex
from directory.search.asking import SearchQuery
from directory.search.filters import CHOICES, FILTERS, Choice
from directory.search.marks import excerpt, marked
from directory.search.order import ORDERS
from directory.search.queries import Bucket, SearchPage, search
from directory.web.render import page

router = APIRouter(include_in_schema=False)

PATH = "/resources"
_EXCERPT = 110
_SIZE = SearchQuery.model_fields["size"].default
_TYPED = tuple(each for each in FILTERS if not isinstance(each, Choice))  # what is written, not ticked
_PROBLEMS = {
    "box": "请写成“西,南,东,北”四个以度为单位的数，如 108.1,22.6,108.6,23.0",
    "day": "请写成 2026-11-20 这样的日期",
    "text": "最多 200 个字",
}


@dataclass(frozen=True)
class Facet:
    """A facet as the page offers it."""

    name: str
    name_zh: str
    buckets: tuple[Bucket, ...]
    chosen: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """A filter that is written: what was written, in words of its own where it was refused."""

    name: str
    name_zh: str
    kind: str
    says: str
    value: str
    problem: str


@router.get(PATH)
@governed_by(Action.RESOURCE_READ)
def show_search(request: Request, session: DbSession, index: CurrentIndex, actor: CurrentActor) -> HTMLResponse:
    """Results, facets, chips of the filters in force, and pages before and after.

    A box or date that cannot be read is shown again with the reason, beside the results of all the rest.
    """
    query, typed, problems = _read(request)
    found = search(session, index, actor, query)
    chosen = query.chosen()
    unfiltered = found.total
    if chosen:
        unfiltered = search(session, index, actor, SearchQuery(q=query.q, size=1)).total
    return page(
        request,
        "search/search.html",
        status_code=422 if problems else 200,
        query=query,
        found=found,
        facets=[Facet(name, each.name_zh, found.facets[name], chosen.get(name, ())) for name, each in CHOICES.items()],
        written=[
            Written(
                each.name, each.name_zh, each.kind, each.says, typed.get(each.name, ""), problems.get(each.name, "")
            )
            for each in _TYPED
        ],
        kept=_pairs(query),
        here=f"{request.url.path}?{request.url.query}",
        chips=_chips(query, found),
        unfiltered=unfiltered,
        bare=address(query, **{each.name: each.default for each in FILTERS}),
        orders=[
            (order.name_zh, address(query, sort=name), name == query.sort)
            for name, order in ((name.removeprefix("by_"), order) for name, order in ORDERS.items())
            if query.q or name != "relevance"
        ],
        previous=address(query, after=found.previous) if found.previous else "",
        following=address(query, after=found.next) if found.next else "",
        exports=_exports(query, found.total),
        most_exported=max(each.most for each in FORMATS.values()),
        marked=marked,
        summary=lambda text: excerpt(text, found.words, _EXCERPT),
        hides_search=True,
    )


def address(query: SearchQuery, **changes: Any) -> str:
    """The page of a search that differs by this; always its first page unless ``after`` is given."""
    pairs = _pairs(query, **changes)
    return f"{PATH}?{urlencode(pairs)}" if pairs else PATH


def _exports(query: SearchQuery, total: int) -> Sequence[tuple[str, str]]:
    """The formats in which everything found can be had at once, with where."""
    asked = [("data_format" if name == "format" else name, value) for name, value in _pairs(query, size=_SIZE)]
    return [
        (form.label, f"/api/v1/resources/export?{urlencode([*asked, ('format', name)])}")
        for name, form in FORMATS.items()
        if name != "dcat" and total <= form.most  # dcat is the same as ttl
    ]


def _pairs(query: SearchQuery, **changes: Any) -> list[tuple[str, str]]:
    """The parameters of a search, without those that are as if not given."""
    asked = query.model_dump(exclude_defaults=True, exclude={"after"}) | changes
    return [
        (name, str(each))
        for name, value in asked.items()
        if value != SearchQuery.model_fields[name].default
        for each in (value if isinstance(value, tuple | list) else (value,))
    ]


def _read(request: Request) -> tuple[SearchQuery, Mapping[str, str], Mapping[str, str]]:
    """The query, what was written in its written filters, and what is wrong with any of them; the rest is refused."""
    asked: dict[str, Any] = {
        name: request.query_params.getlist(name) if name in CHOICES or name in {"item", "base_item"} else value
        for name, value in request.query_params.items()
    }
    typed = {each.name: request.query_params.get(each.name, "") for each in _TYPED}
    try:
        return SearchQuery.model_validate(asked), typed, {}
    except ValidationError as error:
        wrong = {str(each["loc"][0]) for each in error.errors()}
        problems = {each.name: _PROBLEMS[each.kind] for each in _TYPED if each.name in wrong}
        if wrong != set(problems):
            raise RequestValidationError(
                [{**each, "loc": ("query", *each["loc"])} for each in error.errors()]
            ) from None
        rest = {name: value for name, value in asked.items() if name not in problems}
        return SearchQuery.model_validate(rest), typed, problems


def _chips(query: SearchQuery, found: SearchPage) -> Sequence[tuple[str, str]]:
    """Each filter in force with the address of the search without it."""
    chips = []
    for each in FILTERS:
        value = query.chosen().get(each.name)
        if value is None:
            continue
        if not isinstance(value, tuple):
            chips.append((f"{each.name_zh} {value}", address(query, **{each.name: each.default})))
            continue
        labels = {bucket.value: bucket.label for bucket in found.facets.get(each.name, ())}
        for one in value:
            rest = tuple(other for other in value if other != one)
            words = labels.get(one, f"{each.name_zh} {one}")
            chips.append((words, address(query, **{each.name: rest})))
    return chips

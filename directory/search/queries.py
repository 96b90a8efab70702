"""Search the catalogue: the index finds and counts, PostgreSQL has the last word on what is shown."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import tantivy
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from tantivy import Query

from directory.actors import Actor
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.organisations.queries import organisations
from directory.policy import visible_resources
from directory.resources.queries import SearchRow, is_inside, search_rows
from directory.search.documents import FACETS, TEXTS, facet_field, formats, texts
from directory.search.index import SearchIndex
from directory.search.match import matching, narrowing, visible
from directory.search.words import fold, pieces_of, words_of
from directory.web.labels import CYCLES, LIBRARIES, SHARE_TYPES
from metadata.resource import Library, ShareType, UpdateCycle

_BUCKETS = 1000
_LABELS: Mapping[str, Mapping[str, str]] = {"share_type": SHARE_TYPES, "library": LIBRARIES, "cycle": CYCLES}

Value = Annotated[str, Field(min_length=1, max_length=200)]


class SearchQuery(BaseModel):
    """What is asked for. Several values of one facet widen, several facets narrow; ``after`` is a page's ``next``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    q: Annotated[str, Field(max_length=200)] = ""
    provider: tuple[Value, ...] = ()
    share_type: tuple[ShareType, ...] = ()
    library: tuple[Library, ...] = ()
    format: tuple[Value, ...] = ()
    cycle: tuple[UpdateCycle, ...] = ()
    sort: Literal["relevance", "updated"] = "relevance"
    size: Annotated[int, Field(ge=1, le=LIMITS.page_count)] = 20
    after: Annotated[str, Field(max_length=40)] = ""

    def chosen(self) -> Mapping[str, Sequence[str]]:
        """The chosen values of each facet."""
        return {name: getattr(self, name) for name in FACETS}


class Bucket(BaseModel):
    """One value of a facet and how many entries it would leave; counted without the facet's own choices."""

    value: str
    label: str
    count: int


class SearchItem(BaseModel):
    """One entry found. ``found_in`` names the parts that hold a word, in the users' language."""

    id: UUID
    identifier: str | None
    code: str | None
    title: str
    abstract: str
    provider: str
    provider_code: str
    library: Library | None
    share_type: ShareType | None
    status: str
    formats: tuple[str, ...]
    mount_kinds: tuple[str, ...]
    cycle: UpdateCycle | None
    items_count: int
    updated_on: date
    found_in: tuple[str, ...]


class SearchPage(BaseModel):
    """One page. ``words`` are those looked for; ``is_loosened`` says that they are pieces of what was typed."""

    total: int
    items: tuple[SearchItem, ...]
    facets: Mapping[str, tuple[Bucket, ...]]
    next: str | None
    first: int
    words: tuple[str, ...]
    is_loosened: bool


def search(session: Session, index: SearchIndex, actor: Actor, query: SearchQuery) -> SearchPage:
    """The entries this actor may see and that hold every word; raises ``CURSOR_INVALID`` and ``SEARCH_AWAY``.

    Where no entry holds the words as typed, the dictionary words inside them are looked for instead.
    """
    offset = _offset(query.after)
    searcher = index.searcher()
    words, is_loosened = words_of(query.q), False
    seen = visible(visible_resources(actor))
    asked = Query.boolean_query([*matching(words, query.q), *seen])
    if words and not _total(searcher, asked):
        pieces = pieces_of(words)
        looser = Query.boolean_query([*matching(pieces, query.q), *seen])
        if pieces != words and _total(searcher, looser):
            words, asked, is_loosened = pieces, looser, True
    narrowed = _narrowed(asked, query)
    order = "newest" if query.sort == "updated" or not words else None
    found = searcher.search(narrowed, query.size, offset=offset, order_by_field=order)
    total = _total(searcher, narrowed)
    ids = [UUID(searcher.doc(address)["id"][0]) for _, address in found.hits]
    return SearchPage(
        total=total,
        items=tuple(_items(session, actor, ids, words)),
        facets=_facets(session, searcher, asked, query),
        next=cursor_at(offset + query.size) if offset + query.size < total else None,
        first=offset + 1,
        words=words,
        is_loosened=is_loosened,
    )


def _total(searcher: tantivy.Searcher, asked: Query) -> int:
    found: Any = searcher.search(asked, 1)  # the type stub does not know its count
    return int(found.count)


def _narrowed(asked: Query, query: SearchQuery, but: str = "") -> Query:
    return Query.boolean_query([(tantivy.Occur.Must, asked), *narrowing(query.chosen(), but)])


def _facets(
    session: Session, searcher: tantivy.Searcher, asked: Query, query: SearchQuery
) -> Mapping[str, tuple[Bucket, ...]]:
    """Counts of every facet; values chosen that leave nothing are listed with 0, so that they can be taken off."""
    chosen = query.chosen()
    names = {each.code: each.name for each in organisations(session)}
    facets = {}
    for name in FACETS:
        counts = _counts(searcher, _narrowed(asked, query, but=name), name)
        counts |= {value: 0 for value in chosen[name] if value not in counts}
        labels = names if name == "provider" else _LABELS.get(name, {})
        facets[name] = tuple(
            Bucket(value=value, label=labels.get(value, value), count=count) for value, count in counts.items()
        )
    return facets


def _counts(searcher: tantivy.Searcher, asked: Query, name: str) -> dict[str, int]:
    """Values and counts, the most frequent first."""
    terms = {"terms": {"field": facet_field(name), "size": _BUCKETS}}
    buckets = searcher.aggregate(asked, {name: terms})[name]["buckets"]
    return {
        each["key"]: each["doc_count"] for each in sorted(buckets, key=lambda each: (-each["doc_count"], each["key"]))
    }


def _items(session: Session, actor: Actor, ids: Sequence[UUID], words: Sequence[str]) -> list[SearchItem]:
    """The entries in the order found; what this actor may not see by now is left out."""
    rows = {row.entry.id: row for row in search_rows(session, ids)} if ids else {}
    found = (rows[each] for each in ids if each in rows)
    return [_item(actor, row, words) for row in found if row.is_public or is_inside(actor, row.entry)]


def _item(actor: Actor, row: SearchRow, words: Sequence[str]) -> SearchItem:
    entry, record = row.entry, row.record
    return SearchItem(
        id=entry.id,
        identifier=entry.identifier,
        code=entry.code,
        title=record.title,
        abstract=record.abstract,
        provider=record.provider.name,
        provider_code=entry.org_code,
        library=record.library,
        share_type=record.sharing.share_type,
        status=entry.status if is_inside(actor, entry) else "published",
        formats=formats(record),
        mount_kinds=tuple(dict.fromkeys(mount.kind for mount in record.mounts)),
        cycle=record.update_cycle,
        items_count=len(record.items),
        updated_on=entry.updated_on,
        found_in=_found_in(row, words),
    )


def _found_in(row: SearchRow, words: Sequence[str]) -> tuple[str, ...]:
    parts = texts(row)
    return tuple(
        text.name_zh
        for part, text in TEXTS.items()
        if any(word in folded for folded in map(fold, parts[part]) for word in words)
    )


def _offset(cursor: str) -> int:
    """Where a page begins. The cursor is opaque, so that its meaning can change."""
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor.encode()).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise DirectoryError("CURSOR_INVALID") from None
    if not text.isdecimal() or not text.isascii() or len(text) > 7:
        raise DirectoryError("CURSOR_INVALID")
    return int(text)


def cursor_at(offset: int) -> str:
    """The cursor of the page that begins after so many entries."""
    return base64.urlsafe_b64encode(str(offset).encode()).decode()

"""Every filter, alone and together, against a plain loop over the rows: what is found, what is counted, every page."""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from directory.errors import DirectoryError
from directory.resources.rows import EntryRow, entry_rows, sees, sees_inside
from directory.roles import Role
from directory.search.asking import SearchQuery
from directory.search.bounds import MAS_PER_DEGREE, box_of
from directory.search.documents import texts
from directory.search.filters import CHOICES, FILTERS
from directory.search.folding import fold
from directory.search.queries import matching_rows
from directory.search.words import words_of
from standards.regions import ancestors

WORDS = ("企业", "登记", "信息", "水质", "監測", "年报", "税")
REGIONS = ("450000", "450100", "450103", "450200", "330106", "45", "")
DAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def mixed(shelf: Any, city: Any) -> dict[str, Any]:
    """Entries of two departments, some published, with everything there is to narrow by; and who looks at them."""
    chance = random.Random(20261120)
    for number in range(70):
        west, south = chance.randrange(100, 120), chance.randrange(20, 40)
        shelf.add(
            "".join(chance.sample(WORDS, chance.randint(1, 3))) + str(number % 7),
            abstract=chance.choice(WORDS) + "之摘要",
            library=chance.choice(("population", "statistics", None)),
            categories=[{"name": name} for name in chance.sample(("生态环境", "市场监管"), chance.randint(0, 2))],
            formats=[{"types": chance.sample(("xlsx", "csv", "mysql"), chance.randint(1, 2))}],
            items=[
                {
                    "name": chance.choice(("企业名称", "许可证编号")),
                    "field": "f1",
                    "base_item": chance.choice(("", "legal_person/name")),
                }
            ],
            sharing={"share_type": chance.choice(("unconditional", None))},
            openness={"is_open": chance.choice((True, False, None))},
            update_cycle=chance.choice(("daily", "yearly", None)),
            data_grade=chance.choice(("一般", "")),
            updated_on=str(DAY - timedelta(days=chance.randrange(30))),
            extent={
                "region_code": chance.choice(REGIONS),
                "box_mas": chance.choice(
                    (None, [each * MAS_PER_DEGREE for each in (west, south, west + 1, south + 2)])
                ),
            },
        )
    published = [row.id for row in _rows(shelf)[::3]]
    engine = shelf.owner()
    with engine.begin() as connection:  # without the steps to it, which the database would else require
        connection.exec_driver_sql("ALTER TABLE resource DISABLE TRIGGER stands")
        connection.exec_driver_sql(
            "UPDATE resource SET published_version = current_version, published_on = now() WHERE id = ANY(%s::uuid[])",
            ([str(each) for each in published],),
        )
        connection.exec_driver_sql("ALTER TABLE resource ENABLE TRIGGER stands")
    other = city.organisation()
    known = [
        Texts(row, tuple(fold(text) for own in texts(row, row.record).values() for text in own)) for row in _rows(shelf)
    ]
    return {
        "known": known,
        "own": shelf.editor,
        "other": city.person(other, Role.EDITOR).actor,
        "office": city.person(city.organisation(is_office=True), Role.OFFICE_REVIEWER).actor,
    }


def _rows(shelf: Any) -> list[EntryRow]:
    with shelf.app.state.sessions() as session:
        return sorted(entry_rows(session), key=lambda row: row.id)


# What each filter means, said a second time and in the plainest way.
ORACLE: dict[str, Callable[[EntryRow, Any, Any], bool]] = {
    "provider": lambda row, asked, actor: row.org_code in asked,
    "share_type": lambda row, asked, actor: row.record["sharing"]["share_type"] in asked,
    "library": lambda row, asked, actor: row.record["library"] in asked,
    "theme": lambda row, asked, actor: any(each["name"] in asked for each in row.record["categories"]),
    "format": lambda row, asked, actor: any(name in asked for each in row.record["formats"] for name in each["types"]),
    "mount": lambda row, asked, actor: "none" in asked,
    "cycle": lambda row, asked, actor: row.record["update_cycle"] in asked,
    "region": lambda row, asked, actor: any(_lies_in(row.record["extent"]["region_code"], each) for each in asked),
    "grade": lambda row, asked, actor: row.record["data_grade"] in asked,
    "openness": lambda row, asked, actor: (
        {True: "open", False: "closed"}.get(row.record["openness"]["is_open"]) in asked
    ),
    "status": lambda row, asked, actor: (row.status if sees_inside(actor, row) else "published") in asked,
    "item": lambda row, asked, actor: any(
        fold(name) in {fold(each["name"]), fold(each["field"])} for name in asked for each in row.record["items"]
    ),
    "base_item": lambda row, asked, actor: any(each["base_item"] in asked for each in row.record["items"]),
    "bbox": lambda row, asked, actor: _meets(row.record["extent"]["box_mas"], asked),
    "updated_from": lambda row, asked, actor: row.updated_on >= asked,
    "updated_to": lambda row, asked, actor: row.updated_on <= asked,
}


def _lies_in(code: str, region: str) -> bool:
    return bool(code) and code.ljust(6, "0").startswith(region.ljust(6, "0").removesuffix("00").removesuffix("00"))


def _meets(box: Any, asked: str) -> bool:
    if box is None:
        return False
    west, south, east, north = (Fraction(edge, MAS_PER_DEGREE) for edge in box)
    w, s, e, n = box_of(asked)
    beside = west <= e and east >= w if w <= e else west <= e or east >= w
    return beside and south <= n and north >= s


@dataclass(frozen=True)
class Texts:
    """A row and its folded texts."""

    row: EntryRow
    folded: tuple[str, ...]


def _expected(known: list[Texts], actor: Any, query: Any, but: str = "") -> list[EntryRow]:
    words, chosen = words_of(query.q), query.chosen()
    return [
        row
        for row, folded in ((each.row, each.folded) for each in known)
        if sees(actor, row)
        and all(any(word in text for text in folded) for word in words)
        and all(ORACLE[name](row, asked, actor) for name, asked in chosen.items() if name != but)
    ]


ASKED: dict[str, st.SearchStrategy[Any]] = {
    "share_type": st.just(("unconditional",)),
    "library": st.sampled_from([("population",), ("population", "statistics"), ("geospatial",)]),
    "theme": st.sampled_from([("生态环境",), ("生态环境", "市场监管")]),
    "format": st.sampled_from([("csv",), ("xlsx", "mysql"), ("dwg",)]),
    "mount": st.sampled_from([("none",), ("table",)]).filter(lambda each: each == ("none",)),
    "cycle": st.sampled_from([("daily",), ("daily", "yearly")]),
    "region": st.sampled_from([("450000",), ("45",), ("450100",), ("4501", "330106"), ("330000",), ("110000",)]),
    "grade": st.just(("一般",)),
    "openness": st.sampled_from([("open",), ("closed",), ("open", "closed")]),
    "status": st.sampled_from([("published",), ("draft",), ("draft", "published"), ("withdrawn",)]),
    "item": st.sampled_from([("企业名称",), ("Ｆ1",), ("許可證编号",), ("没有",)]),
    "base_item": st.just(("legal_person/name",)),
    "bbox": st.sampled_from(["105,25,110,30", "104.999,22,105,23", "119,20,-170,90", "0,0,1,1"]),
    "updated_from": st.integers(0, 30).map(lambda days: DAY - timedelta(days=days)),
    "updated_to": st.integers(0, 30).map(lambda days: DAY - timedelta(days=days)),
}


def test_every_filter_of_the_registry_is_tried_here() -> None:
    assert {each.name for each in FILTERS} == set(ORACLE) == set(ASKED) | {"provider"}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_asked_by_whomever_what_is_found_and_counted_is_what_a_plain_loop_finds(
    shelf: Any, mixed: dict[str, Any], data: st.DataObject
) -> None:
    actor = mixed[data.draw(st.sampled_from(["own", "other", "office"]))]
    names = data.draw(st.lists(st.sampled_from(sorted(ASKED)), max_size=3, unique=True))
    words = data.draw(st.lists(st.sampled_from([*WORDS, "监测", "业登", "f1", "摘"]), max_size=2))
    query = SearchQuery.model_validate(
        {"q": " ".join(words), "size": 7, "sort": data.draw(st.sampled_from(["relevance", "updated", "popularity"]))}
        | {name: data.draw(ASKED[name]) for name in names}
    )
    expected = _expected(mixed["known"], actor, query)
    index = shelf.kept_index()
    first = shelf.ask(index, actor, query)
    assert first.is_loosened is False
    pages = list(_pages(shelf, index, actor, query))
    found = [item.id for page in pages for item in page.items]
    assert (len(found), set(found)) == (len(set(found)), {row.id for row in expected})
    assert {page.total for page in pages} == {len(expected)}
    assert [page.first for page in pages] == [1 + 7 * number for number in range(len(pages))]
    for name, choice in CHOICES.items():
        counted = {bucket.value: bucket.count for bucket in first.facets[name] if bucket.count}
        others = _expected(mixed["known"], actor, query, but=name)
        assert counted == _counted(name, choice, others, actor), name
    with shelf.app.state.sessions.begin() as session:
        assert [row.entry.id for row in matching_rows(session, index, actor, query)] == found


def _counted(name: str, choice: Any, rows: list[EntryRow], actor: Any) -> Counter[str]:
    if name == "status":
        return Counter(row.status if sees_inside(actor, row) else "published" for row in rows)
    return Counter(
        value
        for row in rows
        for value in {up for own in choice.of(row) for up in ((own, *ancestors(own)) if name == "region" else (own,))}
    )


def _pages(shelf: Any, index: Any, actor: Any, query: Any) -> Iterator[Any]:
    while True:
        page = shelf.ask(index, actor, query)
        yield page
        if page.next is None:
            return
        query = query.model_copy(update={"after": page.next})


def test_pages_lead_back_as_they_led_forth(shelf: Any, mixed: dict[str, Any]) -> None:
    index, query = shelf.kept_index(), SearchQuery.model_validate({"q": "信息", "size": 4})
    forth = list(_pages(shelf, index, mixed["office"], query))
    assert len(forth) > 4
    for earlier, page in itertools.pairwise(forth):
        back = shelf.ask(index, mixed["office"], query.model_copy(update={"after": page.previous}))
        assert (back.items, back.first) == (earlier.items, earlier.first)
        assert back.next is not None
    assert forth[0].previous is None


def test_entries_that_come_and_go_move_no_others_between_pages(shelf: Any, mixed: dict[str, Any]) -> None:
    index, query = shelf.kept_index(), SearchQuery.model_validate({"q": "信息", "size": 5, "sort": "updated"})
    before = [item.id for page in _pages(shelf, index, mixed["own"], query) for item in page.items]
    first = shelf.ask(index, mixed["own"], query)
    shelf.add("信息最新", updated_on="2026-11-21")  # before the page shown
    shelf.add("信息最旧", updated_on="2020-01-01")  # after everything
    rest = [
        item
        for page in _pages(shelf, index, mixed["own"], query.model_copy(update={"after": first.next}))
        for item in page.items
    ]
    assert [*(item.id for item in first.items), *(item.id for item in rest[:-1])] == before
    assert rest[-1].title == "信息最旧"


def test_a_cursor_is_good_for_its_own_search_only(shelf: Any, mixed: dict[str, Any]) -> None:
    index, query = shelf.kept_index(), SearchQuery.model_validate({"q": "信息", "size": 4})
    cursor = shelf.ask(index, mixed["own"], query).next
    for changes in ({"q": "企业"}, {"sort": "updated"}, {"library": ("population",)}):
        with pytest.raises(DirectoryError, match="CURSOR_INVALID"):
            shelf.ask(index, mixed["own"], query.model_copy(update={**changes, "after": cursor}))
    with pytest.raises(DirectoryError, match="CURSOR_INVALID"):
        shelf.ask(index, mixed["own"], query.model_copy(update={"after": cursor[:-2] + "AA"}))
    assert shelf.ask(index, mixed["own"], query.model_copy(update={"after": cursor, "size": 9})).items


@pytest.mark.parametrize(
    "asked",
    [
        {"bbox": "1,2,3"},
        {"bbox": "1,2,3,x"},
        {"bbox": "0,10,1,9"},
        {"bbox": "0,0,181,1"},
        {"bbox": "1/3,0,1,1"},
        {"bbox": "1e2,0,110,1"},
        {"region": ("45010",)},
        {"updated_from": "2026-13-01"},
        {"status": ("secret",)},
    ],
)
def test_what_cannot_be_read_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SearchQuery.model_validate(asked)


def test_what_a_form_leaves_empty_is_not_asked(shelf: Any) -> None:
    query = SearchQuery.model_validate({"bbox": "", "updated_from": "", "item": ("",), "region": ("",)})
    assert query.chosen() == {}

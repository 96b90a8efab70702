"""A change is within what was given exactly when it delivers no cell besides, compared with rows drawn out by hand."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadata.access import EqualsFilter, RegionFilter, RowFilter, SinceFilter
from metadata.scope_change import Place, Scope, ScopeChange, implies, is_within, scope_changes

FIELDS = ("region", "status")
TEXTS = ("33", "330", "3301", "330102", "34", "3", "注销", "", "33,34")
"""What a column may hold; the longer ones begin with the shorter, so that prefixes differ."""
PLACES: tuple[Place, ...] = (("gongan", "table", "public", "t", "a"), ("gongan", "table", "public", "u", "a"))

regions = st.builds(
    RegionFilter,
    field=st.sampled_from(FIELDS),
    prefixes=st.lists(st.sampled_from(("33", "330", "3301", "34")), min_size=1, max_size=3).map(tuple),
)
equals = st.builds(
    EqualsFilter,
    field=st.sampled_from(FIELDS),
    values=st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3).map(tuple),
)
filters = st.none() | regions | equals
items = st.dictionaries(
    st.sampled_from(("region", "status", "name")),
    st.sets(st.sampled_from(PLACES), min_size=1).map(frozenset),
    min_size=1,
)

SCOPE = Scope(
    items={"region": frozenset(PLACES[:1]), "name": frozenset(PLACES[:1])},
    row_filter=RegionFilter(field="region", prefixes=("33",)),
    purpose="核验",
    basis="第七十四条",
    method="batch",
    frequency="weekly",
    valid_until=date(2027, 12, 31),
)


def _passes(chosen: RowFilter | None, row: Mapping[str, str]) -> bool:
    if chosen is None:
        return True
    value = row[chosen.field]
    if isinstance(chosen, RegionFilter):
        return value.startswith(chosen.prefixes)
    return value in chosen.values


def _delivered(scope: Scope) -> Iterator[tuple[tuple[str, ...], str, Place]]:
    """Every cell that goes out, of a table that has each possible row; rows longer than any prefix or value count."""
    for values in product((*TEXTS, "330299", "349999"), repeat=len(FIELDS)):
        if _passes(scope.row_filter, dict(zip(FIELDS, values, strict=True))):
            for field, places in scope.items.items():
                for place in places:
                    yield values, field, place


@given(st.builds(replace, st.just(SCOPE), items=items, row_filter=filters), items, filters)
@settings(max_examples=300)
def test_within_exactly_when_every_cell_was_delivered(old: Scope, fewer: Any, chosen: RowFilter | None) -> None:
    new = replace(old, items=fewer, row_filter=chosen)
    assert is_within(scope_changes(old, new)) == (set(_delivered(new)) <= set(_delivered(old)))


@given(filters, filters, filters)
def test_what_is_less_than_less_is_less(one: RowFilter | None, two: RowFilter | None, three: RowFilter | None) -> None:
    assert implies(one, one)
    if implies(one, two) and implies(two, three):
        assert implies(one, three)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"purpose": "统计"}, ScopeChange("purpose", "more")),
        ({"basis": "第七十五条"}, ScopeChange("basis", "more")),
        ({"method": "query"}, ScopeChange("method", "more")),
        ({"frequency": "daily"}, ScopeChange("frequency", "more")),
        ({"frequency": "once"}, ScopeChange("frequency", "less")),
        ({"valid_until": date(2028, 1, 1)}, ScopeChange("term", "more")),
        ({"valid_until": date(2027, 1, 1)}, ScopeChange("term", "less")),
        ({"items": {"region": frozenset(PLACES[:1])}}, ScopeChange("items", "less", ("name",))),
        ({"items": SCOPE.items | {"id": frozenset(PLACES[:1])}}, ScopeChange("items", "more", ("id",))),
        ({"items": SCOPE.items | {"name": frozenset(PLACES[1:])}}, ScopeChange("source", "more", ("name",))),
        ({"row_filter": RegionFilter(field="region", prefixes=("3301",))}, ScopeChange("rows", "less")),
        ({"row_filter": None}, ScopeChange("rows", "more")),
    ],
)
def test_each_aspect(changed: dict[str, Any], expected: ScopeChange) -> None:
    assert scope_changes(SCOPE, replace(SCOPE, **changed)) == (expected,)


def test_the_same_rows_in_other_words_are_no_change() -> None:
    said_twice = RegionFilter(field="region", prefixes=("330", "33", "33"))
    assert scope_changes(SCOPE, replace(SCOPE, row_filter=said_twice)) == ()
    one, other = (EqualsFilter(field="status", values=values) for values in (("a", "b"), ("b", "a", "a")))
    assert scope_changes(replace(SCOPE, row_filter=one), replace(SCOPE, row_filter=other)) == ()


def test_less_of_one_and_more_of_another_is_not_within() -> None:
    changes = scope_changes(SCOPE, replace(SCOPE, frequency="once", purpose="统计"))
    assert [change.direction for change in changes] == ["more", "less"]
    assert not is_within(changes)


def test_a_later_day_is_less_an_earlier_one_more() -> None:
    first, later = (SinceFilter(field="region", since=date(2026, month, 1)) for month in (3, 4))
    assert implies(later, first)
    assert implies(first, first)
    assert implies(first, None)
    others = (RegionFilter(field="region", prefixes=("33",)), EqualsFilter(field="region", values=("2026-04-01",)))
    for wide, narrow in (
        (later, first),
        (first, None),
        (first, replace_field(later)),
        *((each, first) for each in others),
    ):
        assert not implies(narrow, wide)
    assert not any(implies(each, first) for each in others)
    old = replace(SCOPE, row_filter=first)
    assert scope_changes(old, replace(old, row_filter=later)) == (ScopeChange("rows", "less"),)
    assert scope_changes(replace(old, row_filter=later), old) == (ScopeChange("rows", "more"),)


def replace_field(chosen: SinceFilter) -> SinceFilter:
    return chosen.model_copy(update={"field": "status"})

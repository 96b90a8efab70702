"""How far an item of a demand has come, by what it is tied to."""

import pytest

from directory.demands.states import STANDING_NAMES, Facts, Standing, standing, standing_of


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts(), Standing.OPEN),
        (Facts(is_chosen=True), Standing.MATCHED),
        (Facts(is_chosen=True, request_state="submitted"), Standing.REQUESTED),
        (Facts(is_chosen=True, request_state="refused"), Standing.REFUSED),
        (Facts(is_chosen=True, request_state="agreed"), Standing.REQUESTED),
        (Facts(is_chosen=True, request_state="active"), Standing.SATISFIED),
        (Facts(is_chosen=True, request_state="expired", is_withdrawn=True), Standing.SATISFIED),
        (Facts(is_satisfied=True, is_chosen=True), Standing.SATISFIED),
        (Facts(is_withdrawn=True, is_chosen=True), Standing.WITHDRAWN),
        (Facts(responsibility_state="assigned"), Standing.ASSIGNED),
        (Facts(responsibility_state="upheld"), Standing.ASSIGNED),
        (Facts(responsibility_state="refused"), Standing.DISPUTED),
        (Facts(responsibility_state="catalogued"), Standing.CATALOGUED),
        (Facts(responsibility_state="catalogued", is_entry_published=True), Standing.PUBLISHED),
        (Facts(responsibility_state="catalogued", is_entry_published=True, is_chosen=True), Standing.MATCHED),
    ],
)
def test_an_item_stands_where_its_ties_say(facts: Facts, expected: Standing) -> None:
    assert standing(facts) is expected


def test_a_demand_stands_where_its_last_item_does() -> None:
    assert standing_of([Standing.SATISFIED, Standing.OPEN]) is Standing.OPEN
    assert standing_of([Standing.SATISFIED, Standing.REQUESTED]) is Standing.REQUESTED
    assert standing_of([Standing.SATISFIED]) is Standing.SATISFIED
    assert STANDING_NAMES.keys() == set(Standing)

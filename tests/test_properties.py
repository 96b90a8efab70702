"""Properties are tried with the same examples in every ``make test``, with more and new ones by ``make properties``."""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

TIMES = int(os.environ.get("HUTONG_EXAMPLES", "0"))
TRIED: list[int] = []


@settings(max_examples=20)
@given(st.integers())
def test_a_property_is_tried_as_often_as_is_asked_for(number: int) -> None:
    TRIED.append(number)


def test_chance_has_no_part_in_what_a_change_is_refused_for() -> None:
    TRIED.clear()
    test_a_property_is_tried_as_often_as_is_asked_for()
    once = list(TRIED)
    TRIED.clear()
    test_a_property_is_tried_as_often_as_is_asked_for()

    assert len(once) == 20 * max(TIMES, 1)
    assert TIMES or once == TRIED

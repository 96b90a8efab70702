"""The table of moves, and what an error does, as data."""

from typing import get_args

import pytest

from exchange.errors import ExchangeError
from exchange.states import CONDEMNING, FINAL, MOVES, Role, State, check_move, verdict


def test_every_listed_state_can_be_reached_and_left_or_ends() -> None:
    for role, first in (("provider", "due"), ("consumer", "stored")):
        reached, frontier = {first}, [first]
        while frontier:
            for after in MOVES[role].get(frontier.pop(), frozenset()):
                if after not in reached:
                    reached.add(after)
                    frontier.append(after)
        assert set(MOVES[role]) <= reached
        assert reached - set(MOVES[role]) == {"closed", "quarantined"} - set(MOVES[role])


def test_the_provider_never_skips_and_the_consumer_only_goes_back_to_redo() -> None:
    for role, before, after in (
        ("provider", "due", "stored"),
        ("provider", "closed", "due"),
        ("consumer", "staged", "applied"),
        ("consumer", "applied", "checked"),
        ("consumer", "quarantined", "stored"),
    ):
        with pytest.raises(ExchangeError) as raised:
            check_move(role, before, after)
        assert raised.value.code == "MOVE_ILLEGAL"


def test_what_an_error_means() -> None:
    assert verdict("consumer", "stored", "RELAY_DOWN", is_transient=True) == "wait"
    assert verdict("consumer", "fetched", "SIG_BAD", is_transient=False) == "quarantine"
    assert verdict("consumer", "checked", "TARGET_DRIFT", is_transient=False) == "hold"
    assert verdict("provider", "due", "SOURCE_DRIFT", is_transient=False) == "hold"
    assert verdict("consumer", "applied", "GRANT_TERMINATED", is_transient=False) == "hold"


def test_condemning_codes_exist_and_none_of_them_mends_itself() -> None:
    for code in CONDEMNING:
        assert not ExchangeError.explanations[code].is_transient


def test_every_state_that_is_not_final_has_a_way_on() -> None:
    roles: tuple[Role, ...] = ("provider", "consumer")
    for role in roles:
        for state in get_args(State):
            if state in MOVES[role] and state not in FINAL:
                assert MOVES[role][state] - {"held", "quarantined"}

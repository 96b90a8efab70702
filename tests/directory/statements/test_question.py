"""What was asked ahead is answered once, or until the transaction ends; what a savepoint undid was never asked."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from directory.db import make_engine
from directory.statements.question import Question

ASKED: list[frozenset[int]] = []


def _squares(session: Session, keys: Collection[int]) -> Mapping[int, int]:
    ASKED.append(frozenset(keys))
    return {key: session.scalar(text("SELECT CAST(:key AS integer) * :key"), {"key": key}) or 0 for key in keys}


ONCE, LASTING = Question(_squares), Question(_squares, lasts=True)


@pytest.fixture
def session(directory_settings: Any) -> Iterator[Session]:
    engine: Engine = make_engine(directory_settings.database_url)
    ASKED.clear()
    with Session(engine) as session:
        yield session
    engine.dispose()


def test_an_answer_asked_ahead_is_given_once(session: Session) -> None:
    assert ONCE.ahead(session, {2, 3}) == {2: 4, 3: 9}
    assert (ONCE(session, 2), ONCE(session, 3)) == (4, 9)
    assert [{2, 3}] == ASKED
    assert ONCE(session, 2) == 4
    assert [{2, 3}, {2}] == ASKED


def test_one_that_lasts_is_given_until_the_transaction_ends(session: Session) -> None:
    assert [LASTING(session, 5) for _ in range(3)] == [25] * 3
    assert ONCE(session, 5) == 25  # another question, though it asks the same
    assert [{5}, {5}] == ASKED
    LASTING.becomes(session, 5, -25)
    assert LASTING(session, 5) == -25
    session.commit()
    assert LASTING(session, 5) == 25
    session.rollback()
    assert LASTING(session, 5) == 25
    assert [{5}] * 4 == ASKED


def test_the_first_of_those_expected_asks_for_all(session: Session) -> None:
    session.begin()
    LASTING.expect(session, {2, 3})
    ONCE.expect(session, {6, 7})
    assert ASKED == []
    assert [LASTING(session, each) for each in (4, 2, 3)] == [16, 4, 9]
    assert [{2, 3, 4}] == ASKED
    assert [ONCE(session, each) for each in (6, 7, 6)] == [36, 49, 36]
    assert [{2, 3, 4}, {6, 7}, {6}] == ASKED
    LASTING.expect(session, {8})
    session.commit()
    assert LASTING(session, 9) == 81  # whatever was expected of a transaction that is over
    assert ASKED[-1] == {9}


def test_what_was_asked_within_a_savepoint_is_forgotten_with_it(session: Session) -> None:
    LASTING(session, 2)
    with session.begin_nested():
        assert LASTING(session, 2) == 4  # what was known outside is known inside
        LASTING(session, 3)
    with suppress(ZeroDivisionError), session.begin_nested():
        LASTING(session, 7)
        raise ZeroDivisionError
    assert [{2}, {3}, {7}] == ASKED
    assert [LASTING(session, each) for each in (3, 7)] == [9, 49]
    assert [{2}, {3}, {7}, {3}, {7}] == ASKED


@pytest.mark.parametrize("is_kept", [True, False])
def test_what_became_otherwise_within_a_savepoint_is_asked_anew(session: Session, is_kept: bool) -> None:
    """What was done inside may stand, and what was known before it would then be wrong."""
    LASTING(session, 2)
    with session.begin_nested() as nested:
        LASTING.becomes(session, 2, 0)
        assert LASTING(session, 2) == 0
        if not is_kept:
            nested.rollback()
    assert LASTING(session, 2) == 4
    assert [{2}, {2}] == ASKED


def test_nothing_is_asked_of_nothing(session: Session) -> None:
    assert ONCE.ahead(session, ()) == {}
    assert ASKED == []


def test_one_may_be_asked_of_each_by_itself(session: Session) -> None:
    doubled = Question[int, int].of_each(lambda session, key: 2 * key)
    assert [doubled(session, 4), doubled(session, 4)] == [8, 8]
    assert doubled.ahead(session, (1, 2)) == {1: 2, 2: 4}

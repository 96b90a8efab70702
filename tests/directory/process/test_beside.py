"""The thread beside the requests: turns while there is more, one last where it is due, and alive after a failure."""

import threading
from collections.abc import Callable, Iterator

import pytest
import structlog
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker

from directory.errors import DirectoryError
from directory.process.beside import Beside, in_transaction

SOON = 0.001
NEVER = 3600.0


def names() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


def turns(*outcomes: Callable[[], bool]) -> tuple[Callable[[], bool], threading.Event, list[int]]:
    """A turn that goes through the outcomes; the event is set when they are over."""
    left, over, taken = iter(outcomes), threading.Event(), []

    def turn() -> bool:
        outcome = next(left, None)
        if outcome is None:
            over.set()
            return False
        taken.append(1)
        return outcome()

    return turn, over, taken


def test_it_stops_before_its_first_turn() -> None:
    turn, _, taken = turns(lambda: True)
    beside = Beside("idle", NEVER, turn)
    beside.start()
    assert "idle" in names()
    beside.stop()
    assert "idle" not in names()
    assert taken == []


def test_it_takes_its_last_turns_until_nothing_is_left() -> None:
    turn, _, taken = turns(lambda: True, lambda: True, lambda: False, lambda: True)
    beside = Beside("last", NEVER, turn, has_last=True)
    beside.start()
    beside.stop()
    assert len(taken) == 3


def test_it_rests_between_turns_and_is_stopped_while_it_does() -> None:
    began, taken = threading.Event(), list[int]()

    def turn() -> bool:
        taken.append(1)
        began.set()
        return True

    beside = Beside("resting", SOON, turn, rests=1e9)
    beside.start()
    assert began.wait(30)
    beside.stop()
    assert "resting" not in names()
    assert taken == [1]


def test_a_turn_that_leaves_something_is_followed_by_another_at_once() -> None:
    many: Iterator[bool] = iter([True] * 50)
    done = threading.Event()

    def turn() -> bool:
        if next(many, None) is None:
            done.set()
            return False
        return True

    beside = Beside("much", 0.5, turn)
    beside.start()
    assert done.wait(10)  # 50 turns of one wait, and not 50 waits
    beside.stop()


def test_it_stops_after_the_turn_it_is_at_though_there_is_more() -> None:
    begun, go = threading.Event(), threading.Event()
    taken: list[int] = []

    def turn() -> bool:
        taken.append(1)
        begun.set()
        go.wait(10)
        return True

    beside = Beside("endless", SOON, turn)
    beside.start()
    assert begun.wait(10)
    stopper = threading.Thread(target=beside.stop)
    stopper.start()
    while not beside._stopped.is_set():
        pass
    go.set()
    stopper.join(10)
    assert "endless" not in names()
    assert taken == [1]


def test_it_outlives_failures_and_says_where_without_what() -> None:
    def refused() -> bool:
        raise DirectoryError("AUDIT_BROKEN", what="")

    def broken() -> bool:
        raise ValueError("110101199003070011")

    turn, over, _ = turns(refused, broken, lambda: False)
    with structlog.testing.capture_logs() as logs:
        beside = Beside("frail", SOON, turn)
        beside.start()
        assert over.wait(10)
        beside.stop()
    assert [each["event"] for each in logs] == ["frail_failed"] * 2
    assert logs[0]["code"] == "AUDIT_BROKEN"
    assert logs[1]["error"] == "builtins.ValueError"
    assert "1990" not in str(logs)


def test_a_turn_that_fails_in_the_middle_leaves_nothing_of_it(new_database: Callable[[], str]) -> None:
    engine = create_engine(new_database())
    sessions = sessionmaker(engine)
    with sessions.begin() as session:
        session.execute(text("CREATE TABLE beside (number int)"))

    def work(session: Session) -> bool:
        session.execute(text("INSERT INTO beside VALUES (1)"))
        found = session.scalar(text("SELECT count(*) FROM beside"))
        if found == 2:
            raise RuntimeError("in the middle")
        return found == 1

    turn = in_transaction(sessions, work)
    assert turn() is True
    with pytest.raises(RuntimeError):
        turn()
    with sessions() as session:
        assert session.scalar(text("SELECT count(*) FROM beside")) == 1
    engine.dispose()

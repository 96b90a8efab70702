"""Great Expectations in a process of its own, which loads it while rows are moved in this one.

Loading takes as long as all else of a check together, and beside it no other thread of an interpreter gets far. Where
it is loaded already (Airflow's scheduler, from which tasks are forked) nothing is started.

The process gets what to evaluate by its standard input and ends with it, so nothing is left of a parent that was
killed. It reads and writes Python's own pickles: both ends are this module, and the pipes are theirs alone.
"""

import atexit
import contextlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import psycopg2

from metadata.quality import Rule
from pipelines.checks.counting import Count
from pipelines.checks.loading import VALIDATION, load_validation
from pipelines.checks.snapshot import Snapshot


@dataclass(frozen=True)
class Asked:
    """All rules, to be judged by what was ``counted``; and some, over some rows, to be counted once more."""

    suite_name: str
    rules: tuple[Rule, ...]
    types: Mapping[str, str]
    snapshot: Snapshot
    counted: Count
    witness: tuple[tuple[list[Rule], Snapshot], ...]


class Found(NamedTuple):
    """How many rows break each rule, by rule id: as judged, and then of each witness."""

    numbers: tuple[dict[str, int], ...]


class Failed(NamedTuple):
    """It could not be done: the code, and what was raised, by its kind alone, for its words may quote values."""

    code: str
    reason: str


def begin() -> None:
    """Have Great Expectations ready soon, if it is not loaded here."""
    if VALIDATION not in sys.modules:
        with _TURN:
            _process()


def evaluate(asked: Asked) -> Callable[[], Found | Failed]:
    """Have this evaluated wherever Great Expectations is loaded; what is returned waits for the answer. Where it is
    loaded here, that makes the answer: a thread beside others would only keep them waiting.
    """
    if VALIDATION in sys.modules:
        return lambda: _evaluate(asked)
    waiting = ThreadPoolExecutor(max_workers=1, thread_name_prefix="check")
    answer = waiting.submit(_ask, asked)
    waiting.shutdown(wait=False)
    return answer.result


def _ask(asked: Asked) -> Found | Failed:
    with _TURN:
        process = _process()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            pickle.dump(asked, process.stdin)
            process.stdin.flush()
            found: Found | Failed = pickle.load(process.stdout)  # noqa: S301  # what our own process has written
            return found
        except (EOFError, OSError, pickle.UnpicklingError) as error:  # it has ended; the next check starts another
            _end()
            return failed(error)
        except BaseException:  # what it would still answer would be taken for the answer to the next
            _end()
            raise


def failed(error: Exception) -> Failed:
    """An error that nothing is quoted of."""
    if isinstance(error, psycopg2.OperationalError):
        return Failed("CHECK_UNREACHABLE", type(error).__name__)
    code = getattr(error, "pgcode", None)
    name = type(error).__name__
    return Failed("CHECK_FAILED", f"{name} {code}" if code else name)


def _evaluate(asked: Asked) -> Found | Failed:
    try:
        validation = load_validation()
        numbers = [validation.judge(asked.suite_name, asked.rules, asked.types, asked.snapshot, asked.counted)]
        for rules, rows in asked.witness:
            numbers.append(validation.count_failures(asked.suite_name, rules, asked.types, rows))
        return Found(tuple(numbers))
    except Exception as error:
        return failed(error)


_TURN = threading.Lock()
_STANDING: dict[int, "subprocess.Popen[bytes]"] = {}  # by the process that it answers: a fork needs its own


def _process() -> "subprocess.Popen[bytes]":
    standing = _STANDING.get(os.getpid())
    if standing is None or standing.poll() is not None:
        _end()
        program = f"import sys; sys.path[:] = {sys.path!r}; from {__package__} import apart; apart.main()"
        command = [sys.executable, "-c", program]
        standing = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        _STANDING[os.getpid()] = standing
    return standing


def _end() -> None:
    """It only reads, so nothing is lost by ending it at once."""
    process = _STANDING.pop(os.getpid(), None)
    if process is None:
        return
    process.kill()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()
    process.wait()


atexit.register(_end)


def main() -> None:
    """Answer until the input ends. What is printed goes where errors go."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    load_validation()
    with contextlib.suppress(EOFError, BrokenPipeError, KeyboardInterrupt), answers:
        while True:
            pickle.dump(_evaluate(pickle.load(sys.stdin.buffer)), answers)  # noqa: S301  # what our parent has written
            answers.flush()

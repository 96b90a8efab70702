"""The same step for many entries; what one of them is refused leaves the others alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.errors import DirectoryError
from directory.resources.decide import move
from directory.resources.queries import find


class Problem(NamedTuple):
    """Why one entry was refused: code, what it says, and what to do next, on a page and on the command line."""

    code: str
    zh: str
    next_step: str
    next_cli: str


@dataclass(frozen=True)
class Outcome:
    """What became of one entry; with a ``problem``, title and status are those it still has, where it was found."""

    ref: str
    title: str
    status: str
    problem: Problem | None


def move_many(
    session: Session, actor: Actor, refs: Sequence[str], to: str, comment: str, now: datetime, step: str = ""
) -> tuple[Outcome, ...]:
    """Take this step with each entry, each in a savepoint of its own; outcomes in the order asked, each entry once.

    ``step`` names the step where several lead to ``to`` (``decide.move``).

    Rows are locked in one order, so that two batches never wait for each other in a circle.
    """
    wanted = tuple(dict.fromkeys(refs))
    done = {ref: _move_one(session, actor, ref, to, comment, now, step) for ref in sorted(wanted)}
    return tuple(done[ref] for ref in wanted)


def _move_one(session: Session, actor: Actor, ref: str, to: str, comment: str, now: datetime, step: str) -> Outcome:
    try:
        with session.begin_nested():
            entry = move(session, actor, ref, to, comment, now, step=step)
    except DirectoryError as error:
        return _refused(session, actor, ref, Problem(error.code, error.zh, error.next_step, error.next_cli))
    return Outcome(ref, entry.title, entry.status, None)


def _refused(session: Session, actor: Actor, ref: str, problem: Problem) -> Outcome:
    try:
        entry = find(session, actor, ref)
    except DirectoryError:  # not there, or not to be seen by this actor
        return Outcome(ref, "", "", problem)
    return Outcome(ref, entry.title, entry.status, problem)

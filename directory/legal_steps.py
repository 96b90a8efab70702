"""The tables of moves as rows, which the database's own checks read: what the code permits, SQL may do, and no more."""

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Table, Text

from directory.access.moves import MOVES, Facts, Move, legal_moves, move
from directory.access.states import Act, Stage, State
from directory.db import Base
from directory.resources import states as entries

_EXTENSIONS = ("", "asked", "decided")


class LegalStep(NamedTuple):
    """From where an act leads where; a request's place is ``state/stage``, and empty before it is created."""

    subject: str
    from_state: str
    act: str
    to_state: str


_TABLE = Table("legal_step", Base.metadata, *[Column(name, Text, primary_key=True) for name in LegalStep._fields])


@cache
def legal_steps() -> frozenset[LegalStep]:
    """Every step that the tables have, under whatever facts."""
    return frozenset((*_of_requests(), *_of_entries()))


def seed_legal_steps(connection: Connection) -> None:
    """Make the database's copy what the code says now."""
    connection.execute(_TABLE.delete())
    connection.execute(_TABLE.insert(), [each._asdict() for each in sorted(legal_steps())])


def _of_requests() -> Iterator[LegalStep]:
    yield LegalStep("request", "", Act.CREATED.value, _place(State.DRAFT, Stage.NONE))
    kinds: list[tuple[Any, ...]] = [
        _EXTENSIONS if each.name == "extension" else (False, True) for each in fields(Facts)
    ]
    for facts in (Facts(*values) for values in product(*kinds)):
        for state, stage in MOVES:
            for act in legal_moves(state, stage, facts):
                found = move(state, stage, act, facts)
                if isinstance(found, Move):
                    yield LegalStep("request", _place(state, stage), act.value, _place(found.state, found.stage))


def _of_entries() -> Iterator[LegalStep]:
    for each in entries.MOVES:
        for source in each.sources:
            yield LegalStep("resource", source, each.step, each.to)
            if each.step == "resume":
                yield LegalStep("resource", source, each.step, "draft")  # a successor was being worked on


def _place(state: State, stage: Stage) -> str:
    return f"{state.value}/{stage.value}"

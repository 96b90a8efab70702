"""Statements about whoever asks, spelled once for all who hold the same roles.

Putting a long query together for one person takes longer than running it, and so does SQLAlchemy's finding it again
among what it compiled. Two people with the same roles differ by who they are alone: so the query is put together for
somebody who stands for both, and its text is kept with the places where the person's own ids and department go.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Dialect, Row, Select
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.prepared import Prepared

_MOST: Final = 512
_ORG: Final = (
    "\x01department"  # no code of a department, and nothing that anybody types: PostgreSQL stores no such text
)
_PERSON: Final = UUID("6f1c9d0e-0000-4000-8000-000000000000")


class Spelled:
    """One statement: ``build(actor, *given)`` puts it together, with the actor's ids and department as values only."""

    def __init__(self, build: Callable[..., Select[Any] | None]) -> None:
        """``build`` gives None where nothing can be found; ``given`` are values that can be told apart by hash."""
        self._build = build
        self._text = lru_cache(maxsize=_MOST)(self._spell)

    def rows(self, session: Session, actor: Actor, *given: object) -> Sequence[Row[Any]]:
        """Every row with its columns by name, as the driver reads them."""
        session.flush()
        connection = session.connection()
        nobody, own = _nobody(actor)
        spelled = self._text(nobody, connection.dialect, given)
        if spelled is None:
            return []
        text, values = spelled
        told = {name: _told(own, value) for name, value in values.items()}
        return connection.exec_driver_sql(text, told).all()

    def _spell(
        self, nobody: Actor, dialect: Dialect, given: tuple[object, ...]
    ) -> tuple[str, Mapping[str, Any]] | None:
        query = self._build(nobody, *given)
        if query is None:
            return None
        compiled = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        return str(compiled), dict(compiled.params)


class Planned:
    """The same of one row, planned by the server once for a connection: ``rows`` takes what is asked for by name."""

    def __init__(self, name: str, build: Callable[[Actor], Select[Any]]) -> None:
        """``name`` begins that of the statement for each set of roles."""
        self._name, self._build, self._numbers = name, build, itertools.count(1)
        self._prepared = lru_cache(maxsize=_MOST)(self._prepare)

    def rows(self, session: Session, actor: Actor, **asked: object) -> Sequence[tuple[Any, ...]]:
        """Every row, as the driver reads it."""
        session.flush()
        nobody, own = _nobody(actor)
        prepared = self._prepared(nobody)
        told = {name: _told(own, value) for name, value in prepared.constants.items()}
        return prepared.rows(session, **told | asked)

    def _prepare(self, nobody: Actor) -> Prepared:
        return Prepared(f"{self._name}_{next(self._numbers)}", self._build(nobody))


def _told(own: Mapping[Any, Any], value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_told(own, each) for each in value]
    return own.get(value, value)


def _nobody(actor: Actor) -> tuple[Actor, Mapping[Any, Any]]:
    """Who stands for everybody with these roles, and what of this person goes where theirs is."""
    own: dict[Any, Any] = {_ORG: actor.org_code, _PERSON: actor.account_id}

    def stands_for(place: UUID) -> UUID:
        found = UUID(int=_PERSON.int + len(own))
        own[found] = place
        return found

    delegated = tuple(
        replace(
            each,
            delegation_id=stands_for(each.delegation_id),
            delegator_id=stands_for(each.delegator_id),
            delegator_username="",
            delegator_name="",
        )
        for each in actor.delegated
    )
    nobody = replace(
        actor,
        account_id=_PERSON,
        username="",
        display_name="",
        org_code=_ORG,
        org_name="",
        delegated=delegated,
        must_change_password=False,
    )
    return nobody, own

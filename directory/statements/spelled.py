"""Statements about whoever asks, spelled once for all who hold the same roles.

Putting a long query together for one person takes longer than running it, and so does SQLAlchemy's finding it again
among what it compiled. Two people with the same roles differ by who they are alone: so the query is put together for
somebody who stands for both, and its text is kept with the places where the person's own ids and department go.
"""

import itertools
import re
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from psycopg2.extensions import adapt
from sqlalchemy import Dialect, Row, Select
from sqlalchemy.dialects.postgresql import psycopg2 as dialects
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.statements.prepared import Prepared

_MOST: Final = 512
_NUMBERED: Final = dialects.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_PLACE: Final = re.compile(r"\$(\d+)")
_TYPES: Final[Mapping[type, str]] = {str: "::text", UUID: "::uuid"}
_SETTINGS: Final = (
    "plan_cache_mode = force_generic_plan",  # else the server plans the first five times anew
    "max_parallel_workers_per_gather = 0",  # to start them takes longer than what one person's page asks
)
# Stand for the department and the account of whoever asks; nobody's code or id, and nothing that anybody types.
_ORG: Final = "\x01department"
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
    """The same, planned by the server once for a connection: planning long ones takes longer than running them.

    Only who asks is left open in the text, all else stands in it: so the server knows what it plans for, and may use
    an index of a part of a table. ``given`` should hold few different values: each is a plan of its own.
    """

    def __init__(self, name: str, build: Callable[..., Select[Any] | None]) -> None:
        """``name`` begins that of the statement for each set of roles and each ``given``."""
        self._name, self._build, self._numbers = name, build, itertools.count(1)
        self._prepared = lru_cache(maxsize=_MOST)(self._prepare)

    def rows(self, session: Session, actor: Actor, *given: object, **asked: object) -> Sequence[Any]:
        """Every row, as the driver reads it, its columns by name too; ``asked`` are the parameters without a value."""
        session.flush()
        nobody, own = _nobody(actor)
        found = self._prepared(nobody, given)
        if found is None:
            return []
        prepared, open_ones, row = found
        told = {name: _told(own, value) for name, value in open_ones.items()}
        return [row._make(each) for each in prepared.rows(session, **told | asked)]

    def _prepare(
        self, nobody: Actor, given: tuple[object, ...]
    ) -> tuple[Prepared, Mapping[str, object], type[Any]] | None:
        query = self._build(nobody, *given)
        if query is None:
            return None
        _, own = _nobody(nobody)
        spelled = query.compile(dialect=_NUMBERED, compile_kwargs={"render_postcompile": True})
        names = tuple(spelled.positiontup or ())
        values = {name: value for name, value in spelled.params.items() if _is_open(own, value)}
        order = [name for name in names if name in values or spelled.params[name] is None]

        def place(found: re.Match[str]) -> str:
            name = names[int(found[1]) - 1]
            if name not in order:
                return _literal(spelled.params[name])
            return f"${order.index(name) + 1}{_TYPES.get(type(values.get(name)), '')}"

        text = _PLACE.sub(place, str(spelled))
        prepared = Prepared(f"{self._name}_{next(self._numbers)}", text, *order, settings=_SETTINGS)
        row = namedtuple("Row", [each.key for each in query.selected_columns], rename=True)  # type: ignore[misc]
        return prepared, values, row


def _is_open(own: Mapping[Any, Any], value: object) -> bool:
    """Whether the value holds something of the person who asks, and so stays open in the text."""
    return any(_is_open(own, each) for each in value) if isinstance(value, list | tuple) else value in own


def _literal(value: object) -> str:
    """The value as it stands in a statement; only what our own queries bring comes here, never what somebody typed."""
    match value:
        case str():
            escaped = value.replace("'", "''")
            return f"'{escaped}'"
        case UUID():
            return f"'{value}'::uuid"
        case list() | tuple():
            return f"ARRAY[{', '.join(map(_literal, value))}]"
        case _:
            quoted: bytes = adapt(value).getquoted()
            return quoted.decode()


def _told(own: Mapping[Any, Any], value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_told(own, each) for each in value]
    return own.get(value, value)


def _nobody(actor: Actor) -> tuple[Actor, Mapping[Any, Any]]:
    """The actor who stands for everybody with these roles, and this person's own values by the placeholders there."""
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

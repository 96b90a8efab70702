"""Before the first request: the statements of the daily pages are compiled once, for all workers, before they fork.

Without it the first page that each worker shows to each kind of person takes six times as long as the next one. What is
compiled holds no person's values, so every worker may share it.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Final, get_args
from uuid import UUID, uuid4

import structlog
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import AccountRole
from directory.actions import Action
from directory.actors import Actor, resume
from directory.clock.deadlines import Light, day_of
from directory.limits import LIMITS
from directory.policy import allows
from directory.process.logs import where
from directory.roles import Role
from directory.supervision.api import supervision
from directory.worklist.requests import TABS
from directory.worklist.worklist import desk

_MOST_KINDS: Final = 12
_CONNECTIONS: Final = 3
"""That a worker is seldom without: for who is at work, for the next one, and for what runs beside them."""
_NOBODYS: Final = "\x01"  # no department has this code


def warm(app: FastAPI, now: datetime) -> None:
    """Ask what the pages ask as somebody of each kind there is, of no department; leaves no connection open.

    Nothing depends on it: where the database is away the service starts all the same, and its first pages are slow.
    """
    _look_around(app, now, connections=1)
    app.state.engine.dispose()


def warm_worker(app: FastAPI, now: datetime) -> None:
    """The same in a worker, over the connections that its first pages will use: the server's plans live with them."""
    _look_around(app, now, connections=_CONNECTIONS)


def _look_around(app: FastAPI, now: datetime, connections: int) -> None:
    try:
        with ExitStack() as held:
            for session in [held.enter_context(app.state.sessions()) for _ in range(connections)]:
                resume(session, "", "api", timedelta(), now)
                for roles in kinds(session):
                    _look(session, Actor(uuid4(), "", "", _NOBODYS, "", roles), now)
    except Exception as error:
        structlog.get_logger("directory").warning("not_warmed", **where(error))


def kinds(session: Session) -> Sequence[frozenset[Role]]:
    """The sets of roles that most accounts hold."""
    held: dict[UUID, set[Role]] = defaultdict(set)
    for account_id, role in session.execute(select(AccountRole.account_id, AccountRole.role)):
        held[account_id].add(Role(role))
    return [roles for roles, _ in Counter(map(frozenset, held.values())).most_common(_MOST_KINDS)]


def _look(session: Session, nobody: Actor, now: datetime) -> None:
    for tab in TABS:
        desk(session, nobody, now, tab)
    if allows(nobody, Action.SUPERVISION_READ, nobody.org_code):
        for light in (None, *get_args(Light)):
            supervision(session, nobody, day_of(now), light=light, org="", size=LIMITS.page_count, after="")

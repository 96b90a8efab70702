"""回流 for programs."""

from collections.abc import Sequence
from datetime import UTC, datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from directory.access.views import RequestView, view
from directory.actions import Action
from directory.actors import CurrentActor
from directory.backflow import ask
from directory.backflow.ask import BackflowAsk, Offered, Territory
from directory.clock.deadlines import day_of
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by

router = APIRouter(prefix="/backflow", tags=["backflow"])


class Backflow(BaseModel):
    """What the caller's department can ask back: its territory (none while no region code is registered) and the
    entries of higher levels.
    """

    model_config = ConfigDict(frozen=True)

    territory: Territory | None
    items: Sequence[Offered]


@router.get("")
@governed_by(Action.REQUEST_CREATE)
def browse(session: DbSession, actor: CurrentActor) -> Backflow:
    """The caller's territory, and the entries of departments above it that say in which region a row is."""
    today = shanghai_today()
    return Backflow(territory=ask.territory_of(session, actor, today), items=ask.offers(session, actor, today))


@router.post("/requests", status_code=201)
@governed_by(Action.REQUEST_CREATE)
def draft(body: BackflowAsk, session: DbSession, actor: CurrentActor) -> RequestView:
    """Draft a request for the territory's own rows (Art. 24). No condition can be added to it, by nobody."""
    now = datetime.now(UTC)
    row = ask.ask(session, actor, body, now)
    return view(session, actor, row.id, day_of(now))

"""Who is told of a step of a responsibility."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.demands.models import Demand
from directory.notices.tell import To, tell
from directory.responsibilities.models import Responsibility
from directory.responsibilities.states import Act
from directory.roles import Role

_TO_DEPARTMENT: Final = frozenset({Act.ASSIGNED, Act.UPHELD, Act.RELEASED, Act.WITHDRAWN})


def tell_step(session: Session, actor: Actor, row: Responsibility, act: Act, now: datetime) -> None:
    """The department's lead of what the office does, the office of what the department answers, and whoever raised the
    demand that what it asks for has been catalogued.
    """
    given: Mapping[str, str] = {"name": row.name}
    if act is Act.CATALOGUED:
        demand = session.get(Demand, row.demand_id) if row.demand_id else None
        if demand is not None:
            to = To.person(demand.created_by)
            kind = "demand:catalogued"
            tell(session, to=to, kind=kind, about=demand.id, now=now, by=actor.account_id, title=demand.title, **given)
        return
    if act is Act.ASSIGNED:
        given = {**given, "day": row.due_on.isoformat()}
    to = To.holders(Role.SHARING_LEAD, row.org_code) if act in _TO_DEPARTMENT else To.everywhere(Role.OFFICE_APPROVER)
    if act is Act.ACCEPTED:
        to = To.person(row.assigned_by)
    kind = f"responsibility:{act.value}"
    tell(session, to=to, kind=kind, about=row.id, now=now, by=actor.account_id, **given)

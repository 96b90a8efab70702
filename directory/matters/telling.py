"""Telling the parties of a matter of a step, with the step."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.matters.kinds import PROCEDURES
from directory.matters.models import Matter
from directory.matters.notices import KINDS, TOLD
from directory.matters.procedure import Party
from directory.notices.tell import To, tell
from directory.roles import Role


def tell_of(
    session: Session, row: Matter, act: str, actor: Actor, now: datetime, *, consumers: Iterable[str] = ()
) -> None:
    """Tell those whom this step concerns; of a complaint nobody learns from the notice who acted."""
    kind = f"{row.kind}:{act}"
    offered = {
        "title": row.resource_title,
        "number": PROCEDURES[row.kind].number(row.year, row.number),
        "org": actor.org_name,
    }
    tell(
        session,
        to=[to for party in TOLD[kind] for to in _audience(row, party, consumers)],
        kind=kind,
        about=row.id,
        now=now,
        by=None if row.kind == "complaint" else actor.account_id,
        **{name: value for name, value in offered.items() if name in KINDS[kind].parameters},
    )


def _audience(row: Matter, party: Party, consumers: Iterable[str]) -> list[To]:
    match party:
        case Party.CREATOR:
            return [To.person(row.created_by)]
        case Party.RAISER:
            return [To.person(row.created_by), To.holders(Role.SHARING_LEAD, row.from_org)]
        case Party.ANSWERER:
            return [To.holders(Role.SHARING_LEAD, row.to_org)] if row.to_org else []
        case Party.OFFICE:
            return [To.everywhere(Role.OFFICE_REVIEWER), To.everywhere(Role.OFFICE_APPROVER)]
        case Party.CONSUMER:
            roles = (Role.REQUESTER, Role.SHARING_LEAD)
            return [To.holders(role, org) for org in consumers for role in roles]

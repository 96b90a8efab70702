"""What waits for one person: requests by the table of moves, catalogue entries by theirs, changes by their entries."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access.queries import awaiting
from directory.access.views import RequestLine, lines
from directory.actors import Actor
from directory.duties.views import DutyLine
from directory.duties.views import waiting as waiting_duties
from directory.limits import LIMITS
from directory.matters.views import MatterLine
from directory.matters.worklist import waiting as waiting_matters
from directory.organisations.queries import organisation
from directory.policy import Allowed, may
from directory.resources.queries import current_record, entries_in
from directory.resources.states import STATUSES, moves_from
from directory.uses.views import Asked, asked_of
from metadata.rules import lacks
from standards.findings import errors

_FORWARD = ("head_approve", "submit", "review", "publish")
_NOWHERE = ""  # no department has this code, so only a permission for all departments holds there


class EntryLine(BaseModel):
    """A catalogue entry that waits, and the status the caller's step would give it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    title: str
    provider_name: str
    status: str
    status_name: str
    to: str
    act_name: str
    updated_on: date


class Worklist(BaseModel):
    """Requests, changes of law or duty and use records asked for by due date, entries by how long they have lain.

    ``entries_total`` and ``uses_total`` count those not shown too; ``matters`` are corrections, objections, complaints.
    """

    model_config = ConfigDict(frozen=True)

    total: int
    items: Sequence[RequestLine]
    duties: Sequence[DutyLine]
    entries_total: int
    entries: Sequence[EntryLine]
    uses_total: int = 0
    uses: Sequence[Asked] = ()
    matters: Sequence[MatterLine] = ()


def worklist(session: Session, actor: Actor, today: date) -> Worklist:
    """Everything whose next step is this actor's to take."""
    requests = lines(session, awaiting(session, actor), today)
    uses_total, uses = asked_of(session, actor, today)
    waiting = [line for status in STATUSES for line in _entries(session, actor, status)]
    return Worklist(
        total=len(requests),
        items=requests,
        duties=waiting_duties(session, actor, today),
        entries_total=len(waiting),
        entries=waiting[: LIMITS.list_count],
        uses_total=uses_total,
        uses=uses,
        matters=waiting_matters(session, actor, today),
    )


def _entries(session: Session, actor: Actor, status: str) -> list[EntryLine]:
    """The entries in one status that this actor may take forward."""
    found = []
    for move in moves_from(status, has_published=False):
        if move.step not in _FORWARD or not isinstance(may(actor, move.action, actor.org_code), Allowed):
            continue
        is_for_all = isinstance(may(actor, move.action, _NOWHERE), Allowed)
        for entry in entries_in(session, actor, [status], None if is_for_all else actor.org_code):
            if status == "draft" and errors(lacks(current_record(session, entry))):
                continue  # the editor's turn still: an imported workbook must not bury the head's real work
            line = EntryLine(
                id=entry.id,
                title=entry.title,
                provider_name=organisation(session, entry.org_code).name,
                status=status,
                status_name=STATUSES[status],
                to=move.to,
                act_name=move.name_zh,
                updated_on=entry.updated_on,
            )
            found.append(line)
    return found

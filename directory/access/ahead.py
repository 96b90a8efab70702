"""What the steps of many requests will ask, asked of all of them at once."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from directory.access import consents
from directory.access.issue import CONSUMERS
from directory.access.models import RequestRow
from directory.access.permitted import FACTS
from directory.access.queries import TEXTS
from directory.access.states import Act
from directory.backflow.queries import is_backflow
from directory.negatives.queries import CONCERNING
from directory.resources.queries import AT_HAND, HELD_STILL

_READ_ENTRY = frozenset({Act.AGREED, Act.REFUSED})


def ask_ahead(session: Session, rows: Sequence[RequestRow], act: Act | None = None, today: date | None = None) -> None:
    """What any step asks, and this one of today besides, of rows with their steps and terms at hand; held, if for a
    step.
    """
    ids = [row.id for row in rows]
    FACTS.ahead(session, ids)
    goes_back = is_backflow.ahead(session, ids)
    TEXTS.ahead(session, {(row.id, row.version) for row in rows})
    read = {row.resource_id for row in rows} if act in _READ_ENTRY else set()
    if act is Act.ACCEPTED:
        asked = {(row.resource_id, goes_back[row.id]) for row in rows if row.share_type == "unconditional"}
        standing = consents.STANDING.ahead(session, asked)
        read = {resource_id for (resource_id, _), consent in standing.items() if consent is not None}
    (AT_HAND if act is Act.REFUSED else HELD_STILL).ahead(session, read)
    if act is Act.AGREED:
        CONSUMERS.expect(session, {row.requester_org for row in rows})
    if today is not None and act is not Act.REFUSED:
        CONCERNING.ahead(session, {(each, today) for each in read})

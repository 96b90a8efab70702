"""What the steps of many requests will ask, asked of all of them at once."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from directory.access import consents
from directory.access.models import RequestRow
from directory.access.permitted import FACTS
from directory.access.queries import TEXTS
from directory.access.states import Act
from directory.backflow.queries import is_backflow
from directory.resources.queries import AT_HAND

_READ_ENTRY = frozenset({Act.AGREED, Act.REFUSED})


def ask_ahead(session: Session, rows: Sequence[RequestRow], act: Act | None = None) -> None:
    """What any step asks, and this one besides, of rows with their steps and terms at hand; held, if for a step."""
    ids = [row.id for row in rows]
    FACTS.ahead(session, ids)
    goes_back = is_backflow.ahead(session, ids)
    TEXTS.ahead(session, {(row.id, row.version) for row in rows})
    if act is Act.ACCEPTED:
        asked = {(row.resource_id, goes_back[row.id]) for row in rows if row.share_type == "unconditional"}
        consents.STANDING.ahead(session, asked)
    if act in _READ_ENTRY:
        AT_HAND.ahead(session, {row.resource_id for row in rows})

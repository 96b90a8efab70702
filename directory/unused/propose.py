"""Proposing that a use ends before its term: said to the requester, who ends it by the step there is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from directory.access import comments
from directory.access.models import RequestRow
from directory.access.names import STATE_NAMES
from directory.access.queries import request_row
from directory.access.states import Stage, State
from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.notices.tell import To, tell
from directory.policy import require
from directory.roles import Role
from directory.typed import require_words

OPENING = "提议提前结束"
_RUNNING = frozenset({State.PROVISIONED, State.ACTIVE})


def propose_end(session: Session, actor: Actor, request_id: UUID, words: str, now: datetime) -> RequestRow:
    """The provider, or the office, proposes with its reasons that a grant that is not put to use ends.

    It is a comment on the request and a notice to the requester's people: they end the use as its purpose reached, or
    say why they need it. Raises ``REQUEST_NOT_FOUND``, ``FORBIDDEN``, ``END_NOT_OPEN``, ``COMMENT_REQUIRED``,
    ``COMMENTS_FULL``.
    """
    row = request_row(session, actor, request_id)
    acting = require(actor, Action.GRANT_CONFIRM_CHANGE, row.provider_org)
    if row.state not in _RUNNING:
        raise DirectoryError("END_NOT_OPEN", state=STATE_NAMES[State(row.state), Stage(row.stage)])
    require_words(words)
    comments.write(session, actor, request_id, f"{OPENING}：{words.strip()}", now)
    tell(
        session,
        to=[To.holders(role, row.requester_org) for role in (Role.SHARING_LEAD, Role.REQUESTER)],
        kind="unused:end_proposed",
        about=row.id,
        now=now,
        by=actor.account_id,
        title=row.resource_title,
        org=acting.org_name,
    )
    record(session, acting, "grant:propose_end", str(row.id), at=now)
    return row

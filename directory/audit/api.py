"""The log for auditors, and its newest checkpoint for everybody signed in."""

import base64
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from directory.actions import Action
from directory.actors import CurrentActor
from directory.audit.queries import entries_page, newest_checkpoint
from directory.db import DbSession
from directory.declared import governed_by, open_to_signed_in
from directory.limits import LIMITS
from directory.policy import require

router = APIRouter(prefix="/audit", tags=["audit"])


class Checkpoint(BaseModel):
    """The newest signed note (C2SP tlog-checkpoint; empty before the first), and the log's public key in hex."""

    note: str
    public: str
    fingerprint: str


class EntryLine(BaseModel):
    """One entry: its place and its exact bytes in base64."""

    idx: int
    bytes: str


@router.get("/checkpoint")
@open_to_signed_in("a commitment to the log, which says nothing of what is in it")
def show_checkpoint(request: Request, session: DbSession, actor: CurrentActor) -> Checkpoint:
    """What the log has come to; keep it, and no older entry can be changed without your noticing."""
    key = request.app.state.log_key.verifying
    return Checkpoint(note=newest_checkpoint(session), public=key.public.hex(), fingerprint=key.key_id)


@router.get("/entries")
@governed_by(Action.AUDIT_READ)
def list_entries(
    session: DbSession, actor: CurrentActor, after: Annotated[int, Query(ge=0, le=2**53)] = 0
) -> list[EntryLine]:
    """Entries from place ``after`` on, a page at a time."""
    require(actor, Action.AUDIT_READ, None)
    page = entries_page(session, after, LIMITS.page_count)
    return [EntryLine(idx=each.idx, bytes=base64.b64encode(each.bytes).decode()) for each in page]

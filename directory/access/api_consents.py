"""Standing consents and renewals for programs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from directory.access import consents, renewal
from directory.access.consents import Consent
from directory.access.said import Words
from directory.access.views import RequestView, view
from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.db import DbSession
from directory.declared import governed_by
from metadata.access import AccessRequest

router = APIRouter(tags=["access"])


class NewConsent(BaseModel):
    """A consent to every request for an entry, or with ``is_backflow`` to every 回流 of it, and what for."""

    model_config = ConfigDict(extra="forbid")

    resource: Annotated[str, Field(min_length=3, max_length=100)]
    words: Words
    is_backflow: StrictBool = False


class Revocation(BaseModel):
    """Why a consent is revoked."""

    model_config = ConfigDict(extra="forbid")

    words: Words


@router.get("/consents")
@governed_by(Action.CONSENT_READ)
def browse(session: DbSession, actor: CurrentActor) -> Sequence[Consent]:
    """The standing consents of the caller's department, or of all for those who supervise; also those revoked."""
    return consents.consents(session, actor)


@router.post("/consents", status_code=201)
@governed_by(Action.CONSENT_SIGN)
def sign(body: NewConsent, session: DbSession, actor: CurrentActor) -> Consent:
    """Consent to every request for an unconditional entry, which is then answered as soon as it is accepted; or to
    what lower territories ask back of an entry (Art. 24), answered as soon as their department sends it.
    """
    made = consents.sign(session, actor, body.resource, body.words, datetime.now(UTC), is_backflow=body.is_backflow)
    return consents.shown(session, made)


@router.post("/consents/{consent_id}/revocation")
@governed_by(Action.CONSENT_SIGN)
def revoke(consent_id: UUID, body: Revocation, session: DbSession, actor: CurrentActor) -> Consent:
    """Revoke a consent; what was given under it stays given."""
    return consents.shown(session, consents.revoke(session, actor, consent_id, body.words, datetime.now(UTC)))


@router.post("/requests/{request_id}/renewals", status_code=201)
@governed_by(Action.REQUEST_CREATE)
def renew(request_id: UUID, body: AccessRequest, session: DbSession, actor: CurrentActor) -> RequestView:
    """Draft the request that goes on where this one ends: the same entry, a later day."""
    now = datetime.now(UTC)
    row = renewal.renew(session, actor, request_id, body, now)
    return view(session, actor, row.id, day_of(now))

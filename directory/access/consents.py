"""常设同意: a provider's consent to every request for an unconditional entry, or to all 回流 of an entry; revocable."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, false, select, true, tuple_
from sqlalchemy.orm import Session

from directory.access.issue import offered
from directory.access.models import RequestRow
from directory.access.reply_models import StandingConsent
from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import Details, record
from directory.backflow.queries import is_backflow as is_backflow_request
from directory.backflow.territory import require_item
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.policy import NOWHERE, allows, require
from directory.resources.models import HELD, ResourceEntry
from directory.resources.queries import find, held_still
from directory.statements.question import Question
from directory.typed import require_words
from standards.crypto import digest_hex

_Kind = tuple[UUID, bool]


class Consent(BaseModel):
    """A consent as it was signed; ``is_current`` while it stands for the version that is published now."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    resource_id: UUID
    resource_title: str
    resource_version: int
    is_current: bool
    is_backflow: bool
    words: str
    signer_name: str
    signed_at: datetime
    revoked_at: datetime | None
    revoke_words: str | None


def sign(
    session: Session, actor: Actor, ref: str, words: str, now: datetime, *, is_backflow: bool = False
) -> StandingConsent:
    """Consent to every request for the version now published; an earlier consent of its kind ends with this one.

    With ``is_backflow`` to what lower territories ask back of it (Art. 24), which takes an item that says where a row
    is, but no unconditional entry. Raises ``RESOURCE_NOT_FOUND``, ``FORBIDDEN``, ``COMMENT_REQUIRED``,
    ``CONSENT_CONDITIONAL``, ``CONSENT_STANDS``, ``BACKFLOW_ITEM``, ``BACKFLOW_FILES``.
    """
    entry = find(session, actor, ref)
    require(actor, Action.CONSENT_SIGN, entry.org_code)
    require_words(words)
    session.get_one(ResourceEntry, entry.id, with_for_update=HELD)  # two who sign at once: one after the other
    resource = offered(session, entry)
    if is_backflow:
        require_item(resource, "")
    if resource.sharing.share_type not in (("conditional", "unconditional") if is_backflow else ("unconditional",)):
        raise DirectoryError("CONSENT_CONDITIONAL", title=entry.title)
    earlier = _standing(session, entry.id, is_backflow=is_backflow)
    if earlier is not None and earlier.resource_version == entry.published_version:
        raise DirectoryError("CONSENT_STANDS", title=entry.title)
    if earlier is not None:
        _end(session, actor, earlier, "目录有了新版，重新签署", now)
    made = StandingConsent(
        id=uuid4(),
        resource_id=entry.id,
        resource_version=int(entry.published_version or 0),
        is_backflow=is_backflow,
        org_code=entry.org_code,
        words=words.strip(),
        signed_by=actor.account_id,
        signer_name=actor.display_name,
        signed_at=now,
    )
    session.add(made)
    session.flush()
    details: Details = {
        "resource_id": str(entry.id),
        "version": made.resource_version,
        "is_backflow": is_backflow,
        "words_digest": _digest(made.words),
    }
    record(session, actor, "consent:sign", str(made.id), details=details, at=now)
    return made


def revoke(session: Session, actor: Actor, consent_id: UUID, words: str, now: datetime) -> StandingConsent:
    """From now on requests wait for a reply again; what has been given stays given.

    Raises ``CONSENT_NOT_FOUND``, ``FORBIDDEN``, ``COMMENT_REQUIRED``, ``CONSENT_REVOKED``.
    """
    query = select(StandingConsent).where(StandingConsent.id == consent_id, _visible(actor)).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise DirectoryError("CONSENT_NOT_FOUND", consent_id=consent_id)
    require(actor, Action.CONSENT_SIGN, found.org_code)
    require_words(words)
    if found.revoked_at is not None:
        raise DirectoryError("CONSENT_REVOKED")
    _end(session, actor, found, words.strip(), now)
    return found


def applies(session: Session, row: RequestRow) -> StandingConsent | None:
    """The consent that answers this request, if one does; held until the transaction ends, so none is revoked under it.

    It must stand for the version now published, of an entry that is still unconditional or to 回流, as the request is,
    and be signed by somebody else than who asks.
    """
    if row.share_type != "unconditional":
        return None
    found = STANDING(session, (row.resource_id, is_backflow_request(session, row.id)))
    if found is None or found.signed_by in (row.created_by, row.handler):
        return None
    entry = held_still(session, row.resource_id)
    return found if found.resource_version == entry.published_version else None


def citation(consent: StandingConsent) -> str:
    """How a reply cites the consent it rests on."""
    signed_on = day_of(consent.signed_at)
    what = "常设回流同意（条例第二十四条）" if consent.is_backflow else "常设同意"
    return f"依据{consent.signer_name} {signed_on.isoformat()} 签署的{what}：{consent.words}"


def consents(session: Session, actor: Actor) -> Sequence[Consent]:
    """All of the actor's department, or of every one for those who supervise; standing ones first, newest first."""
    require(actor, Action.CONSENT_READ, actor.org_code)
    query = select(StandingConsent, ResourceEntry).join(ResourceEntry, ResourceEntry.id == StandingConsent.resource_id)
    ordered = query.where(_visible(actor)).order_by(
        StandingConsent.revoked_at.desc().nulls_first(), StandingConsent.signed_at.desc()
    )
    return [_view(consent, entry) for consent, entry in session.execute(ordered.limit(LIMITS.list_count))]


def signable(session: Session, actor: Actor, *, is_backflow: bool = False) -> Sequence[tuple[UUID, str]]:
    """The entries of the actor's department for whose published version no consent of this kind stands: unconditional
    ones, for 回流 conditional ones too.
    """
    if not allows(actor, Action.CONSENT_SIGN, actor.org_code):
        return []
    stands = (
        select(StandingConsent.id)
        .where(StandingConsent.resource_id == ResourceEntry.id, StandingConsent.revoked_at.is_(None))
        .where(StandingConsent.is_backflow == is_backflow)
        .where(StandingConsent.resource_version == ResourceEntry.published_version)
    )
    query = select(ResourceEntry.id, ResourceEntry.title).where(
        ResourceEntry.org_code == actor.org_code,
        ResourceEntry.status == "published",
        ResourceEntry.share_type.in_(("unconditional", "conditional") if is_backflow else ("unconditional",)),
        ~stands.exists(),
    )
    found = session.execute(query.order_by(ResourceEntry.title).limit(LIMITS.list_count))
    return [(entry_id, title) for entry_id, title in found]


def consent_of(session: Session, resource_id: UUID, *, is_backflow: bool) -> Consent | None:
    """The consent of this kind that stands for an entry as it is published now."""
    found = _standing(session, resource_id, lock=False, is_backflow=is_backflow)
    view = found and _view(found, session.get_one(ResourceEntry, resource_id))
    return view if view and view.is_current else None


def shown(session: Session, consent: StandingConsent) -> Consent:
    """One consent as API and pages show it."""
    return _view(consent, session.get_one(ResourceEntry, consent.resource_id))


def _visible(actor: Actor) -> ColumnElement[bool]:
    """The one answer to who sees which consents: their department, and who supervises."""
    if allows(actor, Action.CONSENT_READ, NOWHERE):
        return true()
    if allows(actor, Action.CONSENT_READ, actor.org_code):
        return StandingConsent.org_code == actor.org_code
    return false()


def _standing(session: Session, resource_id: UUID, *, is_backflow: bool, lock: bool = True) -> StandingConsent | None:
    query = select(StandingConsent).where(
        StandingConsent.resource_id == resource_id,
        StandingConsent.is_backflow == is_backflow,
        StandingConsent.revoked_at.is_(None),
    )
    if lock:
        query = query.with_for_update(read=True).execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def _held(session: Session, asked: Collection[_Kind]) -> Mapping[_Kind, StandingConsent | None]:
    query = select(StandingConsent).where(
        tuple_(StandingConsent.resource_id, StandingConsent.is_backflow).in_(list(asked)),
        StandingConsent.revoked_at.is_(None),
    )
    ordered = query.order_by(StandingConsent.id).with_for_update(read=True)
    held = session.scalars(ordered.execution_options(populate_existing=True))
    found = {(each.resource_id, each.is_backflow): each for each in held}
    return {each: found.get(each) for each in asked}


STANDING: Final = Question(_held, lasts=True)
"""The consent to an entry, or to 回流 of it, that nobody has revoked; held until the transaction ends."""


def _end(session: Session, actor: Actor, consent: StandingConsent, words: str, now: datetime) -> None:
    consent.revoked_by, consent.revoked_at, consent.revoke_words = actor.account_id, now, words
    session.flush()
    record(session, actor, "consent:revoke", str(consent.id), details={"words_digest": _digest(words)}, at=now)


def _view(consent: StandingConsent, entry: ResourceEntry) -> Consent:
    is_standing = consent.revoked_at is None and entry.status == "published"
    return Consent(
        id=consent.id,
        resource_id=entry.id,
        resource_title=entry.title,
        resource_version=consent.resource_version,
        is_current=is_standing and consent.resource_version == entry.published_version,
        is_backflow=consent.is_backflow,
        words=consent.words,
        signer_name=consent.signer_name,
        signed_at=consent.signed_at,
        revoked_at=consent.revoked_at,
        revoke_words=consent.revoke_words,
    )


def _digest(words: str) -> str:
    return digest_hex(words.encode())

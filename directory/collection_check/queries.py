"""Checks that were made. Who sees them: the department's own people, the office, the auditor."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.collection_check.models import CollectionCheck
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.policy import visible_resources
from directory.roles import Role


def one(session: Session, actor: Actor, check_id: UUID) -> CollectionCheck:
    """One check; raises ``COLLECTION_NOT_FOUND``."""
    row = session.scalar(select(CollectionCheck).where(CollectionCheck.id == check_id, _visible(actor)))
    if row is None:
        raise DirectoryError("COLLECTION_NOT_FOUND", ref=check_id)
    return row


def checks(session: Session, actor: Actor, limit: int = LIMITS.list_count) -> Sequence[CollectionCheck]:
    """The checks this actor sees, the newest first."""
    query = select(CollectionCheck).where(_visible(actor)).order_by(CollectionCheck.made_at.desc())
    return session.scalars(query.limit(limit)).all()


def _visible(actor: Actor) -> ColumnElement[bool]:
    visible = visible_resources(actor)
    if visible.is_everything or Role.AUDITOR in actor.roles:
        return true()
    return CollectionCheck.org_code == visible.org_code

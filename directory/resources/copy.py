"""Begin a new entry with the content of another."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.organisations.queries import organisation
from directory.policy import allows
from directory.resources.classes import ClassCodes
from directory.resources.queries import find, shown_record
from directory.resources.register import Saved, register, with_provider
from metadata.resource import Party
from metadata.templates import without_identity

COPIED: Final = "（副本）"
_TITLE_LENGTH: Final = 500


def copy(session: Session, actor: Actor, ref: str, classes: ClassCodes, now: datetime) -> Saved:
    """Register a draft with the content of the version this actor sees; identifier and code are new ones.

    It belongs to the same department where the actor may register for it, else to the actor's own, which then is its
    provider. Neither assessments nor mounts come along: they are of the other entry's data. Raises what ``register``
    raises.
    """
    entry = find(session, actor, ref)
    record = without_identity(shown_record(session, actor, entry))
    is_ours = allows(actor, Action.RESOURCE_REGISTER, entry.org_code)
    own = organisation(session, entry.org_code if is_ours else actor.org_code)
    changes: dict[str, object] = {"title": record.title[: _TITLE_LENGTH - len(COPIED)] + COPIED}
    if not is_ours:
        provider = Party(name=own.name, code=own.real_code)
        changes |= {"provider": provider, "maintainer": None, "source_system": "", "class_code": ""}
    return register(session, actor, with_provider(record.model_copy(update=changes), own), classes, now)

"""Register many entries at once: each by the same rules as one, written in a few statements.

Ten thousand rows of a workbook are to be drafts within seconds; one by one, each costs a dozen statements.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record_many
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.libraries.names import library_class_codes, require_library
from directory.organisations.models import Organisation
from directory.organisations.queries import require_name, require_open
from directory.policy import require
from directory.resources.admit import admit_plain
from directory.resources.classes import ClassCodes
from directory.resources.mint import mint_many, refuse_claimed_many
from directory.resources.models import ResourceEntry, ResourceStep, ResourceVersion
from directory.resources.register import columns_of, with_provider
from directory.search.changes import mark
from metadata.resource import Resource
from standards.errors import ExplainedError

_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True)
class Arrival:
    """A record to register, the department whose it is, and what recognises it when it comes again."""

    record: Resource
    organisation: Organisation
    source_key: str


def register_many(
    session: Session, actor: Actor, arrivals: Sequence[Arrival], classes: ClassCodes, now: datetime
) -> list[UUID | ExplainedError]:
    """For each arrival the entry it has become, in draft and version 1, or why it was refused as ``register`` would.

    What is refused takes no number, so those of the others have no gaps. Raises ``FORBIDDEN``.
    """
    for code in {each.organisation.code for each in arrivals}:
        require(actor, Action.RESOURCE_REGISTER, code)
    classes = classes.with_libraries(library_class_codes(session))
    done: list[UUID | ExplainedError] = []
    taken: list[tuple[Arrival, UUID, Resource]] = []
    claimed = refuse_claimed_many(session, [each.record for each in arrivals], classes)
    for each, refusal in zip(arrivals, claimed, strict=True):
        try:
            if refusal is not None:
                raise refusal
            entry_id = uuid4()
            taken.append((each, entry_id, _admitted(session, each, entry_id, now)))
            done.append(entry_id)
        except ExplainedError as error:
            done.append(error)
    minted = mint_many(session, [(record, each.organisation.prefix) for each, _, record in taken], classes)
    good: list[tuple[Arrival, UUID, Resource]] = []
    place = {entry_id: number for number, entry_id in enumerate(done) if isinstance(entry_id, UUID)}
    for (each, entry_id, _), stored in zip(taken, minted, strict=True):
        if isinstance(stored, ExplainedError):
            done[place[entry_id]] = stored
        else:
            good.append((each, entry_id, stored))
    for start in range(0, len(good), _ROWS_AT_ONCE):
        _write(session, actor, good[start : start + _ROWS_AT_ONCE], now)
    return done


def _admitted(session: Session, arrival: Arrival, entry_id: UUID, now: datetime) -> Resource:
    """The record as it is to be stored, but for its numbers."""
    if arrival.record.assessments:
        raise DirectoryError("ASSESSMENT_SEPARATE")
    require_name(session, arrival.organisation, arrival.record.provider.name)
    require_open(session, arrival.organisation)
    require_library(session, arrival.record.library)
    record = with_provider(arrival.record, arrival.organisation)
    given = {"metadata_id": record.metadata_id or str(entry_id), "updated_on": record.updated_on or day_of(now)}
    record = record.model_copy(update=given)
    admit_plain(record, day_of(now))
    return record


def _write(session: Session, actor: Actor, good: Sequence[tuple[Arrival, UUID, Resource]], now: datetime) -> None:
    author = actor.account_id
    entries: list[Mapping[str, Any]] = [
        {
            "id": entry_id,
            "org_code": each.organisation.code,
            "status": "draft",
            "step_seq": 1,
            "round": 1,
            "current_version": 1,
            "source_key": each.source_key,
            **columns_of(record, now),
        }
        for each, entry_id, record in good
    ]
    version = {"version": 1, "created_by": author, "created_at": now}
    step = {"seq": 1, "step": "register", "status": "draft", "version": 1, "round": 1, "comment": ""}
    step |= {"authored_by": author, "decided_by": author, "decided_at": now}
    session.execute(insert(ResourceEntry), entries)
    session.execute(insert(ResourceVersion), [{"resource_id": i, "record": record, **version} for _, i, record in good])
    session.execute(insert(ResourceStep), [{"resource_id": i, **step} for _, i, _ in good])
    mark(session, *(entry_id for _, entry_id, _ in good))
    numbers = [
        (str(entry_id), {"identifier": record.identifier or None, "code": record.code or None, "version": 1})
        for _, entry_id, record in good
    ]
    record_many(session, actor, "resource:register", numbers, at=now)

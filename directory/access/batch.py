"""The same step for many requests: each is taken or refused by itself, and keeps its own outcome."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from directory.access.decide import decide
from directory.access.queries import lock_chains
from directory.access.said import Said
from directory.access.states import Act
from directory.actors import Actor
from directory.errors import DirectoryError
from standards.crypto import SigningKey


def move_many(
    session: Session,
    actor: Actor,
    key: SigningKey,
    request_ids: Sequence[UUID],
    act: Act,
    now: datetime,
    said: Said,
    *,
    suite_2: AbstractSet[str],
) -> Mapping[UUID, DirectoryError | None]:
    """What became of each, in the order given; None where the step was taken. What was refused leaves nothing behind.

    They are locked first, all of them, in the order of their ids: two who decide on the same ones wait for each other
    once, and nobody who holds one waits for the feed while we hold the feed and wait for it. What a grant locks
    besides, it locks after the feed (``issue``).
    """
    lock_chains(session, actor, request_ids)
    outcomes: dict[UUID, DirectoryError | None] = {}
    for each in sorted(set(request_ids)):
        try:
            with session.begin_nested():
                decide(session, actor, key, each, act, now, said, suite_2=suite_2)
            outcomes[each] = None
        except DirectoryError as error:
            session.expire_all()
            outcomes[each] = error
    return {each: outcomes[each] for each in request_ids}

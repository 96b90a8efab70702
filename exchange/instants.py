"""Batches of one instant of their source: sealed together from one snapshot, applied together in one transaction.

Which they are stands in the signed manifests, and in the ledger from planning on at the provider, from ``fetch`` on at
the consumer. Whatever is done to all of them is done under the leases of all, taken in one order by everybody.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.postgresql import insert as upsert

from exchange import ledger
from exchange.errors import ExchangeError
from exchange.ledger import Batch
from exchange.node import Node
from exchange.states import Role, State
from exchange.store import BATCH, INSTANT
from metadata.record import canonical_bytes
from standards.crypto import digest_hex
from standards.errors import ExplainedError

JOINT: frozenset[tuple[Role, State]] = frozenset({("provider", "due"), ("consumer", "checked")})
"""From here the next step is one of all members, or of none."""


class Place(NamedTuple):
    """A batch by its route and sequence."""

    route_id: str
    seq: int


class MemberError(Exception):
    """What went wrong in a joint step, and at which batch: the others only wait for it."""

    def __init__(self, batch: Batch, error: ExplainedError | OSError) -> None:
        super().__init__(batch.subject)
        self.batch = batch
        self.error = error
        self.code = error.code if isinstance(error, ExplainedError) else ""


@contextmanager
def blaming(batch: Batch) -> Iterator[None]:
    """An error inside is this member's. Raises ``MemberError``; a lost lease stays what it is."""
    try:
        yield
    except ExplainedError as error:
        if error.code == "STALE_LEASE":
            raise
        raise MemberError(batch, error) from None
    except OSError as error:
        raise MemberError(batch, error) from None


def keep(connection: Connection, places: Sequence[Place]) -> None:
    """Note which batches are of one instant, or that one is of none. What is not sealed yet may come to another."""
    instant = digest_hex(canonical_bytes([list(place) for place in sorted(places)])) if len(places) > 1 else ""
    for place in sorted(places):
        values = {"route_id": place.route_id, "seq": place.seq, "instant": instant}
        statement = upsert(INSTANT).values(**values)
        connection.execute(statement.on_conflict_do_update(index_elements=["route_id", "seq"], set_=values))


def members(connection: Connection, batch: Batch) -> tuple[Place, ...]:
    """All batches of its instant in their order; itself alone when it is of none."""
    own = select(INSTANT.c.instant).where(INSTANT.c.route_id == batch.route_id, INSTANT.c.seq == batch.seq)
    rows = connection.execute(
        select(INSTANT.c.route_id, INSTANT.c.seq).where(
            INSTANT.c.instant == own.scalar_subquery(), INSTANT.c.instant != ""
        )
    )
    return tuple(sorted(Place(row.route_id, row.seq) for row in rows)) or (Place(batch.route_id, batch.seq),)


def every(connection: Connection) -> tuple[tuple[Place, ...], ...]:
    """The members of each instant there is."""
    found: defaultdict[str, list[Place]] = defaultdict(list)
    for row in connection.execute(select(INSTANT).where(INSTANT.c.instant != "")):
        found[row.instant].append(Place(row.route_id, row.seq))
    return tuple(tuple(sorted(places)) for places in found.values())


def others(connection: Connection, batch: Batch) -> dict[Place, Batch | None]:
    """The other batches of its instant; None for one that has not arrived."""
    own = Place(batch.route_id, batch.seq)
    return {place: _found(connection, place) for place in members(connection, batch) if place != own}


def take(engine: Engine, batch: Batch) -> tuple[Place, ...]:
    """What has to be leased for the batch's next step, in order: all members when all have come as far as it has, else
    itself.
    """
    own = (Place(batch.route_id, batch.seq),)
    if (batch.role, batch.state) not in JOINT:
        return own
    with engine.connect() as connection:
        found = others(connection, batch)
    is_ready = all(each is not None and each.state == batch.state for each in found.values())
    return tuple(sorted((*own, *found))) if is_ready else own


@contextmanager
def leased(engine: Engine, places: Sequence[Place], run_id: str) -> Iterator[tuple[Batch, ...]]:
    """The batches, each under a new lease. Raises as ``ledger.take``: whoever comes second gets none of them."""
    with ExitStack() as stack:
        yield tuple(stack.enter_context(ledger.take(engine, *place, run_id)) for place in places)


def require_whole(node: Node, batches: Sequence[Batch]) -> None:
    """These are all members of their instant, or one batch that is of none.

    Raises ``INSTANT_REFUSED`` when another member is quarantined here, ``INSTANT_WAITS`` when one is missing or has not
    come as far.
    """
    here = {Place(batch.route_id, batch.seq) for batch in batches}
    with node.engine.connect() as connection:
        missing = {place: each for place, each in others(connection, batches[0]).items() if place not in here}
    for each in missing.values():
        if each is not None and each.state == "quarantined":
            raise refused(each)
    for place, each in missing.items():
        raise waits(place, each)


def waits(place: Place, other: Batch | None) -> ExchangeError:
    """That a batch waits for another member, and where that is."""
    state = "missing" if other is None else other.state
    code = "" if other is None else other.code
    return ExchangeError("INSTANT_WAITS", route_id=place.route_id, seq=place.seq, state=state, why=code or "-")


def refused(other: Batch) -> ExchangeError:
    return ExchangeError("INSTANT_REFUSED", route_id=other.route_id, seq=other.seq, why=other.code)


def _found(connection: Connection, place: Place) -> Batch | None:
    known = select(BATCH.c.seq).where(BATCH.c.route_id == place.route_id, BATCH.c.seq == place.seq)
    if connection.scalar(known) is None:
        return None
    return ledger.find(connection, *place)

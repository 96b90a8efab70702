"""One turn of a node on its own, without Airflow: keep up, plan, take arrivals, drive what can move, report."""

from dataclasses import dataclass
from datetime import datetime

from exchange import plan, steps, sync
from exchange.errors import ExchangeError
from exchange.node import Node
from exchange.plan import BatchRef
from exchange.ports import Checker
from exchange.steps import Outcome


@dataclass(frozen=True)
class Driven:
    """A batch and where driving it has led."""

    batch: BatchRef
    outcome: Outcome


@dataclass(frozen=True)
class Turn:
    """What a turn did, and what kept it from doing more (the directory or relay down; nothing is lost by it)."""

    driven: tuple[Driven, ...]
    troubles: tuple[ExchangeError, ...]


def turn(node: Node, checker: Checker, now: datetime, *, force: bool = False, run_id: str = "") -> Turn:
    """Do all that can be done now. ``force`` plans every route as if its time had come."""
    troubles: list[ExchangeError] = []
    for work in (
        lambda: sync.sync(node),
        lambda: plan.plan(node, now, force=force),
        lambda: plan.arrivals(node),
    ):
        try:
            work()
        except ExchangeError as error:
            troubles.append(error)
    driven = tuple(
        Driven(batch, steps.drive(node, batch.route_id, batch.seq, checker, run_id))
        for batch in plan.open_batches(node)
    )
    if driven:
        try:
            sync.sync(node)
        except ExchangeError as error:
            troubles.append(error)
    return Turn(driven, tuple(troubles))

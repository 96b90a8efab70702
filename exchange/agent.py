"""A node on its own, without Airflow: keep up, carry out orders, plan, take arrivals, drive what can move, report."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exc

from exchange import fsck, plan, steps
from exchange.doctor.run import examine
from exchange.errors import ExchangeError
from exchange.keys import rotate
from exchange.node import Node
from exchange.peers import orders, sync
from exchange.plan import BatchRef
from exchange.ports import Checker
from exchange.probe.run import probe_all
from exchange.reconcile import provider
from exchange.reconcile.turn import nightly
from exchange.redrive import redrive
from exchange.steps import Outcome
from metadata.keys import FIRST_SUITE
from metadata.orders import WorkOrder


@dataclass(frozen=True)
class Driven:
    """A batch and where driving it has led."""

    batch: BatchRef
    outcome: Outcome


@dataclass(frozen=True)
class Turn:
    """What a turn did, and what kept it from doing more (directory, relay, its own database down; nothing is lost)."""

    driven: tuple[Driven, ...]
    troubles: tuple[ExchangeError, ...]


def turn(node: Node, checker: Checker, now: datetime, *, force: bool = False, run_id: str = "") -> Turn:
    """Do all that can be done now. ``force`` plans every route as if its time had come."""
    troubles: list[ExchangeError] = []
    driven: tuple[Driven, ...] = ()
    compared = 0
    for work in (
        lambda: sync.sync(node),
        lambda: orders.carry_out(node, actions(checker)),
        lambda: plan.plan(node, now, force=force),
        lambda: plan.arrivals(node),
    ):
        with _noted(troubles):
            work()
    with _noted(troubles):
        driven = _drive(node, checker, run_id)
    with _noted(troubles):
        compared = nightly(node, now)
    if driven or compared:
        with _noted(troubles):
            sync.sync(node)
    return Turn(driven, tuple(troubles))


@contextlib.contextmanager
def _noted(troubles: list[ExchangeError]) -> Iterator[None]:
    """What fails here keeps nothing else from being tried, now or in the next turn: a database is restarted, too."""
    try:
        yield
        return
    except ExchangeError as error:
        trouble = error
    except (exc.OperationalError, exc.InterfaceError):
        trouble = ExchangeError("LEDGER_DOWN")
    if trouble.code not in {each.code for each in troubles}:
        troubles.append(trouble)


def actions(checker: Checker) -> Mapping[str, orders.Action]:
    """What a work order may set going; the names are those of ``metadata.orders.PROCEDURES``."""

    def run(node: Node, order: WorkOrder) -> Mapping[str, int]:
        planned = plan.plan(node, node.now(), force=bool(order.arguments.get("force", False)))
        arrived = plan.arrivals(node)
        driven = _drive(node, checker, order.order_id)
        stopped = sum(item.outcome.state in ("held", "quarantined") for item in driven)
        return {"planned": len(planned), "arrived": len(arrived), "driven": len(driven), "stopped": stopped}

    return {
        "doctor": _doctor,
        "fsck": _fsck,
        "probe": _probe,
        "reconcile": _reconcile,
        "redrive": _redrive,
        "rotate": _rotate,
        "run": run,
    }


def _drive(node: Node, checker: Checker, run_id: str) -> tuple[Driven, ...]:
    return tuple(
        Driven(batch, steps.drive(node, batch.route_id, batch.seq, checker, run_id))
        for batch in plan.open_batches(node)
    )


def _doctor(node: Node, _: WorkOrder) -> Mapping[str, int]:
    lights = [line.light for line in examine(node)]
    return {light: lights.count(light) for light in ("ok", "note", "bad")}


def _fsck(node: Node, _: WorkOrder) -> Mapping[str, int]:
    return {"findings": len(fsck.fsck(node))}


def _probe(node: Node, _: WorkOrder) -> Mapping[str, int]:
    found, _accepted = probe_all(node)
    return {"probes": len(found), "matching": sum(each.is_reachable and each.is_matching for each in found)}


def _reconcile(node: Node, order: WorkOrder) -> Mapping[str, int]:
    provider.begin(node, str(order.arguments["route_id"]))
    return {}


def _rotate(node: Node, order: WorkOrder) -> Mapping[str, int]:
    rotate.ordered(node, str(order.arguments["purpose"]), int(order.arguments.get("suite", FIRST_SUITE)))
    return {"keys": 1}


def _redrive(node: Node, order: WorkOrder) -> Mapping[str, int]:
    moved = redrive(node, str(order.arguments["route_id"]), int(order.arguments["seq"]), order.issued_by)
    return {"seq": moved.seq}

"""三方对账 of the demo's routes: the exchange's own comparison by signed messages, and the sheet of it for a person."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from exchange.errors import ExchangeError
from exchange.node import Node
from exchange.reconcile import provider
from exchange.reconcile.sheet import make, render
from exchange.reconcile.turn import settle
from hutong.demo.report import Compared
from metadata.access import Grant
from metadata.reconciliation import Reconciliation, sentence


def compare(grants: Iterable[Grant], nodes: Mapping[str, Node], folder: Path) -> tuple[Compared, ...]:
    """Each grant's route compared by both its nodes, and its sheet written to the folder."""
    return tuple(
        _compare(grant, nodes[grant.provider.node_id], nodes[grant.consumer.node_id], folder) for grant in grants
    )


def _compare(grant: Grant, provides: Node, consumes: Node, folder: Path) -> Compared:
    try:
        provider.begin(provides, grant.route_id)
        settle([provides, consumes], grant.route_id)
        evidence = make(provides, grant.route_id)
    except ExchangeError as error:
        return Compared(grant.route_id, grant.resource_title, "", error.zh, code=error.code)
    result = Reconciliation.from_bytes(evidence.result.payload_bytes())
    file = folder / f"对账单-{grant.resource_title}.html"
    file.write_text(render(evidence), encoding="utf-8")
    return Compared(grant.route_id, grant.resource_title, result.outcome, sentence(result), sheet=str(file))

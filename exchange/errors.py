"""Errors of the exchange: the sealed batch, the node, the relay."""

from collections.abc import Mapping
from typing import ClassVar

from exchange.outcomes.batch import BATCH
from exchange.outcomes.disk import DISK
from exchange.outcomes.envelope import ENVELOPE
from exchange.outcomes.files import FILES
from exchange.outcomes.mounts import MOUNTS
from exchange.outcomes.orders import ORDERS
from exchange.outcomes.reconcile import RECONCILE
from exchange.outcomes.remote import REMOTE
from exchange.outcomes.source import SOURCE
from exchange.outcomes.target import TARGET
from exchange.outcomes.trust import TRUST
from standards.errors import ExplainedError, Explanation


class ExchangeError(ExplainedError):
    """A batch, a route or a peer that cannot be taken; the code says why and the next step what to do."""

    explanations: ClassVar[Mapping[str, Explanation]] = {
        **TRUST,
        **ENVELOPE,
        **BATCH,
        **SOURCE,
        **MOUNTS,
        **TARGET,
        **DISK,
        **FILES,
        **REMOTE,
        **ORDERS,
        **RECONCILE,
    }

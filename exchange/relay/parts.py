"""What a running relay is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from exchange.relay.follow import Follower
from exchange.relay.store import Store
from exchange.settings import RelaySettings
from standards.crypto import SigningKey


@dataclass(frozen=True)
class Parts:
    """Settings, identity key, tables, store, trust and clock; made once in ``server.create_app``."""

    settings: RelaySettings
    key: SigningKey
    engine: Engine
    store: Store
    follower: Follower
    clock: Callable[[], datetime]

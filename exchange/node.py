"""Node: one department's exchange node, opened from its home: settings, keys, ledger, spool, peers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine, create_engine

from exchange import audit, department, disk, ledger, watched
from exchange.audit import Details
from exchange.errors import ExchangeError
from exchange.failpoints import Failpoints
from exchange.files.received import Received
from exchange.keys.keystore import KeyStore
from exchange.keys.trust import TrustSet
from exchange.limits import LIMITS
from exchange.peers.directory_client import DirectoryClient
from exchange.peers.feed import FeedStore
from exchange.peers.outbound import Caller
from exchange.peers.relay_client import RelayClient
from exchange.peers.witness import Witness
from exchange.settings import NodeSettings, passphrase
from exchange.spool import Spool
from exchange.watched import Bounds
from metadata.audit import AuditEntry
from standards.crypto import SigningKey

SETTINGS_FILE = "node.toml"


def system_clock() -> datetime:
    """UTC now."""
    return datetime.now(UTC)


class Node:
    """An open node. It makes outbound calls only; use it as a context manager, or ``close`` it."""

    def __init__(self, settings: NodeSettings, keys: KeyStore, home: Path, clock: Callable[[], datetime]) -> None:
        self._caller = caller = Caller(settings.name, keys.identity, clock)
        self.settings = settings
        department.bound(settings.department_url, Bounds(settings.database_seconds, settings.database_answer_bytes))
        self.keys = keys
        self.now = clock
        self.engine: Engine = create_engine(
            settings.database_url, pool_size=2, max_overflow=3, pool_pre_ping=True, hide_parameters=True
        )
        self.spool = Spool(home / "spool", settings.spool_bytes, self._spare)
        self.received = Received(Path(settings.received_folder) if settings.received_folder else home / "received")
        self.directory = DirectoryClient(settings.directory_url, caller)
        self.relay = RelayClient(settings.relay_url, caller)
        self.feed = FeedStore(self.engine, settings.directory_public, settings.name)
        self.witness = Witness(home / "witness", settings.directory_public)
        self.failpoints = Failpoints.read()

    @classmethod
    def open(cls, home: Path, *, clock: Callable[[], datetime] = system_clock) -> Self:
        """Raises ``NODE_MISSING``, ``SETTINGS_BAD``, ``KEY_MISSING``, ``KEY_MODE``, ``NODE_DISK``."""
        watched.scrub()
        with disk.faults(home):
            settings = NodeSettings.read(home / SETTINGS_FILE)
            keys = KeyStore.load(home / "keys", passphrase=passphrase(settings.passphrase_file))
            return cls(settings, keys, home, clock)

    def close(self) -> None:
        self.directory.close()
        self.relay.close()
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def node_id(self) -> str:
        """The node's id is its enrolled name."""
        return self.settings.name

    def rekey(self, keys: KeyStore) -> None:
        """Go on with these keys."""
        self.keys = keys
        self._caller.key = keys.identity

    @contextmanager
    def calling_as(self, key: SigningKey) -> Iterator[None]:
        """Sign the calls inside with a key that is not in use yet."""
        self._caller.key = key
        try:
            yield
        finally:
            self._caller.key = self.keys.identity

    def trust(self) -> TrustSet:
        """The newest trust to be had: pulled when what is held will soon be stale, else what is held.

        A directory that cannot be reached is not an error here: what is held serves until it is stale, and whoever
        needs it fresh says so (``TrustSet.admit``). A feed that cannot be believed is an error at once.
        """
        held, now = self.feed.load(), self.now()
        if held.head is not None and (held.head.valid_until - now).total_seconds() > LIMITS.trust_margin_seconds:
            return held.at(now)
        try:
            return self.feed.pull(self.directory.feed, now).at(now)
        except ExchangeError as error:
            if error.code not in ("DIRECTORY_DOWN", "DIRECTORY_NOT_READY", "DIRECTORY_REFUSED"):
                raise
            return held.at(now)

    def _spare(self) -> list[tuple[str, int]]:
        with self.engine.connect() as connection:
            return ledger.closed(connection)

    def entry(
        self,
        action: str,
        subject: str,
        *,
        producer: str = "",
        actor: str = "",
        outcome: str = "done",
        code: str = "",
        details: Details | None = None,
    ) -> AuditEntry:
        """An audit entry of this node's, or with ``producer`` of its target's."""
        return audit.entry(
            producer or f"node:{self.node_id}",
            actor or self.node_id,
            self.settings.org_code,
            action,
            subject,
            self.now(),
            outcome=outcome,
            code=code,
            details=details,
        )

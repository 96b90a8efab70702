"""The relay follows the directory's feed under its own identity, and ships its audit entries."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator

from sqlalchemy import exc

from exchange import audit
from exchange.errors import ExchangeError
from exchange.keys.trust import TrustSet
from exchange.limits import LIMITS
from exchange.peers import sync
from exchange.peers.directory_client import DirectoryClient
from exchange.peers.feed import FeedStore
from exchange.peers.outbound import Caller
from exchange.peers.witness import Witness
from exchange.relay import nonces

_LOG = logging.getLogger("hutong.relay")
_ASK_AGAIN_SECONDS = 0.2


class Follower:
    """The trust this relay holds: pulled every ``follow_seconds``, and at once when somebody unknown calls."""

    def __init__(
        self, feed: FeedStore, directory: DirectoryClient, caller: Caller, witness: Witness, organisation: str
    ) -> None:
        self._feed, self._directory, self._caller = feed, directory, caller
        self._witness, self._organisation = witness, organisation
        self._lock = threading.Lock()
        self._trust = feed.load()
        self._pulled_at = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follow", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        self._directory.close()

    def trust(self) -> TrustSet:
        """What is held, as of now."""
        return self._trust.at(self._caller.clock())

    def newest(self) -> TrustSet:
        """Pulled after this call began; what is held when the directory cannot be reached or believed.

        Callers at once share one pull, and pulls keep a distance, so that unknown callers cannot press the directory.
        """
        called_at = time.monotonic()
        with self._lock:
            if self._pulled_at < called_at:
                time.sleep(max(0.0, self._pulled_at + _ASK_AGAIN_SECONDS - time.monotonic()))
                self._pulled_at = time.monotonic()
                with _logged():
                    self._trust = self._feed.pull(self._directory.feed, self._caller.clock())
            return self.trust()

    def _run(self) -> None:
        while not self._stop.is_set():
            self.turn()
            self._stop.wait(LIMITS.follow_seconds)

    def turn(self) -> None:
        """Once: the feed, our audit entries, and what the log has become."""
        self.newest()
        with _logged():
            nonces.sweep(self._feed.engine, self._caller.clock())
            sync.ship_queue(self._feed.engine, self._directory.send_audit)
        with _logged():
            self._witness.look(self._directory.log_growth, self._tell)

    def _tell(self, code: str, size: int) -> None:
        action, outcome = ("log:contradict", "refused") if code else ("log:witness", "done")
        entry = audit.entry(
            "relay",
            self._caller.node_id,
            self._organisation,
            action,
            "audit-log",
            self._caller.clock(),
            outcome=outcome,
            code=code,
            details={"size": size},
        )
        with self._feed.engine.begin() as connection:
            audit.enqueue(connection, entry)


@contextlib.contextmanager
def _logged() -> Iterator[None]:
    """The relay serves on with what it holds, until that is stale; its keeper reads why in the log."""
    try:
        yield
    except ExchangeError as error:
        _LOG.warning("%s %s", error, error.next_step)
    except exc.DBAPIError as error:  # it refuses, too: what a directory gives the relay that is not for it
        _LOG.warning("the relay's database cannot be reached, or refuses (%s)", type(error.orig).__name__)

"""The relay sweeps itself: at its start, which finds what a killed one has left, and then every hour."""

import logging
import threading

from sqlalchemy import exc

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.relay.parts import Parts
from exchange.relay.sweep import Swept, sweep

_LOG = logging.getLogger("hutong.relay")


class Sweeper:
    """A thread of the serving relay."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        held = self._parts
        while not self._stop.is_set():
            try:
                done = sweep(held.engine, held.store, held.settings.keep_days, held.clock, held.follower.trust())
            except ExchangeError as error:
                _LOG.warning("%s %s", error, error.next_step)
            except exc.OperationalError:
                _LOG.warning("the relay's database cannot be reached")
            else:
                if done != Swept():
                    _LOG.info("swept %s", done)
            self._stop.wait(LIMITS.sweep_seconds)

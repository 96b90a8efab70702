"""How often one caller may ask for what costs seconds to make: a bucket each, counted in this process."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from fastapi import Depends, Request

from directory.actors import OptionalActor
from directory.errors import DirectoryError
from directory.limits import LIMITS


class Throttle:
    """``burst`` askings at once, then ``per_second``; of more than ``most`` callers the longest silent are forgotten.

    Each worker process counts for itself, so several workers let a caller have that many times as much.
    """

    def __init__(
        self,
        burst: int = LIMITS.costly_burst_count,
        per_second: float = LIMITS.costly_per_second,
        most: int = LIMITS.costly_caller_count,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst, self._per_second, self._most, self._clock = burst, per_second, most, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what was left, and when

    def spend(self, caller: str) -> None:
        """Count one asking of this caller; raises ``DirectoryError TOO_OFTEN`` with the seconds to wait."""
        now = self._clock()
        left, since = self._left.get(caller, (float(self._burst), now))
        left = min(float(self._burst), left + (now - since) * self._per_second)
        self._left[caller] = (left if left < 1 else left - 1, now)
        self._left.move_to_end(caller)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        if left < 1:
            raise DirectoryError("TOO_OFTEN", wait_seconds=math.ceil((1 - left) / self._per_second))


async def _spend(request: Request, actor: OptionalActor) -> None:
    """On the event loop, so that one asking is counted at a time."""
    address = request.client.host if request.client else ""
    request.app.state.throttle.spend(str(actor.account_id) if actor else f"address {address}")


COSTLY: Final = Depends(_spend)

"""Named stop points for crash tests: the armed one kills this process with SIGKILL, as a power cut would; armed as
``name:pause`` it stops it with SIGSTOP until somebody sends SIGCONT, as a frozen machine would.

Harmless by default: nothing is armed unless ``HUTONG_FAILPOINT`` names a point and ``HUTONG_ALLOW_FAILPOINTS=1``
allows it.
"""

import os
import signal
from dataclasses import dataclass
from typing import Self

from pydantic_settings import BaseSettings, SettingsConfigDict

from exchange.errors import ExchangeError

# "before" and "after" are seen from the commit that ends the step; at least one of each where two stores are involved.
POINTS = frozenset(
    {
        "plan.before_commit",
        "seal.indexed",
        "seal.begun",
        "seal.copied",
        "seal.one_of_several",
        "seal.before_commit",
        "seal.after_commit",
        "store.uploaded",
        "store.before_commit",
        "fetch.segment",
        "fetch.before_commit",
        "verify.before_commit",
        "stage.parted",
        "stage.seen",
        "stage.loaded",
        "stage.unpacked",
        "stage.before_commit",
        "check.before_commit",
        "apply.begun",
        "apply.one_of_several",
        "apply.merged",
        "apply.decided",
        "apply.shown",
        "apply.before_commit",
        "reply.before_commit",
        "undo.merged",
        "undo.before_commit",
        "close.before_commit",
        "order.begun",
        "rotate.made",
        "rotate.told",
        "rotate.used",
        "rotate.destroying",
        "reconcile.asked",
        "reconcile.answered",
        "reconcile.walked",
        "reconcile.listed",
        "reconcile.judged",
        "reconcile.agreed",
        "reconcile.closed",
        "reconcile.posted",
    }
)


class FailpointSettings(BaseSettings):
    """``HUTONG_FAILPOINT`` and ``HUTONG_ALLOW_FAILPOINTS``."""

    model_config = SettingsConfigDict(env_prefix="HUTONG_", frozen=True)

    failpoint: str = ""
    allow_failpoints: bool = False


@dataclass(frozen=True)
class Failpoints:
    """At most one armed point, and the signal this process gets there."""

    armed: str = ""
    sent: signal.Signals = signal.SIGKILL

    @classmethod
    def read(cls) -> Self:
        """From the environment; raises ``FAILPOINTS_OFF`` when one is named without being allowed."""
        settings = FailpointSettings()
        if settings.failpoint and not settings.allow_failpoints:
            raise ExchangeError("FAILPOINTS_OFF")
        name, _, how = settings.failpoint.partition(":")
        if (name and name not in POINTS) or how not in ("", "pause"):
            raise ExchangeError("FAILPOINT_UNKNOWN", name=settings.failpoint)
        return cls(name, signal.SIGSTOP if how else signal.SIGKILL)

    def reach(self, name: str) -> None:
        """Die or pause here if this is the armed point."""
        if name == self.armed:
            os.kill(os.getpid(), self.sent)

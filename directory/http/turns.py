"""Requests take turns: a worker starts on the next one when one before it is answered, or has used up its turn.

Worked on all at once they would only compete for the processor: all of them would be late, and the heaviest the latest
by far. A request that waits for something else (a lock, a scanner, a slow caller) holds up the others for no longer
than ``LIMITS.turn_seconds`` (decision 0093).
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from directory.limits import LIMITS


class Turns:
    """Pure ASGI: at most ``at_once`` requests are worked on at a time, in the order in which they were complete."""

    def __init__(self, app: ASGIApp, at_once: int) -> None:
        self._app, self._free = app, asyncio.Semaphore(at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        turn = _Turn(self._free)

        async def receiving() -> Message:
            message = await receive()
            if not message.get("more_body"):
                await turn.take()
            return message

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                turn.give_back()
            await send(message)

        if not _has_body(scope):
            await turn.take()
        try:
            await self._app(scope, receiving, sending)
        finally:
            turn.give_back()


class _Turn:
    """Taken once, when the whole request has arrived; given back when it is answered, or after ``turn_seconds``."""

    def __init__(self, free: asyncio.Semaphore) -> None:
        self._free, self._was_taken = free, False
        self._timer: asyncio.TimerHandle | None = None

    async def take(self) -> None:
        """Wait for it, the first time that this is asked."""
        if self._was_taken:
            return
        self._was_taken = True
        await self._free.acquire()
        self._timer = asyncio.get_running_loop().call_later(LIMITS.turn_seconds, self.give_back)

    def give_back(self) -> None:
        """Let the next one begin, once, if it was taken at all."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._free.release()


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])

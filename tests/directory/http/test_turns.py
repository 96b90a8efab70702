"""Requests of one worker begin one after the other, and none keeps the others for longer than its time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from directory.http import turns
from directory.http.turns import Turns
from directory.limits import LIMITS

Work = Callable[[Scope, Receive, Send], Awaitable[None]]
_END = {"type": "http.response.body", "body": b""}


def _served(work: Work, at_once: int = 1) -> Callable[..., Awaitable[None]]:
    """One request to an application that works so; ``arrived`` is set when the caller has sent all of its body."""
    gate = Turns(work, at_once)

    async def ask(name: str, arrived: asyncio.Event | None = None, answered: Send | None = None) -> None:
        async def receive() -> Message:
            if arrived is not None:
                await arrived.wait()
            return {"type": "http.request", "body": b""}

        async def ignored(message: Message) -> None:
            pass

        headers = [] if arrived is None else [(b"content-length", b"9")]
        await gate({"type": "http", "path": name, "headers": headers}, receive, answered or ignored)

    return ask


async def _a_while() -> None:
    """Every other task that can goes on meanwhile."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_they_begin_in_their_order_and_no_more_than_so_many_are_at_work() -> None:
    begun, at_work, most = [], [0], [0]

    async def work(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        begun.append(scope["path"])
        at_work[0] += 1
        most[0] = max(most[0], at_work[0])
        await _a_while()
        at_work[0] -= 1
        await send(_END)

    async def story(at_once: int) -> None:
        begun.clear()
        most[0] = 0
        ask, arrived = _served(work, at_once), asyncio.Event()
        arrived.set()
        await asyncio.gather(*(ask(str(number), arrived if number % 2 else None) for number in range(8)))
        assert begun == [str(number) for number in range(8)]
        assert most[0] == at_once

    for at_once in (1, 3):
        asyncio.run(story(at_once))


def test_what_waits_for_another_keeps_it_back_for_its_time_only() -> None:
    """The first is never answered before the second is: it must begin beside it."""
    over = []

    async def story() -> None:
        second_answered = asyncio.Event()

        async def work(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"] == "first":
                await second_answered.wait()
            over.append(scope["path"])
            await send(_END)
            second_answered.set()

        ask = _served(work)
        began = asyncio.get_running_loop().time()
        async with asyncio.timeout(30):
            await asyncio.gather(ask("first"), ask("second"))
        assert asyncio.get_running_loop().time() - began >= LIMITS.turn_seconds * 0.9

    asyncio.run(story())
    assert over == ["second", "first"]


def test_a_body_that_is_still_coming_keeps_nobody(monkeypatch: Any) -> None:
    monkeypatch.setattr(turns, "LIMITS", _Never())
    over = []

    async def work(scope: Scope, receive: Receive, send: Send) -> None:
        if dict(scope["headers"]):
            await receive()
        over.append(scope["path"])
        await send(_END)

    async def story() -> None:
        ask, arrived = _served(work), asyncio.Event()
        slow = asyncio.create_task(ask("slow", arrived))
        await _a_while()
        async with asyncio.timeout(30):
            await ask("quick")
            arrived.set()
            await slow

    asyncio.run(story())
    assert over == ["quick", "slow"]


def test_one_turn_is_given_back_once_however_the_request_ends(monkeypatch: Any) -> None:
    """After any of them exactly one is at work again: neither is a turn lost, nor is one made."""
    monkeypatch.setattr(turns, "LIMITS", _Never())

    async def answered_and_failed(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await receive()
        await send(_END)
        raise RuntimeError

    async def failed(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError

    async def never_read(scope: Scope, receive: Receive, send: Send) -> None:
        await send(_END)

    async def story(ending: Work) -> None:
        at_work, most = [0], [0]

        async def work(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"] == "ending":
                await ending(scope, receive, send)
                return
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
            await _a_while()
            at_work[0] -= 1
            await send(_END)

        ask, arrived = _served(work), asyncio.Event()
        arrived.set()
        async with asyncio.timeout(30):
            await asyncio.gather(ask("ending", arrived), return_exceptions=True)
            await asyncio.gather(*(ask(str(number)) for number in range(4)))
        assert most[0] == 1

    for ending in (answered_and_failed, failed, never_read):
        asyncio.run(story(ending))


def test_who_reads_the_answer_slowly_keeps_nobody(monkeypatch: Any) -> None:
    monkeypatch.setattr(turns, "LIMITS", _Never())

    over = []

    async def work(scope: Scope, receive: Receive, send: Send) -> None:
        await send(_END)
        over.append(scope["path"])

    async def story() -> None:
        ask, read = _served(work), asyncio.Event()

        async def slowly(message: Message) -> None:
            await read.wait()

        slow = asyncio.create_task(ask("slow", None, slowly))
        await _a_while()
        async with asyncio.timeout(30):
            await ask("quick")
            read.set()
            await slow

    asyncio.run(story())
    assert over == ["quick", "slow"]


class _Never:
    """No turn is over by its time."""

    turn_seconds = 3600.0

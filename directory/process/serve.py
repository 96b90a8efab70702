"""The process: ``serve``, in this process or in several that share what was imported once."""

import asyncio
import contextlib
import errno
import gc
import os
import signal
import socket
import sys
import time
from datetime import UTC, datetime
from types import FrameType
from typing import NoReturn

import anyio
import structlog
import uvicorn
from fastapi import FastAPI
from starlette.middleware import Middleware

from directory.app import create_app
from directory.http.turns import Turns
from directory.process.lean import forget_checked_classes, give_back_free_pages
from directory.process.logs import configure_logs, where
from directory.process.warm import warm, warm_worker
from directory.settings import DirectorySettings, default_home
from standards import pinyin, regions

_BACKLOG = 2048  # connections not yet accepted, as uvicorn has it
_PAUSE_SECONDS = 1.0  # before a worker that ended by itself is started anew, or tries anew to take a connection
# A worker waits so long for each connection that it holds, five of them at most, before it takes another.
_AWAY_SECONDS, _MOST_HELD = 0.001, 5
_NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_ALLOCATIONS = 1_000  # new objects between two garbage collections; with 50,000, as in commands, one takes 60 ms


def app() -> FastAPI:
    """The application with settings from the environment, for ``uvicorn directory.process.serve:app --factory``."""
    configure_logs()
    return create_app(DirectorySettings.model_validate({"home": default_home()}))


def serve(settings: DirectorySettings, host: str, port: int, workers: int = 1) -> None:
    """Serve until told to stop (SIGINT, SIGTERM); with several workers, each a process of its own on one socket."""
    configure_logs()
    gc.set_threshold(_ALLOCATIONS)
    application = create_app(settings)
    at_once = max(1, len(os.sched_getaffinity(0)) // workers)
    application.user_middleware.append(Middleware(Turns, at_once=at_once))  # innermost: the log tells the wait too
    configured = uvicorn.Config(
        application, host=host, port=port, log_config=None, access_log=False, server_header=False
    )
    if workers == 1:
        gc.freeze()
        uvicorn.Server(configured).run()
    else:
        warm(application, datetime.now(UTC))
        _Workers(application, configured, host, port, workers).run()


class _Fair(uvicorn.Server):
    """One of several on a listener, made so that whoever holds fewer connections tends to take the next.

    By itself an event loop takes all that wait, and connections stay where they are: one of two workers served
    everybody while the other was idle. So this one takes one at a time, and then waits the longer the more it holds.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])
        self._accepting = [asyncio.create_task(self._accept(each)) for each in sockets or ()]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for each in self._accepting:
            each.cancel()
        await asyncio.gather(*self._accepting, return_exceptions=True)
        await super().shutdown(sockets)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        listener.setblocking(False)
        while True:
            try:
                connection, _ = await loop.sock_accept(listener)
                await loop.connect_accepted_socket(self._protocol, connection)
            except Exception as error:  # of one connection: this worker goes on taking others
                structlog.get_logger("directory").warning("connection_not_taken", **where(error))
                await asyncio.sleep(_PAUSE_SECONDS if getattr(error, "errno", None) in _NO_ROOM else 0)
            await asyncio.sleep(min(len(self.server_state.connections), _MOST_HELD) * _AWAY_SECONDS)

    def _protocol(self) -> asyncio.Protocol:
        protocol: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol


class _Workers:
    """Forked when everything is imported and the application made: those pages, most of the memory, they share.

    They share nothing that changes: the application connects, opens the index and starts its threads when a worker
    begins to serve. The process that waits for them never does, and has closed what it opened to ``warm``.
    """

    def __init__(self, application: FastAPI, configured: uvicorn.Config, host: str, port: int, count: int) -> None:
        self._application, self._configured, self._count = application, configured, count
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        self._running: set[int] = set()
        self._is_stopping = False
        self._all_warm, self._is_warm = (os.fdopen(each, mode) for each, mode in zip(os.pipe(), "rw", strict=True))

    def run(self) -> None:
        self._configured.load()
        self._configured.get_loop_factory()  # imports what drives the sockets
        anyio.run(anyio.sleep, 0)  # and what lends endpoints their threads, which the first request would wait for
        forget_checked_classes()
        regions.region(regions.COUNTRY)  # reads the tables that the first search of each worker would read
        pinyin.every_syllable()
        gc.collect()
        give_back_free_pages()
        gc.freeze()  # the collector would write to every shared page
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        for _ in range(self._count):
            self._start()
        self._is_warm.close()
        while self._running:
            ended, status = os.wait()
            was_ours = ended in self._running  # the embedded PostgreSQL may be a child of this process too
            self._running.discard(ended)
            if was_ours and not self._is_stopping:
                structlog.get_logger("directory").error("worker ended", status=os.waitstatus_to_exitcode(status))
                time.sleep(_PAUSE_SECONDS)
                self._start()

    def _start(self) -> None:
        child = os.fork()
        if child == 0:
            self._work()
        self._running.add(child)
        if self._is_stopping:  # the signal came while forking
            os.kill(child, signal.SIGTERM)

    def _work(self) -> NoReturn:
        status = 1
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            warm_worker(self._application, datetime.now(UTC))
            gc.collect()
            gc.freeze()  # it stays, and looking through all of it would be a pause for whoever waits for this worker
            self._wait_for_others()
            _Fair(self._configured).run(sockets=[self._listener])
            status = 0
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _wait_for_others(self) -> None:
        """Wait until every worker is warm or has ended: a request answered before would compete with their warming.

        Each holds the pipe's other end until it is warm, and reading ends when nobody does; a worker started later
        finds it ended already.
        """
        self._is_warm.close()
        self._all_warm.read()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._is_stopping = True
        for child in self._running:
            with contextlib.suppress(ProcessLookupError):  # waited for, and the signal came before it was noted
                os.kill(child, signal.SIGTERM)

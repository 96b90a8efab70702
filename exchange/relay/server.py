"""create_app(settings): the relay's HTTP. Protocol: exchange/docs/relay.md."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import create_engine, exc
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from exchange import watched
from exchange.errors import ExchangeError
from exchange.keys.keystore import KeyStore
from exchange.node import system_clock
from exchange.peers.directory_client import DirectoryClient
from exchange.peers.feed import FeedStore
from exchange.peers.outbound import CODE_HEADER, Caller
from exchange.peers.witness import Witness
from exchange.relay import history, messages, objects, routes
from exchange.relay.follow import Follower
from exchange.relay.parts import Parts
from exchange.relay.store import open_store
from exchange.relay.sweeper import Sweeper
from exchange.settings import RelaySettings
from standards.errors import ExplainedError


def create_app(settings: RelaySettings, *, clock: Callable[[], datetime] = system_clock) -> FastAPI:
    """The relay of one home; it follows the directory's feed while it serves."""
    keys = KeyStore.load(settings.home / "keys", opens=False)
    watched.scrub()
    engine = create_engine(
        settings.database_url, pool_size=5, max_overflow=10, pool_pre_ping=True, hide_parameters=True
    )
    caller = Caller(settings.name, keys.identity, clock)
    follower = Follower(
        FeedStore(engine, settings.directory_public, settings.name),
        DirectoryClient(settings.directory_url, caller),
        caller,
        Witness(settings.home / "witness", settings.directory_public),
        settings.org_code,
    )
    parts = Parts(
        settings,
        keys.identity,
        engine,
        open_store(settings.store_url, settings.home, settings.store_endpoint),
        follower,
        clock,
    )
    sweeper = Sweeper(parts)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        follower.start()
        sweeper.start()
        try:
            yield
        finally:
            await run_in_threadpool(sweeper.stop)
            await run_in_threadpool(follower.stop)
            engine.dispose()

    app = FastAPI(title="Hutong relay", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.parts = parts
    app.include_router(objects.router)
    app.include_router(routes.router)
    app.include_router(history.router)
    app.include_router(messages.router)
    app.add_exception_handler(ExplainedError, _refuse)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _unknown)
    app.add_exception_handler(exc.OperationalError, _unavailable)
    app.add_exception_handler(ClientDisconnect, _gone)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    return app


def _refuse(_: Request, error: Exception) -> JSONResponse:
    """RFC 9457."""
    explained = cast(ExplainedError, error)
    headers = {CODE_HEADER: explained.code}  # an answer to HEAD has no body to say it in
    return JSONResponse(explained.problem(), explained.status, headers, media_type="application/problem+json")


def _malformed(request: Request, error: Exception) -> JSONResponse:
    where = "; ".join(".".join(map(str, e["loc"])) for e in cast(RequestValidationError, error).errors()[:5])
    return _refuse(request, ExchangeError("BODY_MALFORMED", reason=where))


def _unknown(request: Request, _: Exception) -> JSONResponse:
    return _refuse(request, ExchangeError("CALL_UNKNOWN", method=request.method, path=request.url.path[:100]))


def _gone(request: Request, _: Exception) -> JSONResponse:
    """The line broke while a body came; nobody hears the answer, and nothing was kept."""
    return _refuse(request, ExchangeError("BODY_MALFORMED", reason="the caller has gone"))


def _unavailable(request: Request, _: Exception) -> JSONResponse:
    return _refuse(request, ExchangeError("LEDGER_DOWN"))

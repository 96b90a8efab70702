"""The outermost layer of the service: body size, security headers, a log line a request, the last word on errors."""

import time
from collections.abc import Callable
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from directory.errors import DirectoryError
from directory.http.line_breaks import as_typed
from directory.limits import LIMITS
from directory.process.logs import where

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

Render = Callable[[Request, DirectoryError], Response]


class BodyTooLarge(HTTPException):
    """What came in chunks passed the limit. FastAPI lets only its own kind of error through while it reads a body."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(413)
        self.limit_bytes = limit_bytes


class Guard:
    """Pure ASGI, so that it sees every byte in and out. ``render`` turns an error into a problem or a page."""

    def __init__(self, app: ASGIApp, *, render: Render, is_https: bool) -> None:
        self._app, self._render, self._is_https = app, render, is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0
        request_id = uuid4().hex

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(scope, MutableHeaders(scope=message), request_id)
            await send(message)

        try:
            limit = _limit_bytes(scope)
            if _declared_bytes(scope) > limit:
                refusal = self._render(Request(scope), DirectoryError("BODY_TOO_LARGE", limit_bytes=limit))
                await refusal(scope, receive, sending)
            else:
                await self._app(scope, as_typed(scope, _limited(receive, limit)), sending)
        except Exception as error:  # whatever it is, the caller learns its number and the log its place
            structlog.get_logger("directory").error("unexpected", error_id=request_id, **where(error))
            if status == 0:
                refusal = self._render(Request(scope), DirectoryError("UNEXPECTED", error_id=request_id))
                await refusal(scope, receive, sending)
        finally:
            structlog.get_logger("directory").info(
                "request",
                request_id=request_id,
                method=scope["method"],
                route=getattr(scope.get("route"), "path", ""),  # the template: a path may name a person
                status=status,
                duration_ms=round((time.perf_counter() - began) * 1000),
            )

    def _add_headers(self, scope: Scope, headers: MutableHeaders, request_id: str) -> None:
        headers["X-Request-Id"] = request_id
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if not scope["path"].startswith("/static/"):
            headers["Cache-Control"] = "no-store"
        if self._is_https:
            headers["Strict-Transport-Security"] = "max-age=31536000"


def _limit_bytes(scope: Scope) -> int:
    content_type = Headers(scope=scope).get("content-type", "")
    return LIMITS.upload_bytes if content_type.startswith("multipart/form-data") else LIMITS.body_bytes


def _declared_bytes(scope: Scope) -> int:
    value = Headers(scope=scope).get("content-length", "")
    return int(value) if value.isdecimal() and len(value) < 20 else 0


def _limited(receive: Receive, limit: int) -> Receive:
    """The body may also come in chunks without saying how long it is."""
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise BodyTooLarge(limit)
        return message

    return receiving

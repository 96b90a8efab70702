"""Signed calls to one peer, with limits on sizes and times; its refusals in our codes. Nodes only ever call out."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import httpx

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.peers import tls
from metadata.errors import MetadataError
from metadata.record import Record
from standards.crypto import SigningKey, digest
from standards.http_signature import sign_request
from standards.reasons import network_words

R = TypeVar("R", bound=Record)

CODE_HEADER = "Hutong-Problem"

# A peer that answers so may answer otherwise soon: it follows the same feed, a few seconds behind; or the line changed
# what we sent, or it lost it, and it is sent again.
_PASSING = frozenset(
    {
        "BATCH_NOT_ANNOUNCED",
        "CLOCK_SKEW",
        "GRANT_NOT_COUNTERSIGNED",
        "GRANT_SUSPENDED",
        "GRANT_UNKNOWN",
        "NOT_AN_END",
        "OBJECT_DIFFERS",
        "REQUEST_EXPIRED",
        "REQUEST_REPLAYED",
        "ROUTE_UNKNOWN",
        "SEGMENT_MISSING",
        "SIGNER_UNKNOWN",
        "TRUST_STALE",
    }
)
_PASSING_STATUS = frozenset({httpx.codes.TOO_MANY_REQUESTS, httpx.codes.REQUEST_TIMEOUT})


@dataclass
class Caller:
    """Who calls: its id, its identity key, which may be replaced, and its clock."""

    node_id: str
    key: SigningKey
    clock: Callable[[], datetime]


class Outbound:
    """One peer at one address. ``peer`` is ``directory`` or ``relay`` and begins its codes (``RELAY_DOWN``)."""

    def __init__(self, peer: str, base_url: str, caller: Caller | None) -> None:
        self._peer = peer
        self._caller = caller
        self._client = httpx.Client(
            base_url=base_url.rstrip("/"),
            timeout=httpx.Timeout(LIMITS.answer_seconds, connect=LIMITS.connect_seconds),
            follow_redirects=False,
            trust_env=False,
            verify=tls.context(),
        )

    def close(self) -> None:
        self._client.close()

    def call(
        self, method: str, path: str, body: bytes | None = None, *, query: Mapping[str, Any] | None = None
    ) -> bytes:
        """One call with a JSON body or none; the answer's bytes, at most ``answer_bytes``.

        Raises ``<PEER>_DOWN`` when the peer cannot be reached and ``<PEER>_NOT_READY`` when it may answer otherwise
        soon (both transient), ``<PEER>_REFUSED`` when it says no; the last two with the peer's own code.
        """
        headers = {} if body is None else {"Content-Type": "application/json"}
        body_digest = digest(body) if body else None
        with self._send(method, path, body, body_digest, headers, query) as answer:
            return self._read(answer)

    def upload(self, path: str, content: Iterator[bytes], size_bytes: int, content_digest: bytes) -> bytes:
        """PUT bytes as they come, whose length and SHA-256 are known before."""
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size_bytes)}
        with self._send("PUT", path, content, content_digest, headers, None) as answer:
            return self._read(answer)

    def download(self, path: str, offset: int, size_bytes: int, sink: Callable[[bytes], object]) -> int:
        """GET the bytes from ``offset`` on, of ``size_bytes`` in all; returns how many came. Stops at that size."""
        headers = {"Range": f"bytes={offset}-{size_bytes - 1}"}
        came = 0
        with self._send("GET", path, None, None, headers, None) as answer:
            if answer.status_code == httpx.codes.OK and offset:
                raise ExchangeError("ANSWER_BAD", peer=self._peer, reason="no partial content")
            for piece in self._pieces(answer):
                came += len(piece)
                if offset + came > size_bytes:
                    raise ExchangeError("ANSWER_BAD", peer=self._peer, reason="more bytes than announced")
                sink(piece)
        return came

    def parse(self, record_type: type[R], data: bytes) -> R:
        """An answer as a record; raises ``ANSWER_BAD``."""
        try:
            return record_type.from_bytes(data)
        except MetadataError as error:
            raise ExchangeError("ANSWER_BAD", peer=self._peer, reason=error.en) from None

    @contextmanager
    def _send(
        self,
        method: str,
        path: str,
        content: bytes | Iterator[bytes] | None,
        body_digest: bytes | None,
        headers: dict[str, str],
        query: Mapping[str, Any] | None,
    ) -> Iterator[httpx.Response]:
        request = self._client.build_request(
            method, path, content=content, headers=headers | {"Accept-Encoding": "identity"}, params=query
        )
        if self._caller is not None:
            target = request.url.raw_path.decode("ascii")
            caller = self._caller
            request.headers.update(
                sign_request(caller.key, caller.node_id, method, target, body_digest, caller.clock())
            )
        try:
            answer = self._client.send(request, stream=True)
            try:
                if answer.status_code >= httpx.codes.MULTIPLE_CHOICES:
                    raise self._refusal(answer, self._read(answer))
                yield answer
            finally:
                answer.close()
        except httpx.HTTPError as error:
            raise self._down(**network_words(error, quotes=False)) from None

    def _read(self, answer: httpx.Response) -> bytes:
        data = bytearray()
        for piece in self._pieces(answer):
            data += piece
            if len(data) > LIMITS.answer_bytes:
                raise ExchangeError("ANSWER_BAD", peer=self._peer, reason="too large")
        return bytes(data)

    def _pieces(self, answer: httpx.Response) -> Iterator[bytes]:
        """The body as it comes: what came before a cut is kept, and a peer that drips holds nobody for ever."""
        begun, came = time.monotonic(), 0
        for piece in answer.iter_raw():
            came += len(piece)
            if time.monotonic() - begun > LIMITS.answer_seconds + came / LIMITS.least_bytes_per_second:
                raise self._down("应答太慢", "too slow")
            yield piece

    def _refusal(self, answer: httpx.Response, data: bytes) -> ExchangeError:
        try:
            problem = json.loads(data)
            code, detail = str(problem["code"])[:60], str(problem["detail"])[:500]
            detail_en = str(problem.get("detail_en", "-"))[:500]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            code, detail = answer.headers.get(CODE_HEADER, f"HTTP_{answer.status_code}")[:60], "-"
            detail_en = "-"
        status = answer.status_code
        is_passing = code in _PASSING or status in _PASSING_STATUS or status >= httpx.codes.INTERNAL_SERVER_ERROR
        word = "NOT_READY" if is_passing else "REFUSED"
        return ExchangeError(f"{self._peer.upper()}_{word}", refusal=code, detail=detail, detail_en=detail_en)

    def _down(self, reason: str, reason_en: str) -> ExchangeError:
        return ExchangeError(f"{self._peer.upper()}_DOWN", reason=reason, reason_en=reason_en)

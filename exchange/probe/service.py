"""A service mount: one GET to an allowed host at an allowed address; nothing followed, little read, nothing kept."""

import ipaddress
import json
import socket
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.probe.seen import Seen
from exchange.settings import NodeSettings
from metadata.resource import Mount
from standards.reasons import network_words

_PORTS = {"http": 80, "https": 443}


def look(settings: NodeSettings, mount: Mount) -> Seen:
    """Raises ``SERVICE_HOST_REFUSED``, ``SERVICE_ADDRESS_REFUSED``, ``SERVICE_DOWN``, ``SERVICE_ANSWER``."""
    try:
        parts = urlsplit(mount.url)
        host, scheme, port = parts.hostname or "", parts.scheme, parts.port
    except ValueError:
        raise ExchangeError("SERVICE_HOST_REFUSED", host="-") from None
    if scheme not in _PORTS or parts.username is not None or host not in settings.service_hosts:
        raise ExchangeError("SERVICE_HOST_REFUSED", host=host[:200] or "-")
    port = port or _PORTS[scheme]
    address = _address(settings, host, port)
    # To the address that was looked at, under the name that was asked for: no second look-up can lead elsewhere.
    literal = f"[{address}]" if address.version == 6 else str(address)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    place = f"{scheme}://{literal}:{port}{target}"
    headers = {"Host": parts.netloc, "Accept": "application/json", "Accept-Encoding": "identity"}
    timeout = httpx.Timeout(LIMITS.probe_answer_seconds, connect=LIMITS.connect_seconds)
    try:
        with (
            httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False) as client,
            client.stream("GET", place, headers=headers, extensions={"sni_hostname": host}) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise ExchangeError("SERVICE_ANSWER", host=host, reason=f"HTTP {answer.status_code}")
            data = _read(answer, host)
            return Seen(
                columns=_fields(data, host) if _is_json(answer) else None,
                size_bytes=len(data),
                **_last_modified(answer),
            )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ExchangeError("SERVICE_DOWN", host=host, **network_words(error, quotes=False)) from None


def _address(settings: NodeSettings, host: str, port: int) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The first address of the host; every one must be public, or in a network that the settings allow."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ExchangeError(
            "SERVICE_DOWN", host=host, reason="域名解析不出地址", reason_en="its name has no address"
        ) from None
    addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    for address in addresses:
        plain = getattr(address, "ipv4_mapped", None) or address
        if not plain.is_global and not any(plain in network for network in settings.service_networks):
            raise ExchangeError("SERVICE_ADDRESS_REFUSED", host=host, address=str(address))
    return addresses[0]


def _read(answer: httpx.Response, host: str) -> bytes:
    """At most ``probe_answer_bytes`` within ``probe_answer_seconds`` in all."""
    data, until = bytearray(), monotonic() + LIMITS.probe_answer_seconds
    for piece in answer.iter_raw(LIMITS.read_bytes):
        data += piece
        if len(data) > LIMITS.probe_answer_bytes or monotonic() > until:
            raise ExchangeError(
                "SERVICE_ANSWER", host=host, reason="应答过大或过慢", reason_en="the answer is too large or too slow"
            )
    return bytes(data)


def _is_json(answer: httpx.Response) -> bool:
    return "json" in answer.headers.get("content-type", "").partition(";")[0].lower()


def _fields(data: bytes, host: str) -> Mapping[str, str] | None:
    """The member names of the first object of rows; values are not looked at. None: an empty list tells nothing."""
    try:
        found = _first_object(json.loads(data))
    except (ValueError, RecursionError):
        raise ExchangeError(
            "SERVICE_ANSWER", host=host, reason="不是合法的 JSON", reason_en="the answer is not JSON"
        ) from None
    return None if found is None else {str(name)[:200]: "" for name in found}


def _first_object(value: Any) -> dict[str, Any] | None:
    """A list's first object; of an object, the first object of the first list of objects in it, else itself."""
    if isinstance(value, list):
        return next((each for each in value if isinstance(each, dict)), None)
    if not isinstance(value, dict):
        return None
    for member in value.values():
        inner = member if isinstance(member, list) else None
        if isinstance(member, dict):
            inner = next((each for each in member.values() if isinstance(each, list)), None)
        if inner is not None:
            return next((each for each in inner if isinstance(each, dict)), None)
    return value


def _last_modified(answer: httpx.Response) -> dict[str, Any]:
    try:
        at = parsedate_to_datetime(answer.headers["last-modified"])
    except (KeyError, ValueError, TypeError):
        return {}
    return {"last_changed_at": at if at.tzinfo else at.replace(tzinfo=UTC), "changed_by": "last_modified"}

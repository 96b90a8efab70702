"""Signed HTTP requests between nodes: a strict profile of RFC 9421 with Ed25519 and RFC 9530 Content-Digest.

Covered are ``@method``, ``@path``, ``@query`` and, exactly when there is a body, ``content-digest``; not the authority,
so that a proxy in front changes nothing. Parameters are ``created``, ``expires`` (at most 300 s later), ``nonce``,
``keyid`` (the node's id) and ``alg``. Anything more, less or spelled otherwise is refused. A replay is possible only
until ``expires``, and whoever verifies remembers nonces until then (``REQUEST_REPLAYED``). Any implementation of RFC
9421 can verify these signatures and, keeping to the profile, make them
(decisions/0001-own-http-signature-profile.md).
"""

import base64
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from standards.crypto import SigningKey, VerifyingKey, random_bytes
from standards.errors import StandardsError

MAX_SKEW: Final = timedelta(seconds=300)
VALIDITY: Final = timedelta(seconds=300)
MAX_HEADER_CHARACTERS: Final = 2048

_COVERED: Final = ("@method", "@path", "@query")
_COVERED_WITH_BODY: Final = (*_COVERED, "content-digest")
_NAMES: Final = ("created", "expires", "nonce", "keyid", "alg")

_VALUE = r'(?:[0-9]{1,12}|"[A-Za-z0-9_.:-]{1,128}")'
_LABEL = r"([a-z][a-z0-9_-]{0,31})"
_INPUT = re.compile(rf'{_LABEL}=(\(((?:"[a-z@-]+"(?: "[a-z@-]+")*)?)\)((?:;[a-z]+={_VALUE}){{1,8}}))')
_PARAMETER = re.compile(rf";([a-z]+)=({_VALUE})")
_SIGNATURE = re.compile(rf"{_LABEL}=:([A-Za-z0-9+/]{{86}}==):")
_TARGET = re.compile(r"(?:https?://[^/?#]*)?([^?#]*)(\?[^#]*)?(?:#.*)?", re.IGNORECASE)
_KEY_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_METHOD = re.compile(r"[A-Z]{1,20}")
_VISIBLE = re.compile(r"[!-~]*")


@dataclass(frozen=True)
class _Parameters:
    """What the signature says about itself; ``text`` is its exact spelling, the last line of what is signed."""

    covered: tuple[str, ...]
    created: int
    expires: int
    nonce: str
    node_id: str
    text: str


@dataclass(frozen=True)
class RequestSigner:
    """The node that signed a request, and the request's nonce, which must not come again until ``expires``."""

    node_id: str
    nonce: str
    expires: datetime


def sign_request(
    key: SigningKey, node_id: str, method: str, url: str, body_digest: bytes | None, now: datetime
) -> dict[str, str]:
    """The headers that sign one request: Signature-Input, Signature and, with a body, Content-Digest.

    ``url`` is what goes over the wire, percent-encoded, with or without scheme and authority. ``body_digest`` is the
    SHA-256 (32 bytes) of the body, None when there is none or it is empty. Raises ``REQUEST_SIGNATURE_MALFORMED`` for a
    node id, method or URL that cannot be signed.
    """
    if not _KEY_ID.fullmatch(node_id):
        raise _malformed("keyid")
    covered = _COVERED if body_digest is None else _COVERED_WITH_BODY
    created = int(now.timestamp())
    expires = created + int(VALIDITY.total_seconds())
    names = " ".join(f'"{name}"' for name in covered)
    nonce = random_bytes(16).hex()
    text = f'({names});created={created};expires={expires};nonce="{nonce}";keyid="{node_id}";alg="ed25519"'
    content_digest = "" if body_digest is None else _content_digest(body_digest)
    signature = key.sign(_signature_base(method, url, content_digest, text))
    headers = {"Signature-Input": f"sig={text}", "Signature": f"sig=:{base64.b64encode(signature).decode()}:"}
    return headers | {"Content-Digest": content_digest} if content_digest else headers


def verify_request(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body_digest: bytes | None,
    keys_of: Callable[[str], Sequence[VerifyingKey]],
    now: datetime,
) -> RequestSigner:
    """Who signed the request, or ``StandardsError`` saying why it is not believed.

    ``url`` is the target as received, still percent-encoded (in ASGI ``raw_path`` and ``query_string``); header names
    may have any case; ``body_digest`` is the SHA-256 of the body received, None when it is empty; ``keys_of`` gives the
    trusted keys of a node (two while one replaces another), none when it is unknown or revoked. Whether the nonce is
    new is for the caller to see. Codes: ``REQUEST_UNSIGNED``, ``REQUEST_SIGNATURE_MALFORMED``, ``CLOCK_SKEW``,
    ``REQUEST_EXPIRED``, ``SIGNER_UNKNOWN``, ``BODY_DIGEST_MISMATCH``, ``SIGNATURE_INVALID``.
    """
    signature_input = _one_header(headers, "signature-input")
    signature_header = _one_header(headers, "signature")
    if not signature_input or not signature_header:
        raise StandardsError("REQUEST_UNSIGNED", what="Signature" if signature_input else "Signature-Input")
    label, parameters = _parse_input(signature_input)
    match = _SIGNATURE.fullmatch(signature_header)
    if match is None or match[1] != label:
        raise _malformed("Signature")
    _check_times(parameters, now)
    content_digest = _one_header(headers, "content-digest")
    base = _signature_base(method, url, content_digest, parameters.text)
    _verify_by_one(keys_of(parameters.node_id), base64.b64decode(match[2]), base, parameters.node_id)
    _check_body(parameters.covered, content_digest, body_digest)
    return RequestSigner(parameters.node_id, parameters.nonce, datetime.fromtimestamp(parameters.expires, UTC))


def _verify_by_one(keys: Sequence[VerifyingKey], signature: bytes, base: bytes, node_id: str) -> None:
    refusal = StandardsError("SIGNER_UNKNOWN", node_id=node_id)
    for key in keys:
        try:
            return key.verify(signature, base)
        except StandardsError as error:
            refusal = error
    raise refusal


def _one_header(headers: Mapping[str, str], name: str) -> str:
    """The field's only value, or ``""``; a field sent twice is refused, since two readers might pick differently."""
    values = [value for field, value in headers.items() if field.lower() == name]
    if len(values) > 1:
        raise _malformed(f"{name} stands twice")
    value = values[0] if values else ""
    if len(value) > MAX_HEADER_CHARACTERS:
        raise _malformed(f"{name} is too long")
    return value


def _parse_input(header: str) -> tuple[str, _Parameters]:
    match = _INPUT.fullmatch(header)
    if match is None:
        raise _malformed("Signature-Input")
    label, text, names, tail = match.groups()
    covered = tuple(name.strip('"') for name in names.split())
    pairs = _PARAMETER.findall(tail)
    values = dict(pairs)
    if len(values) != len(pairs) or set(values) != set(_NAMES):
        raise _malformed(f"the parameters must be {', '.join(_NAMES)}, each once")
    if sorted(covered) not in (sorted(_COVERED), sorted(_COVERED_WITH_BODY)):
        raise _malformed("the covered components")
    if values["alg"] != '"ed25519"' or not values["keyid"].startswith('"') or not values["nonce"].startswith('"'):
        raise _malformed("alg, keyid or nonce")
    if values["created"].startswith('"') or values["expires"].startswith('"'):
        raise _malformed("created or expires")
    created, expires = int(values["created"]), int(values["expires"])
    if not 0 < expires - created <= VALIDITY.total_seconds():
        raise _malformed(f"expires must lie at most {int(VALIDITY.total_seconds())} s after created")
    return label, _Parameters(covered, created, expires, values["nonce"].strip('"'), values["keyid"].strip('"'), text)


def _check_times(parameters: _Parameters, now: datetime) -> None:
    seconds, limit = int(now.timestamp()), int(MAX_SKEW.total_seconds())
    if abs(seconds - parameters.created) > limit:
        raise StandardsError("CLOCK_SKEW", seconds=abs(seconds - parameters.created), limit=limit)
    if seconds > parameters.expires:
        raise StandardsError("REQUEST_EXPIRED", seconds=seconds - parameters.expires)


def _check_body(covered: tuple[str, ...], content_digest: str, body_digest: bytes | None) -> None:
    """RFC 9530: the digest covered is that of the body received; a body that nobody signed is refused."""
    is_covered = "content-digest" in covered
    if body_digest is None:
        if is_covered or content_digest:
            raise StandardsError("BODY_DIGEST_MISMATCH", what="the body is missing")
    elif not is_covered:
        raise StandardsError("BODY_DIGEST_MISMATCH", what="the body is not covered by the signature")
    elif not hmac.compare_digest(content_digest.encode(), _content_digest(body_digest).encode()):
        raise StandardsError("BODY_DIGEST_MISMATCH", what="sha-256")


def _content_digest(body_digest: bytes) -> str:
    return f"sha-256=:{base64.b64encode(body_digest).decode()}:"


def _signature_base(method: str, url: str, content_digest: str, parameters: str) -> bytes:
    """RFC 9421 §2.5: one line a component, in the order the parameters name them, then the parameters themselves."""
    match = _TARGET.fullmatch(url)
    if match is None or not _VISIBLE.fullmatch(url) or not _METHOD.fullmatch(method):
        raise _malformed("method or URL")
    values = {
        "@method": method,
        "@path": match[1] or "/",
        "@query": match[2] or "?",
        "content-digest": content_digest,
    }
    if not values["@path"].startswith("/") or not all(_VISIBLE.fullmatch(value) for value in values.values()):
        raise _malformed("URL or Content-Digest")
    names = re.findall(r'"([a-z@-]+)"', parameters[: parameters.index(")")])
    lines = [f'"{name}": {values[name]}' for name in names]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode("ascii")


def _malformed(what: str) -> StandardsError:
    return StandardsError("REQUEST_SIGNATURE_MALFORMED", what=what)

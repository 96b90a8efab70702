"""A browser sends each line break of a form as two characters; somebody typed one."""

import re
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

_SENT: Final = re.compile(rb"%0D%0A", re.IGNORECASE)
_TYPED: Final = b"%0A"
_BEGUN: Final = re.compile(rb"%(?:0(?:D(?:%0?)?)?)?\Z", re.IGNORECASE)


def as_typed(scope: Scope, receive: Receive) -> Receive:
    """The body of a form with the line breaks that were typed: a text is as long as its writer counts it, and the same
    text whether it came from a page, from a program or in two forms. Bodies of other kinds are handed on as they are.
    """
    if not Headers(scope=scope).get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
        return receive
    cut = b""  # of what may be the beginning of a line break, whose rest comes with the next part

    async def receiving() -> Message:
        nonlocal cut
        message = await receive()
        if message["type"] != "http.request":
            return message
        body = _SENT.sub(_TYPED, cut + message.get("body", b""))
        begun = _BEGUN.search(body) if message.get("more_body") else None
        cut = begun[0] if begun else b""
        return {**message, "body": body.removesuffix(cut)}

    return receiving


def typed_breaks(text: str) -> str:
    """The same for one field of a form that may bring a file, whose body is not rewritten."""
    return text.replace("\r\n", "\n")

"""A text is as long as its writer counts it: what browsers add to line breaks is taken off, however the body is cut."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from directory.http.line_breaks import as_typed, typed_breaks

FORM = "application/x-www-form-urlencoded; charset=utf-8"
SENT = b"words=a%0D%0Ab%0d%0A%0D%0D%0A%25&b=%0D%0A"
TYPED = b"words=a%0Ab%0A%0D%0A%25&b=%0A"


def _read(body: bytes, size: int, kind: str = FORM) -> bytes:
    """What the service reads of a body that comes in parts of so many bytes."""
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    messages: Iterator[dict[str, Any]] = iter(
        [{"type": "http.request", "body": part, "more_body": True} for part in parts]
        + [{"type": "http.request", "more_body": False}, {"type": "http.disconnect"}]
    )

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def read() -> bytes:
        receiving = as_typed({"type": "http", "headers": [(b"content-type", kind.encode())]}, receive)
        found = b""
        while True:
            message = await receiving()
            if message["type"] == "http.disconnect":
                return found
            found += message.get("body", b"")

    return asyncio.run(read())


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 11, 100])
def test_line_breaks_are_one_character_wherever_the_body_is_cut(size: int) -> None:
    assert _read(SENT, size) == TYPED


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
def test_bodies_that_are_no_such_form_are_handed_on_as_they_are(kind: str) -> None:
    assert _read(SENT, 4, kind) == SENT


def test_one_field_of_a_form_with_a_file() -> None:
    assert typed_breaks("一\r\n二\n三") == "一\n二\n三"

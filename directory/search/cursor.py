"""The paging cursor: a place in one search's list, sealed, so that only what we gave out comes back."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from uuid import UUID

import orjson

from directory.errors import DirectoryError
from directory.search.walk import Place
from standards.crypto import keyed_digest

_SEAL_BYTES = 12


@dataclass(frozen=True)
class PageCursor:
    """A page that begins after ``place``, or with ``is_back`` ends before it. ``passed`` hits stood before the page.

    ``passed`` only numbers the page's lines; when entries come and go meanwhile, it is what it was.
    """

    place: Place
    passed: int
    is_back: bool = False

    def text(self, secret: bytes, search: bytes) -> str:
        """The cursor as given out, good for this search only."""
        level, number, entry = self.place
        data = orjson.dumps([level, number, entry.hex, self.passed, self.is_back])
        return base64.urlsafe_b64encode(_seal(secret, search, data) + data).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, secret: bytes, search: bytes) -> "PageCursor":
        """Raises ``CURSOR_INVALID`` for what we did not give out for this search."""
        try:
            sealed = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except (binascii.Error, UnicodeEncodeError):
            raise DirectoryError("CURSOR_INVALID") from None
        seal, data = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
        if not hmac.compare_digest(seal, _seal(secret, search, data)):
            raise DirectoryError("CURSOR_INVALID")
        level, number, entry, passed, is_back = orjson.loads(data)
        return cls(Place(level, number, UUID(entry)), passed, is_back)


def _seal(secret: bytes, search: bytes, data: bytes) -> bytes:
    return keyed_digest(secret, search + b"\x00" + data)[:_SEAL_BYTES]

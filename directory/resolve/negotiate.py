"""Which of the forms on offer a caller would rather have: the Accept header by RFC 9110 §12.5.1. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

_MOST_RANGES = 64


@dataclass(frozen=True)
class _Range:
    kind: str
    subtype: str
    weight: float

    def fits(self, media_type: str) -> int:
        """How exactly it speaks of a media type: 3 by name, 2 by ``type/*``, 1 by ``*/*``, 0 not at all."""
        kind, _, subtype = media_type.partition("/")
        if (self.kind, self.subtype) == (kind, subtype):
            return 3
        if (self.kind, self.subtype) == (kind, "*"):
            return 2
        return 1 if (self.kind, self.subtype) == ("*", "*") else 0


def preferred(accept: str, offered: Sequence[str]) -> str | None:
    """The media type of ``offered`` that ``accept`` weighs highest, the first of equals; None where none is acceptable.

    The range that names a type most exactly decides about it, so ``text/html;q=0, */*`` is anything but HTML. An empty
    header accepts everything; what cannot be read in it counts for nothing.
    """
    ranges = [_range(each) for each in accept.split(",")[:_MOST_RANGES] if each.strip()]
    readable = [each for each in ranges if each is not None]
    if not ranges:
        return offered[0]
    weights = {media_type: _weight(readable, media_type) for media_type in offered}
    best = max(offered, key=lambda media_type: weights[media_type])
    return best if weights[best] > 0 else None


def _weight(ranges: Sequence[_Range], media_type: str) -> float:
    fitting = [(each.fits(media_type), each.weight) for each in ranges if each.fits(media_type)]
    return max(fitting)[1] if fitting else 0.0


def _range(text: str) -> _Range | None:
    media, *parameters = (part.strip().lower() for part in text.split(";"))
    kind, slash, subtype = media.partition("/")
    if media == "*":  # old clients
        kind, slash, subtype = "*", "/", "*"
    if not slash or not kind or not subtype:
        return None
    for each in parameters:
        name, _, value = each.partition("=")
        if name.strip() == "q":
            weight = _weight_of(value.strip())
            return None if weight is None else _Range(kind, subtype, weight)
    return _Range(kind, subtype, 1.0)


def _weight_of(text: str) -> float | None:
    if not text.isascii() or not text.replace(".", "", 1).isdigit() or len(text) > 5:
        return None
    weight = float(text)
    return weight if weight <= 1 else None

"""Where the elements of an XML part stand in its bytes, so that a few can be changed and the rest left alone."""

import codecs
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat  # no tree is built and no entity read: only where elements begin and end
from xml.sax.saxutils import escape, quoteattr

from metadata.errors import MetadataError
from standards.text import forbidden_character

_OPENING: Final = re.compile(rb"<[^\s/>]+(?:\s+[^\s=]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*/?>")
_DECLARATION: Final = re.compile(r"^<\?xml[^>]*\?>")


@dataclass(frozen=True)
class Element:
    """One element: name as written (``x:c``), attributes as written, its bytes: where it, its content and it end.

    An element that closes itself has no content: ``inner`` and ``inner_end`` are its end. ``depth`` is 0 for the root.
    """

    name: str
    attributes: Mapping[str, str]
    start: int
    inner: int
    inner_end: int
    end: int
    depth: int = 0

    @property
    def local(self) -> str:
        """The name without its prefix."""
        return self.name.rpartition(":")[2]

    @property
    def prefix(self) -> str:
        """The prefix with its colon, empty without one."""
        return self.name[: len(self.name) - len(self.local)]


@dataclass(frozen=True)
class Edit:
    """Bytes to put in the place of others."""

    start: int
    end: int
    text: bytes


def to_utf8(part: bytes) -> bytes:
    """The part in UTF-8, where it is UTF-16 by its mark."""
    if part.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _DECLARATION.sub('<?xml version="1.0" encoding="UTF-8"?>', part.decode("utf-16")).encode()
    return part


def parse(part: bytes, handler: "Handler") -> None:
    """Tell the handler of each element as it begins and ends; raises ``MetadataError FILE_NOT_WORKBOOK``."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise MetadataError("FILE_NOT_WORKBOOK", name="xlsx", format="xlsx", reason="DOCTYPE")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: handler.begin(name, attributes, parser.CurrentByteIndex)
    parser.EndElementHandler = lambda name: handler.finish(name, parser.CurrentByteIndex)
    try:
        parser.Parse(part, True)
    except expat.ExpatError as error:
        raise MetadataError("FILE_NOT_WORKBOOK", name="xlsx", format="xlsx", reason=str(error)) from None


class Handler:
    """What is told of elements. ``at`` is where the tag begins, at an end after a tag that closes itself."""

    def begin(self, name: str, attributes: dict[str, str], at: int) -> None:
        """An element begins."""
        raise NotImplementedError

    def finish(self, name: str, at: int) -> None:
        """An element ends."""
        raise NotImplementedError


class _Finder(Handler):
    def __init__(self, part: bytes, names: frozenset[str]) -> None:
        self.part = part
        self.names = names
        self.found: list[Element] = []
        self._open: list[int] = []
        self._depth = 0

    def begin(self, name: str, attributes: dict[str, str], at: int) -> None:
        if name.rpartition(":")[2] in self.names:
            self._open.append(len(self.found))
            self.found.append(Element(name, attributes, at, at, at, at, self._depth))
        self._depth += 1

    def finish(self, name: str, at: int) -> None:
        self._depth -= 1
        if name.rpartition(":")[2] in self.names:
            index = self._open.pop()
            begun = self.found[index]
            self.found[index] = spanned(self.part, name, begun.attributes, begun.start, at, begun.depth)


def spanned(part: bytes, name: str, attributes: Mapping[str, str], start: int, at: int, depth: int = 0) -> Element:
    """The element that began at ``start`` and whose end was told at ``at``."""
    inner = start + len(opening(part, start))
    if part[inner - 2 : inner] == b"/>":
        return Element(name, attributes, start, inner, inner, inner, depth)
    return Element(name, attributes, start, inner, at, part.index(b">", at) + 1, depth)


def opening(part: bytes, start: int) -> bytes:
    """The opening tag that begins at ``start``."""
    match = _OPENING.match(part, start)
    if match is None:
        raise MetadataError("FILE_NOT_WORKBOOK", name="xlsx", format="xlsx", reason="markup")
    return match[0]


def find(part: bytes, *names: str) -> list[Element]:
    """The elements of these local names, in the order they begin."""
    finder = _Finder(part, frozenset(names))
    parse(part, finder)
    return finder.found


def apply(part: bytes, edits: Iterable[Edit]) -> bytes:
    """The part with the edits made, which must not overlap; of those at one place, insertions first and as given."""
    pieces: list[bytes] = []
    at = 0
    for edit in sorted(edits, key=lambda each: (each.start, each.end)):
        pieces += [part[at : edit.start], edit.text]
        at = edit.end
    return b"".join((*pieces, part[at:]))


def tag(name: str, attributes: Mapping[str, str], content: str = "") -> str:
    """An element with its content, which must be markup already; one without content closes itself."""
    words = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{words}>{content}</{name}>" if content else f"<{name}{words}/>"


def text(value: str) -> str:
    """Text as character data; ``_x0041_`` is kept from being read as A."""
    value = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", without_forbidden(value)).replace("\r", "_x000D_")
    return escape(value)


def without_forbidden(value: str) -> str:
    """The text with U+FFFD for each character no XML can hold."""
    while (character := forbidden_character(value)) is not None:
        value = value.replace(character, "\ufffd")
    return value

"""The one XML parser of the house, and canonical bytes.

A document with a type declaration is refused before anything in it is read, so there are no entities, no defaults and
no external files; size, depth and counts are limited while parsing. Others see only ``Element``, never lxml's tree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from standards.errors import StandardsError
from standards.text import forbidden_character


@dataclass(frozen=True)
class XmlLimits:
    """How much XML is read: bytes of the document, elements, levels, and attributes of one element."""

    document_bytes: int = 8 * 1024 * 1024
    element_count: int = 200_000
    depth: int = 64
    attribute_count: int = 64


LIMITS: Final = XmlLimits()

_CHUNK_BYTES = 65_536


@dataclass(frozen=True)
class Element:
    """One element: namespace, local name, its own text, children in order, attributes (``{namespace}name`` -> value).

    ``text`` is all the character data directly inside, as it stands; ``line`` is 0 for one not read from a document.
    """

    namespace: str
    name: str
    text: str = ""
    children: tuple["Element", ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    line: int = 0


def parse(data: bytes, limits: XmlLimits = LIMITS) -> Element:
    """Read a document; comments and processing instructions are passed over.

    Raises ``StandardsError``: ``XML_FORBIDDEN`` (a document type declaration), ``XML_MALFORMED``, ``XML_TOO_LARGE``.
    """
    return _element(parse_tree(data, limits))


def parse_tree(data: bytes, limits: XmlLimits = LIMITS) -> Any:
    """The same as lxml's tree, for use inside ``standards`` only (validation wants line numbers)."""
    if len(data) > limits.document_bytes:
        raise StandardsError("XML_TOO_LARGE", what=f"{len(data)} > {limits.document_bytes} bytes")
    _refuse_doctype(data)
    parser = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    depth = count = 0
    try:
        for chunk in _chunks(data):
            parser.feed(chunk)
            for event, element in parser.read_events():
                if event == "end":
                    depth -= 1
                    continue
                depth, count = depth + 1, count + 1
                _check_limits(limits, depth, count, len(element.attrib))
        return parser.close()
    except etree.XMLSyntaxError as error:
        raise _malformed(error) from None


def canonical_bytes(element: Element) -> bytes:
    """The element as Canonical XML 1.0 in UTF-8, each level indented by two spaces; equal elements give equal bytes.

    Only leaves carry text. Raises ``StandardsError XML_TEXT_FORBIDDEN``, naming place and character, for text that XML
    cannot hold: nothing is dropped or replaced.
    """
    root = build_tree(element)
    etree.indent(root, space="  ")
    return bytes(etree.tostring(root, method="c14n")) + b"\n"


class _PrologStop(Exception):
    """The root element was reached without a document type declaration."""


class _Prolog:
    """A parser target that looks no further than the first declaration or element."""

    def doctype(self, name: str, public_id: str | None, system: str | None) -> None:
        raise StandardsError("XML_FORBIDDEN", what=f"<!DOCTYPE {name[:100]}>")

    def start(self, tag: str, attributes: object) -> None:
        raise _PrologStop

    def close(self) -> None:
        return None


def _refuse_doctype(data: bytes) -> None:
    parser = etree.XMLParser(target=_Prolog(), resolve_entities=False, load_dtd=False, no_network=True)
    try:
        for chunk in _chunks(data):
            parser.feed(chunk)
        parser.close()
    except _PrologStop:
        return
    except etree.XMLSyntaxError as error:
        raise _malformed(error) from None


def _chunks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _CHUNK_BYTES):
        yield data[start : start + _CHUNK_BYTES]


def _check_limits(limits: XmlLimits, depth: int, count: int, attribute_count: int) -> None:
    for value, limit, what in (
        (depth, limits.depth, "levels"),
        (count, limits.element_count, "elements"),
        (attribute_count, limits.attribute_count, "attributes of one element"),
    ):
        if value > limit:
            raise StandardsError("XML_TOO_LARGE", what=f"more than {limit} {what}")


def _malformed(error: etree.XMLSyntaxError) -> StandardsError:
    message = (error.msg or "no document").split(", line ")[0][:200]
    return StandardsError("XML_MALFORMED", line=error.lineno or 1, what=message)


def _element(node: Any) -> Element:
    name = etree.QName(node)
    children = tuple(_element(child) for child in node)
    text = (node.text or "") + "".join(child.tail or "" for child in node)
    return Element(name.namespace or "", name.localname, text, children, dict(node.attrib), node.sourceline or 0)


def build_tree(element: Element, path: str = "") -> Any:
    """lxml's tree of an element, for use inside ``standards`` only; line numbers are kept.

    ``path`` is where the element stands, for the message of ``XML_TEXT_FORBIDDEN``.
    """
    path = path or f"/{element.name}"
    for text in (element.text, *element.attributes.values()):
        character = forbidden_character(text)
        if character is not None:
            raise StandardsError("XML_TEXT_FORBIDDEN", path=path, character=f"U+{ord(character):04X}")
    node = etree.Element(f"{{{element.namespace}}}{element.name}", element.attributes, nsmap={None: element.namespace})
    node.text = element.text or None
    if element.line:
        node.sourceline = element.line
    counts: dict[str, int] = {}
    for child in element.children:
        counts[child.name] = counts.get(child.name, 0) + 1
        node.append(build_tree(child, f"{path}/{child.name}[{counts[child.name]}]"))
    return node

"""Answers of catalogue services (CSW, OAI-PMH): the records in them are taken out, the wrapping is passed over."""

from collections.abc import Collection
from typing import Final

from metadata.errors import MetadataError
from standards.xml import Element

_NAMESPACES: Final = (
    "http://www.opengis.net/cat/csw/2.0.2",
    "http://www.opengis.net/cat/csw/3.0",
    "http://www.openarchives.org/OAI/2.0/",
    "http://www.w3.org/2003/05/soap-envelope",
)
_ANSWERS: Final = frozenset({"GetRecordByIdResponse", "GetRecordsResponse", "SearchResults", "OAI-PMH", "Envelope"})


def is_answer(root: Element) -> bool:
    """Whether a document is such an answer."""
    return root.namespace in _NAMESPACES and root.name in _ANSWERS


def records(root: Element, roots: Collection[tuple[str, str]]) -> list[Element]:
    """The elements in an answer that are one of ``roots``, in their order; raises ``XML_NO_RECORDS`` where none is."""
    found: list[Element] = []
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if (element.namespace, element.name) in roots:
            found.append(element)
        else:
            waiting += reversed(element.children)
    if not found:
        raise MetadataError("XML_NO_RECORDS", name=root.name[:100])
    return found

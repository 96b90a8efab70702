"""Dublin Core (ISO 15836, GB/T 25100): an entry as the fifteen elements in ``oai_dc``, and such documents as entries.

Written after the table ``mapping-dcat-dc-iso-ogc``. The fifteen have no qualifiers, so little of an entry comes back as
what it was; ``not_held`` says what does not. Records of CSW, which add terms of ``dcterms``, are read too.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from metadata.errors import MetadataError
from metadata.formats.unread import Held, Said
from metadata.identifiers import Identifier, ResourceCode
from metadata.record import canonical_bytes, differing
from metadata.resource import Party, Resource
from metadata.words import SHARE_TYPES
from standards.xml import Element, parse
from standards.xml import canonical_bytes as xml_bytes

DC: Final = "http://purl.org/dc/elements/1.1/"
TERMS: Final = "http://purl.org/dc/terms/"
OAI_DC: Final = "http://www.openarchives.org/OAI/2.0/oai_dc/"
ROOTS: Final = frozenset(
    {
        (OAI_DC, "dc"),
        *(("http://www.opengis.net/cat/csw/2.0.2", f"{kind}Record") for kind in ("", "Summary", "Brief")),
        *(("http://www.opengis.net/cat/csw/3.0", f"{kind}Record") for kind in ("", "Summary", "Brief")),
    }
)
ELEMENTS: Final = frozenset(
    {
        *("title", "provider", "abstract", "keywords", "published_on", "format", "identifier", "code", "online_links"),
        *("maintainer", "related_codes", "region_code"),
    }
)
"""What of an entry such a document can speak of, by the elements of ``workbook_elements``."""

_PASSED_OVER: Final = frozenset({"type", "language"})
_DATASET: Final = "Dataset"
_LANGUAGE: Final = "zh"
_WEB: Final = ("http://", "https://", "ftp://")
_TERMS: Final = {"abstract": "description", "modified": "", "issued": "date", "spatial": "coverage"}


def write(resource: Resource) -> bytes:
    """The entry as canonical XML; raises ``StandardsError XML_TEXT_FORBIDDEN`` for text that XML cannot hold."""
    children = tuple(Element(DC, name, text) for name, text in _elements(resource) if text)
    return xml_bytes(Element(OAI_DC, "dc", children=children))


def read(data: bytes, provider: Party | None = None) -> Resource:
    """The entry in a document; ``provider`` stands in where it names no publisher and no creator.

    Raises ``StandardsError`` for what is not readable XML, ``MetadataError XML_NOT_METADATA`` for another document,
    ``METADATA_INCOMPLETE`` without title or department, ``RECORD_UNREADABLE`` for values that no entry can have.
    """
    return read_element(parse(data), provider)


def read_element(root: Element, provider: Party | None = None) -> Resource:
    """The entry in an element of one of ``ROOTS``; errors as those of ``read``."""
    if (root.namespace, root.name) not in ROOTS:
        raise MetadataError("XML_NOT_METADATA", name=root.name[:100], namespace=root.namespace[:200])
    found: dict[str, list[str]] = {}
    for child in root.children:
        name = child.name if child.namespace == DC else _TERMS.get(child.name, "") if child.namespace == TERMS else ""
        if name and child.text.strip():
            found.setdefault(name, []).append(child.text)
    names = [*found.get("publisher", ()), *found.get("creator", ())]
    party = {"name": names[0]} if names else provider.model_dump(mode="json") if provider else None
    title = next(iter(found.get("title", ())), "")
    if not title or party is None:
        raise MetadataError("METADATA_INCOMPLETE", form="Dublin Core", lacks="发布单位" if title else "标题")
    contributors = found.get("contributor", ())
    members: dict[str, Any] = {
        "title": title,
        "provider": party,
        "maintainer": {"name": contributors[0]} if contributors else None,
        "abstract": "\n".join(found.get("description", ())),
        "keywords": found.get("subject", []),
        "formats": [{"types": [each]} for each in found.get("format", ())],
        "published_on": next(filter(None, map(_day, found.get("date", ()))), None),
        "related_codes": found.get("relation", []),
        "extent": {"region_code": next(filter(_is_region, found.get("coverage", ())), "")},
        **_numbers(found.get("identifier", [])),
    }
    return Resource.from_bytes(canonical_bytes(members))


def unread(root: Element, record: Resource) -> list[Said]:
    """The values of a document that its entry does not say."""
    held = Held(record)
    return [
        Said(above.name if above is not root else each.name, text, each.line)
        for above, each in _pairs(root)
        if (text := each.text.strip()) and each.name not in _PASSED_OVER and not held.holds(text)
    ]


def _pairs(element: Element) -> Iterator[tuple[Element, Element]]:
    for child in element.children:
        yield element, child
        yield from _pairs(child)


def not_held(resource: Resource) -> tuple[str, ...]:
    """The paths of what a document does not give back: found by reading what is written."""
    return tuple(differing(resource, read(write(resource))))


def _elements(resource: Resource) -> Iterator[tuple[str, str]]:
    yield "title", resource.title
    yield "publisher", resource.provider.name
    if resource.maintainer is not None:
        yield "contributor", resource.maintainer.name
    yield "description", resource.abstract
    for text in (*resource.keywords, *(each.name for each in resource.categories)):
        yield "subject", text
    yield "date", resource.published_on.isoformat() if resource.published_on else ""
    yield "type", _DATASET
    for each in resource.formats:
        for text in each.types or (each.other,):
            yield "format", text
    for text in (resource.identifier, resource.code, *resource.online_links):
        yield "identifier", text
    yield "source", resource.source_system
    yield "language", _LANGUAGE
    for text in resource.related_codes:
        yield "relation", text
    yield from (("coverage", text) for text in _coverage(resource))
    yield from (("rights", text) for text in _rights(resource))


def _coverage(resource: Resource) -> Iterator[str]:
    extent = resource.extent
    yield extent.region_code
    if extent.box_mas is not None:
        degrees = (f"{mas / 3_600_000:.7f}" for mas in extent.box_mas)
        sides = ("westlimit", "southlimit", "eastlimit", "northlimit")  # DCMI Box
        yield "; ".join(f"{side}={value}" for side, value in zip(sides, degrees, strict=True))
    if extent.begins_on or extent.ends_on:  # DCMI Period
        yield f"start={extent.begins_on or ''}; end={extent.ends_on or ''}; scheme=W3C-DTF"


def _rights(resource: Resource) -> Iterator[str]:
    yield SHARE_TYPES.get(resource.sharing.share_type or "", "")
    yield resource.sharing.conditions
    yield from (f"《{basis.title}》{basis.article}" for basis in resource.sharing.legal_basis)
    yield resource.openness.conditions


def _numbers(texts: list[str]) -> dict[str, Any]:
    """Identifier and code where a text has the form of one, addresses as links; others' numbers are not taken."""
    found: dict[str, Any] = {"online_links": [each for each in texts if each.startswith(_WEB)]}
    for each in texts:
        for name, form in (("identifier", Identifier), ("code", ResourceCode)):
            if name not in found and not each.startswith(_WEB) and _is_of(form, each):
                found[name] = each
                break
    return found


def _is_of(form: type[Identifier] | type[ResourceCode], text: str) -> bool:
    try:
        form.parse(text)
    except MetadataError:
        return False
    return True


def _is_region(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) in {6, 9, 12}


def _day(text: str) -> str | None:
    try:
        return date.fromisoformat(text.strip()[:10]).isoformat()
    except ValueError:
        return None

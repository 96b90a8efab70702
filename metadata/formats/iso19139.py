"""ISO 19139 (``gmd:MD_Metadata``, ISO 19115:2003, GB/T 19710) read as an entry; it is not written.

Read: title, abstract, department, keywords, topic categories, box, period, day of publication, update cycle, formats,
links, service, coordinate system, scale, identifiers. ISO 19115-2 (``gmi:``) wraps the same and is read alike; ISO
19115-3 (``mdb:``) says the same in elements of the same names but for a few, which stand beside the others in
``_EITHER``. What an entry has no place for (lineage, quality) is left out, and named by ``unread``.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from metadata.errors import MetadataError
from metadata.formats.geometry import box_of
from metadata.formats.unread import Held, Said
from metadata.identifiers import Identifier
from metadata.record import canonical_bytes
from metadata.resource import Party, Resource
from standards.xml import Element, parse

ROOTS: Final = frozenset(
    {
        ("http://www.isotc211.org/2005/gmd", "MD_Metadata"),
        ("http://www.isotc211.org/2005/gmi", "MI_Metadata"),
        ("http://standards.iso.org/iso/19115/-3/mdb/1.0", "MD_Metadata"),
        ("http://standards.iso.org/iso/19115/-3/mdb/2.0", "MD_Metadata"),
    }
)
ELEMENTS: Final = frozenset(
    {
        *("title", "provider", "abstract", "keywords", "thesaurus", "categories", "published_on", "updated_on"),
        *("format", "identifier", "metadata_id", "online_links", "service_url", "service_type", "update_cycle"),
        *("maintainer", "maintainer_address", "provider_address"),
        *("box", "crs", "scale", "begins_on", "ends_on", "region_code"),
    }
)
"""What of an entry such a document can speak of, by the elements of ``workbook_elements``."""

TOPIC_SCHEME: Final = "ISO 19115 专题类别"
TOPICS: Final = {
    "farming": "农业",
    "biota": "生物",
    "boundaries": "境界",
    "climatologyMeteorologyAtmosphere": "气候、气象、大气",
    "economy": "经济",
    "elevation": "高程",
    "environment": "环境",
    "geoscientificInformation": "地球科学信息",
    "health": "健康",
    "imageryBaseMapsEarthCover": "影像、底图、地表覆盖",
    "intelligenceMilitary": "情报与军事",
    "inlandWaters": "内陆水体",
    "location": "位置",
    "oceans": "海洋",
    "planningCadastre": "规划与地籍",
    "society": "社会",
    "structure": "建筑物与构筑物",
    "transportation": "交通运输",
    "utilitiesCommunication": "公用设施与通信",
}
"""MD_TopicCategoryCode, with names of this project's."""

_CYCLES: Final = {
    "continual": "realtime",
    "daily": "daily",
    "weekly": "weekly",
    "monthly": "monthly",
    "quarterly": "quarterly",
    "biannually": "halfyear",
    "annually": "yearly",
    "irregular": "irregular",
    "asNeeded": "irregular",
}
_SPOKEN_OF: Final = ("Bound", "title", "Position", "Frequency", "denominator", "topicCategory", "keyword", "identifier")
_ROLES: Final = ("publisher", "owner", "custodian", "pointOfContact")  # whom an entry's provider is looked for among
_CITATION: Final = "citation/CI_Citation"
_PARTIES: Final = ("CI_ResponsibleParty", "CI_Responsibility")
# Paths of ISO 19139, and where ISO 19115-3 says the same.
_EITHER: Final[Mapping[str, str]] = {
    "fileIdentifier": "metadataIdentifier/MD_Identifier/code",
    "dateStamp": "dateInfo/CI_Date/date",
    "organisationName": "party/CI_Organisation/name",
    "contactInfo/CI_Contact/address/CI_Address/deliveryPoint": (
        "party/CI_Organisation/contactInfo/CI_Contact/address/CI_Address/deliveryPoint"
    ),
    "distributionInfo/MD_Distribution//MD_Format/name": (
        "distributionInfo/MD_Distribution//MD_Format/formatSpecificationCitation/CI_Citation/title"
    ),
    "resourceFormat/MD_Format/name": "resourceFormat/MD_Format/formatSpecificationCitation/CI_Citation/title",
}
# What qualifies another value, or says of the document what every document says.
_PASSED_OVER: Final = frozenset(
    {
        *("role", "dateType", "language", "characterSet", "hierarchyLevel", "hierarchyLevelName", "metadataScope"),
        *("metadataStandardName", "metadataStandardVersion", "metadataStandard", "defaultLocale", "otherLocale"),
        *("codeSpace", "locale", "metadataProfile", "type", "parentMetadata"),
    }
)


def read(data: bytes, provider: Party | None = None) -> Resource:
    """The entry in a document; ``provider`` stands in where it names no organisation.

    Raises ``StandardsError`` for what is not readable XML, ``MetadataError XML_NOT_METADATA`` for another document,
    ``METADATA_INCOMPLETE`` without title or organisation, ``RECORD_UNREADABLE`` for values that no entry can have.
    """
    return read_element(parse(data), provider)


def read_element(root: Element, provider: Party | None = None) -> Resource:
    """The entry in an element of one of ``ROOTS``; errors as those of ``read``."""
    if (root.namespace, root.name) not in ROOTS:
        raise MetadataError("XML_NOT_METADATA", name=root.name[:100], namespace=root.namespace[:200])
    described = next((child for each in _at(root, "identificationInfo") for child in each.children), Element("", ""))
    title = _text(described, f"{_CITATION}/title")
    contact = _party(_parties(root, "contact"))
    party = _provider(described) or contact or (provider.model_dump(mode="json") if provider else None)
    if not title or party is None:
        raise MetadataError("METADATA_INCOMPLETE", form="ISO 19139", lacks="发布单位" if title else "标题")
    links = _texts(root, "distributionInfo/MD_Distribution//CI_OnlineResource/linkage")
    members: dict[str, Any] = {
        "title": title,
        "provider": party,
        "maintainer": contact,
        "abstract": _text(described, "abstract"),
        "metadata_id": _text(root, "fileIdentifier"),
        "updated_on": _day(_text(root, "dateStamp")),
        "published_on": _published(described),
        "identifier": next(filter(_is_identifier, _texts(described, f"{_CITATION}/identifier//code")), ""),
        "keywords": list(dict.fromkeys(_texts(described, "descriptiveKeywords/MD_Keywords/keyword"))),
        "thesaurus": _text(described, "descriptiveKeywords/MD_Keywords/thesaurusName/CI_Citation/title"),
        "categories": [
            {"scheme": TOPIC_SCHEME, "name": TOPICS.get(code, code), "code": code}
            for code in dict.fromkeys(_texts(described, "topicCategory"))
        ],
        "formats": [
            {"types": [name]}
            for name in dict.fromkeys(
                [
                    *_texts(root, "distributionInfo/MD_Distribution//MD_Format/name"),
                    *_texts(described, "resourceFormat/MD_Format/name"),
                ]
            )
        ],
        "update_cycle": _cycle(described),
        "online_links": list(dict.fromkeys(links)),
        "service_url": _text(described, "containsOperations/SV_OperationMetadata//linkage"),
        "service_type": _text(described, "serviceType"),
        "extent": _extent(root, described),
    }
    return Resource.from_bytes(canonical_bytes(members))


def _at(element: Element, path: str) -> Iterator[Element]:
    """The elements at a path of local names; an empty step (``//``) means at any depth."""
    first, _, rest = path.partition("/")
    if not first:
        name, _, below = rest.partition("/")
        for each in _within(element):
            if each.name == name:
                yield from _at(each, below) if below else (each,)
        return
    for child in element.children:
        if child.name == first:
            yield from _at(child, rest) if rest else (child,)


def unread(root: Element, record: Resource) -> list[Said]:
    """The values of a document that its entry does not say, those first of which an entry has the element."""
    held = Held(record, {word: cycle for word, cycle in _CYCLES.items() if cycle == record.update_cycle})
    found = list(_left(root, (), held))
    return sorted(found, key=lambda each: not any(word in each.place for word in _SPOKEN_OF))


def _left(element: Element, above: tuple[str, ...], held: Held) -> Iterator[Said]:
    for child in element.children:
        if child.name in _PASSED_OVER or (child.name == "EX_GeographicBoundingBox" and _box(child) is not None):
            continue
        names = above if child.name[:1].isupper() else (*above, child.name)
        for text in (child.text, child.attributes.get("codeListValue", "")):
            if text.strip() and not held.holds(text):
                yield Said("/".join(names[-2:]), text, child.line)
        yield from _left(child, names, held)


def _within(element: Element) -> Iterator[Element]:
    for child in element.children:
        yield child
        yield from _within(child)


def _texts(element: Element, path: str) -> list[str]:
    """What is said at a path: the element's words, those of the value in it, or the code it lists."""
    places = [*_at(element, path), *(_at(element, _EITHER[path]) if path in _EITHER else ())]
    return [text for each in places if (text := _said(each))]


def _said(element: Element) -> str:
    text = " ".join(element.text.split())
    if text:
        return text
    value = next((each for each in element.children if each.name != "PT_FreeText"), None)
    if value is None:
        return ""
    return " ".join(value.text.split()) or value.attributes.get("codeListValue", "").strip()


def _text(element: Element, path: str) -> str:
    return next(iter(_texts(element, path)), "")


def _parties(element: Element, path: str) -> list[Element]:
    return [party for each in _at(element, path) for party in each.children if party.name in _PARTIES]


def _party(parties: list[Element]) -> dict[str, str] | None:
    for each in parties:
        name = _text(each, "organisationName")
        if name:
            return {"name": name, "address": _text(each, "contactInfo/CI_Contact/address/CI_Address/deliveryPoint")}
    return None


def _provider(described: Element) -> dict[str, str] | None:
    """The organisation that gives the data out, by its role where roles are said."""
    parties = [
        *_parties(described, "pointOfContact"),
        *_parties(described, f"{_CITATION}/citedResponsibleParty"),
    ]
    roles = [_code(each, "role") for each in parties]
    rank = {role: place for place, role in enumerate(_ROLES)}
    ordered = sorted(range(len(parties)), key=lambda place: rank.get(roles[place], len(_ROLES)))
    return _party([parties[place] for place in ordered])


def _code(element: Element, path: str) -> str:
    """The value of a code list at a path, or its words where the attribute is missing."""
    for each in _at(element, path):
        for value in each.children:
            return value.attributes.get("codeListValue", "").strip() or value.text.strip()
    return ""


def _published(described: Element) -> str | None:
    for each in _at(described, f"{_CITATION}/date/CI_Date"):
        if _code(each, "dateType") == "publication":
            return _day(_text(each, "date"))
    return None


def _cycle(described: Element) -> str | None:
    for each in _at(described, "resourceMaintenance/MD_MaintenanceInformation"):
        return _CYCLES.get(_code(each, "maintenanceAndUpdateFrequency"))
    return None


def _extent(root: Element, described: Element) -> dict[str, Any]:
    about: dict[str, Any] = {"crs": _text(root, "referenceSystemInfo//code")}
    boxes = [box for each in _at(described, "extent//EX_GeographicBoundingBox") if (box := _box(each)) is not None]
    if boxes:
        wests, souths, easts, norths = zip(*boxes, strict=True)
        about["box_mas"] = [min(wests), min(souths), max(easts), max(norths)]
    codes = _texts(described, "extent//EX_GeographicDescription//code")
    about["region_code"] = next((each for each in codes if re.fullmatch("[1-9][0-9]{5}|[1-9][0-9]{11}", each)), "")
    about["begins_on"] = _day(_text(described, "extent//EX_TemporalExtent//beginPosition"))
    about["ends_on"] = _day(_text(described, "extent//EX_TemporalExtent//endPosition"))
    scale = _text(described, "spatialResolution/MD_Resolution/equivalentScale//denominator")
    if scale.isascii() and scale.isdigit() and 0 < len(scale) <= 9 and int(scale):
        about["scale"] = int(scale)
    return about


def _box(element: Element) -> list[int] | None:
    """West, south, east, north in thousandths of an arc second; None where a side is missing or no number."""
    found = []
    for side in ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude"):
        try:
            found.append(float(Decimal(_text(element, side))))
        except (InvalidOperation, OverflowError, ValueError):
            return None
    return box_of(*found)


def _day(text: str) -> str | None:
    """The day of a date, of a moment's beginning, or the first one of a month or year; None for what is neither."""
    parts = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?(?:T.*)?", text)
    if parts is None:
        return None
    try:
        return date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1)).isoformat()
    except ValueError:
        return None


def _is_identifier(text: str) -> bool:
    try:
        Identifier.parse(text)
    except MetadataError:
        return False
    return True

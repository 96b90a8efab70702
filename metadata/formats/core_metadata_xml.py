"""GB/T 21063.3 core metadata as XML: the twelve elements, and in an extension all else that a Resource says.

Both namespaces are this project's own; the standard's own namespace and root element could not be found. Writing gives
canonical bytes that the XSDs accept, and reading them back gives an equal record. The twelve's names are read in any
case, since sources spell them differently (``IdPoC``, ``ServInfo``), with or without the namespace, in any order.
"""

from collections.abc import Iterator
from typing import Any, Final

from metadata.errors import MetadataError
from metadata.formats.record_elements import from_elements, to_elements
from metadata.record import canonical_bytes as record_bytes
from metadata.resource import Party, Resource
from standards.findings import Finding
from standards.xml import Element, canonical_bytes, parse
from standards.xsd import validate

CORE_NAMESPACE: Final = "urn:hutong:gbt21063-3:1"
CATALOGUE_NAMESPACE: Final = "urn:hutong:catalogue:1"
STANDARD_ID: Final = "gbt21063-3/1"
ROOTS: Final = frozenset({(CORE_NAMESPACE, "Metadata")})

_ORDER = (
    *("resTitle", "pubDate", "abstract", "idPoC", "descKeys", "tpCat"),
    *("onLineSrc", "resID", "servInfo", "mdId", "mdContact", "mdDateUpd"),
)
_CHILDREN = (
    *("rpOrgName", "cntAdd", "keyword", "thesaName"),
    *("cateStd", "cateName", "cateCode", "servURL", "servType"),
)
_SPELLING = {name.lower(): name for name in ("Metadata", *_ORDER, *_CHILDREN)}
_SIMPLE = {
    "resTitle": "title",
    "pubDate": "published_on",
    "abstract": "abstract",
    "resID": "identifier",
    "mdId": "metadata_id",
    "mdDateUpd": "updated_on",
}
_EXTENSION = (
    *("code", "class_code", "library", "formats", "items", "sharing", "openness", "data_class", "data_grade"),
    *("secrecy", "update_cycle", "source_system", "volumes", "is_microdata", "extent", "related_codes"),
    *("assessments", "mounts"),
)
_CODES_BEFORE_PARTIES = 2  # code and class_code stand before providerCode and maintainerCode


def write(resource: Resource) -> bytes:
    """The entry as canonical XML; raises ``StandardsError XML_TEXT_FORBIDDEN`` for text that XML cannot hold."""
    children = sorted(_core(resource), key=lambda element: _ORDER.index(element.name))
    extension = tuple(_extension(resource))
    if extension:
        children.append(Element(CATALOGUE_NAMESPACE, "Catalogue", children=extension))
    return canonical_bytes(Element(CORE_NAMESPACE, "Metadata", children=tuple(children)))


def read(data: bytes) -> Resource:
    """The entry in a document.

    Raises ``StandardsError`` for what is not readable XML, ``MetadataError XML_NOT_METADATA`` for another document,
    ``XML_INVALID`` for one that breaks the schema (nothing unknown is passed over), ``RECORD_UNREADABLE`` for values
    that no entry can have.
    """
    return read_element(parse(data))


def read_element(given: Element) -> Resource:
    """The entry in a ``Metadata`` element; errors as those of ``read``."""
    root = _spelled(given)
    if (root.namespace, root.name) != (CORE_NAMESPACE, "Metadata"):
        raise MetadataError("XML_NOT_METADATA", name=given.name[:100], namespace=given.namespace[:200])
    findings = validate(root, STANDARD_ID)
    if findings:
        reason, reason_en = _summary(findings)
        raise MetadataError("XML_INVALID", reason=reason, reason_en=reason_en)
    try:
        members = _members(root)
    except ValueError:
        raise MetadataError("RECORD_UNREADABLE", kind="Resource", reason="a number is too long") from None
    return Resource.from_bytes(record_bytes(members))


def _leaf(name: str, text: str) -> Element:
    return Element(CORE_NAMESPACE, name, text)


def _branch(name: str, *children: Element | None) -> Element:
    return Element(CORE_NAMESPACE, name, children=tuple(child for child in children if child is not None))


def _optional(name: str, text: str) -> Element | None:
    return _leaf(name, text) if text else None


def _core(resource: Resource) -> Iterator[Element]:
    for name, field in _SIMPLE.items():
        value = getattr(resource, field)
        if value not in {None, ""}:
            yield _leaf(name, str(value))
    yield _party("idPoC", resource.provider)
    if resource.maintainer is not None:
        yield _party("mdContact", resource.maintainer)
    if resource.keywords or resource.thesaurus:
        keywords = (_leaf("keyword", keyword) for keyword in resource.keywords)
        yield _branch("descKeys", *keywords, _optional("thesaName", resource.thesaurus))
    for category in resource.categories:
        code = _optional("cateCode", category.code)
        yield _branch("tpCat", _leaf("cateStd", category.scheme), _leaf("cateName", category.name), code)
    for link in resource.online_links:
        yield _leaf("onLineSrc", link)
    if resource.service_url or resource.service_type:
        url, kind = _optional("servURL", resource.service_url), _optional("servType", resource.service_type)
        yield _branch("servInfo", url, kind)


def _party(name: str, party: Party) -> Element:
    return _branch(name, _leaf("rpOrgName", party.name), _optional("cntAdd", party.address))


def _extension(resource: Resource) -> Iterator[Element]:
    yield from to_elements(resource, _EXTENSION[:_CODES_BEFORE_PARTIES], CATALOGUE_NAMESPACE)
    for name, party in (("provider", resource.provider), ("maintainer", resource.maintainer)):
        if party is not None and party.code:
            yield Element(CATALOGUE_NAMESPACE, f"{name}Code", party.code)
        if party is not None and party.division:
            yield Element(CATALOGUE_NAMESPACE, f"{name}Division", party.division)
    yield from to_elements(resource, _EXTENSION[_CODES_BEFORE_PARTIES:], CATALOGUE_NAMESPACE)


def _spelled(element: Element) -> Element:
    """The same element with the twelve's names in the standard's spelling, namespace and order."""
    if element.namespace not in {"", CORE_NAMESPACE}:
        return element
    name = _SPELLING.get(element.name.lower(), element.name)
    children = [_spelled(child) for child in element.children]
    if name == "Metadata":
        children.sort(key=lambda child: _ORDER.index(child.name) if child.name in _ORDER else len(_ORDER))
    return Element(CORE_NAMESPACE, name, element.text, tuple(children), element.attributes, element.line)


def _members(root: Element) -> dict[str, Any]:
    found: dict[str, list[Element]] = {}
    for child in root.children:
        found.setdefault(child.name, []).append(child)
    extension = found["Catalogue"][0].children if "Catalogue" in found else ()
    members = from_elements(Resource, extension, _EXTENSION)
    members |= {field: found[name][0].text for name, field in _SIMPLE.items() if name in found}
    members |= {"provider": _party_members(found["idPoC"][0], extension, "provider")}
    if "mdContact" in found:
        members["maintainer"] = _party_members(found["mdContact"][0], extension, "maintainer")
    for keys in found.get("descKeys", ()):
        members["keywords"] = [child.text for child in keys.children if child.name == "keyword"]
        members["thesaurus"] = _text(keys.children, "thesaName")
    members["categories"] = [
        {"scheme": _text(each.children, "cateStd"), "name": _text(each.children, "cateName")}
        | {"code": _text(each.children, "cateCode")}
        for each in found.get("tpCat", ())
    ]
    members["online_links"] = [each.text for each in found.get("onLineSrc", ())]
    for service in found.get("servInfo", ()):
        members["service_url"] = _text(service.children, "servURL")
        members["service_type"] = _text(service.children, "servType")
    return members


def _party_members(element: Element, extension: tuple[Element, ...], kind: str) -> dict[str, str]:
    name, address = _text(element.children, "rpOrgName"), _text(element.children, "cntAdd")
    inside = {"code": _text(extension, f"{kind}Code"), "division": _text(extension, f"{kind}Division")}
    return {"name": name, "address": address, **inside}


def _text(elements: tuple[Element, ...], name: str) -> str:
    return next((element.text for element in elements if element.name == name), "")


def _summary(findings: list[Finding]) -> tuple[str, str]:
    """The first few findings in Chinese and English, and how many more there are."""
    zh, en = "；".join(each.zh for each in findings[:3]), "; ".join(each.en for each in findings[:3])
    more = len(findings) - 3
    return (f"{zh}（另有 {more} 处）", f"{en} ({more} more)") if more > 0 else (zh, en)

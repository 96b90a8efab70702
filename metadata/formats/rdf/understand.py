"""A graph as entries: ours give back what was written, others' as far as DCAT's own terms go.

Sets have no order in RDF, so keywords, classes, formats and the like come sorted; items keep theirs.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from rdflib import Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.namespace import CSVW, DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS
from rdflib.term import Node

from metadata.errors import MetadataError
from metadata.formats.geometry import enclosing
from metadata.formats.rdf.describe import is_address, term
from metadata.formats.rdf.terms import ACCESS, DATATYPES, GEOMETRIES, HT, VCARD, cycle_of
from metadata.identifiers import CODE_PATTERN, Identifier
from metadata.record import canonical_bytes
from metadata.resource import Party, Resource, Volumes

_PLAIN = ("class_code", "library", "thesaurus", "data_class", "data_grade", "source_system", "service_type", "secrecy")
_ITEM_TEXTS = ("code_table", "data_element", "data_class", "base_item", "lead_department", "unit")
_ITEM_NUMBERS = ("length", "precision", "sensitivity")
_LANGUAGES = ("zh", "zh-cn", "zh-hans", "zh-tw", "zh-hant", "", "en")
_AGENT_NAMES: Final = (FOAF.name, SKOS.prefLabel, RDFS.label, VCARD["organization-name"], VCARD.fn, DCTERMS.title)
_SHARE_TYPES: Final = {node: name for name, node in ACCESS.items()}
_LETTERS: Final = {node: letter for letter, node in reversed(tuple(DATATYPES.items()))}


def entries(graph: Graph, provider: Party | None) -> tuple[list[tuple[Resource, Node]], list[MetadataError]]:
    """Every ``dcat:Dataset`` as an entry, by title, and why others are none; ``provider`` stands in where a dataset
    names no publisher.

    The errors are ``RDF_INCOMPLETE`` for a dataset without title or publisher, ``RDF_UNREADABLE``, and
    ``RECORD_UNREADABLE`` for values that no entry can have.
    """
    found, wrong = [], []
    for each in sorted(set(graph.subjects(RDF.type, DCAT.Dataset)), key=str):
        try:
            found.append((Resource.from_bytes(canonical_bytes(_entry(graph, each, provider))), each))
        except MetadataError as error:
            wrong.append(error)
    return sorted(found, key=lambda each: (each[0].title, each[0].identifier)), wrong


def _entry(graph: Graph, dataset: Node, provider: Party | None) -> dict[str, Any]:
    title = _text(graph, dataset, DCTERMS.title)
    publisher = graph.value(dataset, DCTERMS.publisher) or graph.value(dataset, DCTERMS.creator)
    party = _party(graph, publisher) if publisher is not None else None
    if party is None and provider is not None:
        party = provider.model_dump(mode="json")
    if not title or party is None:
        raise MetadataError(
            "RDF_INCOMPLETE", dataset=(title or str(dataset))[:200], lacks="标题" if not title else "发布单位"
        )
    record = graph.value(None, FOAF.primaryTopic, dataset)
    members: dict[str, Any] = {
        "title": title,
        "provider": party,
        "abstract": _text(graph, dataset, DCTERMS.description),
        "keywords": _texts(graph, dataset, DCAT.keyword),
        "categories": _categories(graph, dataset),
        "formats": _formats(graph, dataset),
        "items": _items(graph, dataset),
        "related_codes": _texts(graph, dataset, HT.relatedCode),
        "online_links": _links(graph, dataset),
        "is_microdata": _truth(graph, dataset, HT.isMicrodata) or False,
        "extent": _extent(graph, dataset),
        "published_on": _day(graph.value(dataset, DCTERMS.issued)),
        "updated_on": _day(graph.value(dataset, DCTERMS.modified)),
        "service_url": _service(graph, dataset),
        **{name: text for name in _PLAIN if (text := _text(graph, dataset, term(name)))},
        **_numbers(graph, dataset),
        **_sharing(graph, dataset),
    }
    cycles = map(cycle_of, sorted(graph.objects(dataset, DCTERMS.accrualPeriodicity), key=str))
    members["update_cycle"] = next(filter(None, cycles), None)
    if record is not None:
        members["metadata_id"] = _text(graph, record, DCTERMS.identifier)
        creator = graph.value(record, DCTERMS.creator)
        members["maintainer"] = None if creator is None else _party(graph, creator)
    volumes = graph.value(dataset, HT.volumes)
    if volumes is not None:
        members["volumes"] = {name: _text(graph, volumes, term(name)) for name in Volumes.model_fields}
    return members


def _numbers(graph: Graph, dataset: Node) -> dict[str, str]:
    """Both identifiers, where they are said to be or have the form; another catalogue's own are not taken for ours."""
    kinds = {HT.ResourceIdentifier: "identifier", HT.ResourceCode: "code"}
    literals = sorted(_literals(graph, dataset, DCTERMS.identifier), key=str)
    found = {kinds[each.datatype]: str(each) for each in literals if each.datatype in kinds}
    for text in (str(each) for each in literals if each.datatype not in kinds):
        kind = _kind_of_number(text)
        if kind:
            found.setdefault(kind, text)
    return found


def _kind_of_number(text: str) -> str:
    try:
        Identifier.parse(text)
    except MetadataError:
        return "code" if re.fullmatch(CODE_PATTERN, text) else ""
    return "identifier"


def _party(graph: Graph, agent: Node) -> dict[str, str] | None:
    """An agent by its name, however that is said: some catalogues write nothing but the name."""
    names = (_text(graph, agent, each) for each in _AGENT_NAMES)
    name = str(agent).strip() if isinstance(agent, Literal) else next(filter(None, names), "")
    if not name:
        return None
    return {
        "name": name,
        "code": _text(graph, agent, DCTERMS.identifier),
        "division": _text(graph, agent, HT.division),
        "address": _text(graph, agent, VCARD["street-address"]),
    }


def _categories(graph: Graph, dataset: Node) -> list[dict[str, str]]:
    found = []
    for concept in graph.objects(dataset, DCAT.theme):
        name = _text(graph, concept, SKOS.prefLabel)
        scheme = graph.value(concept, SKOS.inScheme)
        about = {"name": name, "code": _text(graph, concept, SKOS.notation), "scheme": ""}
        if scheme is not None and (title := _text(graph, scheme, DCTERMS.title) or _tail(scheme)):
            about["scheme"] = title
        if not name and isinstance(concept, URIRef):  # a bare concept of somebody else's list
            about |= {"name": _tail(concept), "scheme": str(concept).removesuffix(_tail(concept))}
        if about["name"]:
            found.append(about)
    return sorted(found, key=lambda each: (each["scheme"], each["name"], each["code"]))


def _formats(graph: Graph, dataset: Node) -> list[dict[str, Any]]:
    found = []
    for each in graph.objects(dataset, DCAT.distribution):
        kind = graph.value(each, DCTERMS.format) or graph.value(each, DCAT.mediaType)
        named = _texts(graph, each, HT.formatType) or [text for text in (_kind(graph, kind),) if text]
        about = {"category": _text(graph, each, HT.formatCategory), "types": named}
        about["other"] = _text(graph, each, HT.formatOther)
        found.append(about)
    return sorted(found, key=lambda each: (str(each["category"]), each["types"], str(each["other"])))


def _links(graph: Graph, dataset: Node) -> list[str]:
    """Its pages, and where its distributions can be had (ours can be had at the entry's own address)."""
    found = [*map(str, graph.objects(dataset, DCAT.landingPage)), *_texts(graph, dataset, HT.onlineLink)]
    for each in graph.objects(dataset, DCAT.distribution):
        for name in (DCAT.downloadURL, DCAT.accessURL):
            found += [str(link) for link in graph.objects(each, name) if link != dataset and is_address(str(link))]
    return sorted(set(found))


def _kind(graph: Graph, kind: Node | None) -> str:
    if kind is None or isinstance(kind, Literal):
        return str(kind or "")
    return _text(graph, kind, RDFS.label) or (_tail(kind) if isinstance(kind, URIRef) else "")


def _items(graph: Graph, dataset: Node) -> list[dict[str, Any]]:
    for schema in graph.objects(dataset, DCTERMS.conformsTo):
        members = graph.value(schema, CSVW.column)
        if members is not None:
            return [_item(graph, column) for column in _listed(graph, members)]
    return []


def _listed(graph: Graph, members: Node) -> list[Node]:
    try:
        return list(Collection(graph, members))
    except ValueError:  # a list that leads back into itself
        raise MetadataError("RDF_UNREADABLE", form="RDF", reason="csvw:column") from None


def _item(graph: Graph, column: Node) -> dict[str, Any]:
    kind = graph.value(column, CSVW.datatype)
    letter = _text(graph, column, HT.typeCode) or (_LETTERS.get(kind, "C") if isinstance(kind, URIRef) else "C")
    about: dict[str, Any] = {
        "name": _text(graph, column, CSVW.title),
        "field": _text(graph, column, CSVW.name),
        "type_code": letter,
        "is_nullable": not (_truth(graph, column, CSVW.required) or False),
        "is_key": _truth(graph, column, HT.isKey) or False,
        "description": _text(graph, column, DCTERMS.description),
    }
    about |= {name: _text(graph, column, term(name)) for name in _ITEM_TEXTS}
    for name in _ITEM_NUMBERS:
        value = graph.value(column, term(name))
        if isinstance(value, Literal) and isinstance(value.value, int):
            about[name] = value.value
    return about


def _sharing(graph: Graph, dataset: Node) -> dict[str, Any]:
    access = graph.value(dataset, DCTERMS.accessRights)
    sharing: dict[str, Any] = {"share_type": _SHARE_TYPES.get(access) if isinstance(access, URIRef) else None}
    openness: dict[str, Any] = {}
    rights = next((each for each in graph.objects(dataset, DCTERMS.rights) if not isinstance(each, Literal)), None)
    if rights is not None:
        laws = sorted(
            (_text(graph, each, DCTERMS.title), _text(graph, each, HT.article))
            for each in graph.objects(rights, DCTERMS.source)
        )
        sharing |= {
            "conditions": _text(graph, rights, RDFS.label),
            "scope": _text(graph, rights, HT.scope),
            "purposes": _texts(graph, rights, HT.purpose),
            "method_types": _texts(graph, rights, HT.methodType),
            "refusal_reasons": _texts(graph, rights, HT.refusalReason),
            "needs_office_approval": _truth(graph, rights, HT.needsOfficeApproval) or False,
            "legal_basis": [{"title": title, "article": article} for title, article in laws if title],
        }
        category = graph.value(rights, HT.methodCategory)
        if category is not None:
            sharing["method_category"] = str(category)
        openness = {
            "is_open": _truth(graph, rights, HT.isOpen),
            "conditions": _text(graph, rights, HT.openConditions),
        }
    return {"sharing": sharing, "openness": openness}


def _service(graph: Graph, dataset: Node) -> str:
    for service in graph.subjects(DCAT.servesDataset, dataset):
        address = graph.value(service, DCAT.endpointURL)
        if address is not None:
            return str(address)
    return _text(graph, dataset, HT.serviceUrl)


def _extent(graph: Graph, dataset: Node) -> dict[str, Any]:
    about: dict[str, Any] = {}
    for place in graph.objects(dataset, DCTERMS.spatial):
        about |= {"region_code": _text(graph, place, DCTERMS.identifier), "crs": _text(graph, place, HT.crs)}
        scale = graph.value(place, HT.scale)
        if isinstance(scale, Literal) and isinstance(scale.value, int):
            about["scale"] = scale.value
        box = _box(graph, place)
        if box is not None:
            about["box_mas"] = box
    for period in graph.objects(dataset, DCTERMS.temporal):
        about["begins_on"] = _day(graph.value(period, DCAT.startDate))
        about["ends_on"] = _day(graph.value(period, DCAT.endDate))
    return about


def _box(graph: Graph, place: Node) -> list[int] | None:
    """The box in thousandths of an arc second: our own exact one, or what encloses the first geometry that is one."""
    exact = _text(graph, place, HT.boxMas).split()
    if len(exact) == 4 and all(re.fullmatch("-?[0-9]{1,40}", number) for number in exact):
        return [int(number) for number in exact]
    texts = (str(each) for name in GEOMETRIES for each in sorted(graph.objects(place, name), key=str))
    return next(filter(None, map(enclosing, texts)), None)


def _day(value: Node | None) -> str | None:
    """The day of a date or of the beginning of a moment; None for what is neither."""
    text = str(value or "")[:10]
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _truth(graph: Graph, subject: Node, predicate: URIRef) -> bool | None:
    value = graph.value(subject, predicate)
    return value.value if isinstance(value, Literal) and isinstance(value.value, bool) else None


def _text(graph: Graph, subject: Node, predicate: URIRef) -> str:
    """The text of a property, Chinese before the others where there are several."""
    found = sorted(_literals(graph, subject, predicate), key=lambda each: (_rank(each), str(each)))
    return str(found[0]) if found else ""


def _texts(graph: Graph, subject: Node, predicate: URIRef) -> list[str]:
    return sorted({str(each) for each in _literals(graph, subject, predicate)})


def _literals(graph: Graph, subject: Node, predicate: URIRef) -> Iterator[Literal]:
    return (each for each in graph.objects(subject, predicate) if isinstance(each, Literal))


def _rank(text: Literal) -> int:
    language = (text.language or "").lower()
    return _LANGUAGES.index(language) if language in _LANGUAGES else len(_LANGUAGES)


def _tail(node: Node) -> str:
    """The last part of an address."""
    return str(node).rstrip("/#").rpartition("/")[2].rpartition("#")[2]

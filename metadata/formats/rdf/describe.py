"""An entry as a graph: the shape of DCAT-AP 3, and the project's own terms for what DCAT has none for."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.namespace import CSVW, DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD
from rdflib.term import Node

from metadata.formats.rdf.terms import (
    ACCESS,
    ACCESS_LABELS,
    DATATYPES,
    FREQUENCIES,
    GEO,
    HT,
    PREFIXES,
    REGION,
    THEME,
    VCARD,
)
from metadata.resource import Category, Format, Item, LegalBasis, Party, Resource

MAS_PER_DEGREE = 3_600_000
_PLAIN = ("class_code", "library", "thesaurus", "data_class", "data_grade", "source_system", "service_type")
_ITEM_PLAIN = (
    *("code_table", "data_element", "data_class", "base_item", "lead_department", "unit"),
    *("length", "precision", "type_code", "sensitivity"),
)


@dataclass(frozen=True)
class Publisher:
    """Who publishes the catalogue, and under which address its entries are resolved (``https://data.example``)."""

    name: str
    title: str
    base_url: str


def catalogue_graph(resources: Iterable[Resource], publisher: Publisher) -> Graph:
    """One ``dcat:Catalog`` with a record and a dataset for each entry."""
    graph = Graph()
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    catalogue = URIRef(f"{publisher.base_url}/dcat/catalog")
    graph.add((catalogue, RDF.type, DCAT.Catalog))
    graph.add((catalogue, DCTERMS.title, Literal(publisher.title, lang="zh")))
    graph.add((catalogue, DCTERMS.description, Literal(f"{publisher.name}信息资源目录", lang="zh")))
    graph.add((catalogue, DCTERMS.publisher, _agent(graph, Party(name=publisher.name))))
    for number, resource in enumerate(resources):
        _entry(graph, catalogue, resource, publisher.base_url, number)
    return graph


def term(field: str) -> URIRef:
    """The project's own term of a record's field: ``data_grade`` -> ``ht:dataGrade``."""
    first, *others = field.split("_")
    return HT[first + "".join(word.capitalize() for word in others)]


def is_address(text: str) -> bool:
    """Whether a text can stand as an absolute web address in every RDF form."""
    return text.startswith(("http://", "https://")) and text.isascii() and not set(text) & set(' <>"{}|\\^`\t\r\n')


def _entry(graph: Graph, catalogue: Node, resource: Resource, base_url: str, number: int) -> None:
    key = quote(resource.identifier) or f"-/{quote(resource.metadata_id or str(number), safe='')}"
    dataset, record = URIRef(f"{base_url}/id/{key}"), URIRef(f"{base_url}/id/{key}#record")
    graph.add((catalogue, DCAT.dataset, dataset))
    graph.add((catalogue, DCAT.record, record))
    graph.add((record, RDF.type, DCAT.CatalogRecord))
    graph.add((record, FOAF.primaryTopic, dataset))
    _put(graph, record, DCTERMS.identifier, resource.metadata_id)
    if resource.updated_on is not None:
        graph.add((record, DCTERMS.modified, Literal(resource.updated_on)))
        graph.add((dataset, DCTERMS.modified, Literal(resource.updated_on)))
    if resource.maintainer is not None:
        graph.add((record, DCTERMS.creator, _agent(graph, resource.maintainer)))
    _describe(graph, dataset, resource)
    _classify(graph, dataset, resource)
    _offer(graph, catalogue, dataset, resource)
    _share(graph, dataset, resource)
    _place(graph, dataset, resource)
    if resource.items:
        _columns(graph, dataset, resource.items)


def _describe(graph: Graph, dataset: Node, resource: Resource) -> None:
    graph.add((dataset, RDF.type, DCAT.Dataset))
    graph.add((dataset, DCTERMS.title, Literal(resource.title, lang="zh")))
    if resource.abstract:
        graph.add((dataset, DCTERMS.description, Literal(resource.abstract, lang="zh")))
    for value, kind in ((resource.identifier, HT.ResourceIdentifier), (resource.code, HT.ResourceCode)):
        if value:
            graph.add((dataset, DCTERMS.identifier, Literal(value, datatype=kind)))
    graph.add((dataset, DCTERMS.publisher, _agent(graph, resource.provider)))
    if resource.published_on is not None:
        graph.add((dataset, DCTERMS.issued, Literal(resource.published_on)))
    if resource.update_cycle is not None:
        graph.add((dataset, DCTERMS.accrualPeriodicity, FREQUENCIES[resource.update_cycle]))
        graph.add((FREQUENCIES[resource.update_cycle], RDF.type, DCTERMS.Frequency))
    for name in _PLAIN:
        _put(graph, dataset, term(name), getattr(resource, name))
    _put(graph, dataset, HT.secrecy, resource.secrecy)
    if resource.is_microdata:
        graph.add((dataset, HT.isMicrodata, Literal(True)))
    volumes = {name: value for name, value in resource.volumes if value}
    if volumes:
        node = BNode()
        graph.add((dataset, HT.volumes, node))
        for name, value in volumes.items():
            _put(graph, node, term(name), value)


def _agent(graph: Graph, party: Party) -> Node:
    agent = BNode()
    graph.add((agent, RDF.type, FOAF.Agent))
    graph.add((agent, FOAF.name, Literal(party.name)))
    _put(graph, agent, DCTERMS.identifier, party.code)
    _put(graph, agent, HT.division, party.division)
    _put(graph, agent, VCARD["street-address"], party.address)
    return agent


def _classify(graph: Graph, dataset: Node, resource: Resource) -> None:
    for keyword in resource.keywords:
        graph.add((dataset, DCAT.keyword, Literal(keyword, lang="zh")))
    for category in resource.categories:
        graph.add((dataset, DCAT.theme, _concept(graph, category)))
    for code in resource.related_codes:
        _put(graph, dataset, HT.relatedCode, code)


def _concept(graph: Graph, category: Category) -> Node:
    scheme = THEME[quote(category.scheme, safe="")]
    concept = THEME["/".join(quote(part, safe="") for part in (category.scheme, category.name, category.code))]
    graph.add((concept, RDF.type, SKOS.Concept))
    graph.add((concept, SKOS.prefLabel, Literal(category.name, lang="zh")))
    _put(graph, concept, SKOS.notation, category.code)
    if category.scheme:
        graph.add((concept, SKOS.inScheme, scheme))
        graph.add((scheme, RDF.type, SKOS.ConceptScheme))
        graph.add((scheme, DCTERMS.title, Literal(category.scheme, lang="zh")))
    return concept


def _offer(graph: Graph, catalogue: Node, dataset: Node, resource: Resource) -> None:
    """Formats as distributions, which are asked for at the entry's own address; links; the service."""
    for each in resource.formats:
        distribution = BNode()
        graph.add((dataset, DCAT.distribution, distribution))
        graph.add((distribution, RDF.type, DCAT.Distribution))
        graph.add((distribution, DCAT.accessURL, dataset))
        _format(graph, distribution, each)
    for link in resource.online_links:
        if is_address(link):
            graph.add((dataset, DCAT.landingPage, URIRef(link)))
            graph.add((URIRef(link), RDF.type, FOAF.Document))
        else:
            _put(graph, dataset, HT.onlineLink, link)
    if is_address(resource.service_url):
        service = BNode()
        graph.add((catalogue, DCAT.service, service))
        graph.add((service, RDF.type, DCAT.DataService))
        graph.add((service, DCTERMS.title, Literal(resource.title, lang="zh")))
        graph.add((service, DCAT.endpointURL, URIRef(resource.service_url)))
        graph.add((service, DCAT.servesDataset, dataset))
    else:
        _put(graph, dataset, HT.serviceUrl, resource.service_url)


def _format(graph: Graph, distribution: Node, given: Format) -> None:
    _put(graph, distribution, HT.formatCategory, given.category)
    _put(graph, distribution, HT.formatOther, given.other)
    for name in given.types:
        _put(graph, distribution, HT.formatType, name)
    if given.types:
        kind = BNode()
        graph.add((distribution, DCTERMS.format, kind))
        graph.add((kind, RDF.type, DCTERMS.MediaTypeOrExtent))
        graph.add((kind, RDFS.label, Literal(given.types[0])))


def _share(graph: Graph, dataset: Node, resource: Resource) -> None:
    sharing, openness = resource.sharing, resource.openness
    if sharing.share_type is not None:
        access = ACCESS[sharing.share_type]
        graph.add((dataset, DCTERMS.accessRights, access))
        graph.add((access, RDF.type, DCTERMS.RightsStatement))
        graph.add((access, RDFS.label, Literal(ACCESS_LABELS[sharing.share_type], lang="zh")))
    rights = BNode()
    graph.add((dataset, DCTERMS.rights, rights))
    graph.add((rights, RDF.type, DCTERMS.RightsStatement))
    _put(graph, rights, RDFS.label, sharing.conditions)
    _put(graph, rights, HT.scope, sharing.scope)
    graph.add((rights, HT.methodCategory, Literal(sharing.method_category)))
    for predicate, values in (
        (HT.purpose, sharing.purposes),
        (HT.methodType, sharing.method_types),
        (HT.refusalReason, sharing.refusal_reasons),
    ):
        for value in values:
            graph.add((rights, predicate, Literal(value)))
    for basis in sharing.legal_basis:
        graph.add((rights, DCTERMS.source, _law(graph, basis)))
    if sharing.needs_office_approval:
        graph.add((rights, HT.needsOfficeApproval, Literal(True)))
    if openness.is_open is not None:
        graph.add((rights, HT.isOpen, Literal(openness.is_open)))
    _put(graph, rights, HT.openConditions, openness.conditions)


def _law(graph: Graph, basis: LegalBasis) -> Node:
    law = BNode()
    graph.add((law, DCTERMS.title, Literal(basis.title)))
    _put(graph, law, HT.article, basis.article)
    return law


def _place(graph: Graph, dataset: Node, resource: Resource) -> None:
    extent = resource.extent
    if extent.region_code or extent.box_mas or extent.crs or extent.scale:
        place = BNode()
        graph.add((dataset, DCTERMS.spatial, place))
        graph.add((place, RDF.type, DCTERMS.Location))
        _put(graph, place, DCTERMS.identifier, extent.region_code)
        if extent.region_code.isascii() and extent.region_code.isdigit():
            graph.add((place, SKOS.exactMatch, REGION[extent.region_code]))
        _put(graph, place, HT.crs, extent.crs)
        if extent.scale is not None:
            graph.add((place, HT.scale, Literal(extent.scale)))
        if extent.box_mas is not None:
            graph.add((place, DCAT.bbox, Literal(_polygon(extent.box_mas), datatype=GEO.wktLiteral)))
            graph.add((place, HT.boxMas, Literal(" ".join(map(str, extent.box_mas)))))
    if extent.begins_on or extent.ends_on:
        period = BNode()
        graph.add((dataset, DCTERMS.temporal, period))
        graph.add((period, RDF.type, DCTERMS.PeriodOfTime))
        for predicate, day in ((DCAT.startDate, extent.begins_on), (DCAT.endDate, extent.ends_on)):
            if day is not None:
                graph.add((period, predicate, Literal(day)))


def _polygon(box: tuple[int, int, int, int]) -> str:
    """The box as WKT in degrees, longitude first."""
    west, south, east, north = (f"{value / MAS_PER_DEGREE:.7f}" for value in box)
    return f"POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"


def _columns(graph: Graph, dataset: Node, items: Iterable[Item]) -> None:
    """The items in their order as a CSVW schema."""
    schema, members = BNode(), BNode()
    graph.add((dataset, DCTERMS.conformsTo, schema))
    graph.add((schema, RDF.type, DCTERMS.Standard))
    graph.add((schema, RDF.type, CSVW.Schema))
    graph.add((schema, CSVW.column, members))
    Collection(graph, members, [_column(graph, item) for item in items])


def _column(graph: Graph, item: Item) -> Node:
    column = BNode()
    graph.add((column, RDF.type, CSVW.Column))
    graph.add((column, CSVW.name, Literal(item.field)))
    graph.add((column, CSVW.title, Literal(item.name, lang="zh")))
    graph.add((column, CSVW.datatype, DATATYPES[item.type_code]))
    graph.add((column, CSVW.required, Literal(not item.is_nullable)))
    _put(graph, column, DCTERMS.description, item.description)
    for name in _ITEM_PLAIN:
        value = getattr(item, name)
        if isinstance(value, int):
            graph.add((column, term(name), Literal(value)))
        else:
            _put(graph, column, term(name), value)
    if item.is_key:
        graph.add((column, HT.isKey, Literal(True)))
    return column


def _put(graph: Graph, subject: Node, predicate: URIRef, value: str | None) -> None:
    """A text, unless there is none."""
    if value:
        graph.add((subject, predicate, Literal(value, datatype=XSD.string)))

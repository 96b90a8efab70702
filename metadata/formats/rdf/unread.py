"""What a graph says of a dataset and its entry does not: every statement that can be reached from it is looked at."""

from collections.abc import Iterator
from typing import Final

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import CSVW, DCAT, DCTERMS, FOAF, RDF, SKOS
from rdflib.term import Node

from metadata.formats.geometry import enclosing
from metadata.formats.rdf.terms import ACCESS, GEOMETRIES, HT, PREFIXES, REGION, cycle_of
from metadata.formats.unread import Held, Said
from metadata.resource import Resource

# What is our own (and comes back whole, which a test holds), or only says what kind of thing something is.
_OWN: Final = (str(HT), str(CSVW), str(RDF))
_PASSED_OVER: Final = frozenset(
    {DCTERMS.language, DCTERMS.type, SKOS.inScheme, SKOS.topConceptOf, FOAF.primaryTopic, FOAF.isPrimaryTopicOf}
)
_OTHERS: Final = frozenset({DCAT.Dataset, DCAT.Catalog})
_NAMES: Final = {
    "http://www.w3.org/ns/locn#": "locn",
    "http://schema.org/": "schema",
    "https://schema.org/": "schema",
    "http://www.w3.org/ns/adms#": "adms",
    "http://www.w3.org/ns/prov#": "prov",
    "http://www.w3.org/2002/07/owl#": "owl",
    "http://purl.org/dc/elements/1.1/": "dc",
}
_MOST: Final = 10_000


def unread(graph: Graph, dataset: Node, record: Resource) -> list[Said]:
    """The values said of a dataset, its distributions, agents and catalogue record that the entry does not say."""
    held = Held(record)
    subjects = [*graph.subjects(FOAF.primaryTopic, dataset), dataset]
    seen: set[Node] = set(subjects)
    found: dict[Said, None] = {}
    waiting: list[tuple[Node, str]] = [(each, "") for each in subjects]
    while waiting and len(found) < _MOST:
        subject, above = waiting.pop()
        for predicate, value in sorted(graph.predicate_objects(subject), key=str):
            if predicate in _PASSED_OVER or str(predicate).startswith(_OWN) or value == dataset:
                continue
            place = f"{above}{_name(str(predicate))}"
            if _is_taken(predicate, value, held):
                continue
            if not isinstance(value, Literal) and (value, None, None) in graph:
                is_other = any(kind in _OTHERS for kind in graph.objects(value, RDF.type))
                if value not in seen and not is_other:
                    seen.add(value)
                    waiting.append((value, f"{place}/"))
            elif isinstance(value, Literal | URIRef):
                found[Said(place, str(value))] = None
    return list(found)


def _is_taken(predicate: Node, value: Node, held: Held) -> bool:
    record = held.record
    if predicate == DCTERMS.accrualPeriodicity:
        return record.update_cycle is not None and cycle_of(value) == record.update_cycle
    if predicate == DCTERMS.accessRights and value in ACCESS.values():
        return record.sharing.share_type is not None
    if predicate in GEOMETRIES:
        return record.extent.box_mas is not None and enclosing(str(value)) is not None
    if isinstance(value, URIRef) and str(value).startswith(str(REGION)):
        return True
    return any(map(held.holds, _spellings(value)))


def _spellings(value: Node) -> Iterator[str]:
    if isinstance(value, Literal | URIRef):
        yield str(value)
    if isinstance(value, URIRef):
        yield str(value).rstrip("/#").rpartition("/")[2].rpartition("#")[2]


def _name(predicate: str) -> str:
    for prefix, namespace in PREFIXES.items():
        if predicate.startswith(str(namespace)):
            return f"{prefix}:{predicate.removeprefix(str(namespace))}"
    for start, prefix in _NAMES.items():
        if predicate.startswith(start):
            return f"{prefix}:{predicate.removeprefix(start)}"
    return predicate[:100]

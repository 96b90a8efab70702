"""DCAT files: Turtle, RDF/XML and JSON-LD, written and read. Nothing outside the file is ever fetched."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rdflib import Graph

from metadata.errors import MetadataError
from metadata.formats.rdf.describe import Publisher, catalogue_graph
from metadata.formats.rdf.terms import PREFIXES
from metadata.formats.rdf.understand import entries
from metadata.formats.rdf.unread import unread
from metadata.formats.unread import Said
from metadata.resource import Party, Resource
from standards import xml
from standards.text import forbidden_character

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "ttl": "text/turtle",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
}
_PARSERS: Final = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld"}
_MOST_BYTES = 32 * 1024 * 1024
_DEEPEST = 64


@dataclass(frozen=True)
class Datasets:
    """The entries of a file, why its other datasets make none, and what it says of the entries and they do not."""

    records: list[Resource]
    errors: list[MetadataError]
    unread: list[Said]


def write(resources: Iterable[Resource], form: str, publisher: Publisher) -> bytes:
    """A catalogue of these entries in one of ``MEDIA_TYPES``; raises ``RDF_TEXT_FORBIDDEN`` for text XML cannot hold.

    What the graph has no place for is said by ``not_held``.
    """
    graph = catalogue_graph(resources, publisher)
    if form == "rdf":
        for _, _, value in graph:
            place = forbidden_character(str(value))
            if place is not None or "\r" in str(value):
                raise MetadataError("RDF_TEXT_FORBIDDEN", text=str(value)[:40])
    options: dict[str, Any] = {"max_depth": 1} if form == "rdf" else {}
    if form == "jsonld":
        options = {"context": {prefix: str(namespace) for prefix, namespace in PREFIXES.items()}, "auto_compact": True}
    data: bytes = graph.serialize(format=_PARSERS[form], encoding="utf-8", **options)
    return data


def read(data: bytes, form: str, provider: Party | None = None) -> list[Resource]:
    """The datasets of a file as entries; arguments and errors as those of ``read_all``, and those it keeps."""
    found = read_all(data, form, provider)
    if found.errors:
        raise found.errors[0]
    return found.records


def read_all(data: bytes, form: str, provider: Party | None = None) -> Datasets:
    """The datasets of a file as entries, by title; ``provider`` stands in where a dataset names no publisher.

    One that makes no entry stands in the way of none of the others. Raises ``MetadataError``: ``FILE_TOO_LARGE``,
    ``RDF_UNREADABLE``, ``RDF_REMOTE_CONTEXT``, ``RDF_EMPTY``, ``RDF_INCOMPLETE``, ``RECORD_UNREADABLE``;
    ``StandardsError`` for XML with a type declaration or over the limits.
    """
    if len(data) > _MOST_BYTES:
        raise MetadataError(
            "FILE_TOO_LARGE", name=form, reason=f"超过 {_MOST_BYTES >> 20} MB", reason_en=f"over {_MOST_BYTES >> 20} MB"
        )
    if form == "rdf":
        xml.parse(data)
    if form == "jsonld":
        _refuse_remote_context(data)
    data = data.removeprefix(b"\xef\xbb\xbf")
    graph = Graph()
    try:
        graph.parse(data=data, format=_PARSERS[form])
    except Exception as error:  # rdflib's parsers raise what they like
        zh, en = _reason(error)
        raise MetadataError("RDF_UNREADABLE", form=form, reason=zh, reason_en=en) from None
    found, wrong = entries(graph, provider)
    if not found:
        raise wrong[0] if wrong else MetadataError("RDF_EMPTY", form=form)
    left = [said for record, dataset in found for said in unread(graph, dataset, record)]
    return Datasets([record for record, _ in found], wrong, left)


def not_held(resource: Resource) -> tuple[str, ...]:
    """What of an entry is left out or loses its order, in the users' words."""
    lost = []
    if resource.assessments:
        lost.append("评估记录（内部材料，不导出）")
    if resource.mounts:
        lost.append("挂接资源的节点与表名（内部信息，不导出）")
    ordered = (resource.keywords, resource.categories, resource.formats, resource.related_codes, resource.online_links)
    if any(len(values) > 1 for values in ordered):
        lost.append("关键字、分类、格式、关联代码、链接的先后次序")
    return tuple(lost)


def _reason(error: Exception) -> tuple[str, str]:
    """Why a graph cannot be read, in words; with the line where the parser knows it."""
    if isinstance(error, UnicodeDecodeError):
        return "文字编码不是 UTF-8", "its text is not UTF-8"
    line = getattr(error, "lines", None)
    if isinstance(line, int):
        return f"第 {line + 1} 行附近语法有误", f"bad syntax near line {line + 1}"
    return "语法有误", f"bad syntax ({type(error).__name__})"


def _refuse_remote_context(data: bytes) -> None:
    """A context is written out in the file: one given by its address would have to be fetched. JSON without anything of
    JSON-LD in it is refused before a graph is made of it, which takes many times as long as looking through it.
    """
    try:
        document = json.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        raise MetadataError("RDF_UNREADABLE", form="jsonld", reason="内容不是 JSON", reason_en="not JSON") from None
    is_linked = False
    waiting: list[tuple[Any, int]] = [(document, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _DEEPEST:
            raise MetadataError("RDF_UNREADABLE", form="jsonld", reason="嵌套太深", reason_en="nested too deep")
        if isinstance(value, dict):
            is_linked = is_linked or "@context" in value or "@type" in value
            context = value.get("@context")
            named = context if isinstance(context, list) else [context]
            remote = next((each for each in (*named, value.get("@import")) if isinstance(each, str)), None)
            if remote is not None:
                raise MetadataError("RDF_REMOTE_CONTEXT", address=remote[:200])
        members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        waiting += [(each, depth + 1) for each in members]
    if not is_linked:
        raise MetadataError("RDF_EMPTY", form="jsonld")

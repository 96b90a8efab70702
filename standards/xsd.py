"""Validation of documents against the XSDs that travel with the code; nothing is fetched, nothing outside is read."""

from functools import cache
from itertools import islice
from typing import Any, Final

import xmlschema

from standards import catalogue
from standards.findings import Finding
from standards.xml import Element, build_tree, parse_tree

MAX_FINDINGS: Final = 100
_MAX_REASON_CHARACTERS: Final = 300


def validate(document: bytes | Element, standard_id: str) -> list[Finding]:
    """What in the document, or in an element already read, breaks the schema: at most 100 findings; none means valid.

    Raises ``StandardsError``: ``UNKNOWN_STANDARD``, or the parser's codes when it is not XML that may be read at all.
    """
    schema = _schema(standard_id)
    root = build_tree(document) if isinstance(document, Element) else parse_tree(document)
    document_only = xmlschema.XMLResource(root, allow="none")  # whatever its schemaLocation says
    return [_finding(error, standard_id) for error in islice(schema.iter_errors(document_only), MAX_FINDINGS)]


@cache
def _schema(standard_id: str) -> Any:
    """The built schema, with the schemas of the namespaces it may contain.

    The sandbox keeps a schema from reading outside its folder; ``defuse`` refuses entities in schemas too.
    """
    entry = catalogue.find(standard_id)
    catalogue.read(standard_id)  # compares the digest
    schema = xmlschema.XMLSchema10(str(entry.path), allow="sandbox", defuse="always", build=False)
    for other in entry.contains:
        catalogue.read(other)
        schema.add_schema(str(catalogue.find(other).path))
    schema.build()
    return schema


def _finding(error: Any, standard_id: str) -> Finding:
    reason = " ".join(str(error.reason).split())[:_MAX_REASON_CHARACTERS]
    line = getattr(error, "sourceline", None)
    place = f"第 {line} 行" if line else "文档"
    return Finding(
        path=error.path or "/",
        rule=f"xsd.{standard_id}",
        severity="error",
        zh=f"{place}不符合架构 {standard_id}：{reason}",
        en=f"{f'line {line}' if line else 'the document'} breaks schema {standard_id}: {reason}",
        clause=catalogue.find(standard_id).standard,
    )

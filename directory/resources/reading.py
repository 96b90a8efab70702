"""Read a file of catalogue entries, whatever it is: a workbook (xlsx, xls, csv), XML by its root element, or DCAT."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from directory.resources import legacy_xls
from metadata.errors import MetadataError
from metadata.formats import core_metadata_xml, dublin_core, iso19139, spreadsheet
from metadata.formats.column_mapping import ColumnMapping, propose
from metadata.formats.rdf import dcat
from metadata.formats.spreadsheet import Sheet
from metadata.formats.workbook import CellFinding, WorkbookDrafts, drafts_of
from metadata.formats.workbook_elements import ELEMENTS
from metadata.resource import Party, Resource
from standards.xml import parse

_WORKBOOKS = {".xlsx", ".xls", ".csv"}
_GRAPHS: Final[Mapping[str, str]] = {".ttl": "ttl", ".rdf": "rdf", ".jsonld": "jsonld"}
_RDF_ROOT: Final = ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "RDF")
# The elements that a kind of file can speak of; what is not here can say everything.
_SAYS: Final[Mapping[str, frozenset[str]]] = {
    "rdf": frozenset(ELEMENTS),
    "dublin_core": dublin_core.ELEMENTS,
    "iso19139": iso19139.ELEMENTS,
}


@dataclass(frozen=True)
class Incoming:
    """One record and where in the file it stands, in words (``目录 第 3 行``)."""

    record: Resource
    place: str


@dataclass(frozen=True)
class Incomings:
    """What a file holds. ``source`` is its kind; ``workbook`` is kept for a marked copy.

    ``elements`` are those that a workbook has columns for, or that the format has a place for; None where it can say
    everything.
    """

    source: str
    rows: int
    records: tuple[Incoming, ...]
    findings: tuple[CellFinding, ...]
    workbook: WorkbookDrafts | None = None
    elements: frozenset[str] | None = None


def read_file(data: bytes, name: str, provider: Party | None = None, mapping: ColumnMapping | None = None) -> Incomings:
    """The records of a file; ``provider`` stands in where a workbook names none, ``mapping`` says what its columns are.

    Raises ``MetadataError``: ``FILE_EMPTY``, ``FORMAT_UNKNOWN``, and what the format's reader raises.
    """
    if not data:
        raise MetadataError("FILE_EMPTY", name=name)
    suffix = PurePath(name).suffix.lower()
    if suffix == ".xml":
        return _document(data, name, provider)
    if suffix in _GRAPHS:
        return _graph(data, name, _GRAPHS[suffix], provider)
    return from_sheets(read_sheets(data, name), name, provider, mapping)


def is_workbook(name: str) -> bool:
    """Whether a file of this name is one of sheets; whatever is nothing of ours is refused when it is read."""
    return PurePath(name).suffix.lower() not in {".xml", *_GRAPHS}


def elements_of_source(source: str) -> frozenset[str] | None:
    """The elements that a kind of file has a place for (``Incomings.elements``)."""
    return _SAYS.get(source)


def _document(data: bytes, name: str, provider: Party | None) -> Incomings:
    """An XML file is what its root element says."""
    root = parse(data)
    if (root.namespace, root.name) == _RDF_ROOT:
        return _graph(data, name, "rdf", provider)
    for source, form in (("dublin_core", dublin_core), ("iso19139", iso19139)):
        if (root.namespace, root.name) in form.ROOTS:
            record = form.read(data, provider)
            return Incomings(source, 1, (Incoming(record, name),), (), elements=elements_of_source(source))
    return Incomings("xml", 1, (Incoming(core_metadata_xml.read(data), name),), ())


def _graph(data: bytes, name: str, form: str, provider: Party | None) -> Incomings:
    found = dcat.read(data, form, provider)
    records = tuple(Incoming(each, f"{name} 第 {number} 条") for number, each in enumerate(found, start=1))
    return Incomings("rdf", len(records), records, (), elements=elements_of_source("rdf"))


def read_sheets(data: bytes, name: str) -> tuple[Sheet, ...]:
    """The sheets of a workbook, an older xls also where it is called otherwise.

    Raises ``MetadataError FORMAT_UNKNOWN`` and what ``spreadsheet.read`` and ``legacy_xls.read`` raise.
    """
    if PurePath(name).suffix.lower() not in _WORKBOOKS:
        raise MetadataError("FORMAT_UNKNOWN", name=name)
    if data.startswith(spreadsheet.OLE):
        return legacy_xls.read(data, name)
    return spreadsheet.read(data, name)


def from_sheets(
    sheets: Sequence[Sheet], name: str, provider: Party | None = None, mapping: ColumnMapping | None = None
) -> Incomings:
    """The records of a workbook's sheets; arguments and errors as those of ``workbook.drafts_of``."""
    found = drafts_of(sheets, name, provider, mapping)
    records = tuple(
        Incoming(draft.resource, f"{draft.source_rows[0].sheet} 第 {draft.source_rows[0].row} 行")
        for draft in found.drafts
    )
    columns = (propose(sheets).certain() if mapping is None else mapping).columns
    elements = frozenset(each.element for each in columns if each.element)
    return Incomings("workbook", found.rows, records, found.findings, found, elements)

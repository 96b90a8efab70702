"""Read a file of catalogue entries, whatever it is: a workbook (xlsx, xls, csv), XML by its root element, or DCAT."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from directory.resources import legacy_xls
from metadata.errors import MetadataError
from metadata.formats import core_metadata_xml, csw, dublin_core, iso19139, spreadsheet
from metadata.formats.column_mapping import ColumnMapping, propose
from metadata.formats.rdf import dcat
from metadata.formats.spreadsheet import Sheet
from metadata.formats.unread import Said, finding, refused
from metadata.formats.workbook import CellFinding, WorkbookDrafts, drafts_of
from metadata.formats.workbook_elements import ELEMENTS
from metadata.resource import Party, Resource
from standards.errors import ExplainedError
from standards.xml import Element, parse

_WORKBOOKS = {".xlsx", ".xls", ".csv"}
_FORMS: Final[Mapping[str, str]] = {"ttl": ".ttl .n3 .nt", "rdf": ".rdf .owl", "jsonld": ".jsonld .json"}
_GRAPHS: Final[Mapping[str, str]] = {suffix: form for form, names in _FORMS.items() for suffix in names.split()}
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


def read_file(data: bytes, name: str, provider: Party | None = None) -> Incomings:
    """The records of a file, a workbook's by what its columns are called; ``provider`` stands in where it names none.

    Raises ``MetadataError``: ``FILE_EMPTY``, ``FORMAT_UNKNOWN``, and what the format's reader raises.
    """
    if not data.strip():
        raise MetadataError("FILE_EMPTY", name=name)
    suffix = PurePath(name).suffix.lower()
    if suffix == ".xml":
        return _document(data, name, provider)
    if suffix in _GRAPHS:
        return _graph(data, name, _GRAPHS[suffix], provider)
    return from_sheets(read_sheets(data, name), name, provider, None)


def is_workbook(name: str) -> bool:
    """Whether a file of this name is one of sheets; whatever is nothing of ours is refused when it is read."""
    return PurePath(name).suffix.lower() not in {".xml", *_GRAPHS}


def elements_of_source(source: str) -> frozenset[str] | None:
    """The elements that a kind of file has a place for (``Incomings.elements``)."""
    return _SAYS.get(source)


def _document(data: bytes, name: str, provider: Party | None) -> Incomings:
    """An XML file is what its root element says, or the records in it where it is an answer of a catalogue service."""
    root = parse(data)
    if (root.namespace, root.name) == _RDF_ROOT:
        return _graph(data, name, "rdf", provider)
    if not csw.is_answer(root):
        return _records([root], name, provider)
    return _records(csw.records(root, {*dublin_core.ROOTS, *iso19139.ROOTS, *core_metadata_xml.ROOTS}), name, provider)


def _records(roots: Sequence[Element], name: str, provider: Party | None) -> Incomings:
    """What records say; one of several that makes no entry is a finding, and keeps none of the others back."""
    left: list[Said] = []
    bad: list[CellFinding] = []
    records: list[Incoming] = []
    for number, root in enumerate(roots, start=1):
        try:
            record, unread = _record(root, provider)
        except ExplainedError as error:
            if len(roots) == 1 or (number == len(roots) and not records):
                raise
            bad.append(refused(name, root.line, error))
            continue
        left += unread
        records.append(Incoming(record, name if len(roots) == 1 else f"{name} 第 {number} 条"))
    source = _source(roots[0])
    elements = elements_of_source(source)
    return Incomings(source, len(roots), tuple(records), (*bad, *finding(name, left)), elements=elements)


def _record(root: Element, provider: Party | None) -> tuple[Resource, list[Said]]:
    source = _source(root)
    if source == "xml":
        return core_metadata_xml.read_element(root), []  # all of it is read, or it breaks the schema
    form = dublin_core if source == "dublin_core" else iso19139
    record = form.read_element(root, provider)
    return record, form.unread(root, record)


def _source(root: Element) -> str:
    kinds = (("dublin_core", dublin_core.ROOTS), ("iso19139", iso19139.ROOTS))
    return next((source for source, known in kinds if (root.namespace, root.name) in known), "xml")


def _graph(data: bytes, name: str, form: str, provider: Party | None) -> Incomings:
    found = dcat.read_all(data, form, provider)
    records = tuple(Incoming(each, f"{name} 第 {number} 条") for number, each in enumerate(found.records, start=1))
    findings = (*(refused(name, 0, error) for error in found.errors), *finding(name, found.unread))
    return Incomings("rdf", len(records) + len(found.errors), records, findings, elements=elements_of_source("rdf"))


def read_sheets(data: bytes, name: str) -> tuple[Sheet, ...]:
    """The sheets of a workbook, an older xls also where it is called otherwise.

    Raises ``MetadataError FORMAT_UNKNOWN`` and what ``spreadsheet.read`` and ``legacy_xls.read`` raise.
    """
    if PurePath(name).suffix.lower() not in _WORKBOOKS:
        raise MetadataError("FORMAT_UNKNOWN", name=name)
    if data.startswith(spreadsheet.OLE):
        return legacy_xls.read(data, name)
    return spreadsheet.read(data, name)


def from_sheets(sheets: Sequence[Sheet], name: str, provider: Party | None, mapping: ColumnMapping | None) -> Incomings:
    """The records of a workbook's sheets; ``mapping`` says what its columns are, without one their names do.

    Arguments and errors are those of ``workbook.drafts_of``.
    """
    found = drafts_of(sheets, name, provider, mapping)
    records = tuple(
        Incoming(draft.resource, f"{draft.source_rows[0].sheet} 第 {draft.source_rows[0].row} 行")
        for draft in found.drafts
    )
    columns = (propose(sheets).certain() if mapping is None else mapping).columns
    elements = frozenset(each.element for each in columns if each.element)
    return Incomings("workbook", found.rows, records, found.findings, found, elements)

"""The formats in which entries are handed out, one registry for the command line, the API and the pages."""

import io
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

from metadata.formats import catalogue_csv, catalogue_docx, core_metadata_xml, dublin_core, record_cells, template
from metadata.formats.rdf import dcat
from metadata.formats.rdf.describe import Publisher
from metadata.paths import label
from metadata.resource import Resource

Write = Callable[[Sequence[Resource], Publisher], bytes]
ZIP_MEDIA_TYPE: Final = "application/zip"


@dataclass(frozen=True)
class ExportFormat:
    """How entries become a file: ``write`` takes any number of them, only one where ``is_per_entry``.

    ``not_held`` says, in the users' words, what of one entry the file does not give back when it is read. ``most`` is
    how many entries are handed out at once to somebody who waits for them.
    """

    label: str
    media_type: str
    suffix: str
    write: Write
    not_held: Callable[[Resource], tuple[str, ...]]
    is_per_entry: bool = False
    most: int = 2_000


def _one(write: Callable[[Resource], bytes]) -> Write:
    def write_one(resources: Sequence[Resource], publisher: Publisher) -> bytes:
        (resource,) = resources
        return write(resource)

    return write_one


def _graph(form: str) -> Write:
    return lambda resources, publisher: dcat.write(resources, form, publisher)


def _labels(paths: Callable[[Resource], tuple[str, ...]], resource: Resource) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(label, paths(resource))))


XLSX_MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

DOCX_MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_CELLS: Final = partial(_labels, record_cells.not_held)
_MOST_IN_GRAPH: Final = 300  # some ten milliseconds each


def _dcat(words: str, form: str) -> ExportFormat:
    return ExportFormat(words, dcat.MEDIA_TYPES[form], f".{form}", _graph(form), dcat.not_held, most=_MOST_IN_GRAPH)


_TURTLE: Final = _dcat("DCAT（Turtle）", "ttl")

FORMATS: Final[Mapping[str, ExportFormat]] = MappingProxyType(
    {
        "xml": ExportFormat(
            "GB/T 21063.3 核心元数据",
            "application/xml",
            ".xml",
            _one(core_metadata_xml.write),
            lambda _: (),
            is_per_entry=True,
        ),
        "xlsx": ExportFormat(
            "目录工作簿", XLSX_MEDIA_TYPE, ".xlsx", lambda all_, _: template.write(None, all_), _CELLS
        ),
        "csv": ExportFormat(
            "CSV 表格", "text/csv; charset=utf-8", ".csv", lambda all_, _: catalogue_csv.write(all_), _CELLS
        ),
        "dcat": _TURTLE,
        "ttl": _TURTLE,
        "rdf": _dcat("DCAT（RDF/XML）", "rdf"),
        "jsonld": _dcat("DCAT（JSON-LD）", "jsonld"),
        "docx": ExportFormat(
            "Word 汇编",
            DOCX_MEDIA_TYPE,
            ".docx",
            lambda all_, whose: catalogue_docx.write(all_, whose.title),
            catalogue_docx.not_held,
        ),
        "dc": ExportFormat(
            "Dublin Core",
            "application/xml",
            ".xml",
            _one(dublin_core.write),
            partial(_labels, dublin_core.not_held),
            is_per_entry=True,
        ),
    }
)
"""By the name that commands and addresses use; ``dcat`` is DCAT in its usual spelling."""


def file_name(name: str, form: ExportFormat) -> str:
    """A name for a file of entries: an identifier's ``/`` becomes ``~``."""
    return name.replace("/", "~") + form.suffix


def publisher(city_name: str, public_url: str) -> Publisher:
    """Who hands the entries out, and where they are resolved."""
    return Publisher(f"{city_name}政务信息资源目录管理单位", f"{city_name}政务信息资源目录", public_url.rstrip("/"))


def losses(form: ExportFormat, resources: Sequence[Resource]) -> Mapping[str, int]:
    """What the format does not hold, and of how many of these entries, the most frequent first."""
    counts = Counter(each for resource in resources for each in form.not_held(resource))
    return dict(counts.most_common())


def packed(form: ExportFormat, named: Sequence[tuple[str, Resource]], publisher: Publisher) -> tuple[bytes, str, str]:
    """The entries, with a name each, as one file: its bytes, media type and suffix; a zip where each is a file."""
    if not form.is_per_entry:
        return form.write([record for _, record in named], publisher), form.media_type, form.suffix
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, record in named:
            archive.writestr(zipfile.ZipInfo(file_name(name, form)), form.write([record], publisher))
    return stream.getvalue(), ZIP_MEDIA_TYPE, ".zip"

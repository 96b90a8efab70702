"""The formats in which entries are handed out, one registry for the command line, the API and the pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from metadata.formats import catalogue_csv, core_metadata_xml, template
from metadata.resource import Resource


@dataclass(frozen=True)
class ExportFormat:
    """How entries become a file: ``write`` takes any number of them, only one where ``is_per_entry``."""

    label: str
    media_type: str
    suffix: str
    write: Callable[[Sequence[Resource]], bytes]
    is_per_entry: bool = False


def _one(write: Callable[[Resource], bytes]) -> Callable[[Sequence[Resource]], bytes]:
    def write_one(resources: Sequence[Resource]) -> bytes:
        (resource,) = resources
        return write(resource)

    return write_one


XLSX_MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FORMATS: Final[Mapping[str, ExportFormat]] = MappingProxyType(
    {
        "xml": ExportFormat(
            "GB/T 21063.3 核心元数据", "application/xml", ".xml", _one(core_metadata_xml.write), is_per_entry=True
        ),
        "xlsx": ExportFormat("目录工作簿", XLSX_MEDIA_TYPE, ".xlsx", lambda resources: template.write(None, resources)),
        "csv": ExportFormat("CSV 表格", "text/csv; charset=utf-8", ".csv", catalogue_csv.write),
    }
)


def file_name(name: str, form: ExportFormat) -> str:
    """A name for a file of entries: an identifier's ``/`` becomes ``~``."""
    return name.replace("/", "~") + form.suffix

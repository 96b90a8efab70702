"""Read a list of departments from CSV: ``code,name,short_name,prefix``."""

import csv
import io
from dataclasses import dataclass

from directory.errors import DirectoryError

_COLUMNS = ("code", "name", "short_name", "prefix")


@dataclass(frozen=True)
class OrganisationLine:
    """One department as the file has it."""

    code: str
    name: str
    short_name: str
    prefix: str


def read_lines(name: str, data: bytes) -> list[OrganisationLine]:
    """The departments of a file in UTF-8; raises ``ORGANISATION_INVALID`` naming the line."""
    try:
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DirectoryError("ORGANISATION_INVALID", reason=f"{name} 不是 UTF-8 的 CSV 文件") from error
    lines = []
    for number, row in enumerate(rows, start=2):
        if not set(_COLUMNS[:2]) <= row.keys() or None in row or None in row.values():
            raise DirectoryError(
                "ORGANISATION_INVALID", reason=f"{name} 第 {number} 行的列与表头 {','.join(_COLUMNS)} 不符"
            )
        lines.append(OrganisationLine(*((row.get(column) or "").strip() for column in _COLUMNS)))
    return lines

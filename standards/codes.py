"""Code tables: code, label, description, fixes. An unlisted code is a finding and is never dropped.

Tables are read on first use and kept. A rule whose certainty is ``uncertain`` gives a warning only: the row says so, or
the table's ``unlisted`` does for codes that are not in it.
"""

import csv
import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from standards import catalogue
from standards.errors import StandardsError
from standards.findings import Finding, Severity


@dataclass(frozen=True)
class Code:
    """One listed value: its code, its Chinese label, the code above it, and whether its source is certain."""

    code: str
    label: str
    parent: str = ""
    is_certain: bool = True


@dataclass(frozen=True)
class CodeTable:
    """One table. ``codes`` keeps the file's order; ``fixes`` leads from labels and known other spellings to a code."""

    name: str
    title: str
    standard: str
    codes: Mapping[str, Code]
    fixes: Mapping[str, str]
    unlisted: Severity

    def label(self, code: str) -> str | None:
        """The label of a code, None when it is not listed."""
        entry = self.codes.get(code)
        return None if entry is None else entry.label

    def fix(self, text: str) -> str | None:
        """The code that a text certainly means: a code, a label or a known other spelling; None when none is meant.

        Half and full width count as the same, and white space is ignored.
        """
        plain = unicodedata.normalize("NFKC", text).strip()
        if plain in self.codes:
            return plain
        return self.fixes.get(plain) or self.fixes.get("".join(plain.split()))

    def check(self, code: str, path: str) -> Finding | None:
        """A finding when the code is not listed, or listed by an uncertain source; else None."""
        entry = self.codes.get(code)
        if entry is not None and entry.is_certain:
            return None
        if entry is None:
            severity, zh = self.unlisted, f"代码“{code}”不在《{self.title}》中"
            en = f"code {code!r} is not in {self.standard}"
        else:
            severity, zh = "warning", f"代码“{code}”（{entry.label}）在《{self.title}》中的依据尚未核实"
            en = f"code {code!r} stands on an unverified source of {self.standard}"
        return Finding(path=path, rule=f"code.{self.name}", severity=severity, zh=zh, en=en, clause=self.standard)


@cache
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of any table, by column; raises ``UNKNOWN_STANDARD`` or ``STANDARD_ALTERED``."""
    text = catalogue.read(name).decode()
    return tuple(MappingProxyType(row) for row in csv.DictReader(io.StringIO(text, newline=""), strict=True))


@cache
def table(name: str) -> CodeTable:
    """A code table by id or alias (``gbt3304-ethnicity``, ``GB/T 3304``).

    Raises ``StandardsError UNKNOWN_STANDARD`` for a name unknown, or of data that are not a code table.
    """
    entry = catalogue.find(name)
    if entry.codes is None:
        raise StandardsError("UNKNOWN_STANDARD", name=name)
    codes: dict[str, Code] = {}
    fixes: dict[str, str] = {}
    for row in rows(entry.standard_id):
        code = row[entry.codes.code]
        label = row[entry.codes.label]
        parent = row[entry.codes.parent] if entry.codes.parent else ""
        codes[code] = Code(code, label, parent, is_certain=row["certainty"] != "uncertain")
        for spelling in (label, *row.get("aliases", "").split()):
            fixes.setdefault(spelling, code)  # the first of two equal labels: the upper level stands first
    return CodeTable(
        name=entry.standard_id,
        title=entry.title,
        standard=entry.standard,
        codes=MappingProxyType(codes),
        fixes=MappingProxyType(fixes),
        unlisted="error" if entry.codes.unlisted == "error" else "warning",
    )


def is_table(name: str) -> bool:
    """Whether there is a code table of this name or alias."""
    entry = catalogue.standards().get(name)
    return entry is not None and entry.codes is not None

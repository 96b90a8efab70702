"""Which standard data travel with the code: id -> file, version, digest, source. The only place that knows paths.

Every data file has a TOML beside it that says where it comes from and how certain it is. Reading a file compares its
SHA-256 with the one recorded there, so a table edited by hand or by accident is refused rather than believed.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from standards.crypto import digest_hex
from standards.errors import StandardsError


@dataclass(frozen=True)
class CodeColumns:
    """Which columns of a table hold code, label and parent, and how grave an unlisted code is."""

    code: str
    label: str
    parent: str
    unlisted: str


@dataclass(frozen=True)
class Standard:
    """One data file. ``certainty`` is ``found``, ``recalled``, ``uncertain`` or ``own`` (the project's own format).

    ``contains`` names the schemas whose elements a schema's documents may hold.
    """

    standard_id: str
    title: str
    standard: str
    version: str
    date: str
    source: str
    certainty: str
    digest: str
    path: Path
    codes: CodeColumns | None
    contains: tuple[str, ...]


@cache
def standards() -> Mapping[str, Standard]:
    """All of them by id. An alias (``GB/T 3304``) is an id too and leads to the same entry."""
    entries: dict[str, Standard] = {}
    for description in sorted(_descriptions()):
        settings = tomllib.loads(description.read_text("utf-8"))
        columns = settings.get("codes")
        entry = Standard(
            standard_id=settings["id"],
            title=settings["title"],
            standard=settings["standard"],
            version=settings["version"],
            date=settings["date"],
            source=settings["source"],
            certainty=settings["certainty"],
            digest=settings["sha256"],
            path=description.with_suffix(settings.get("suffix", ".csv")),
            codes=None
            if columns is None
            else CodeColumns(columns["code"], columns["label"], columns.get("parent", ""), columns["unlisted"]),
            contains=tuple(settings.get("contains", ())),
        )
        for name in (entry.standard_id, *settings.get("aliases", ())):
            entries[name] = entry
    return MappingProxyType(entries)


def find(standard_id: str) -> Standard:
    """The entry of an id or alias; raises ``StandardsError UNKNOWN_STANDARD``."""
    entry = standards().get(standard_id)
    if entry is None:
        raise StandardsError("UNKNOWN_STANDARD", name=standard_id)
    return entry


def read(standard_id: str) -> bytes:
    """The file's bytes; raises ``UNKNOWN_STANDARD``, or ``STANDARD_ALTERED`` when they are not the recorded ones."""
    entry = find(standard_id)
    data = entry.path.read_bytes()
    if digest_hex(data) != entry.digest:
        raise StandardsError("STANDARD_ALTERED", name=entry.standard_id)
    return data


def _descriptions() -> Iterator[Path]:
    root = Path(str(files("standards")))
    yield from (root / "codes").glob("*.toml")
    yield from (root / "xsd").glob("*/*/*.toml")

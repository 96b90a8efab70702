"""The parts of an xlsx file, opened within limits: which sheets there are, its strings, which styles are dates.

What a part unpacks to is counted as it comes out, whatever the archive's directory says. Parts are read as streams of
XML events that keep no tree; document type declarations are refused. Names are compared without their namespace, so
that Strict and Transitional files (ISO/IEC 29500) read alike.
"""

import io
import posixpath
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Final
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

_CHUNK_BYTES: Final = 64 * 1024
_SMALL_PART_BYTES: Final = 8 * 1024 * 1024  # workbook, relations, styles: a few kilobytes in real files
_RATIO: Final = 200  # a real sheet packs 10 to 50 times smaller, a bomb 1,000 times
_RATIO_FROM_BYTES: Final = 4 * 1024 * 1024
_WORKBOOK: Final = "xl/workbook.xml"

Attributes = Mapping[str, str]


class DoctypeError(Exception):
    """A part declares a document type: with it could come entities."""


@dataclass(frozen=True)
class SheetPart:
    """A sheet's name, whether it is hidden, and the archive member with its cells."""

    name: str
    is_hidden: bool
    member: str


@dataclass
class Package:
    """An open file. ``left`` bytes may still be unpacked, ``refuse`` raises for a value over its limit."""

    archive: zipfile.ZipFile
    left: int
    refuse: Callable[[str, int, int], None]
    _limit: int = field(init=False)

    def __post_init__(self) -> None:
        self._limit = self.left

    def has(self, member: str) -> bool:
        """Whether the archive holds a member of this name."""
        return member in self.archive.NameToInfo

    def stream(
        self,
        member: str,
        start: Callable[[str, Attributes], None],
        end: Callable[[str, str], None],
        most_bytes: int = sys.maxsize,
    ) -> None:
        """Read a part: ``start`` gets each element's local name and attributes, ``end`` its name and own text."""
        parser = _parser(start, end)
        info = self.archive.getinfo(member)
        self._refuse_bomb(info, info.file_size)
        with self._open(info) as source:
            total = 0
            while chunk := source.read(_CHUNK_BYTES):
                total += len(chunk)
                self.left -= len(chunk)
                self.refuse("解压后字节 unpacked bytes", self._limit - self.left, self._limit)
                self.refuse(f"单个成员字节 bytes of {member}", total, most_bytes)
                self._refuse_bomb(info, total)
                parser.Parse(chunk, False)
        parser.Parse(b"", True)

    def events(self, member: str) -> list[tuple[str, Attributes]]:
        """The elements of a small part."""
        found: list[tuple[str, Attributes]] = []

        def start(name: str, attributes: Attributes) -> None:
            found.append((name, {_local(key): value for key, value in attributes.items()}))

        self.stream(member, start, _ignore, _SMALL_PART_BYTES)
        return found

    def _refuse_bomb(self, info: zipfile.ZipInfo, unpacked: int) -> None:
        if unpacked > _RATIO_FROM_BYTES:
            self.refuse("压缩比 packing ratio", unpacked // max(info.compress_size, 1), _RATIO)

    @contextmanager
    def _open(self, info: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
        stated = info.file_size
        info.file_size = self.left + 2 * _CHUNK_BYTES  # what it claims would otherwise end the reading
        try:
            with self.archive.open(info) as source:
                yield source
        finally:
            info.file_size = stated


def open_package(data: bytes, members: int, unpacked_bytes: int, refuse: Callable[[str, int, int], None]) -> Package:
    """The file's archive. Raises what ``zipfile`` raises for what is none, and what ``refuse`` raises."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    if len(archive.infolist()) > members:
        refuse("压缩成员 members", len(archive.infolist()), members)
    return Package(archive, unpacked_bytes, refuse)


def sheet_parts(package: Package) -> tuple[tuple[SheetPart, ...], bool]:
    """The worksheets in their order, and whether days count from 1904."""
    targets = {
        attributes["Id"]: (attributes["Target"], attributes.get("Type", ""))
        for name, attributes in package.events("xl/_rels/workbook.xml.rels")
        if name == "Relationship"
    }
    found = []
    is_1904 = False
    for name, attributes in package.events(_WORKBOOK):
        if name == "workbookPr":
            is_1904 = attributes.get("date1904") in {"1", "true"}
        if name != "sheet":
            continue
        target, kind = targets[attributes["id"]]
        if not kind.endswith("/worksheet"):
            continue  # a sheet of nothing but a chart or a dialogue
        member = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        is_hidden = attributes.get("state", "visible") != "visible"
        found.append(SheetPart(attributes["name"], is_hidden, member))
    return tuple(found), is_1904


def shared_strings(package: Package, most: int) -> list[str]:
    """The strings that cells refer to by number; phonetic guides are no part of them."""
    strings: list[str] = []
    if not package.has("xl/sharedStrings.xml"):
        return strings
    parts: list[str] = []
    depth = [0]  # inside a phonetic guide

    def start(name: str, _: Attributes) -> None:
        depth[0] += name == "rPh"

    def end(name: str, text: str) -> None:
        if name == "t" and not depth[0]:
            parts.append(text)
        elif name == "rPh":
            depth[0] -= 1
        elif name == "si":
            strings.append("".join(parts))
            parts.clear()
            if len(strings) > most:
                package.refuse("文字 strings", len(strings), most)

    package.stream("xl/sharedStrings.xml", start, end)
    return strings


def date_styles(package: Package) -> Mapping[int, bool]:
    """The cell styles that show a number as a date or, where True, as a length of time."""
    if not package.has("xl/styles.xml"):
        return {}
    formats = dict(BUILTIN_FORMATS)
    styles: list[int] = []
    is_in_cells = False
    for name, attributes in package.events("xl/styles.xml"):
        if name == "numFmt":
            formats[int(attributes["numFmtId"])] = attributes["formatCode"]
        elif name in {"cellXfs", "cellStyleXfs", "dxfs"}:
            is_in_cells = name == "cellXfs"
        elif name == "xf" and is_in_cells:
            styles.append(int(attributes.get("numFmtId", 0)))
    shown = {number: formats.get(number, "General") for number in set(styles)}
    kinds = {number: is_timedelta_format(code) for number, code in shown.items() if is_date_format(code)}
    return {index: kinds[number] for index, number in enumerate(styles) if number in kinds}


def _ignore(_name: str, _text: str) -> None:
    """Nothing to do at the end of an element."""


def _parser(start: Callable[[str, Attributes], None], end: Callable[[str, str], None]) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    text: list[str] = []

    def on_start(name: str, attributes: dict[str, str]) -> None:
        text.clear()
        start(_local(name), attributes)

    def on_end(name: str) -> None:
        end(_local(name), "".join(text))
        text.clear()

    def on_doctype(*_: object) -> None:
        raise DoctypeError

    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = on_doctype
    return parser


def _local(name: str) -> str:
    return name.rpartition(":")[2] if ":" in name else name

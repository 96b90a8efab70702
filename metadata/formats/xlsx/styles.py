"""Cell styles added to those of a workbook: another's, but filled with a colour."""

from typing import Final

from metadata.errors import MetadataError
from metadata.formats.xlsx.archive import Archive
from metadata.formats.xlsx.markup import Edit, Element, apply, find, opening, tag

_STYLES: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_CONTENT: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_LEAST: Final = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<styleSheet xmlns="{_STYLES}">'
    '<fonts count="1"><font><sz val="11"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>'
)


class Styles:
    """The styles of a workbook; ``save`` writes back what was added."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._part = next((to for kind, to in archive.relations(archive.workbook).values() if kind == "styles"), "")
        if not self._part or not archive.has(self._part):
            self._part = archive.free_name("xl/stylesHutong{}.xml")
            archive.write(self._part, _LEAST.encode())
            archive.declare(self._part, _CONTENT)
            archive.relate(archive.workbook, "styles", self._part)
        self._data = archive.read(self._part)
        elements = find(self._data, "fills", "fill", "cellXfs", "xf")
        self._fills = _only(elements, "fills")
        self._formats = _only(elements, "cellXfs")
        self._own = [
            each
            for each in elements
            if each.local == "xf" and self._formats.start < each.start and each.end <= self._formats.end
        ]
        self._fill_count = sum(
            each.local == "fill" and self._fills.start < each.start and each.end <= self._fills.end for each in elements
        )
        self._colours: dict[str, int] = {}
        self._filled: dict[tuple[int, str], int] = {}
        self._added: list[bytes] = []

    def filled(self, style: int, colour: str) -> int:
        """The number of the style that is as ``style`` but filled with ``colour`` (``FFF4B6B6``)."""
        key = style, colour
        if key not in self._filled:
            fill = self._colours.setdefault(colour, self._fill_count + len(self._colours))
            own = self._own[style if 0 <= style < len(self._own) else 0]
            attributes = {**own.attributes, "fillId": str(fill), "applyFill": "1"}
            content = self._data[own.inner : own.inner_end].decode()
            self._added.append(tag(own.name, attributes, content).encode())
            self._filled[key] = len(self._own) + len(self._added) - 1
        return self._filled[key]

    def save(self) -> None:
        """Write the styles added into the workbook."""
        if not self._added:
            return
        prefix = self._fills.prefix
        fills = "".join(
            tag(f"{prefix}fill", {}, tag(f"{prefix}patternFill", {"patternType": "solid"}, _colour(prefix, colour)))
            for colour in self._colours
        )
        edits = []
        for element, count, markup in (
            (self._fills, self._fill_count + len(self._colours), fills.encode()),
            (self._formats, len(self._own) + len(self._added), b"".join(self._added)),
        ):
            opened = tag(element.name, {**element.attributes, "count": str(count)}).removesuffix("/>") + ">"
            edits.append(Edit(element.start, element.start + len(opening(self._data, element.start)), opened.encode()))
            edits.append(Edit(element.inner_end, element.inner_end, markup))
        self._archive.write(self._part, apply(self._data, edits))


def _only(elements: list[Element], name: str) -> Element:
    found = next((each for each in elements if each.local == name), None)
    if found is None:
        raise MetadataError("FILE_NOT_WORKBOOK", name="styles.xml", format="xlsx", reason=f"no {name}")
    return found


def _colour(prefix: str, colour: str) -> str:
    return tag(f"{prefix}fgColor", {"rgb": colour}) + tag(f"{prefix}bgColor", {"indexed": "64"})

"""Comments added to the cells of a sheet, beside those that are there: their text, and the boxes that show it."""

import re
from collections.abc import Mapping
from typing import Final

from metadata.formats.workbook_findings import column_letters
from metadata.formats.xlsx.archive import Archive
from metadata.formats.xlsx.markup import Edit, Element, apply, find, tag, text
from metadata.formats.xlsx.worksheet import Place

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CONTENT: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING_CONTENT: Final = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_EMPTY: Final = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="{_MAIN}"><authors></authors>'
    "<commentList></commentList></comments>"
).encode()
_EMPTY_DRAWING: Final = (
    b'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    b' xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/>'
    b'</o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202"'
    b' path="m,l,21600r21600,l21600,xe">'
    b'<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>'
)
_NAMESPACES: Final = (
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
_SHAPE_NUMBER: Final = re.compile(rb"_x0000_s([0-9]{1,9})")
# What may stand after the reference to the boxes in a sheet (CT_Worksheet, ISO/IEC 29500-1 §18.3.1.99).
_AFTER_BOXES: Final = (
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "AlternateContent",
    "webPublishItems",
    "tableParts",
    "extLst",
)


def add_comments(archive: Archive, part: str, comments: Mapping[Place, str], author: str) -> None:
    """Put a comment on each of the cells of a sheet's part; where there is one, the words go below its own."""
    target = next((target for kind, target in archive.relations(part).values() if kind == "comments"), "")
    taken = _write_texts(archive, part, target, comments, author)
    _write_boxes(archive, part, sorted(place for place in comments if place not in taken))


def _write_texts(
    archive: Archive, part: str, target: str, comments: Mapping[Place, str], author: str
) -> frozenset[Place]:
    """Write the texts; the places that had a comment already."""
    if not target or not archive.has(target):
        target = archive.free_name("xl/commentsHutong{}.xml")
        archive.write(target, _EMPTY)
        archive.declare(target, _CONTENT)
        archive.relate(part, "comments", target)
    data = archive.read(target)
    elements = find(data, "authors", "author", "commentList", "comment", "text")
    (authors,) = [each for each in elements if each.local == "authors"][:1]
    (listed,) = [each for each in elements if each.local == "commentList"][:1]
    number = sum(each.local == "author" for each in elements)
    prefix = listed.prefix
    own = {
        comment.attributes.get("ref", ""): next(
            (each for each in elements[index:] if each.local == "text" and each.end <= comment.end), comment
        )
        for index, comment in enumerate(elements)
        if comment.local == "comment"
    }
    edits = [_at_end(data, authors, tag(f"{prefix}author", {}, text(author)))]
    taken = set()
    added = []
    for (row, column), words in sorted(comments.items()):
        reference = f"{column_letters(column)}{row}"
        if reference in own:
            taken.add((row, column))
            edits.append(_at_end(data, own[reference], _run(prefix, f"\n{author}：\n{words}")))
        else:
            content = tag(f"{prefix}text", {}, _run(prefix, words))
            added.append(tag(f"{prefix}comment", {"ref": reference, "authorId": str(number)}, content))
    edits.append(_at_end(data, listed, "".join(added)))
    archive.write(target, apply(data, edits))
    return frozenset(taken)


def _run(prefix: str, words: str) -> str:
    return tag(f"{prefix}r", {}, tag(f"{prefix}t", {"xml:space": "preserve"}, text(words)))


def _write_boxes(archive: Archive, part: str, places: list[Place]) -> None:
    if not places:
        return
    sheet = archive.read(part)
    root, *rest = find(sheet, "worksheet", "sheetData", "legacyDrawing", *_AFTER_BOXES)
    # Pictures in headers and footers have a drawing of the same kind: only the sheet's own word tells them apart.
    named = next((each for each in rest if each.local == "legacyDrawing" and each.depth == 1), None)
    numbers = {key.rpartition(":")[2]: number for key, number in (named.attributes if named else {}).items()}
    target = archive.relations(part).get(numbers.get("id", ""), ("", ""))[1]
    if not target or not archive.has(target):
        target = archive.free_name("xl/drawings/vmlDrawingHutong{}.vml")
        archive.write(target, _EMPTY_DRAWING)
        archive.declare(target, _DRAWING_CONTENT)
        attributes = {"xmlns:hutong": _RELATIONS, "hutong:id": archive.relate(part, "vmlDrawing", target)}
        markup = tag(f"{root.prefix}legacyDrawing", attributes).encode()
        cells_end = next((each.end for each in rest if each.local == "sheetData"), root.inner)
        later = (each for each in rest if each.depth == 1 and each.start >= cells_end and each is not named)
        at = min((each.start for each in later), default=root.inner_end)
        edits = [Edit(named.start, named.end, markup)] if named else [Edit(at, at, markup)]
        archive.write(part, apply(sheet, edits))
    data = archive.read(target)
    first = max((int(number) for number in _SHAPE_NUMBER.findall(data)), default=1024) + 1
    boxes = "".join(_box(number, *place) for number, place in enumerate(places, start=first))
    at = data.rindex(b"</")  # of the root: what programs write here need not be well-formed before it
    archive.write(target, data[:at] + boxes.encode() + data[at:])


def _box(number: int, row: int, column: int) -> str:
    """A hidden box beside its cell, as spreadsheet programs write one."""
    anchor = f"{column + 1}, 15, {max(row - 2, 0)}, 2, {column + 4}, 40, {row + 5}, 4"
    return (
        f'<v:shape {_NAMESPACES} id="_x0000_s{number}" type="#_x0000_t202"'
        ' style="position:absolute;margin-left:60pt;margin-top:1.5pt;width:240pt;height:96pt;visibility:hidden"'
        ' fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"/>'
        '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{row - 1}</x:Row><x:Column>{column}</x:Column>"
        "</x:ClientData></v:shape>"
    )


def _at_end(data: bytes, element: Element, markup: str) -> Edit:
    if element.inner == element.end:
        return Edit(element.start, element.end, tag(element.name, element.attributes, markup).encode())
    return Edit(element.inner_end, element.inner_end, markup.encode())

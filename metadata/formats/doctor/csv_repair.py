"""Cells of a csv file put in their places: encoding, marks, delimiters, line ends and every other byte stay.

Every encoding read (``text_encoding``) but UTF-16 keeps delimiters, quotes and line ends as single bytes that are part
of no other character, so the file is cut at its bytes and nothing else is decoded.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Final

from metadata.errors import MetadataError
from metadata.formats.csv_sheet import delimiter_of, protect
from metadata.formats.text_encoding import UTF_16_MARKS, Undecodable, decode, utf_16_of
from metadata.formats.workbook_findings import column_letters
from metadata.formats.xlsx.worksheet import Place

_UTF_8_MARK: Final = b"\xef\xbb\xbf"
_CODECS: Final = {"UTF-8": "utf-8", "GB 18030": "gb18030", "Big5": "big5hkscs"}


def repair_csv(data: bytes, name: str, values: Mapping[Place, str]) -> bytes:
    """The file with the values put.

    Raises ``MetadataError``: ``FILE_NOT_WORKBOOK``, ``CELL_CHANGED`` for a place that is not there, and
    ``CELL_UNENCODABLE``.
    """
    found = decode(data)
    if isinstance(found, Undecodable):
        raise MetadataError("FILE_NOT_WORKBOOK", name=name, format="csv", reason=found.encoding)
    delimiter = delimiter_of(found.text)
    if found.encoding == "UTF-16":
        codec = utf_16_of(data)
        mark = data[:2] if data[:2] in UTF_16_MARKS else b""
        return mark + _put(found.text, delimiter, _Writer(name, delimiter, codec, "", values)).encode(codec)
    mark = _UTF_8_MARK if data.startswith(_UTF_8_MARK) else b""
    if not delimiter.isascii():  # which is several of the bytes below
        codec = _CODECS[found.encoding]
        return mark + _put(found.text, delimiter, _Writer(name, delimiter, codec, "", values)).encode(codec)
    writer = _Writer(name, delimiter, _CODECS[found.encoding], "latin-1", values)
    return mark + _put(data[len(mark) :].decode("latin-1"), delimiter, writer).encode("latin-1")


class _Writer:
    """Spells values as cells of the file, in the characters it is cut into: its own, or one for each byte."""

    def __init__(self, name: str, delimiter: str, codec: str, units: str, values: Mapping[Place, str]) -> None:
        self.values = values
        self.sheet = PurePath(name).stem or name
        self._special = re.compile(f'[{re.escape(delimiter)}"\r\n]')
        self._codec = codec
        self._units = units

    def spell(self, place: Place, old: str) -> str:
        text = protect(self.values[place])
        if old.startswith('"') or self._special.search(text):
            text = '"{}"'.format(text.replace('"', '""'))
        try:
            encoded = text.encode(self._codec)
        except UnicodeEncodeError as error:
            row, column = place
            cell, lost = f"{column_letters(column)}{row}", text[error.start : error.end]
            raise MetadataError("CELL_UNENCODABLE", sheet=self.sheet, cell=cell, characters=lost) from None
        return encoded.decode(self._units) if self._units else text


def _put(text: str, delimiter: str, writer: _Writer) -> str:
    pieces: list[str] = []
    at = 0
    left = set(writer.values)
    for place, start, end in fields(text, delimiter):
        if place in left:
            left.remove(place)
            pieces += [text[at:start], writer.spell(place, text[start:end])]
            at = end
    for row, column in left:
        raise MetadataError("CELL_CHANGED", sheet=writer.sheet, cell=f"{column_letters(column)}{row}")
    return "".join((*pieces, text[at:]))


def fields(text: str, delimiter: str) -> Iterator[tuple[Place, int, int]]:
    """Each cell's row and column, and where it begins and ends with its quotes; rows as ``csv.reader`` counts them."""
    field = re.compile(rf'(?:"(?:[^"]|"")*"|[^{re.escape(delimiter)}\r\n]*)')
    row, column, at = 1, 0, 0
    while at < len(text):
        match = field.match(text, at)
        end = match.end() if match else at
        yield (row, column), at, end
        if text[end : end + 1] == delimiter:
            column += 1
            at = end + 1
            if at == len(text):
                yield (row, column), at, at
        else:
            row, column = row + 1, 0
            at = end + (2 if text[end : end + 2] == "\r\n" else 1)

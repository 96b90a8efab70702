"""A csv file as a sheet, in the encodings of ``text_encoding``: comma, semicolon or tab between cells, or where the
lines agree on it a bar or a comma in full width.

A leading ``'`` before = + - @ and the like is taken off: it is what a careful writer (``catalogue_csv``) puts there so
that a spreadsheet program does not take a text for a formula.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Final

from metadata.errors import MetadataError
from metadata.formats.sheet import LAST_ROW, Gauge, Row, Sheet
from metadata.formats.text_encoding import text_of

_FORMULA_STARTS: Final = frozenset("=+-@\t\r\n＝＋－＠'")  # and the mark itself, so that it can be taken off again
_DELIMITERS: Final = (",", "\t", ";")
_RARE: Final = ("|", "｜", "，", "；")  # also marks of writing: taken where the lines agree on them, and on none above
_AGREED: Final = 0.8  # of the lines
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_LOOKED_AT: Final = 10  # lines
_MOST_DELIMITERS: Final = 200_000  # in one line, wherever they stand


def read_csv(data: bytes, name: str, gauge: Gauge) -> Sheet:
    """The one sheet of the file, named as the file.

    Raises ``MetadataError``: ``FILE_ENCODING_UNKNOWN``, ``FILE_NUL_BYTES``, ``FILE_TOO_LARGE``,
    ``FILE_UNCLOSED_QUOTE``.
    """
    gauge.refuse_over("字节 bytes", len(data), gauge.limits.text_bytes)
    found = text_of(data, name)
    text = found.text
    gauge.refuse_over("行号 row number", text.count("\n"), LAST_ROW)
    delimiter = delimiter_of(text)
    reader = csv.reader(_lines(text, delimiter, gauge), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    number = 0
    try:
        for number, values in enumerate(reader, start=1):
            row = gauge.take(number, [protected[1:] if is_protected(protected) else protected for protected in values])
            if row is not None:
                rows.append(row)
    except csv.Error as error:
        if "field larger" in str(error):
            what = "单元格字符 characters in a cell"
            gauge.refuse_over(what, csv.field_size_limit() + 1, gauge.limits.cell_characters)
        raise MetadataError("FILE_UNCLOSED_QUOTE", name=name, row=number + 1) from None
    return Sheet(PurePath(name).stem or name, tuple(rows), is_even=True, encoding=found.encoding)


def protect(text: str) -> str:
    """The text as a cell that no spreadsheet program takes for a formula."""
    return f"'{text}" if text[:1] in _FORMULA_STARTS else text


def is_protected(text: str) -> bool:
    """Whether ``protect`` would have written this text."""
    return text[:1] == "'" and text[1:2] in _FORMULA_STARTS


def delimiter_of(text: str) -> str:
    """The one that the first lines have most of, the comma of equals; a rare one where these do not part the lines."""
    head = [
        line for match, _ in zip(_LINE.finditer(text), range(_LOOKED_AT), strict=False) if (line := match[0]).strip()
    ]
    usual = max(_DELIMITERS, key="".join(head).count)
    if _parts(usual, head):
        return usual
    return next((each for each in _RARE if _parts(each, head)), usual)


def _parts(delimiter: str, lines: Sequence[str]) -> bool:
    """Whether most lines have equally many, the first one too."""
    counts = Counter(line.count(delimiter) for line in lines)
    ((count, agreed),) = counts.most_common(1) or ((0, 0),)
    return count > 0 and agreed >= _AGREED * len(lines) and lines[0].count(delimiter) == count


def _lines(text: str, delimiter: str, gauge: Gauge) -> Iterator[str]:
    """The lines one by one; a line of nothing but delimiters would make a row that no limit has seen yet."""
    for match in _LINE.finditer(text):
        line = match[0]
        gauge.refuse_over("一行的列 columns", line.count(delimiter), _MOST_DELIMITERS)
        if line:
            yield line

"""Which encoding the bytes of a Chinese text are in: decoded strictly, and the most plausible taken.

UTF-8 and UTF-16 prove themselves, the latter without its mark too. In GB 18030 and Big5 almost any bytes are
characters: there the one is taken in which more characters are common ones, those of level 1 of
GB 2312 (3,755) and of Big5 (5,401).
"""

from dataclasses import dataclass
from typing import Final

from metadata.errors import MetadataError

UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_LABELS: Final = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "gb18030": "GB 18030", "big5hkscs": "Big5"}
_LOOKED_AT: Final = 200_000  # characters


@dataclass(frozen=True)
class Decoded:
    """A text and the name of its encoding."""

    text: str
    encoding: str


@dataclass(frozen=True)
class Undecodable:
    """Where the first bytes stand that are no character: line from 1, bytes of the line before them, and the bytes."""

    line: int
    offset: int
    wrong: bytes
    encoding: str


def decode(data: bytes) -> Decoded | Undecodable:
    """The text, or the first place that the encoding which reads furthest cannot read."""
    unmarked = "" if data[:2] in UTF_16_MARKS else utf_16_of(data)
    if unmarked:
        return Decoded(data.decode(unmarked), _LABELS["utf-16"])
    if data[:2] in UTF_16_MARKS:
        names: tuple[str, ...] = ("utf-16",)
    else:
        names = ("utf-8-sig", "gb18030", "big5hkscs")
    failures: list[tuple[int, str]] = []
    found: list[tuple[str, str]] = []
    for name in names:
        try:
            text = data.decode(name)
        except UnicodeDecodeError as error:
            failures.append((error.start, name))
            continue
        if name in {"utf-8-sig", "utf-16"}:
            return Decoded(text, _LABELS[name])
        found.append((text, name))
    if found and not _is_damaged_utf_8(data):
        text, name = max(found, key=lambda each: _plausibility(*each))  # the first of equals: GB 18030
        return Decoded(text, _LABELS[name])
    start, name = failures[0] if found else max(failures, key=lambda each: each[0])
    line_start = data.rfind(b"\n", 0, start) + 1
    return Undecodable(data.count(b"\n", 0, start) + 1, start - line_start, data[start : start + 2], _LABELS[name])


def text_of(data: bytes, name: str) -> Decoded:
    """The text of a file called ``name``; raises ``MetadataError``: ``FILE_ENCODING_UNKNOWN``, ``FILE_NUL_BYTES``."""
    found = decode(data)
    if isinstance(found, Undecodable):
        zh, en = _place(found, data)
        raise MetadataError("FILE_ENCODING_UNKNOWN", name=name, place=zh, place_en=en)
    if "\0" in found.text:
        raise MetadataError("FILE_NUL_BYTES", name=name, row=found.text.count("\n", 0, found.text.index("\0")) + 1)
    return found


def utf_16_of(data: bytes) -> str:
    """Which of the two UTF-16 bytes are, with their mark or plainly without; empty where they are neither.

    Without a mark: most zero bytes are the upper halves of ASCII characters, the end of a line among them; some are the
    lower halves of Chinese ones (一, 开).
    """
    for codec, mark, place in (("utf-16-le", UTF_16_MARKS[0], 1), ("utf-16-be", UTF_16_MARKS[1], 0)):
        if data.startswith(mark):
            return codec
        upper, lower = data[place::2].count(0), data[1 - place :: 2].count(0)
        if len(data) % 2 or upper <= lower:
            continue
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\n" in text and not any(each < " " and each not in "\t\r\n" for each in text):
            return codec
    return ""


def _is_damaged_utf_8(data: bytes) -> bool:
    """Whether most of what is beyond ASCII is sound UTF-8: then the rest is damage, and no other encoding."""
    looked_at = [character for character in data[: 4 * _LOOKED_AT].decode("utf-8", "replace") if character > "\x7f"]
    lost = looked_at.count("\ufffd")
    return len(looked_at) - lost > lost


def _plausibility(text: str, name: str) -> float:
    """The share of common ones among the characters beyond ASCII."""
    looked_at = [character for character in text[:_LOOKED_AT] if character > "\x7f"]
    common = sum(_is_common(character, name) for character in looked_at)
    return common / max(len(looked_at), 1)


def _is_common(character: str, name: str) -> bool:
    code = character.encode(name, "replace")
    if len(code) != 2:
        return False
    first, second = code
    if name == "gb18030":  # punctuation and level 1
        return second >= 0xA1 and (0xB0 <= first <= 0xD7 or first in {0xA1, 0xA3})
    return 0xA4 <= first <= 0xC6 or first in {0xA1, 0xA2}


def _place(wrong: Undecodable, data: bytes) -> tuple[str, str]:
    """Row, column and bytes, as a person counts them."""
    start = 0
    for _ in range(wrong.line - 1):
        start = data.index(b"\n", start) + 1
    before = data[start : start + wrong.offset].decode("utf-8", "replace")
    column = max(map(before.count, ",\t;")) + 1
    found = wrong.wrong.hex(" ").upper()
    return (
        f"第 {wrong.line} 行第 {column} 列的字节 {found} 不是 {wrong.encoding} 的字",
        f"line {wrong.line}, column {column}: the bytes {found} are no character of {wrong.encoding}",
    )

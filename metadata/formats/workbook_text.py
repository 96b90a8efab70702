"""The text of a cell as a person sees it: without characters nobody sees and a spreadsheet program's escapes."""

import re
from typing import Final

_UNSEEN: Final = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
# A surrogate pair of escapes is one character (ST_Xstring, ISO/IEC 29500-1 §22.9.2.19).
_LEFT: Final = re.compile("(?:_x[Dd][89ABab][0-9A-Fa-f]{2}__x[Dd][C-Fc-f][0-9A-Fa-f]{2}_|_x00[01][0-9A-Fa-f]_)")
_ESCAPED: Final = re.compile("_x([Dd][89ABab][0-9A-Fa-f]{2})__x([Dd][C-Fc-f][0-9A-Fa-f]{2})_|_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """A string with ``_xHHHH_`` made the character it stands for; half of a pair stays as it is."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def resolved(text: str) -> str:
    """The text with what is left of such escapes resolved where another program handed them on as text: line breaks and
    other control characters, and pairs. What else looks like an escape may be meant so.
    """
    return _LEFT.sub(lambda match: unescaped(match[0]), text) if "_x" in text else text


def visible(text: str) -> str:
    """The text without zero-width and other unseen characters."""
    return text if text.isascii() else _UNSEEN.sub("", text)


def unseen(text: str) -> tuple[str, ...]:
    """The unseen characters in a text, each once, as ``U+200B``."""
    return () if text.isascii() else tuple(f"U+{ord(each):04X}" for each in dict.fromkeys(_UNSEEN.findall(text)))


def _character(match: re.Match[str]) -> str:
    if match[3] is None:
        return chr(0x10000 + ((int(match[1], 16) - 0xD800) << 10) + int(match[2], 16) - 0xDC00)
    code = int(match[3], 16)
    return match[0] if 0xD800 <= code < 0xE000 else chr(code)

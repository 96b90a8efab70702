"""Which characters a text may hold if every format is to carry it: those of XML 1.0, §2.2 (Char)."""

import re

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def forbidden_character(text: str) -> str | None:
    """The first character XML cannot hold, or None: most control characters, lone surrogates, U+FFFE and U+FFFF."""
    match = _FORBIDDEN.search(text)
    return None if match is None else match[0]


def without_forbidden(text: str) -> str:
    """The text with U+FFFD for each character XML cannot hold."""
    return _FORBIDDEN.sub("\ufffd", text)

"""Which version a write is based on, from ``If-Match``."""

from typing import Annotated

from fastapi import Depends, Header

from directory.errors import DirectoryError


def expected_version(if_match: Annotated[str, Header(max_length=20)] = "") -> int:
    """The number in ``If-Match: "3"``; raises ``VERSION_REQUIRED``."""
    number = if_match.removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdecimal()):
        raise DirectoryError("VERSION_REQUIRED")
    return int(number)


ExpectedVersion = Annotated[int, Depends(expected_version)]

"""Which version a write is based on, from ``If-Match``."""

from typing import Annotated

from fastapi import Depends, Header, Query

from directory.errors import DirectoryError


def expected_version(if_match: Annotated[str, Header(max_length=20)] = "") -> int:
    """The number in ``If-Match: "3"``; raises ``VERSION_REQUIRED``."""
    number = if_match.removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdecimal()):
        raise DirectoryError("VERSION_REQUIRED")
    return int(number)


def _version_read(
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="读到的是第几稿；已是另一稿的不改")] = None,
    if_match: Annotated[str, Header(max_length=20)] = "",
) -> int | None:
    return expected_version(if_match) if if_match else version


ExpectedVersion = Annotated[int, Depends(expected_version)]
VersionRead = Annotated[int | None, Depends(_version_read)]
"""The same where it may be left out, by ``If-Match`` or ``?version=``; the header counts where both are given."""

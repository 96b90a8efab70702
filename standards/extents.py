"""Between which longitudes and latitudes an administrative division lies, as far as the project has it.

Boxes of boundaries in a public package (``gbt2260-extents``): every province and prefecture, and the counties of six
provinces. None is official and none has the sea, so what is judged by them only warns.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from standards.codes import rows
from standards.regions import COUNTRY, ancestors

_PROVINCE: Final = 2
_COUNTY: Final = 6


class Box(NamedTuple):
    """Degrees of longitude and latitude (EPSG:4490)."""

    west: float
    south: float
    east: float
    north: float


def box_around(code: str) -> tuple[str, Box] | None:
    """The nearest division with a box, the code's own or one above it, and the box; None for the country, and where
    nobody knows. Codes have 2, 4, 6, 9 or 12 digits.
    """
    whole = code if len(code) >= _COUNTY else code.ljust(_COUNTY, "0")
    if len(code) < _PROVINCE or whole[:_COUNTY] == COUNTRY:
        return None
    return next(((each, _boxes()[each]) for each in (whole, *ancestors(whole)) if each in _boxes()), None)


@cache
def _boxes() -> Mapping[str, Box]:
    return MappingProxyType(
        {
            row["code"]: Box(*(float(row[edge]) for edge in ("west", "south", "east", "north")))
            for row in rows("gbt2260-extents")
        }
    )
